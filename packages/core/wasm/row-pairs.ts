/**
 * AssemblyScript, compiled to row-pairs.wasm by scripts/build-wasm.ts. Plain SIMD: the same bits on every CPU.
 *
 * What the sign tests ask of two blocks of stored rows, in one pass over the bytes as they come from a
 * file: products, squares, and the signs by which a model's own symmetry shows. The plain twin is
 * src/numeric/row-pairs.ts, whose orders of addition these are.
 */
import { bitsOf, even, LEAD, odd, upper } from './lanes'

export { bf16Bits } from './lanes'

/** Signs of a row: it is not all zero; its first entry, its largest and its sum are positive. */
const IS_LIVE: u8 = 1
const FIRST: u8 = 2
const LARGEST: u8 = 4
const SUM: u8 = 8
const NOT_FINITE: u8 = 255

/** Room for the last elements of two rows. */
const TAIL: usize = memory.data(32, 16)
const OTHER_TAIL: usize = memory.data(32, 16)

function across(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}

/** Lanes 0 2, 4 6, 1 3 and 5 7 of one sum. */
function addLanes(l02: v128, l46: v128, l13: v128, l57: v128): f64 {
  return across(f64x2.add(l02, l46)) + across(f64x2.add(l13, l57))
}

function valueAt<T>(row: usize, place: u32): f32 {
  const at = row + <usize>place * sizeof<T>()
  if (sizeof<T>() === 4) return load<f32>(at)
  return reinterpret<f32>((<u32>load<u16>(at)) << 16)
}

function signsOf<T>(row: usize, low: f32, high: f32, sum: f64): u8 {
  if (low === 0 && high === 0) return 0
  let signs = IS_LIVE
  let place: u32 = 0
  let value: f32 = 0
  while (value === 0) value = valueAt<T>(row, place++)
  if (value > 0) signs |= FIRST
  value = high + low
  // Of two as large the first one counts.
  for (place = 0; value === 0; place++) {
    const entry = valueAt<T>(row, place)
    if (abs(entry) === high) value = entry
  }
  if (value > 0) signs |= LARGEST
  if (sum > 0) signs |= SUM
  return signs
}

function lowest(v: v128): f32 {
  const half = f32x4.min(v, upper(v))
  return min(f32x4.extract_lane(half, 0), f32x4.extract_lane(half, 1))
}

function highest(v: v128): f32 {
  const half = f32x4.max(v, upper(v))
  return max(f32x4.extract_lane(half, 0), f32x4.extract_lane(half, 1))
}

/** What follows the last whole group, filled up with zeros, which add nothing to a sum. */
function paddedTail<T>(row: usize, columns: u32, tail: usize): usize {
  v128.store(tail, i32x4.splat(0), 0)
  v128.store(tail, i32x4.splat(0), 16)
  memory.copy(tail, row + <usize>(columns & ~7) * sizeof<T>(), <usize>(columns & 7) * sizeof<T>())
  return tail
}

