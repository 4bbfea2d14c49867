import { createRng } from '../../base/rng.ts'
import type { ChannelGroup, ComponentName, MatrixView } from '../../model/role.ts'
import type { MatrixEngine } from '../../numeric/matrix-engine.ts'
import { type RowMatrix, rowMatrix, takeRows } from '../../numeric/row-matrix.ts'
import {
  type FixedPoints,
  fixedPointsOf,
  type Matching,
  matchRows,
  mutualNearest,
  pooledFixedPointLog10P,
  type RowSquares,
} from '../../stats/fixed-points.ts'
import type { LayerCell, TestName, TestResult } from '../result.ts'
import type { DetectionLimit } from './decide-signs.ts'
import { deterministicKind } from './deterministic.ts'
import type { MeasureContext } from './measure-context.ts'
import type { ColumnPair } from './measure-residual.ts'
import type { NormEvidence } from './norms.ts'
import type { RolePair } from './pairing.ts'
import { stepCounter } from './progress.ts'
import { readBoth } from './read-both.ts'

/**
 * T3: rows that a permutation of hidden units would carry along are matched between the models;
 * how many fall on themselves has the bound of docs/methods/fixed-points.md, whatever the matcher.
 */
export type FixedPointFamily = {
  readonly pooled: TestResult
  readonly cells: readonly LayerCell[]
  readonly detectable: DetectionLimit
}

/**
 * Multiplications per comparison spent on matching, a fiftieth of a second: 69 rows of each layer at 1B. With
 * half as many again the share of fixed rows that is needed falls from 0.036 to 0.030, and the cosine at which
 * rows begin to be matched hardly at all (docs/methods/fixed-points.md).
 */
const MATCH_WORK = 1.6e8
const UNITS_MIN = 16

type Block = {
  readonly layer: number | null
  readonly points: FixedPoints
  /** For some rows, the largest cosine with a row of another index: what a row has to beat. */
  readonly competition: readonly number[]
}

export async function measureFixedPoints(
  context: MeasureContext,
  job: {
    readonly pairs: readonly RolePair[]
    readonly groups: readonly ChannelGroup[]
    readonly norms: NormEvidence | null
    readonly columns: ColumnPair | null
    readonly component: ComponentName
  },
): Promise<FixedPointFamily[]> {
  const families: FixedPointFamily[] = []
  const { component } = job
  for (const [test, kind] of [
    ['fixed_points_gate', 'gate'],
    ['fixed_points_fc1', 'fc1'],
  ] as const) {
    const pairs = job.pairs.filter(
      (pair) => pair.candidate.kind === kind && pair.candidate.part === 'weight',
    )
    families.push(...(await matchPairs(context, { test, component }, pairs)))
  }
  families.push(
    ...(await matchPairs(
      context,
      { test: 'fixed_points_channels', component },
      channelPairs(job.groups, job.pairs),
    )),
  )
  if (job.norms) families.push(...matchNorms(context, job.norms))
  if (job.columns) families.push(...matchColumns(context, job.columns))
  return families
}

/** One matrix per group of interchangeable channels: the widest that has a counterpart. */
function channelPairs(groups: readonly ChannelGroup[], pairs: readonly RolePair[]): RolePair[] {
  return groups.flatMap((group) => {
    const candidates = group.rowsOf.flatMap(({ tensor, view }) => {
      const pair = pairs.find((p) => p.candidate.tensor === tensor && sameView(p, view))
      return pair && pair.rows === group.size && pair.reference.view.rows === group.size
        ? [pair]
        : []
    })
    const widest = candidates.sort((x, y) => y.cols - x.cols)[0]
    return widest ? [widest] : []
  })
}

const sameView = (pair: RolePair, view: MatrixView): boolean =>
  pair.candidate.view.rows === view.rows && pair.candidate.view.offset === view.offset

