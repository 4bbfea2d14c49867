/**
 * AssemblyScript, compiled to row-products.wasm by scripts/build-wasm.ts. Plain SIMD: the same bits on every CPU.
 *
 * Products of all pairs of rows of two tiles. Rows are packed first: columns in blocks of 256, in a
 * block panels of 4 rows (left) or 8 rows (right), in a panel column by column, so that the inner
 * loop reads straight on. The order of additions is that of src/numeric/matrix-engine.ts, whose
 * plain engine is the slow twin: each lane is one pair of rows. Distances: row-distances.ts.
 */
export { nearestWide, packWide } from './row-distances'

const COLUMN_BLOCK: u32 = 256
/** Room for the four lanes of a value and of its place. */
const LANES: usize = memory.data(32, 16)

/**
 * Packs `lanes` rows (4 or 8) that lie end to end as panel number `panel` of a tile of `tileRows`
 * rows (a multiple of `lanes`).
 */
export function pack(
  rows: usize,
  columns: u32,
  lanes: u32,
  panel: u32,
  tileRows: u32,
  tile: usize,
): void {
  const step: usize = lanes << 2
  const rowBytes: usize = columns << 2
  for (let first: u32 = 0; first < columns; first += COLUMN_BLOCK) {
    const depth = min(COLUMN_BLOCK, columns - first)
    const target = tile + ((<usize>first * tileRows + <usize>panel * lanes * depth) << 2)
    for (let lane: u32 = 0; lane < lanes; lane += 4) {
      packFour(rows + lane * rowBytes + (first << 2), rowBytes, depth, target + (lane << 2), step)
    }
  }
}

function packFour(row0: usize, rowBytes: usize, depth: u32, target: usize, step: usize): void {
  const row1 = row0 + rowBytes
  const row2 = row1 + rowBytes
  const row3 = row2 + rowBytes
  let at: usize = 0
  const whole: usize = (depth & ~3) << 2
  for (; at < whole; at += 16) {
    const x0 = v128.load(row0 + at)
    const x1 = v128.load(row1 + at)
    const x2 = v128.load(row2 + at)
    const x3 = v128.load(row3 + at)
    const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5)
    const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5)
    const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7)
    const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7)
    v128.store(target, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5))
    v128.store(target + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7))
    v128.store(target + 2 * step, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5))
    v128.store(target + 3 * step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7))
    target += 4 * step
  }
  for (; at < (<usize>depth) << 2; at += 4) {
    store<f32>(target, load<f32>(row0 + at), 0)
    store<f32>(target, load<f32>(row1 + at), 4)
    store<f32>(target, load<f32>(row2 + at), 8)
    store<f32>(target, load<f32>(row3 + at), 12)
    target += step
  }
}

/**
 * Divides each row of a packed panel by its length: the sums of `unitRows` in
 * src/numeric/column-maps.ts, each one accumulator in ascending column order. Zero rows stay zero.
 */
export function divideByLengths(
  columns: u32,
  lanes: u32,
  panel: u32,
  tileRows: u32,
  tile: usize,
): void {
  const step: usize = lanes << 2
  for (let lane: u32 = 0; lane < lanes; lane += 4) {
    let low = f64x2.splat(0)
    let high = low
    for (let first: u32 = 0; first < columns; first += COLUMN_BLOCK) {
      const depth = min(COLUMN_BLOCK, columns - first)
      let at = tile + ((<usize>first * tileRows + <usize>panel * lanes * depth + lane) << 2)
      for (let k: u32 = 0; k < depth; k++) {
        const x = v128.load(at)
        const x01 = f64x2.promote_low_f32x4(x)
        const x23 = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0))
        low = f64x2.add(low, f64x2.mul(x01, x01))
        high = f64x2.add(high, f64x2.mul(x23, x23))
        at += step
      }
    }
    low = scaleOf(low)
    high = scaleOf(high)
    for (let first: u32 = 0; first < columns; first += COLUMN_BLOCK) {
      const depth = min(COLUMN_BLOCK, columns - first)
      let at = tile + ((<usize>first * tileRows + <usize>panel * lanes * depth + lane) << 2)
      for (let k: u32 = 0; k < depth; k++) {
        const x = v128.load(at)
        const x01 = f64x2.mul(f64x2.promote_low_f32x4(x), low)
        const x23 = f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0)), high)
        const y01 = f32x4.demote_f64x2_zero(x01)
        const y23 = f32x4.demote_f64x2_zero(x23)
        v128.store(at, v128.shuffle<i64>(y01, y23, 0, 2))
        at += step
      }
    }
  }
}

function scaleOf(squares: v128): v128 {
  const scale = f64x2.div(f64x2.splat(1), f64x2.sqrt(squares))
  return v128.and(scale, f64x2.gt(squares, f64x2.splat(0)))
}

/**
 * All products of two packed tiles: `out` is [rowsA, rowsB], row by row. rowsA is a multiple of 4,
 * rowsB of 8.
 */
