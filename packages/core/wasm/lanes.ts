/**
 * AssemblyScript, shared by the kernels: eight stored elements as two vectors of float32, those of even
 * and those of odd place.
 */

/** The upper two lanes moved to the lower ones. */
export function upper(v: v128): v128 {
  return v128.shuffle<i64>(v, v, 1, 0)
}

/** float16 codes in the low halves of four words to float32: exact, apart from infinities and NaN. */
function halves(codes: v128): v128 {
  const sign = i32x4.shl(v128.and(codes, i32x4.splat(0x8000)), 16)
  const size = i32x4.shl(v128.and(codes, i32x4.splat(0x7fff)), 13)
  // 2^112 moves the exponent from the bias of float16 to that of float32, subnormals too.
  return v128.or(f32x4.mul(size, f32x4.splat(5.192296858534828e33)), sign)
}

/**
 * Formats are told apart at compile time by the type that stands for them: u16 for bfloat16, i16 for
 * float16, f32 for float32.
 */
export function even<T>(at: usize): v128 {
  if (sizeof<T>() === 4) return v128.shuffle<i32>(v128.load(at), v128.load(at, 16), 0, 2, 4, 6)
  if (isSigned<T>()) return halves(v128.load(at))
  return i32x4.shl(v128.load(at), 16)
}

export function odd<T>(at: usize): v128 {
  if (sizeof<T>() === 4) return v128.shuffle<i32>(v128.load(at), v128.load(at, 16), 1, 3, 5, 7)
  if (isSigned<T>()) return halves(i32x4.shr_u(v128.load(at), 16))
  return v128.and(v128.load(at), i32x4.splat(0xffff0000))
}
