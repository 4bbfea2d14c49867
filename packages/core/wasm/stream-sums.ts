/**
 * AssemblyScript, compiled to stream-sums.wasm by scripts/build-wasm.ts. Plain SIMD: the same bits on every CPU.
 *
 * Running sums over two equally long sequences of weights as they stream by: Σa, Σb, Σa², Σb², Σab.
 * The order of additions is the contract that src/numeric/stream-sums.ts states; the slow twin is
 * src/numeric/reference/stream-sums.ts.
 *
 * A sequence comes in groups of 8 elements; what pads its last group is zero, which adds nothing.
 * `state` holds 40 float64: five sums of eight lanes, in the order 0 2 4 6 1 3 5 7.
 */
import { even, odd, upper } from './lanes'

const RUN_GROUPS: u32 = 64
const SUM_BYTES: usize = 64

function flush(state: usize, even: v128, odd: v128): void {
  v128.store(state, f64x2.add(v128.load(state), f64x2.promote_low_f32x4(even)))
  v128.store(state, f64x2.add(v128.load(state, 16), f64x2.promote_low_f32x4(upper(even))), 16)
  v128.store(state, f64x2.add(v128.load(state, 32), f64x2.promote_low_f32x4(odd)), 32)
  v128.store(state, f64x2.add(v128.load(state, 48), f64x2.promote_low_f32x4(upper(odd))), 48)
}

function sums<T>(a: usize, b: usize, groups: u32, state: usize): void {
  for (let first: u32 = 0; first < groups; first += RUN_GROUPS) {
    const end = min(groups, first + RUN_GROUPS)
    let a0 = f32x4.splat(0)
    let a1 = a0
    let b0 = a0
    let b1 = a0
    let aa0 = a0
    let aa1 = a0
    let bb0 = a0
    let bb1 = a0
    let ab0 = a0
    let ab1 = a0
    for (let group = first; group < end; group++) {
      const x0 = even<T>(a)
      const y0 = even<T>(b)
      a0 = f32x4.add(a0, x0)
      b0 = f32x4.add(b0, y0)
      aa0 = f32x4.add(aa0, f32x4.mul(x0, x0))
      bb0 = f32x4.add(bb0, f32x4.mul(y0, y0))
      ab0 = f32x4.add(ab0, f32x4.mul(x0, y0))
      const x1 = odd<T>(a)
      const y1 = odd<T>(b)
      a1 = f32x4.add(a1, x1)
      b1 = f32x4.add(b1, y1)
      aa1 = f32x4.add(aa1, f32x4.mul(x1, x1))
      bb1 = f32x4.add(bb1, f32x4.mul(y1, y1))
      ab1 = f32x4.add(ab1, f32x4.mul(x1, y1))
      a += 8 * sizeof<T>()
      b += 8 * sizeof<T>()
    }
    flush(state, a0, a1)
    flush(state + SUM_BYTES, b0, b1)
    flush(state + 2 * SUM_BYTES, aa0, aa1)
    flush(state + 3 * SUM_BYTES, bb0, bb1)
    flush(state + 4 * SUM_BYTES, ab0, ab1)
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