async function matchPairs(
  context: MeasureContext,
  { test, component }: { readonly test: TestName; readonly component: ComponentName },
  pairs: readonly RolePair[],
): Promise<FixedPointFamily[]> {
  if (pairs.length === 0) return []
  const kind = pairs[0]?.candidate.kind ?? 'linear'
  const blocks: Block[] = []
  const planned = context.plan.rowsOf(kind, pairs)
  const tell = stepCounter(context, component, { step: 'positions', of: planned.length })
  const counted = planned.map(({ pair, rows }) => {
    const affordable = Math.floor(Math.sqrt(MATCH_WORK / (pair.cols * pairs.length)))
    return { pair, count: Math.min(rows, Math.max(UNITS_MIN, affordable)) }
  })
  // One pair after the other in the same memory.
  const most = Math.max(0, ...counted.map(({ pair, count }) => count * pair.cols))
  const into = [new Float32Array(most), new Float32Array(most)] as const
  for (const { pair, count } of counted) {
    tell()
    if (count < UNITS_MIN) continue
    const values = await readBoth(context, pair, { count, into })
    const [a, b] = [rowMatrix(values.a, pair.cols), rowMatrix(values.b, pair.cols)]
    const squares = squaresOf(context, a, b)
    const matching = mutualNearest(a, b, {
      rng: createRng(context.seed).fork(`${test}/${blocks.length}`),
      engine: context.engine,
      squares,
    })
    const points = fixedPointsOf(matching)
    if (isSuspicious(points) && isComputed(values, count, pair.cols)) continue
    blocks.push({
      layer: pair.candidate.layer,
      points,
      competition: competitionOf([a, b], {
        matching,
        squares,
        engine: context.engine,
        blocks: counted.length,
      }),
    })
  }
  return familyOf(test, blocks)
}

/** By `dot`, each row with itself: both as one block. */
const squaresOf = ({ engine }: MeasureContext, a: RowMatrix, b: RowMatrix): RowSquares => ({
  a: engine.rows.blockDots(a, a),
  b: engine.rows.blockDots(b, b),
})

/** Above what chance makes (one on average): only then can a computed tensor do harm. */
const isSuspicious = (points: FixedPoints): boolean => points.kind === 'tested' && points.fixed > 3

const isComputed = (
  values: { readonly a: Float32Array; readonly b: Float32Array },
  rows: number,
  cols: number,
): boolean => [values.a, values.b].some((matrix) => deterministicKind(matrix, rows, cols) !== null)

function matchNorms(context: MeasureContext, norms: NormEvidence): FixedPointFamily[] {
  if (norms.dims < UNITS_MIN) return []
  const count = Math.min(norms.dims, Math.floor(Math.sqrt(MATCH_WORK / 8 / norms.vectors)))
  const slice = (values: Float32Array) =>
    rowMatrix(values.subarray(0, count * norms.vectors), norms.vectors)
  const points = matchRows(slice(norms.candidate), slice(norms.reference), {
    rng: createRng(context.seed).fork('norms'),
    distance: 'euclidean',
    engine: context.engine,
  })
  return familyOf('fixed_points_norms', [{ layer: null, points, competition: [] }])
}

function matchColumns(context: MeasureContext, columns: ColumnPair): FixedPointFamily[] {
  const dims = columns.candidate.length / columns.tokens
  if (dims < UNITS_MIN) return []
  const count = Math.min(dims, Math.floor(Math.sqrt(MATCH_WORK / 8 / columns.tokens)))
  const slice = (values: Float32Array) =>
    rowMatrix(values.subarray(0, count * columns.tokens), columns.tokens)
  const [a, b] = [slice(columns.candidate), slice(columns.reference)]
  const rng = createRng(context.seed).fork('columns')
  const { engine } = context
  const squares = squaresOf(context, a, b)
  const matching = mutualNearest(a, b, { rng, engine, squares })
  const points = fixedPointsOf(matching)
  const competition = competitionOf([a, b], { matching, squares, engine, blocks: 1 })
  return familyOf('fixed_points_embedding', [{ layer: null, points, competition }])
}

