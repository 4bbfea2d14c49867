import { z } from 'zod'
import { canonicalBytes, type JsonValue } from '../../base/canonical-json.ts'
import { digestBytes } from '../../base/digest.ts'
import { AppError } from '../../base/errors.ts'
import { parseStrictJson } from '../../base/strict-json.ts'
import { FINGERPRINT_BYTES_MAX } from './fingerprint-file.ts'

/** 'DOKJARG' and the version of the container. */
const MAGIC = Uint8Array.of(0x44, 0x4f, 0x4b, 0x4a, 0x41, 0x52, 0x47, 1)
const HEADER_BYTES_MAX = 256 * 2 ** 20
const MODELS_MAX = 1_000_000

export const BUNDLE_TYPE = 'application/vnd.dokja.registry+json'

const manifestSchema = z.strictObject({
  schemaVersion: z.literal('dokja.registry/1'),
  models: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(1000),
        sizeBytes: z.int().min(1).max(FINGERPRINT_BYTES_MAX),
        digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
      }),
    )
    .max(MODELS_MAX),
})

const headerSchema = z.strictObject({
  manifest: manifestSchema,
  /** DSSE over the canonical JSON of the manifest, with the key that signed; null unsigned. */
  signature: z
    .strictObject({ publicKey: z.string().regex(/^[0-9a-f]{64}$/), envelope: z.json() })
    .nullable(),
})

export type BundleManifest = z.infer<typeof manifestSchema>
export type BundleSignature = { readonly publicKey: string; readonly envelope: JsonValue }
export type BundledModel = { readonly id: string; readonly bytes: Uint8Array }

/** What a bundle of these fingerprints states, in the order of their ids. */
export function manifestOf(models: readonly BundledModel[]): BundleManifest {
  return {
    schemaVersion: 'dokja.registry/1',
    models: models.map(({ id, bytes }) => ({
      id,
      sizeBytes: bytes.length,
      digest: digestBytes(bytes),
    })),
  }
}

/** Magic, header length (u32), canonical JSON header, the fingerprints one after the other. */
export function encodeBundle(
  models: readonly BundledModel[],
  signature: BundleSignature | null,
): Uint8Array<ArrayBuffer> {
  const header = canonicalBytes({ manifest: manifestOf(models), signature } as JsonValue)
  const size = models.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const bytes = new Uint8Array(MAGIC.length + 4 + header.length + size)
  bytes.set(MAGIC)
  new DataView(bytes.buffer).setUint32(MAGIC.length, header.length, true)
  bytes.set(header, MAGIC.length + 4)
  let at = MAGIC.length + 4 + header.length
  for (const model of models) {
    bytes.set(model.bytes, at)
    at += model.bytes.length
  }
  return bytes
}

export const isBundle = (bytes: Uint8Array): boolean =>
  MAGIC.every((byte, at) => bytes[at] === byte)

/**
 * Every fingerprint with the digest that the manifest states. The signature is handed back
 * unchecked, with the bytes that it must cover. Throws AppError SCHEMA_INVALID.
 */
export function decodeBundle(
  bytes: Uint8Array,
  file: string,
): {
  readonly models: readonly BundledModel[]
  readonly signature: BundleSignature | null
  readonly signedBytes: Uint8Array
} {
  const refuse = (message: string) => new AppError('SCHEMA_INVALID', `${file}: ${message}`)
  const start = MAGIC.length + 4
  if (bytes.length < start || !isBundle(bytes)) throw refuse('not a registry bundle')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getUint32(MAGIC.length, true)
  if (headerBytes > Math.min(HEADER_BYTES_MAX, bytes.length - start)) {
    throw refuse('its header is cut off')
  }
  const value = parseStrictJson(bytes.subarray(start, start + headerBytes), {
    source: file,
    maxBytes: HEADER_BYTES_MAX,
  })
  const parsed = headerSchema.safeParse(value)
  if (!parsed.success) throw refuse(`header: ${z.prettifyError(parsed.error)}`)
  const { manifest, signature } = parsed.data
  let at = start + headerBytes
  const models = manifest.models.map(({ id, sizeBytes, digest }) => {
    const own = bytes.subarray(at, at + sizeBytes)
    at += sizeBytes
    if (own.length !== sizeBytes || digestBytes(own) !== digest) {
      throw refuse(`the fingerprint of ${id} was altered or cut off`)
    }
    return { id, bytes: own }
  })
  if (at !== bytes.length) throw refuse(`${bytes.length - at} bytes more than its header names`)
  return {
    models,
    signature: signature as BundleSignature | null,
    signedBytes: canonicalBytes(manifest as unknown as JsonValue),
  }
}
