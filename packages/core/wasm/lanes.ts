/**
 * AssemblyScript, shared by the kernels: eight stored elements as two vectors of float32, those of even
 * place and those of odd.
 *
 * Formats are told apart at compile time by the type that stands for them: u16 for bfloat16, i16 for
 * float16, f32 for float32.
 */

/**
 * Global variables, although they never change, and for that exported by the kernels: a vector made of a
 * constant is built anew at each use, one made of a variable stays in its register.
 */
// biome-ignore lint/style/useConst: see above
export let bf16Bits: u32 = 0xffff0000
// biome-ignore lint/style/useConst: see above
export let f16Bits: u32 = 0x8fffe000
// 2^112 moves the exponent from the bias of float16 to that of float32, subnormals too.
// biome-ignore lint/style/useConst: see above
export let f16Scale: f32 = 5.192296858534828e33

/** The upper two lanes moved to the lower ones. */
export function upper(v: v128): v128 {
  return v128.shuffle<i64>(v, v, 1, 0)
}

/** The bits that a stored element keeps, to be taken before a loop. */
export function bitsOf<T>(): v128 {
  return i32x4.splat(isSigned<T>() ? f16Bits : bf16Bits)
}

/**
 * Places are given this many bytes before their first element. Of elements of two bytes the even ones are
 * then upper halves of words as the odd ones are, two bytes further: no vector has to be shifted.
 */
export const LEAD: usize = 2

/** float16 codes in the upper halves of four words to float32: exact, apart from infinities and NaN. */
function halves(codes: v128, bits: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shr_s(codes, 3), bits), f32x4.splat(f16Scale))
}

export function even<T>(before: usize, bits: v128): v128 {
  if (sizeof<T>() === 4) {
    return v128.shuffle<i32>(v128.load(before, LEAD), v128.load(before, LEAD + 16), 0, 2, 4, 6)
  }
  const codes = v128.load(before)
  return isSigned<T>() ? halves(codes, bits) : v128.and(codes, bits)
}

export function odd<T>(before: usize, bits: v128): v128 {
  if (sizeof<T>() === 4) {
    return v128.shuffle<i32>(v128.load(before, LEAD), v128.load(before, LEAD + 16), 1, 3, 5, 7)
  }
  const codes = v128.load(before, LEAD)
  return isSigned<T>() ? halves(codes, bits) : v128.and(codes, bits)
}
