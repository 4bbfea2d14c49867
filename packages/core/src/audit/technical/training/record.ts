import { z } from 'zod'
import { digestSchema } from '../../../base/digest-schema.ts'
import { GENERATORS } from './draw-plan.ts'
import { RECIPES } from './recipes/names.ts'
import { MODULE_KINDS } from './recipes/pytorch-modules.ts'

/** The format of a training record, explained in docs/formats/training-record.md. */
const text = z.string().min(1).max(2000)
const relativePath = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\\:]+$/, 'a path inside the folder of the record')
const digestedFile = z.strictObject({ path: relativePath, digest: digestSchema })
const seedNumber = z.union([z.int().min(0), z.string().regex(/^\d{1,40}$/)])
const shape = z.array(z.int().min(1)).min(1).max(8)
const positive = z.number().positive()
/** With Z or an offset such as +09:00. */
const time = z.iso.datetime({ offset: true })
/** Sums of rates are kept for every step: 80 MB at the most. */
const MAX_STEPS = 10_000_000

const isRange = ({ low, high }: { low: number; high: number }): boolean => low < high
const RANGE = { error: 'low is not below high' }

const drawBase = {
  tensor: z.string().min(1).max(500).nullable(),
  shape,
  /** Drawn, then set to zero: the padding row of an embedding. */
  zeroRow: z.int().min(0).optional(),
}
const drawSchema = z.discriminatedUnion('law', [
  z.strictObject({ ...drawBase, law: z.literal('normal'), mean: z.number(), std: positive }),
  z
    .strictObject({ ...drawBase, law: z.literal('uniform'), low: z.number(), high: z.number() })
    .refine(isRange, RANGE),
  z
    .strictObject({
      ...drawBase,
      law: z.literal('trunc_normal'),
      mean: z.number(),
      std: positive,
      low: z.number(),
      high: z.number(),
      method: z.enum(['inverse', 'rejection']),
    })
    .refine(isRange, RANGE),
  z.strictObject({ ...drawBase, law: z.literal('kaiming_uniform'), a: z.number().min(0) }),
])

const moduleSchema = z.strictObject({
  name: z.string().min(1).max(500),
  kind: z.enum(MODULE_KINDS),
  /** Of an embedding with a padding index: drawn, then set to zero. */
  paddingRow: z.int().min(0).optional(),
})

const initialisationSchema = z.strictObject({
  framework: text,
  version: text,
  /** One of the generators that can be replayed, or any other name, which is then not replayed. */
  generator: z.union([z.enum(GENERATORS), text]),
  seed: z.union([seedNumber, z.array(seedNumber).min(1).max(16)]),
  recipe: z.enum(RECIPES).optional(),
  /** With the recipe pytorch-modules: what the code makes, in order. */
  modules: z.array(moduleSchema).min(1).max(200_000).optional(),
  draws: z.array(drawSchema).min(1).max(200_000).optional(),
  /** How many recipes the declarer says were tried; the level is divided by it. */
  recipesTried: z.int().min(1).max(1_000_000).optional(),
})

const optimiserSchema = z.strictObject({
  name: z.enum(['adamw', 'adam', 'sgd', 'lion', 'muon', 'adafactor', 'other']),
  beta1: z.number().min(0).lt(1).optional(),
  beta2: z.number().min(0).lt(1).optional(),
  /** Decoupled decay λ: every step multiplies a weight by 1 − rate·λ. */
  weightDecay: z.number().min(0),
  decays: z.enum(['matrices', 'all', 'none']),
})

const scheduleSchema = z.strictObject({
  steps: z.int().min(1).max(MAX_STEPS),
  peakRate: positive,
  warmupSteps: z.int().min(0),
  /** 'logged': any other form; the rates are then taken from the log. */
  decay: z.enum(['cosine', 'linear', 'constant', 'logged']),
  finalRate: z.number().min(0),
})

const checkpointSchema = z.strictObject({
  step: z.int().min(0).max(MAX_STEPS),
  folder: relativePath,
  savedAt: time,
  files: z.record(relativePath, digestSchema),
  /** Loss that is claimed for this checkpoint, compared with the log. */
  loss: z.number().optional(),
  /** A safetensors file with exp_avg.<tensor> and exp_avg_sq.<tensor>, inside the folder. */
  optimiserState: relativePath.optional(),
})

export const trainingRecordSchema = z.strictObject({
  schemaVersion: z.literal('dokja.training-record/1'),
  model: text,
  declaredBy: z.strictObject({ name: text, date: time }),
  initialisation: initialisationSchema,
  optimiser: optimiserSchema,
  schedule: scheduleSchema,
  data: z.strictObject({ description: text, order: digestedFile.optional() }),
  log: digestedFile.optional(),
  /** The commitments made while training ran, and what opens them. */
  commitments: z.strictObject({ path: relativePath, openings: relativePath }).optional(),
  checkpoints: z.array(checkpointSchema).min(1).max(1000),
  /** The model that is submitted; a folder or file beside the record. */
  submitted: relativePath.optional(),
})

export type TrainingRecord = z.infer<typeof trainingRecordSchema>
export type RecordedCheckpoint = TrainingRecord['checkpoints'][number]

/** Seeds as integers of any size, one or several. */
export const seedsOf = (record: TrainingRecord): bigint[] =>
  [record.initialisation.seed].flat().map(BigInt)