/** Σab, Σa² and Σb² of two rows, written `part` bytes apart. */
function sumsOfPair<T>(a: usize, b: usize, columns: u32, out: usize, part: usize): void {
  const bits = bitsOf<T>()
  let ab0 = f64x2.splat(0)
  let ab1 = ab0
  let ab2 = ab0
  let ab3 = ab0
  let aa0 = ab0
  let aa1 = ab0
  let aa2 = ab0
  let aa3 = ab0
  let bb0 = ab0
  let bb1 = ab0
  let bb2 = ab0
  let bb3 = ab0
  const first = a
  const second = b
  a -= LEAD
  b -= LEAD
  for (let groups = (columns + 7) >> 3; groups > 0; groups--) {
    if (groups === 1 && (columns & 7) > 0) {
      a = paddedTail<T>(first, columns, TAIL) - LEAD
      b = paddedTail<T>(second, columns, OTHER_TAIL) - LEAD
    }
    let x = even<T>(a, bits)
    let y = even<T>(b, bits)
    let p = f64x2.promote_low_f32x4(x)
    let q = f64x2.promote_low_f32x4(y)
    ab0 = f64x2.add(ab0, f64x2.mul(p, q))
    aa0 = f64x2.add(aa0, f64x2.mul(p, p))
    bb0 = f64x2.add(bb0, f64x2.mul(q, q))
    p = f64x2.promote_low_f32x4(upper(x))
    q = f64x2.promote_low_f32x4(upper(y))
    ab1 = f64x2.add(ab1, f64x2.mul(p, q))
    aa1 = f64x2.add(aa1, f64x2.mul(p, p))
    bb1 = f64x2.add(bb1, f64x2.mul(q, q))
    x = odd<T>(a, bits)
    y = odd<T>(b, bits)
    p = f64x2.promote_low_f32x4(x)
    q = f64x2.promote_low_f32x4(y)
    ab2 = f64x2.add(ab2, f64x2.mul(p, q))
    aa2 = f64x2.add(aa2, f64x2.mul(p, p))
    bb2 = f64x2.add(bb2, f64x2.mul(q, q))
    p = f64x2.promote_low_f32x4(upper(x))
    q = f64x2.promote_low_f32x4(upper(y))
    ab3 = f64x2.add(ab3, f64x2.mul(p, q))
    aa3 = f64x2.add(aa3, f64x2.mul(p, p))
    bb3 = f64x2.add(bb3, f64x2.mul(q, q))
    a += 8 * sizeof<T>()
    b += 8 * sizeof<T>()
  }
  store<f64>(out, addLanes(ab0, ab1, ab2, ab3))
  store<f64>(out + part, addLanes(aa0, aa1, aa2, aa3))
  store<f64>(out + 2 * part, addLanes(bb0, bb1, bb2, bb3))
}

/** The signs of one row. */
function rowSigns<T>(row: usize, columns: u32): u8 {
  const bits = bitsOf<T>()
  let ac = f64x2.splat(0)
  let bd = ac
  let low = f32x4.splat(0)
  let high = low
  let at = row - LEAD
  for (let groups = (columns + 7) >> 3; groups > 0; groups--) {
    if (groups === 1 && (columns & 7) > 0) at = paddedTail<T>(row, columns, TAIL) - LEAD
    const x = even<T>(at, bits)
    const y = odd<T>(at, bits)
    low = f32x4.pmin(low, f32x4.pmin(x, y))
    high = f32x4.pmax(high, f32x4.pmax(x, y))
    ac = f64x2.add(ac, f64x2.promote_low_f32x4(x))
    bd = f64x2.add(bd, f64x2.promote_low_f32x4(y))
    ac = f64x2.add(ac, f64x2.promote_low_f32x4(upper(x)))
    bd = f64x2.add(bd, f64x2.promote_low_f32x4(upper(y)))
    at += 8 * sizeof<T>()
  }
  const sum = across(f64x2.add(ac, bd))
  // Finite float32 cannot leave the range of float64, and what is no number stays in a sum.
  return sum - sum === 0 ? signsOf<T>(row, lowest(low), highest(high), sum) : NOT_FINITE
}

/**
 * Row i of `a` with row i of `b`, rows end to end. Writes to `out` the products, the squares of `a` and
 * those of `b` (`rows` float64 each), then the signs of the rows of `a` and of `b` (`rows` bytes each).
 * False where an entry is no number.
 */
function rowPairs<T>(a: usize, b: usize, rows: u32, columns: u32, out: usize): bool {
  const rowBytes = <usize>columns * sizeof<T>()
  const part = (<usize>rows) << 3
  let signs = out + 3 * part
  for (let i: u32 = 0; i < rows; i++) {
    sumsOfPair<T>(a, b, columns, out, part)
    const own = rowSigns<T>(a, columns)
    const other = rowSigns<T>(b, columns)
    if (own === NOT_FINITE || other === NOT_FINITE) return false
    store<u8>(signs, own)
    store<u8>(signs + rows, other)
    signs++
    out += 8
    a += rowBytes
    b += rowBytes
  }
  return true
}

