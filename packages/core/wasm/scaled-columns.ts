/**
 * AssemblyScript, compiled to scaled-columns.wasm by scripts/build-wasm.ts. Plain SIMD: the same bits on every CPU.
 *
 * Rows times a factor each, turned round into columns, and columns centred. The plain twin is
 * src/numeric/axes.ts.
 */

/** Four neighbouring entries; formats are told apart as in lanes.ts. */
function four<T>(at: usize): v128 {
  if (sizeof<T>() === 4) return v128.load(at)
  return i32x4.shl(i32x4.extend_low_i16x8_u(v128.load64_zero(at)), 16)
}

function one<T>(at: usize): f32 {
  if (sizeof<T>() === 4) return load<f32>(at)
  return reinterpret<f32>((<u32>load<u16>(at)) << 16)
}

function scaled(v: v128, scale: f64): v128 {
  const factor = f64x2.splat(scale)
  const low = f64x2.mul(f64x2.promote_low_f32x4(v), factor)
  const high = f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0)), factor)
  const left = f32x4.demote_f64x2_zero(low)
  return v128.shuffle<i64>(left, f32x4.demote_f64x2_zero(high), 0, 2)
}

/** Adds four entries to the sums of their columns. */
function addTo(sums: usize, v: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(v)))
  const upper = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0))
  v128.store(sums, f64x2.add(v128.load(sums, 16), upper), 16)
}

/**
 * `rows` rows of `columns` entries, row i times scales[i] (float64), to `out`: entries of one column as
 * float32 end to end, columns `stride` bytes apart. Adds every entry to the sum of its column (float64), in ascending rows.
 */
function turn<T>(
  at: usize,
  rows: u32,
  columns: u32,
  scales: usize,
  sums: usize,
  out: usize,
  outBytes: usize,
): void {
  const rowBytes = <usize>columns * sizeof<T>()
  const wholeRows = rows & ~3
  const wholeColumns = columns & ~3
  for (let i: u32 = 0; i < wholeRows; i += 4) {
    const scale = scales + ((<usize>i) << 3)
    const s0 = load<f64>(scale)
    const s1 = load<f64>(scale, 8)
    const s2 = load<f64>(scale, 16)
    const s3 = load<f64>(scale, 24)
    let from = at + <usize>i * rowBytes
    let sum = sums
    let to = out + ((<usize>i) << 2)
    for (let j: u32 = 0; j < wholeColumns; j += 4) {
      const x0 = scaled(four<T>(from), s0)
      const x1 = scaled(four<T>(from + rowBytes), s1)
      const x2 = scaled(four<T>(from + 2 * rowBytes), s2)
      const x3 = scaled(four<T>(from + 3 * rowBytes), s3)
      addTo(sum, x0)
      addTo(sum, x1)
      addTo(sum, x2)
      addTo(sum, x3)
      const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5)
      const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5)
      const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7)
      const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7)
      v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5))
      v128.store(to + outBytes, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7))
      v128.store(to + 2 * outBytes, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5))
      v128.store(to + 3 * outBytes, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7))
      from += 4 * sizeof<T>()
      sum += 32
      to += 4 * outBytes
    }
  }
  for (let i: u32 = 0; i < rows; i++) {
    const scale = load<f64>(scales + ((<usize>i) << 3))
    for (let j = i < wholeRows ? wholeColumns : 0; j < columns; j++) {
      const value = <f32>(<f64>one<T>(at + <usize>i * rowBytes + <usize>j * sizeof<T>()) * scale)
      const sum = sums + ((<usize>j) << 3)
      store<f64>(sum, load<f64>(sum) + <f64>value)
      store<f32>(out + <usize>j * outBytes + ((<usize>i) << 2), value)
    }
  }
}

export function bf16Columns(
  at: usize,
  rows: u32,
  columns: u32,
  scales: usize,
  sums: usize,
  out: usize,
  stride: usize,
): void {
  turn<u16>(at, rows, columns, scales, sums, out, stride)
}

export function f32Columns(
  at: usize,
  rows: u32,
  columns: u32,
  scales: usize,
  sums: usize,
  out: usize,
  stride: usize,
): void {
  turn<f32>(at, rows, columns, scales, sums, out, stride)
}

/**
 * Takes its mean, sums[j] (float64) over `rows`, out of each of `columns` columns that lie end to end.
 * Writes the sums of the squares and of the fourth powers of what is left to `moments` (float64).
 */
export function centre(at: usize, columns: u32, rows: u32, sums: usize, moments: usize): void {
  let squares = f64x2.splat(0)
  let fourths = f64x2.splat(0)
  let lastSquares: f64 = 0
  let lastFourths: f64 = 0
  for (let j: u32 = 0; j < columns; j++) {
    const mean = load<f64>(sums + ((<usize>j) << 3)) / <f64>rows
    const means = f64x2.splat(mean)
    let i: u32 = 0
    for (; i + 4 <= rows; i += 4) {
      const v = v128.load(at)
      const low = f64x2.sub(f64x2.promote_low_f32x4(v), means)
      const upper = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0))
      const high = f64x2.sub(upper, means)
      const left = f32x4.demote_f64x2_zero(low)
      v128.store(at, v128.shuffle<i64>(left, f32x4.demote_f64x2_zero(high), 0, 2))
      const p = f64x2.mul(low, low)
      const q = f64x2.mul(high, high)
      squares = f64x2.add(squares, f64x2.add(p, q))
      fourths = f64x2.add(fourths, f64x2.add(f64x2.mul(p, p), f64x2.mul(q, q)))
      at += 16
    }
    for (; i < rows; i++) {
      const x = <f64>load<f32>(at) - mean
      store<f32>(at, <f32>x)
      lastSquares += x * x
      lastFourths += x * x * (x * x)
      at += 4
    }
  }
  const sum = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)
  const sumOfFourths = f64x2.extract_lane(fourths, 0) + f64x2.extract_lane(fourths, 1)
  store<f64>(moments, sum + lastSquares)
  store<f64>(moments, sumOfFourths + lastFourths, 8)
}
