import type { RoleKind } from '../../model/role.ts'
import { symmetricEigenvalues } from '../../numeric/symmetric-eigenvalues.ts'
import type { ComponentComparison, Note, TestResult } from '../result.ts'
import type { MeasureContext } from './measure-context.ts'
import { leaveOutOfBoth } from './non-finite.ts'
import type { RolePair } from './pairing.ts'
import { stepCounter } from './progress.ts'
import { readBoth } from './read-both.ts'

/**
 * What kind of change lies between two models that are known to be related: merged adapters leave a
 * difference of low rank and most matrices untouched, added noise one that is flat and normal, training
 * neither. Descriptive: it decides nothing. docs/methods/difference.md
 */
export async function describeDifference(
  context: MeasureContext,
  component: ComponentComparison,
): Promise<ComponentComparison> {
  const isMoved = component.layerMap?.some((entry) => entry.candidate !== entry.reference)
  const isBeside = component.verdict === 'derived' && !component.transform && !isMoved
  if (!isBeside || !context.plan.isComplete) {
    return component
  }
  const spectra: Spectrum[] = []
  const pairs = pairsOf(context, component)
  const tell = stepCounter(context, component.component, { step: 'difference', of: pairs.length })
  for (const pair of pairs) {
    spectra.push(await spectrumOf(context, pair))
    tell()
  }
  const changed = spectra.filter(({ energy }) => energy > 0)
  if (changed.length === 0) return component
  const rank = median(changed.map((one) => one.rank))
  const dims = median(changed.map((one) => one.dims))
  return {
    ...component,
    reasons: [...component.reasons, ...notesOf(changed, spectra.length)],
    tests: [...component.tests, rankTest(rank, dims)],
  }
}

const KINDS: readonly RoleKind[] = ['q', 'k', 'v', 'o', 'gate', 'up', 'down', 'fc1', 'fc2']
/** Rows of each matrix; adapters of a smaller rank show. */
const ROWS = 64
const ROWS_MIN = 8
const PAIRS_MAX = 48

function pairsOf(context: MeasureContext, { component }: ComponentComparison): RolePair[] {
  const pairs = context.pairing.pairs.filter(
    ({ candidate }) =>
      candidate.component === component &&
      candidate.part === 'weight' &&
      candidate.expert === null &&
      KINDS.includes(candidate.kind),
  )
  const stride = Math.max(1, Math.ceil(pairs.length / PAIRS_MAX))
  return pairs.filter(({ rows }, index) => index % stride === 0 && rows >= ROWS_MIN)
}

type Spectrum = {
  readonly kind: RoleKind
  /** Sums of squares of the difference and of the reference. */
  readonly energy: number
  readonly size: number
  /** Fewest singular directions that hold 99 % of the energy, of how many. */
  readonly rank: number
  readonly dims: number
  /** Largest squared singular value over what equally strong noise would have (Marchenko–Pastur). */
  readonly edge: number
  readonly kurtosis: number
}

async function spectrumOf(context: MeasureContext, pair: RolePair): Promise<Spectrum> {
  const rows = Math.min(pair.rows, ROWS)
  const { a, b } = await readBoth(context, pair, { count: rows, nonFinite: 'keep' })
  leaveOutOfBoth(a, b)
  const change = a.map((value, i) => value - (b[i] ?? 0))
  const squares = symmetricEigenvalues(gramOf(change, rows, pair.cols), rows)
  const energy = squares.reduce((sum, value) => sum + value, 0)
  const dims = Math.min(rows, pair.cols)
  const aspect = dims / Math.max(rows, pair.cols)
  return {
    kind: pair.candidate.kind,
    energy,
    size: b.reduce((sum, value) => sum + value * value, 0),
    rank: rankOf(squares, energy),
    dims,
    edge: energy > 0 ? (squares[0] ?? 0) / ((energy / dims) * (1 + Math.sqrt(aspect)) ** 2) : 0,
    kurtosis: kurtosisOf(change, energy),
  }
}

function gramOf(values: Float32Array, rows: number, cols: number): Float64Array {
  const gram = new Float64Array(rows * rows)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k < cols; k++) {
        sum += (values[i * cols + k] as number) * (values[j * cols + k] as number)
      }
      gram[i * rows + j] = sum
      gram[j * rows + i] = sum
    }
  }
  return gram
}

function rankOf(squares: Float64Array, energy: number): number {
  let held = 0
  const at = squares.findIndex((value) => {
    held += value
    return held >= 0.99 * energy
  })
  return energy > 0 ? at + 1 : 0
}

function kurtosisOf(values: Float32Array, energy: number): number {
  const fourths = values.reduce((sum, value) => sum + value ** 4, 0)
  return energy > 0 ? (fourths * values.length) / energy ** 2 : 0
}

/** Bounds between the measured cases; see the method page. */
const LOW_RANK_SHARE = 0.25
const NOISE_EDGE_MAX = 1.1
const NOISE_KURTOSIS = [2.75, 3.25] as const

function notesOf(changed: readonly Spectrum[], compared: number): Note[] {
  if (changed.every(({ rank, dims }) => rank <= LOW_RANK_SHARE * dims)) {
    const rank = Math.max(...changed.map((one) => one.rank))
    const values = {
      rank,
      changed: changed.length,
      compared,
      of: median(changed.map((c) => c.dims)),
    }
    return [{ code: 'change_of_low_rank', values }]
  }
  const edge = median(changed.map((one) => one.edge))
  const kurtosis = median(changed.map((one) => one.kurtosis))
  const [low, high] = NOISE_KURTOSIS
  if (edge > NOISE_EDGE_MAX || kurtosis < low || kurtosis > high) return []
  const level = median(changed.map((one) => Math.sqrt(one.energy / one.size)))
  return [{ code: 'change_like_noise', values: { level } }]
}

function rankTest(rank: number, dims: number): TestResult {
  return {
    test: 'difference_rank',
    tier: 'descriptive',
    layer: null,
    log10P: null,
    log10PAdjusted: null,
    statistic: rank,
    n: dims,
    meanCorrelation: null,
    minDetectableCorrelation: null,
    notes: [],
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
