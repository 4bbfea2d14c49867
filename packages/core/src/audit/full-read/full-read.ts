import type { Digest } from '../../base/digest.ts'
import type { TensorSource } from '../../model/checkpoint.ts'
import type { ComponentName } from '../../model/role.ts'
import {
  cosineOfSums,
  EMPTY_PAIR_SUMS,
  mergePairSums,
  type PairSums,
  pearsonOfSums,
} from '../../numeric/pair-sums.ts'
import type { FullReadPlan, ReadStep } from './plan-full-read.ts'

/** What reading one step gave. */
export type StepResult = {
  /** Every byte equal; null without a counterpart or where the formats differ. */
  readonly isIdentical: boolean | null
  /** Of candidate (A) and counterpart (B; of A twice without one); null for quantisers' codes. */
  readonly sums: PairSums | null
}

/** What a reader brings back: a digest of every file, and a result for every step of the plan. */
export type StreamedFiles = {
  readonly candidate: ReadonlyMap<string, Digest>
  readonly reference: ReadonlyMap<string, Digest>
  readonly steps: readonly StepResult[]
}

/** The port through which every byte of two checkpoints is read. Implemented in core/node. */
export type FullReader = (
  plan: FullReadPlan,
  models: { readonly candidate: TensorSource; readonly reference: TensorSource },
) => Promise<StreamedFiles>

export type FileDigest = {
  readonly path: string
  readonly sizeBytes: number
  readonly digest: Digest
}

export type TensorRead = {
  readonly tensor: string
  readonly counterpart: string | null
  readonly component: ComponentName | null
  readonly elements: number
  readonly isIdentical: boolean | null
  readonly mean: number | null
  readonly standardDeviation: number | null
  readonly counterpartMean: number | null
  readonly counterpartStandardDeviation: number | null
  /** Of all elements; null where one side is zero, not numbers, or has no counterpart. */
  readonly cosine: number | null
  readonly pearson: number | null
  /** A NaN, an infinity, or a value beyond the range in which squares can be added. */
  readonly allFinite: boolean
}

export type ComponentRead = {
  readonly component: ComponentName
  readonly tensors: number
  readonly compared: number
  readonly identical: number
  readonly elements: number
  /** Over all matrices. Vectors stay out: norm weights are alike in every model (all near one). */
  readonly cosine: number | null
  readonly pearson: number | null
}

/**
 * Every byte of both checkpoints: digests of all files, statistics of all tensors. Descriptive: no
 * number of it has a p-value, and none decides.
 */
export type FullRead = {
  readonly files: {
    readonly candidate: readonly FileDigest[]
    readonly reference: readonly FileDigest[]
  }
  readonly components: readonly ComponentRead[]
  readonly tensors: readonly TensorRead[]
  readonly unpairedOfReference: number
  readonly bytesRead: { readonly candidate: number; readonly reference: number }
}

export function describeFullRead(plan: FullReadPlan, streamed: StreamedFiles): FullRead {
  const files = {
    candidate: digestsOf(plan.candidateFiles, streamed.candidate),
    reference: digestsOf(plan.referenceFiles, streamed.reference),
  }
  const read = plan.steps.map((step, at) => ({ step, result: streamed.steps[at] ?? NOTHING }))
  const byComponent = Map.groupBy(
    read.filter(({ step }) => step.component !== null),
    ({ step }) => step.component ?? '',
  )
  return {
    files,
    components: [...byComponent].map(([component, entries]) => summarise(component, entries)),
    tensors: read.map(({ step, result }) => describeTensor(step, result)),
    unpairedOfReference: plan.unpairedOfReference,
    bytesRead: { candidate: sizeOf(files.candidate), reference: sizeOf(files.reference) },
  }
}

const NOTHING: StepResult = { isIdentical: null, sums: null }

type ReadEntry = { readonly step: ReadStep; readonly result: StepResult }

function digestsOf(
  files: FullReadPlan['candidateFiles'],
  digests: ReadonlyMap<string, Digest>,
): FileDigest[] {
  return files.flatMap(({ path, sizeBytes }) => {
    const digest = digests.get(path)
    return digest === undefined ? [] : [{ path, sizeBytes, digest }]
  })
}

const sizeOf = (files: readonly FileDigest[]): number =>
  files.reduce((sum, file) => sum + file.sizeBytes, 0)

function summarise(component: ComponentName, entries: readonly ReadEntry[]): ComponentRead {
  const compared = entries.filter(({ step }) => step.counterpart !== null)
  const sums = compared
    .filter(({ step }) => step.isMatrix)
    .flatMap(({ result }) => (result.sums && isFiniteSums(result.sums) ? [result.sums] : []))
    .reduce(mergePairSums, EMPTY_PAIR_SUMS)
  return {
    component,
    tensors: entries.length,
    compared: compared.length,
    identical: compared.filter(({ result }) => result.isIdentical === true).length,
    elements: entries.reduce((sum, { step }) => sum + step.elements, 0),
    cosine: cosineOfSums(sums) ?? null,
    pearson: pearsonOfSums(sums) ?? null,
  }
}

function describeTensor(step: ReadStep, { isIdentical, sums }: StepResult): TensorRead {
  const allFinite = sums === null || isFiniteSums(sums)
  const held = allFinite ? sums : null
  const both = step.counterpart ? held : null
  return {
    tensor: step.tensor,
    counterpart: step.counterpart?.tensor ?? null,
    component: step.component,
    elements: step.elements,
    isIdentical,
    ...momentsOf(held, 'A'),
    counterpartMean: momentsOf(both, 'B').mean,
    counterpartStandardDeviation: momentsOf(both, 'B').standardDeviation,
    cosine: (both && cosineOfSums(both)) ?? null,
    pearson: (both && pearsonOfSums(both)) ?? null,
    allFinite,
  }
}

const isFiniteSums = (sums: PairSums): boolean => Object.values(sums).every(Number.isFinite)

function momentsOf(sums: PairSums | null, side: 'A' | 'B') {
  if (!sums || sums.count === 0) return { mean: null, standardDeviation: null }
  const [sum, squares] = side === 'A' ? [sums.sumA, sums.sumAA] : [sums.sumB, sums.sumBB]
  const mean = sum / sums.count
  return { mean, standardDeviation: Math.sqrt(Math.max(0, squares / sums.count - mean * mean)) }
}
