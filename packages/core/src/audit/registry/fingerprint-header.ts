import { z } from 'zod'

const text = (length: number) => z.string().max(length)
const count = (most: number) => z.int().min(0).max(most)

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)

const sketch = z.strictObject({
  role: z.enum(['up', 'value', 'residual']),
  width: count(2 ** 20).min(1),
  layers: count(4096).min(1),
  rowsPerLayer: count(65_536)
    .min(16)
    .refine((rows) => rows % 16 === 0, 'rows in sixteens'),
  signs: z.strictObject({
    units: count(2 ** 30),
    positiveFirst: count(2 ** 30),
    positiveLargest: count(2 ** 30),
    positiveSum: count(2 ** 30),
  }),
})

const component = z.strictObject({
  component: text(200).min(1),
  parameters: count(Number.MAX_SAFE_INTEGER),
  dtype: text(40),
  sketches: z.array(sketch).max(64),
  /** label, rows, columns, blocks */
  content: z.array(z.tuple([text(300), count(2 ** 40), count(2 ** 40), count(16)])).max(16_384),
  norms: z
    .strictObject({ dims: count(2 ** 20).min(1), places: z.array(text(300)).min(1).max(16_384) })
    .nullable(),
})

/** The JSON header of a fingerprint file. */
export const headerSchema = z.strictObject({
  schemaVersion: z.literal('dokja.fingerprint/1'),
  source: z.strictObject({
    id: text(1000).min(1),
    commit: text(100).nullable(),
    files: z
      .array(
        z.strictObject({
          path: text(1000),
          sizeBytes: count(Number.MAX_SAFE_INTEGER),
          digest: digest.nullable(),
        }),
      )
      .max(20_000),
    date: z.iso.date(),
  }),
  model: z.strictObject({
    format: text(40),
    modelType: text(200).nullable(),
    licence: text(200).nullable(),
    parameters: count(Number.MAX_SAFE_INTEGER),
    layerCount: count(65_536),
    tensorCount: count(2 ** 30),
    inventoryDigest: digest,
    config: z.record(text(60), z.union([text(200), z.number(), z.boolean()])),
  }),
  claims: z.strictObject({
    baseModels: z.array(text(200)).max(200),
    saysFromScratch: z.boolean(),
    licence: text(200).nullable(),
  }),
  tokenizer: z.strictObject({ tokens: count(2 ** 30), buckets: z.literal(256) }).nullable(),
  components: z.array(component).max(512),
})

export type FingerprintHeader = z.infer<typeof headerSchema>
