/**
 * AssemblyScript, compiled to code-sizes.wasm by scripts/build-wasm.ts. Plain SIMD: the same bits on every CPU.
 */
const SIZE: i16 = 0x7fff

/** The largest of `count` 16-bit codes without their signs: of a float format, that of the largest value in size. */
export function largestCode(at: usize, count: u32): u32 {
  let most = i16x8.splat(0)
  const mask = i16x8.splat(SIZE)
  const end = at + ((<usize>(count & ~7)) << 1)
  for (; at < end; at += 16) most = i16x8.max_s(most, v128.and(v128.load(at), mask))
  most = i16x8.max_s(most, v128.shuffle<i64>(most, most, 1, 0))
  most = i16x8.max_s(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2))
  let largest = max(<u32>i16x8.extract_lane_u(most, 0), <u32>i16x8.extract_lane_u(most, 1))
  for (let left = count & 7; left > 0; left--) {
    largest = max(largest, <u32>load<u16>(at) & 0x7fff)
    at += 2
  }
  return largest
}
