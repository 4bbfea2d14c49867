import { dot } from '../../numeric/kernels.ts'
import { rowMatrix, rowOf } from '../../numeric/row-matrix.ts'
import { log10BinomialHalfTail } from '../../stats/log-tails.ts'
import { mostDissenting, signTest } from '../../stats/sign-test.ts'
import { type SideSketch, sketchCorrelations, type UnitBatch } from './unit-batch.ts'

/**
 * What the invariance of one model can be checked for. If its units' signs are fair coins, then
 * any odd function of single units has fair signs; a publisher who makes "the first entry
 * positive" breaks that. docs/methods/sign-flip-test.md, "When it fails".
 */
export type SideCheck = {
  readonly followsSignConvention: boolean
  /** Groups of batches whose units are copies of each other, by batch index. */
  readonly copyClasses: readonly (readonly number[])[]
}

/** One in a billion, and a third of it for each of the three functions looked at. */
const CONVENTION_LOG10_ALPHA = -9 - Math.log10(3)
/** Enough for the level even after many pairs: 2^−32 is below it. */
const COPY_UNITS = 32
/** Liberal: a false find costs power, a missed copy costs validity. */
const COPIES_LOG10_ALPHA = -4

export function checkSide(
  batches: readonly UnitBatch[],
  side: 'candidate' | 'reference',
): SideCheck {
  const sketches = batches.map((batch) => batch[side])
  return {
    followsSignConvention: hasSignConvention(sketches),
    copyClasses: findCopies(batches, sketches),
  }
}

function hasSignConvention(sketches: readonly SideSketch[]): boolean {
  const units = sketches.reduce((sum, sketch) => sum + sketch.units, 0)
  if (units === 0) return false
  const counts = (['positiveFirst', 'positiveLargest', 'positiveSum'] as const).map((key) =>
    sketches.reduce((sum, sketch) => sum + sketch[key], 0),
  )
  return counts.some((positive) => {
    const extreme = Math.max(positive, units - positive)
    const log10P = Math.log10(2) + log10BinomialHalfTail(extreme, units)
    return log10P < CONVENTION_LOG10_ALPHA
  })
}

/**
 * Own up-cycling and depth up-scaling leave experts or layers that share their units. Each pair
 * of matrices of one model is sign-tested on sketches; connected matrices form a class.
 */
function findCopies(
  batches: readonly UnitBatch[],
  sketches: readonly SideSketch[],
): (readonly number[])[] {
  const pairs = (sketches.length * (sketches.length - 1)) / 2
  const threshold = COPIES_LOG10_ALPHA - Math.log10(Math.max(1, pairs))
  const most = mostDissenting(COPY_UNITS, threshold)
  const parent = sketches.map((_, index) => index)
  const rootOf = (index: number): number => {
    const up = parent[index] ?? index
    return up === index ? index : rootOf(up)
  }
  for (let i = 0; i < sketches.length; i++) {
    for (let j = i + 1; j < sketches.length; j++) {
      if (!isCopy(sketches[i], sketches[j], { threshold, mostDissenting: most })) continue
      parent[rootOf(j)] = rootOf(i)
    }
  }
  const classes = new Map<number, number[]>()
  batches.forEach((_, index) => {
    const members = classes.get(rootOf(index))
    if (members) members.push(index)
    else classes.set(rootOf(index), [index])
  })
  return [...classes.values()].filter((members) => members.length > 1)
}

/** Rows that are looked for, and the cosine from which a row counts as found. */
const REPEATED_ROWS = 8
const REPEATED_COSINE = 0.99

/** Do most rows of the one sketch stand somewhere in the other, whatever their signs? */
export function repeatsRows(first: SideSketch, second: SideSketch): boolean {
  if (first.columns !== second.columns) return false
  const [sought, held] = [first, second].map(({ rows, columns }) => rowMatrix(rows, columns))
  if (!sought || !held) return false
  const count = Math.min(REPEATED_ROWS, sought.rows)
  const rows = Array.from({ length: held.rows }, (_, j) => rowOf(held, j))
  let missing = 0
  for (let i = 0; i < count && missing * 2 < count; i++) {
    const row = rowOf(sought, i)
    if (rows.every((other) => Math.abs(dot(row, other)) < REPEATED_COSINE)) missing++
  }
  return missing * 2 < count
}

function isCopy(
  first: SideSketch | undefined,
  second: SideSketch | undefined,
  limits: { readonly threshold: number; readonly mostDissenting: number },
): boolean {
  if (!first || !second || first.columns !== second.columns) return false
  if (hasMixedSigns(first, second, limits.mostDissenting)) return false
  const result = signTest(sketchCorrelations(first, second, COPY_UNITS))
  return result.kind === 'tested' && result.log10P < limits.threshold
}

/** Whether more units than `most` disagree, either way: a handful tells strangers apart. */
function hasMixedSigns(first: SideSketch, second: SideSketch, most: number): boolean {
  const { columns } = first
  const length = Math.min(first.rows.length, second.rows.length, COPY_UNITS * columns)
  let [positive, negative] = [0, 0]
  for (let at = 0; at < length && Math.min(positive, negative) <= most; at += columns) {
    const end = at + columns
    const correlation = dot(first.rows.subarray(at, end), second.rows.subarray(at, end))
    if (correlation > 0) positive++
    if (correlation < 0) negative++
  }
  return Math.min(positive, negative) > most
}