export function bf16Pairs(a: usize, b: usize, rows: u32, columns: u32, out: usize): bool {
  return rowPairs<u16>(a, b, rows, columns, out)
}

export function f32Pairs(a: usize, b: usize, rows: u32, columns: u32, out: usize): bool {
  return rowPairs<f32>(a, b, rows, columns, out)
}

/**
 * The first `kept` entries of rows number `places` (int32), each scaled to unit length, as float32 end to
 * end; zeros where they are all zero. `scratch` has room for three float64.
 */
function unitStarts<T>(
  rows: usize,
  columns: u32,
  places: usize,
  count: u32,
  kept: u32,
  scratch: usize,
  out: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const row = rows + <usize>load<u32>(places + ((<usize>i) << 2)) * columns * sizeof<T>()
    sumsOfPair<T>(row, row, kept, scratch, 8)
    const squares = load<f64>(scratch)
    const scale: f64 = squares === 0 ? 0 : 1 / sqrt(squares)
    for (let k: u32 = 0; k < kept; k++) {
      store<f32>(out, <f32>(<f64>valueAt<T>(row, k) * scale))
      out += 4
    }
  }
}

export function bf16Starts(
  rows: usize,
  columns: u32,
  places: usize,
  count: u32,
  kept: u32,
  scratch: usize,
  out: usize,
): void {
  unitStarts<u16>(rows, columns, places, count, kept, scratch, out)
}

export function f32Starts(
  rows: usize,
  columns: u32,
  places: usize,
  count: u32,
  kept: u32,
  scratch: usize,
  out: usize,
): void {
  unitStarts<f32>(rows, columns, places, count, kept, scratch, out)
}

/** Σab alone, of a whole number of groups of eight. */
function dotOf(a: usize, b: usize, columns: u32): f64 {
  let l02 = f64x2.splat(0)
  let l46 = l02
  let l13 = l02
  let l57 = l02
  for (let groups = columns >> 3; groups > 0; groups--) {
    const x0 = v128.load(a)
    const x4 = v128.load(a, 16)
    const y0 = v128.load(b)
    const y4 = v128.load(b, 16)
    // Places 0 2 4 6 and 1 3 5 7 of either.
    const x = v128.shuffle<i32>(x0, x4, 0, 2, 4, 6)
    const y = v128.shuffle<i32>(y0, y4, 0, 2, 4, 6)
    const p = v128.shuffle<i32>(x0, x4, 1, 3, 5, 7)
    const q = v128.shuffle<i32>(y0, y4, 1, 3, 5, 7)
    l02 = f64x2.add(l02, f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)))
    l46 = f64x2.add(
      l46,
      f64x2.mul(f64x2.promote_low_f32x4(upper(x)), f64x2.promote_low_f32x4(upper(y))),
    )
    l13 = f64x2.add(l13, f64x2.mul(f64x2.promote_low_f32x4(p), f64x2.promote_low_f32x4(q)))
    l57 = f64x2.add(
      l57,
      f64x2.mul(f64x2.promote_low_f32x4(upper(p)), f64x2.promote_low_f32x4(upper(q))),
    )
    a += 32
    b += 32
  }
  return addLanes(l02, l46, l13, l57)
}

/**
 * Products of the rows of `a` with those of each of `blocks` blocks of as many rows of `b`, float32 end to
 * end, a multiple of 8 columns: `out` is [blocks, rows] float64.
 */
export function blockDots(
  a: usize,
  b: usize,
  rows: u32,
  columns: u32,
  blocks: u32,
  out: usize,
): void {
  const rowBytes = (<usize>columns) << 2
  for (let block: u32 = 0; block < blocks; block++) {
    let own = a
    for (let i: u32 = 0; i < rows; i++) {
      store<f64>(out, dotOf(own, b, columns))
      own += rowBytes
      b += rowBytes
      out += 8
    }
  }
}
