/**
 * AssemblyScript, a part of row-products.wasm. Plain SIMD: the same bits on every CPU.
 *
 * Nearest rows by Euclidean distance in float64. The order of additions is that of
 * src/numeric/nearest-by-distance.ts, the slow twin: each lane is one pair of rows.
 */

/** Room for the likenesses of four rows with four. */
const SQUARE: usize = memory.data(128, 16)

/**
 * Packs 4 rows that lie end to end as a panel of float64, column by column, and their squared
 * lengths. Rows from `rows` on are infinitely far from every other.
 */
export function packWide(from: usize, columns: u32, rows: u32, panel: usize, squares: usize): void {
  const rowBytes: usize = columns << 2
  for (let lane: u32 = 0; lane < 4; lane++) {
    let sum: f64 = lane < rows ? 0 : Infinity
    let to = panel + ((<usize>lane) << 3)
    for (let at: usize = 0; at < rowBytes; at += 4) {
      const x: f64 = lane < rows ? <f64>load<f32>(from + lane * rowBytes + at) : 0
      sum += x * x
      store<f64>(to, x)
      to += 32
    }
    store<f64>(squares + ((<usize>lane) << 3), sum)
  }
}

/**
 * Likenesses 2s − p − q of the 4 rows of panel `a`, the first of them row `firstA` of its tile, with
 * the `rowsB` rows (a multiple of 4) of the panels at `b`, and the best of either side so far.
 * Called for four rows at a time: the optimised code, once it is there, serves the next call.
 */
export function nearestWide(
  a: usize,
  squaresA: usize,
  firstA: u32,
  b: usize,
  squaresB: usize,
  rowsB: u32,
  columns: u32,
  valuesA: usize,
  placesA: usize,
  valuesB: usize,
  placesB: usize,
): void {
  const panelBytes: usize = (<usize>columns) << 5
  const p0 = v128.load64_splat(squaresA, 0)
  const p1 = v128.load64_splat(squaresA, 8)
  const p2 = v128.load64_splat(squaresA, 16)
  const p3 = v128.load64_splat(squaresA, 24)
  for (let j: u32 = 0; j < rowsB; j += 4) {
    let s00 = f64x2.splat(0)
    let s01 = s00
    let s10 = s00
    let s11 = s00
    let s20 = s00
    let s21 = s00
    let s30 = s00
    let s31 = s00
    let at = a
    const end = b + panelBytes
    while (b < end) {
      const y0 = v128.load(b, 0)
      const y1 = v128.load(b, 16)
      let x = v128.load64_splat(at, 0)
      s00 = f64x2.add(s00, f64x2.mul(x, y0))
      s01 = f64x2.add(s01, f64x2.mul(x, y1))
      x = v128.load64_splat(at, 8)
      s10 = f64x2.add(s10, f64x2.mul(x, y0))
      s11 = f64x2.add(s11, f64x2.mul(x, y1))
      x = v128.load64_splat(at, 16)
      s20 = f64x2.add(s20, f64x2.mul(x, y0))
      s21 = f64x2.add(s21, f64x2.mul(x, y1))
      x = v128.load64_splat(at, 24)
      s30 = f64x2.add(s30, f64x2.mul(x, y0))
      s31 = f64x2.add(s31, f64x2.mul(x, y1))
      at += 32
      b += 32
    }
    const q0 = v128.load(squaresB, 0)
    const q1 = v128.load(squaresB, 16)
    s00 = likeness(s00, p0, q0)
    s01 = likeness(s01, p0, q1)
    s10 = likeness(s10, p1, q0)
    s11 = likeness(s11, p1, q1)
    s20 = likeness(s20, p2, q0)
    s21 = likeness(s21, p2, q1)
    s30 = likeness(s30, p3, q0)
    s31 = likeness(s31, p3, q1)
    // Soon nearly all rows are farther than the best so far: one branch for sixteen pairs.
    const inRows = v128.or(
      v128.or(isBetter(s00, s01, valuesA, 0), isBetter(s10, s11, valuesA, 8)),
      v128.or(isBetter(s20, s21, valuesA, 16), isBetter(s30, s31, valuesA, 24)),
    )
    const inColumns = v128.or(
      exceeds(v128.load(valuesB, 0), s00, s10, s20, s30),
      exceeds(v128.load(valuesB, 16), s01, s11, s21, s31),
    )
    if (v128.any_true(v128.or(inRows, inColumns))) {
      v128.store(SQUARE, s00, 0)
      v128.store(SQUARE, s01, 16)
      v128.store(SQUARE, s10, 32)
      v128.store(SQUARE, s11, 48)
      v128.store(SQUARE, s20, 64)
      v128.store(SQUARE, s21, 80)
      v128.store(SQUARE, s30, 96)
      v128.store(SQUARE, s31, 112)
      for (let r: u32 = 0; r < 4; r++) {
        for (let c: u32 = 0; c < 4; c++) {
          const value = load<f64>(SQUARE + ((<usize>(4 * r + c)) << 3))
          keepBetter(value, j + c, valuesA + ((<usize>r) << 3), placesA + ((<usize>r) << 2))
          keepBetter(value, firstA + r, valuesB + ((<usize>c) << 3), placesB + ((<usize>c) << 2))
        }
      }
    }
    squaresB += 32
    valuesB += 32
    placesB += 16
  }
}

function likeness(sums: v128, p: v128, q: v128): v128 {
  return f64x2.sub(f64x2.sub(f64x2.mul(f64x2.splat(2), sums), p), q)
}

function isBetter(left: v128, right: v128, values: usize, offset: usize): v128 {
  const best = v128.load64_splat(values + offset)
  return v128.or(f64x2.gt(left, best), f64x2.gt(right, best))
}

function exceeds(best: v128, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  return v128.or(
    v128.or(f64x2.gt(x0, best), f64x2.gt(x1, best)),
    v128.or(f64x2.gt(x2, best), f64x2.gt(x3, best)),
  )
}

function keepBetter(value: f64, place: u32, values: usize, places: usize): void {
  if (value > load<f64>(values)) {
    store<f64>(values, value)
    store<u32>(places, place)
  }
}