function familyOf(test: TestName, blocks: readonly Block[]): FixedPointFamily[] {
  const tested = blocks.filter((block) => block.points.kind === 'tested')
  if (tested.length === 0) return []
  const points = tested.map((block) => block.points)
  const pooled = pooledFixedPointLog10P(points)
  const fixed = points.reduce((sum, p) => sum + (p.kind === 'tested' ? p.fixed : 0), 0)
  const units = points.reduce((sum, p) => sum + (p.kind === 'tested' ? p.n : 0), 0)
  const result: TestResult = {
    test,
    tier: 'exact',
    layer: null,
    log10P: pooled,
    log10PAdjusted: null,
    statistic: fixed,
    n: units,
    meanCorrelation: null,
    minDetectableCorrelation: null,
    notes: [],
  }
  const cells = tested.flatMap(({ layer, points: p }) =>
    layer === null || p.kind !== 'tested'
      ? []
      : [{ layer, test, value: p.n > 0 ? p.fixed / p.n : 0, log10P: p.log10P }],
  )
  return [{ pooled: result, cells, detectable: (alpha) => limitOf(tested, alpha) }]
}

/** Rows looked at to see how alike strangers are: of all blocks together, and of one at most. */
const COMPETITION_ROWS = 256
const COMPETITION_ROWS_OF_ONE = 64

/** For some rows of `a`, the largest cosine with a row of another number, or 0 where none is positive. */
function competitionOf(
  [a, b]: readonly [RowMatrix, RowMatrix],
  known: {
    readonly matching: Matching
    readonly squares: RowSquares
    readonly engine: MatrixEngine
    /** Blocks that are pooled with this one. */
    readonly blocks: number
  },
): number[] {
  const { nearestOfA, likenessOfA } = known.matching
  const most = Math.min(COMPETITION_ROWS_OF_ONE, Math.ceil(COMPETITION_ROWS / known.blocks))
  const step = Math.max(1, Math.ceil(a.rows / most))
  const looked = Array.from({ length: Math.ceil(a.rows / step) }, (_, k) => k * step)
  // Only where a row is nearest to its own number must the next be looked for.
  const own = looked.filter((row) => nearestOfA[row] === row)
  const others = looked
    .filter((row) => nearestOfA[row] !== row)
    .map((row) => Math.max(0, likenessOfA[row] as number))
  // Rounding may leave a cosine of equal rows above 1.
  return [...others, ...secondBest(own, [a, b], known)].map((cosine) => Math.min(1, cosine))
}

function secondBest(
  rows: readonly number[],
  [a, b]: readonly [RowMatrix, RowMatrix],
  { squares, engine }: { readonly squares: RowSquares; readonly engine: MatrixEngine },
): number[] {
  if (rows.length === 0) return []
  const products = engine.multiply(takeRows(a, rows), b).data
  return rows.map((row, i) => {
    const square = squares.a[row] as number
    let largest = 0
    for (let j = 0, at = i * b.rows; j < b.rows; j++, at++) {
      const scale = square * (squares.b[j] as number)
      if (j === row || !(scale > 0)) continue
      const cosine = (products[at] as number) / Math.sqrt(scale)
      if (cosine > largest) largest = cosine
    }
    return largest
  })
}

/** Shares of matched rows that are tried, from few to nearly all. */
const SHARES = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]

/**
 * The cosine at which enough rows would be matched. With f the smallest share of fixed points that
 * reaches the level, a row must beat the strangers of both models: each with chance √f, so the
 * √f-quantile of the competition is needed.
 */
function limitOf(blocks: readonly Block[], log10Alpha: number): number | null {
  const known = blocks.flatMap((block) => block.competition).sort((x, y) => x - y)
  const share = SHARES.find((f) => pooledAt(blocks, f) <= log10Alpha)
  if (share === undefined) return null
  return known[Math.min(known.length - 1, Math.floor(Math.sqrt(share) * known.length))] ?? null
}

const pooledAt = (blocks: readonly Block[], share: number): number =>
  pooledFixedPointLog10P(
    blocks.map(({ points: p }) =>
      p.kind === 'tested' ? { ...p, fixed: Math.floor(p.n * share), matched: p.n } : p,
    ),
  )
