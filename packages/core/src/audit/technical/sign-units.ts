import type { ComponentStructure } from '../../model/role.ts'
import type { TestName } from '../result.ts'
import type { RolePair } from './pairing.ts'
import type { RowRange } from './read-rows.ts'

/**
 * Which rows of a matrix flip their sign together without changing the function of the network.
 * A unit lists its rows in both models; the statistic adds their correlations, which is odd in
 * the unit. docs/methods/sign-flip-test.md gives the symmetry behind each family.
 */
export type SignUnits = {
  readonly test: TestName
  readonly candidateRanges: readonly RowRange[]
  readonly referenceRanges: readonly RowRange[]
  /** Positions of each unit's rows among the rows that were read, in matching order. */
  readonly candidateMembers: readonly (readonly number[])[]
  readonly referenceMembers: readonly (readonly number[])[]
}

export type Structures = {
  readonly candidate: ComponentStructure | undefined
  readonly reference: ComponentStructure | undefined
}

/**
 * The theorem needs the symmetry in one model only, but which one is decided later, from the
 * weights' own signs: so it is asked of every structure that is known.
 */
const every = (
  structures: Structures,
  has: (structure: ComponentStructure) => boolean,
): boolean => {
  const known = [structures.candidate, structures.reference].filter((s) => s !== undefined)
  return known.length > 0 && known.every(has)
}

export function signUnitsFor(
  pair: RolePair,
  rows: number,
  structures: Structures,
): SignUnits | null {
  const { kind, part } = pair.candidate
  if (part !== 'weight') return null
  if (kind === 'up' && every(structures, (s) => s.mlp === 'gated')) {
    return singleRows('sign_up', 0, rows)
  }
  if (kind === 'v') return singleRows('sign_value', 0, rows)
  if (kind === 'kv_b') return singleRows('sign_value', 0, rows)
  if (kind === 'q_a') return singleRows('sign_latent', 0, rows)
  if (kind === 'kv_a') {
    const rank =
      structures.candidate?.latent?.keyValueRank ?? structures.reference?.latent?.keyValueRank
    return rank === undefined ? null : singleRows('sign_latent', 0, Math.min(rows, rank))
  }
  if (kind === 'k') return keyUnits(pair, rows, structures)
  return null
}

/** Flipping one residual axis is a symmetry only where no mean is taken and nothing is added. */
export const hasResidualSigns = (structures: Structures): boolean =>
  every(structures, (s) => s.norm === 'rms' && !s.fixedPositionAdded)

function singleRows(test: TestName, first: number, count: number): SignUnits {
  const ranges = [{ first, count }]
  const members = Array.from({ length: count }, (_, row) => [row])
  return {
    test,
    candidateRanges: ranges,
    referenceRanges: ranges,
    candidateMembers: members,
    referenceMembers: members,
  }
}

type Attention = NonNullable<ComponentStructure['attention']>

/**
 * Rotary pairs flip together. Where the layout is not known, rows are taken in quadruples that
 * are closed under both layouts (and under none): half as many units, and still exact.
 */
function keyUnits(pair: RolePair, rows: number, structures: Structures): SignUnits | null {
  const a = structures.candidate?.attention
  const b = structures.reference?.attention
  const known = a ?? b
  if (!known || pair.rows % known.headDim !== 0) return null
  if (known.rotaryDims === null) return null
  if (a && b && (a.headDim !== b.headDim || a.rotaryDims !== b.rotaryDims)) return null
  const plan = a && b ? layoutOfBoth(a, b) : layoutOfOne(known)
  const unitsPerHead = plan.candidate.length
  if (unitsPerHead === 0) return null
  const heads = pair.rows / known.headDim
  const unitsWanted = unitsWithin(plan.candidate, rows, heads)
  return collectUnits(plan, { headDim: known.headDim, unitsWanted, unitsPerHead })
}

/** Units of successive heads whose rows fit the rows that may be read; one at least. */
function unitsWithin(head: readonly (readonly number[])[], rows: number, heads: number): number {
  let left = rows
  let units = 0
  while (units < heads * head.length) {
    left -= head[units % head.length]?.length ?? 1
    if (left < 0) break
    units++
  }
  return Math.max(1, units)
}

type HeadLayout = {
  /** Rows of each unit within one head, in matching order. */
  readonly candidate: readonly (readonly number[])[]
  readonly reference: readonly (readonly number[])[]
}

function layoutOfOne(attention: Attention): HeadLayout {
  const units = unitsOfHead(attention.rotary, attention.rotaryDims, attention.headDim)
  return { candidate: units, reference: units }
}

function layoutOfBoth(a: Attention, b: Attention): HeadLayout {
  const bothRotate = a.rotary !== 'unknown' && b.rotary !== 'unknown'
  const sameKind = (a.rotary === 'none') === (b.rotary === 'none')
  if (bothRotate && sameKind) {
    return {
      candidate: unitsOfHead(a.rotary, a.rotaryDims, a.headDim),
      reference: unitsOfHead(b.rotary, b.rotaryDims, b.headDim),
    }
  }
  const units = unitsOfHead('unknown', a.rotaryDims, a.headDim)
  return { candidate: units, reference: units }
}

/** Rows of each unit of a head under a layout, in an order that is the same under all layouts. */
export function unitsOfHead(
  layout: Attention['rotary'],
  rotaryDims: number | null,
  headDim: number,
): readonly (readonly number[])[] {
  const rotated = layout === 'none' ? 0 : (rotaryDims ?? headDim)
  const half = rotated / 2
  const units: number[][] = []
  if (layout === 'unknown') {
    if (rotated % 4 !== 0) return []
    for (let j = 0; j + 1 < half; j += 2) units.push([j, j + 1, j + half, j + half + 1])
  } else {
    for (let j = 0; j < half; j++) {
      units.push(layout === 'half' ? [j, j + half] : [2 * j, 2 * j + 1])
    }
  }
  for (let j = rotated; j < headDim; j++) units.push([j])
  return units
}

function collectUnits(
  layout: HeadLayout,
  options: {
    readonly headDim: number
    readonly unitsWanted: number
    readonly unitsPerHead: number
  },
): SignUnits {
  const rowsOf = (side: keyof HeadLayout) =>
    Array.from({ length: options.unitsWanted }, (_, unit) => {
      const base = Math.floor(unit / options.unitsPerHead) * options.headDim
      return (layout[side][unit % options.unitsPerHead] ?? []).map((row) => base + row)
    })
  const candidate = rowsOf('candidate')
  const reference = rowsOf('reference')
  return {
    test: 'sign_key',
    candidateRanges: rangesOf(candidate.flat()),
    referenceRanges: rangesOf(reference.flat()),
    candidateMembers: positionsAmong(candidate),
    referenceMembers: positionsAmong(reference),
  }
}

/** Sorted, joined ranges that cover these rows exactly. */
function rangesOf(rows: readonly number[]): RowRange[] {
  const ranges: { first: number; count: number }[] = []
  for (const row of [...rows].sort((x, y) => x - y)) {
    const last = ranges.at(-1)
    if (last && last.first + last.count === row) last.count++
    else ranges.push({ first: row, count: 1 })
  }
  return ranges
}

/** Row numbers replaced by their position in the sorted list of all rows that are read. */
function positionsAmong(units: readonly (readonly number[])[]): number[][] {
  const position = new Map(
    units
      .flat()
      .sort((x, y) => x - y)
      .map((row, index) => [row, index] as const),
  )
  return units.map((rows) => rows.map((row) => position.get(row) ?? 0))
}
