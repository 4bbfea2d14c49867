import { z } from 'zod'
import type { JsonValue } from '../../../base/canonical-json.ts'
import { type Digest, digestJson } from '../../../base/digest.ts'
import { digestSchema } from '../../../base/digest-schema.ts'

/**
 * A commitment is the digest of a manifest and a secret salt: it fixes the files of a checkpoint
 * while it says nothing about them, not even the step. The salt keeps a guess at the manifest from
 * being checked. What opens it is kept back until the record is shown.
 */
const file = z.strictObject({
  path: z.string().min(1),
  sizeBytes: z.int().min(0),
  digest: digestSchema,
})

export const manifestSchema = z.strictObject({
  schemaVersion: z.literal('dokja.training-manifest/1'),
  /** Every file of the checkpoint's folder. */
  checkpoint: z.array(file).min(1),
  /** Logs, data order, configuration: as far as they were written then. */
  others: z.array(file),
})
export type Manifest = z.infer<typeof manifestSchema>

export const openingSchema = z.strictObject({
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  commitment: digestSchema,
  manifest: manifestSchema,
})
export type Opening = z.infer<typeof openingSchema>

export const COMMITTED = 'training.committed'

export const commitmentBodySchema = z.strictObject({ commitment: digestSchema })

/** SHA-256 of the canonical JSON of salt and manifest. */
export const commitmentOf = (salt: string, manifest: Manifest): Digest =>
  digestJson({ salt, manifest } as unknown as JsonValue)

/** One dated commitment, as the append-only file holds it. */
export type DatedCommitment = {
  readonly time: string
  readonly sequence: number
  readonly commitment: string
}
