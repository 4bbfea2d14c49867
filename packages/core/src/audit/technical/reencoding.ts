import type { Dtype } from '../../model/tensor.ts'

/**
 * How a block that is not equal may still hold the same values: cast to another precision, or
 * rounded to the nearest point of a quantiser's grid. GPTQ and AWQ move weights further than
 * half a step and are not meant here.
 */
export type EncodingRelation =
  | {
      readonly kind: 'cast'
      readonly from: Dtype
      readonly to: Dtype
      readonly rounded: Side | null
    }
  | {
      readonly kind: 'grid'
      readonly levels: number
      readonly group: number
      readonly rounded: Side
    }
  | { readonly kind: 'none' }

/** The model whose values are the other's after rounding; null where neither lost anything. */
type Side = 'candidate' | 'reference'

/** Significand bits after the leading one, and the smallest normal exponent. */
const FLOAT_FORMS: Partial<Record<Dtype, { readonly bits: number; readonly exponentMin: number }>> =
  {
    F32: { bits: 23, exponentMin: -126 },
    BF16: { bits: 7, exponentMin: -126 },
    F16: { bits: 10, exponentMin: -14 },
    F8_E4M3: { bits: 3, exponentMin: -6 },
    F8_E5M2: { bits: 2, exponentMin: -14 },
  }

/** Elements that may miss by a second rounding or underflow on the way. */
const MISSES_SHARE_MAX = 1e-3

export function encodingRelation(
  candidate: Float32Array,
  reference: Float32Array,
  options: { readonly cols: number; readonly dtypes: readonly [Dtype, Dtype] },
): EncodingRelation {
  const [to, from] = options.dtypes
  if (to !== from) {
    const isOwn = isCast(candidate, reference, to)
    const isOther = isCast(reference, candidate, from)
    // Both: each form holds the values of the other, but for a few that underflow.
    if (isOwn && isOther) return { kind: 'cast', from, to, rounded: null }
    if (isOwn || isOther) {
      return { kind: 'cast', from, to, rounded: isOwn ? 'candidate' : 'reference' }
    }
  }
  const { cols } = options
  const own = gridRelation(candidate, reference, { cols, dtypes: [to, from] })
  if (own) return { kind: 'grid', ...own, rounded: 'candidate' }
  const other = gridRelation(reference, candidate, { cols, dtypes: [from, to] })
  return other ? { kind: 'grid', ...other, rounded: 'reference' } : { kind: 'none' }
}

type Grid = { readonly levels: number; readonly group: number }

/** Is `rounded` what `source` becomes in this format? */
function isCast(rounded: Float32Array, source: Float32Array, dtype: Dtype): boolean {
  const form = FLOAT_FORMS[dtype]
  if (!form) return false
  let misses = 0
  for (let i = 0; i < source.length; i++) {
    if (roundToForm(source[i] as number, form) !== rounded[i]) misses++
  }
  return misses <= source.length * MISSES_SHARE_MAX
}

function roundToForm(value: number, form: { bits: number; exponentMin: number }): number {
  if (value === 0) return value
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), form.exponentMin)
  const unit = 2 ** (exponent - form.bits)
  return roundHalfEven(value / unit) * unit
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest < 0.5) return floor
  if (rest > 0.5) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

/** Group lengths that round-to-nearest quantisers use, besides the row and the block. */
const GROUPS = [32, 64, 128]
/** A few numbers lie on some grid by themselves. */
const GROUP_MIN = 16
/** Largest integer of symmetric grids (from zero) and of affine grids (from the minimum). */
const SYMMETRIC_LEVELS = [7, 8, 127, 128]
const AFFINE_LEVELS = [15, 255]
/** Steps are computed in 32 bits and stored in 16: a value may seem that share of itself off its point. */
const STEP_ROUNDING = 2 ** -11
/** Storage in 16 bits blurs the grid by this much of a step before it can no longer be seen. */
const BLUR_MAX = 0.2

function gridRelation(
  candidate: Float32Array,
  reference: Float32Array,
  options: { readonly cols: number; readonly dtypes: readonly [Dtype, Dtype] },
): Grid | null {
  const [bits, referenceBits] = options.dtypes.map((dtype) => FLOAT_FORMS[dtype]?.bits ?? 23) as [
    number,
    number,
  ]
  const { cols } = options
  if (isFarApart(candidate, reference, { bits, referenceBits })) return null
  const shapes = [
    ...GROUPS.filter((group) => group < cols).map((group) => ({ group, cols })),
    { group: cols, cols },
    { group: candidate.length, cols: candidate.length },
  ]
  for (const shape of shapes) {
    if (shape.group < GROUP_MIN) continue
    const grid = gridOf(candidate, reference, { ...shape, bits, referenceBits })
    if (grid) return { levels: grid.levels, group: shape.group }
  }
  return tensorGrid(candidate, reference, { bits, referenceBits })
}

/**
 * Whether two values lie further apart than half a step of any grid below, which settles most pairs
 * at their first values. The widest step is that of a tensor's grid of three values: half the span.
 * Groups span no more than the block, and values from zero no more than twice their largest.
 */
function isFarApart(
  candidate: Float32Array,
  reference: Float32Array,
  { bits, referenceBits }: { readonly bits: number; readonly referenceBits: number },
): boolean {
  let low = 0
  let high = 0
  for (let i = 0; i < candidate.length; i++) {
    const value = candidate[i] as number
    if (value < low) low = value
    if (value > high) high = value
  }
  const stepMax = (high - low) / 2
  const blur = Math.max(-low, high) * 2 ** -bits
  for (let i = 0; i < candidate.length; i++) {
    const target = reference[i] as number
    const half = 0.75 * stepMax + blur + Math.abs(target) * 2 ** -(referenceBits + 1)
    if (Math.abs((candidate[i] as number) - target) > half) return true
  }
  return false
}

