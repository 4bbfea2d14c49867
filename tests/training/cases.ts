import { join } from 'node:path'
import { openCheckpoint } from '../../packages/core/node/checkpoint/open-checkpoint.ts'
import { openTrainingRecord } from '../../packages/core/node/training/read-record.ts'
import { readRows } from '../../packages/core/src/audit/technical/read-rows.ts'
import { replayDraws } from '../../packages/core/src/audit/technical/training/draw-plan.ts'
import {
  judgeTraining,
  type TrainingInput,
  type TrainingReport,
} from '../../packages/core/src/audit/technical/training/judge-training.ts'
import type { TrainingRecord } from '../../packages/core/src/audit/technical/training/record.ts'
import { seedsOf } from '../../packages/core/src/audit/technical/training/record.ts'
import { declaredRate } from '../../packages/core/src/audit/technical/training/schedule.ts'
import type { LogRow } from '../../packages/core/src/audit/technical/training/training-log.ts'
import { wholeView } from '../../packages/core/src/audit/technical/training/trajectory.ts'
import {
  type MemoryTensor,
  memoryModel,
} from '../../packages/core/src/audit/testing/memory-model.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'

export const MODELS = join(import.meta.dirname, '..', '..', 'testdata', 'models')
export const recordPath = (run: string): string =>
  join(MODELS, 'training', run, 'training-record.yaml')

export const reference = (name: string) => () => openCheckpoint(join(MODELS, name))

export type Weights = Readonly<Record<string, MemoryTensor>>

/** All tensors of a stored test model as float32. */
export async function weightsOf(name: string): Promise<Weights> {
  const source = await openCheckpoint(join(MODELS, name))
  const found: Record<string, MemoryTensor> = {}
  for (const tensor of source.checkpoint.tensors) {
    const view = wholeView(tensor)
    const values = await readRows(source, tensor, {
      view,
      ranges: [{ first: 0, count: view.rows }],
    })
    found[tensor.name] = { shape: tensor.shape, values }
  }
  await source.close()
  return found
}

export async function configOf(name: string): Promise<TensorSource['checkpoint']['config']> {
  const source = await openCheckpoint(join(MODELS, name))
  await source.close()
  return source.checkpoint.config
}

/** Σ factor·weights, tensor by tensor. */
export function mix(...parts: readonly (readonly [number, Weights])[]): Weights {
  const names = Object.keys(parts[0]?.[1] ?? {})
  return Object.fromEntries(
    names.map((name) => {
      const shape = parts[0]![1][name]!.shape
      const values = new Float32Array(parts[0]![1][name]!.values.length)
      for (const [factor, weights] of parts) {
        weights[name]!.values.forEach((value, i) => {
          values[i]! += factor * value
        })
      }
      return [name, { shape, values }]
    }),
  )
}

/** A record that claims an honest run in the shape of a model, from this seed; all text is in order. */
export function claimedRecord(
  weights: Weights,
  order: readonly string[],
  options: {
    readonly seed: number
    readonly steps: readonly number[]
    readonly weightDecay?: number
  },
): TrainingRecord {
  const matrices = order.filter((name) => weights[name]!.shape.length >= 2)
  return {
    schemaVersion: 'dokja.training-record/1',
    model: 'forged for this test',
    declaredBy: { name: 'forger', date: '2026-02-01T00:00:00Z' },
    initialisation: {
      framework: 'numpy',
      version: '2.4.6',
      generator: 'numpy-pcg64',
      seed: [options.seed, 4242],
      draws: matrices.map((tensor) => ({
        law: 'normal' as const,
        tensor,
        shape: [...weights[tensor]!.shape],
        mean: 0,
        std: 0.02,
      })),
    },
    optimiser: {
      name: 'adamw',
      beta1: 0.9,
      beta2: 0.95,
      weightDecay: options.weightDecay ?? 0.1,
      decays: 'matrices',
    },
    schedule: { steps: 500, peakRate: 3e-3, warmupSteps: 25, decay: 'cosine', finalRate: 3e-4 },
    data: { description: 'simulated' },
    checkpoints: options.steps.map((step, i) => ({
      step,
      folder: `step-${step}`,
      savedAt: `2026-01-${String(i + 1).padStart(2, '0')}T00:00:00Z`,
      files: {},
    })),
  }
}

/** Step 0 of a claimed record: matrices drawn from its seed, norms of one. */
export function drawnStart(record: TrainingRecord, like: Weights): Weights {
  const { draws } = record.initialisation
  const drawn = new Map(
    [...replayDraws({ generator: 'numpy-pcg64', seed: seedsOf(record), draws: draws ?? [] })].map(
      ({ tensor, values }) => [tensor, values],
    ),
  )
  return Object.fromEntries(
    Object.entries(like).map(([name, { shape, values }]) => [
      name,
      { shape, values: drawn.get(name) ?? new Float32Array(values.length).fill(1) },
    ]),
  )
}

/** A log as a forger would write it: in order, on schedule, falling smoothly. */
export function smoothLog(record: TrainingRecord): LogRow[] {
  const rate = declaredRate(record.schedule)
  return Array.from({ length: record.schedule.steps }, (_, step) => ({
    step,
    loss: 0.9 + 4.7 * Math.exp(-step / 90),
    rate: rate(step),
    tokens: (step + 1) * 1024,
  }))
}

/** Judges checkpoints that lie in memory; whatever is only text agrees with the claim. */
export async function judgeClaim(
  record: TrainingRecord,
  chain: readonly Weights[],
  options: {
    readonly config: TensorSource['checkpoint']['config']
    readonly references?: TrainingInput['references']
    readonly registry?: TrainingInput['registry']
  },
): Promise<TrainingReport> {
  return judgeTraining({
    record,
    checkpoints: record.checkpoints.map((recorded, i) => ({
      recorded,
      source: memoryModel(recorded.folder, chain[i]!, options.config),
      moments: null,
      files: [{ path: 'model.safetensors', state: 'matches' }],
    })),
    files: [],
    log: smoothLog(record),
    commitments: null,
    submitted: null,
    references: options.references ?? [],
    ...(options.registry ? { registry: options.registry } : {}),
  })
}

export async function judgeStored(
  run: string,
  change: (input: Omit<TrainingInput, 'references'>) => Partial<TrainingInput> = () => ({}),
): Promise<TrainingReport> {
  const { input, close } = await openTrainingRecord(recordPath(run))
  try {
    const references = [reference('s1'), reference('s2')]
    return await judgeTraining({ ...input, references, ...change(input) })
  } finally {
    await close()
  }
}

export const codesOf = (report: TrainingReport): string[] =>
  [...report.contradicts, ...report.consistent, ...report.missing].map((entry) => entry.code)
