/**
 * AssemblyScript, compiled to stream-sums.wasm by scripts/build-wasm.ts. Plain SIMD: the same bits on every CPU.
 *
 * Running sums over two equally long sequences of weights as they stream by: Σa, Σb, Σa², Σb², Σab.
 * The order of additions is the contract that src/numeric/stream-sums.ts states; the slow twin is
 * src/numeric/reference/stream-sums.ts.
 *
 * A sequence comes in groups of 8 elements; what pads its last group is zero, which adds nothing.
 * `state` holds 20 float64: five sums of four lanes.
 */
import { bitsOf, even, LEAD, odd, upper } from './lanes'

export { bf16Bits, f16Bits, f16Scale } from './lanes'

const RUN_GROUPS: u32 = 64
const SUM_BYTES: usize = 32

function flush(state: usize, lanes: v128): void {
  v128.store(state, f64x2.add(v128.load(state), f64x2.promote_low_f32x4(lanes)))
  v128.store(state, f64x2.add(v128.load(state, 16), f64x2.promote_low_f32x4(upper(lanes))), 16)
}

/** x0·y0 + x1·y1, each product rounded. */
function products(x0: v128, y0: v128, x1: v128, y1: v128): v128 {
  return f32x4.add(f32x4.mul(x0, y0), f32x4.mul(x1, y1))
}

function sums<T>(a: usize, b: usize, groups: u32, state: usize): void {
  const bits = bitsOf<T>()
  a -= LEAD
  b -= LEAD
  for (let first: u32 = 0; first < groups; first += RUN_GROUPS) {
    const end = min(groups, first + RUN_GROUPS)
    // Five accumulators, for the processor has sixteen registers of which none may spill.
    let sa = f32x4.splat(0)
    let sb = sa
    let saa = sa
    let sbb = sa
    let sab = sa
    for (let group = first; group < end; group++) {
      const x0 = even<T>(a, bits)
      const x1 = odd<T>(a, bits)
      const y0 = even<T>(b, bits)
      const y1 = odd<T>(b, bits)
      sa = f32x4.add(sa, f32x4.add(x0, x1))
      sb = f32x4.add(sb, f32x4.add(y0, y1))
      saa = f32x4.add(saa, products(x0, x0, x1, x1))
      sbb = f32x4.add(sbb, products(y0, y0, y1, y1))
      sab = f32x4.add(sab, products(x0, y0, x1, y1))
      a += 8 * sizeof<T>()
      b += 8 * sizeof<T>()
    }
    flush(state, sa)
    flush(state + SUM_BYTES, sb)
    flush(state + 2 * SUM_BYTES, saa)
    flush(state + 3 * SUM_BYTES, sbb)
    flush(state + 4 * SUM_BYTES, sab)
  }
}

export function bf16Sums(a: usize, b: usize, groups: u32, state: usize): void {
  sums<u16>(a, b, groups, state)
}

export function f16Sums(a: usize, b: usize, groups: u32, state: usize): void {
  sums<i16>(a, b, groups, state)
}

export function f32Sums(a: usize, b: usize, groups: u32, state: usize): void {
  sums<f32>(a, b, groups, state)
}

/** 1 where one of the float16 codes is infinite or NaN, else 0. */
export function hasNonFiniteHalf(at: usize, groups: u32): u32 {
  const exponent = i16x8.splat(0x7c00)
  let found = i16x8.splat(0)
  for (let group: u32 = 0; group < groups; group++) {
    found = v128.or(found, i16x8.eq(v128.and(v128.load(at), exponent), exponent))
    at += 16
  }
  return u32(v128.any_true(found))
}