export function multiply(
  a: usize,
  rowsA: u32,
  b: usize,
  rowsB: u32,
  columns: u32,
  out: usize,
): void {
  memory.fill(out, 0, (<usize>(rowsA * rowsB)) << 2)
  const outRowBytes: usize = rowsB << 2
  for (let first: u32 = 0; first < columns; first += COLUMN_BLOCK) {
    const depth = min(COLUMN_BLOCK, columns - first)
    for (let j: u32 = 0; j < rowsB; j += 8) {
      const right = b + ((<usize>first * rowsB + <usize>j * depth) << 2)
      let left = a + ((<usize>first * rowsA) << 2)
      let at = out + ((<usize>j) << 2)
      for (let i: u32 = 0; i < rowsA; i += 4) {
        addBlock(left, right, depth, at, outRowBytes)
        left += (<usize>depth) << 4
        at += outRowBytes << 2
      }
    }
  }
}

/** Adds the sums of one block of columns to 4 rows of 8. */
function addBlock(a: usize, b: usize, depth: u32, out: usize, rowBytes: usize): void {
  let s00 = f32x4.splat(0)
  let s01 = f32x4.splat(0)
  let s10 = f32x4.splat(0)
  let s11 = f32x4.splat(0)
  let s20 = f32x4.splat(0)
  let s21 = f32x4.splat(0)
  let s30 = f32x4.splat(0)
  let s31 = f32x4.splat(0)
  const end = b + ((<usize>depth) << 5)
  while (b < end) {
    const y0 = v128.load(b, 0)
    const y1 = v128.load(b, 16)
    let x = v128.load32_splat(a, 0)
    s00 = f32x4.add(s00, f32x4.mul(x, y0))
    s01 = f32x4.add(s01, f32x4.mul(x, y1))
    x = v128.load32_splat(a, 4)
    s10 = f32x4.add(s10, f32x4.mul(x, y0))
    s11 = f32x4.add(s11, f32x4.mul(x, y1))
    x = v128.load32_splat(a, 8)
    s20 = f32x4.add(s20, f32x4.mul(x, y0))
    s21 = f32x4.add(s21, f32x4.mul(x, y1))
    x = v128.load32_splat(a, 12)
    s30 = f32x4.add(s30, f32x4.mul(x, y0))
    s31 = f32x4.add(s31, f32x4.mul(x, y1))
    a += 16
    b += 32
  }
  addTo(out, s00, s01)
  addTo(out + rowBytes, s10, s11)
  addTo(out + 2 * rowBytes, s20, s21)
  addTo(out + 3 * rowBytes, s30, s31)
}

function addTo(out: usize, low: v128, high: v128): void {
  v128.store(out, f32x4.add(v128.load(out, 0), low), 0)
  v128.store(out, f32x4.add(v128.load(out, 16), high), 16)
}

/**
 * The largest of each row of a [rows, stride] matrix over its first `columns` columns and the first
 * column that holds it, or −1 where no number is above minus infinity.
 */
export function bestOfRows(
  matrix: usize,
  rows: u32,
  columns: u32,
  stride: u32,
  isAbsolute: bool,
  values: usize,
  places: usize,
): void {
  const sizeOnly = i32x4.splat(isAbsolute ? 0x7fffffff : -1)
  const whole = columns & ~3
  for (let i: u32 = 0; i < rows; i++) {
    const row = matrix + ((<usize>i * stride) << 2)
    let best = f32x4.splat(-Infinity)
    let place = i32x4.splat(-1)
    let here = i32x4(0, 1, 2, 3)
    for (let j: u32 = 0; j < whole; j += 4) {
      const x = v128.and(v128.load(row + ((<usize>j) << 2)), sizeOnly)
      const isBetter = f32x4.gt(x, best)
      best = v128.bitselect(x, best, isBetter)
      place = v128.bitselect(here, place, isBetter)
      here = i32x4.add(here, i32x4.splat(4))
    }
    v128.store(LANES, best, 0)
    v128.store(LANES, place, 16)
    let value = load<f32>(LANES)
    let at = load<i32>(LANES, 16)
    for (let lane: usize = 4; lane < 16; lane += 4) {
      const other = load<f32>(LANES + lane)
      const there = load<i32>(LANES + lane, 16)
      if (other > value || (other === value && there < at)) {
        value = other
        at = there
      }
    }
    for (let j = whole; j < columns; j++) {
      const x = load<f32>(row + ((<usize>j) << 2))
      const size = isAbsolute ? abs(x) : x
      if (size > value) {
        value = size
        at = <i32>j
      }
    }
    store<f32>(values + ((<usize>i) << 2), value)
    store<i32>(places + ((<usize>i) << 2), at)
  }
}

/** The same of each column over the first `rows` rows; `stride` is a multiple of 4. */
export function bestOfColumns(
  matrix: usize,
  rows: u32,
  stride: u32,
  isAbsolute: bool,
  values: usize,
  places: usize,
): void {
  const sizeOnly = i32x4.splat(isAbsolute ? 0x7fffffff : -1)
  const rowBytes: usize = stride << 2
  for (let at: usize = 0; at < rowBytes; at += 16) {
    let best = f32x4.splat(-Infinity)
    let place = i32x4.splat(-1)
    let from = matrix + at
    for (let i: u32 = 0; i < rows; i++) {
      const x = v128.and(v128.load(from), sizeOnly)
      const isBetter = f32x4.gt(x, best)
      best = v128.bitselect(x, best, isBetter)
      place = v128.bitselect(i32x4.splat(i), place, isBetter)
      from += rowBytes
    }
    v128.store(values + at, best)
    v128.store(places + at, place)
  }
}