/** Distinct values beyond which a block is on no eight-bit grid. */
const DISTINCT_MAX = 256

/**
 * One grid for a whole tensor, of which a block sees a part: the step is the smallest distance
 * between two of its values, which among thousands of values is one step.
 */
function tensorGrid(
  candidate: Float32Array,
  reference: Float32Array,
  { bits, referenceBits }: { readonly bits: number; readonly referenceBits: number },
): Grid | null {
  const sorted = distinctValues(candidate)?.sort()
  if (!sorted || sorted.length < 3 || candidate.length < 4 * sorted.length) return null
  let step = Number.POSITIVE_INFINITY
  for (let i = 1; i < sorted.length; i++) {
    step = Math.min(step, (sorted[i] as number) - (sorted[i - 1] as number))
  }
  const origin = sorted[0] as number
  for (let i = 0; i < candidate.length; i++) {
    const value = candidate[i] as number
    const blur = (Math.abs(value) * 2 ** -bits) / step + 1e-3
    const place = (value - origin) / step
    if (blur > 0.25 || Math.abs(place - Math.round(place)) > blur + 1e-4 * place) {
      return null
    }
    const target = reference[i] as number
    const half = step * (0.5 + blur) + Math.abs(target) * 2 ** -(referenceBits + 1)
    if (Math.abs(value - target) > half) return null
  }
  return { levels: sorted.length, group: candidate.length }
}

/** The values that occur, or null where they are more than DISTINCT_MAX. A set would take five times as long. */
function distinctValues(values: Float32Array): Float64Array | null {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const slots = new Int32Array(SLOTS).fill(-1)
  const found = new Float64Array(DISTINCT_MAX)
  let count = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    const word = value === 0 ? 0 : (bits[i] as number)
    let slot = Math.imul(word, SPREAD) >>> SLOT_SHIFT
    while ((slots[slot] as number) >= 0 && found[slots[slot] as number] !== value) {
      slot = (slot + 1) & (SLOTS - 1)
    }
    if ((slots[slot] as number) >= 0) continue
    if (count === DISTINCT_MAX) return null
    slots[slot] = count
    found[count++] = value
  }
  return found.subarray(0, count)
}

const SLOT_SHIFT = 22
const SLOTS = 2 ** (32 - SLOT_SHIFT)
/** Odd, close to 2^32 over the golden ratio: neighbouring words fall far apart. */
const SPREAD = 0x9e3779b1

type Levels = { readonly levels: number; readonly isAffine: boolean }

const LEVELS: readonly Levels[] = [
  ...SYMMETRIC_LEVELS.map((levels) => ({ levels, isAffine: false })),
  ...AFFINE_LEVELS.map((levels) => ({ levels, isAffine: true })),
]
/** Fewer numbers lie on some grid by themselves. */
const LENGTH_MIN = 64

type GridTest = {
  /** Groups begin anew at every row; the last one of a row may be shorter. */
  readonly group: number
  readonly cols: number
  readonly bits: number
  /** The reference was rounded to its own format after it was quantised from. */
  readonly referenceBits: number
}

/**
 * Every value of the candidate on the grid its own group spans, and the reference within half a
 * step of it. Both are needed: a light fine-tune is close to the reference but on no grid.
 */
function gridOf(candidate: Float32Array, reference: Float32Array, test: GridTest): Levels | null {
  if (candidate.length < LENGTH_MIN) return null
  const { cols, group, bits, referenceBits } = test
  let left = LEVELS
  for (let row = 0; row < candidate.length; row += cols) {
    for (let begin = row; begin < row + cols; begin += group) {
      const span = spanOf(candidate, begin, Math.min(begin + group, row + cols))
      left = left.filter((levels) =>
        groupOnGrid(candidate, reference, { span, levels, bits, referenceBits }),
      )
      if (left.length === 0) return null
    }
  }
  return left[0] ?? null
}

/** Values [begin, end), the smallest and the largest of them. */
type Span = {
  readonly begin: number
  readonly end: number
  readonly low: number
  readonly high: number
}

function spanOf(values: Float32Array, begin: number, end: number): Span {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = begin; i < end; i++) {
    const value = values[i] as number
    if (value < low) low = value
    if (value > high) high = value
  }
  return { begin, end, low, high }
}

function groupOnGrid(
  values: Float32Array,
  targets: Float32Array,
  test: {
    readonly span: Span
    readonly levels: Levels
    readonly bits: number
    readonly referenceBits: number
  },
): boolean {
  const { begin, end, low, high } = test.span
  const { levels, isAffine } = test.levels
  const origin = isAffine ? low : 0
  const step = (isAffine ? high - low : Math.max(Math.abs(low), Math.abs(high))) / levels
  if (!(step > 0)) return true
  const unit = 2 ** -test.bits
  const targetUnit = 2 ** -(test.referenceBits + 1)
  let blurSum = 0
  for (let i = begin; i < end; i++) {
    const value = values[i] as number
    // Rounding the stored value, and the span it is measured in, each by half a unit.
    const blur = (Math.abs(value) * unit) / step + 1e-3
    blurSum += blur
    const place = (value - origin) / step
    if (Math.abs(place - Math.round(place)) > blur) return false
    const target = targets[i] as number
    const rounding = isAffine ? 0 : Math.abs(value) * STEP_ROUNDING
    const half = step * (0.5 + blur) + rounding + Math.abs(target) * targetUnit
    if (Math.abs(value - target) > half) return false
  }
  return blurSum / (end - begin) < BLUR_MAX
}
