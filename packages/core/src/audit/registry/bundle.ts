import { z } from 'zod'
import { canonicalBytes, type JsonValue } from '../../base/canonical-json.ts'
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
export type BundledModel = BundleManifest['models'][number]

/** What a bundle of these fingerprints states, in the order of their ids. */
export const manifestOf = (models: readonly BundledModel[]): BundleManifest => ({
  schemaVersion: 'dokja.registry/1',
  models: [...models].sort((x, y) => (x.id < y.id ? -1 : x.id > y.id ? 1 : 0)),
})

/** All of a bundle before its fingerprints: magic, header length (u32), canonical JSON header. */
export function encodeBundleHead(
  manifest: BundleManifest,
  signature: BundleSignature | null,
): Uint8Array<ArrayBuffer> {
  const header = canonicalBytes({ manifest, signature } as JsonValue)
  const bytes = new Uint8Array(BUNDLE_START_BYTES + header.length)
  bytes.set(MAGIC)
  new DataView(bytes.buffer).setUint32(MAGIC.length, header.length, true)
  bytes.set(header, BUNDLE_START_BYTES)
  return bytes
}

/** Magic and header length. */
export const BUNDLE_START_BYTES = MAGIC.length + 4

export const isBundle = (bytes: Uint8Array): boolean =>
  MAGIC.every((byte, at) => bytes[at] === byte)

/** The length of the header that follows. Throws AppError SCHEMA_INVALID. */
export function bundleHeaderBytes(
  start: Uint8Array,
  file: { readonly name: string; readonly sizeBytes: number },
): number {
  if (start.length < BUNDLE_START_BYTES || !isBundle(start)) {
    throw refusal(file.name, 'not a registry bundle')
  }
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const headerBytes = view.getUint32(MAGIC.length, true)
  if (headerBytes > Math.min(HEADER_BYTES_MAX, file.sizeBytes - BUNDLE_START_BYTES)) {
    throw refusal(file.name, 'its header is cut off')
  }
  return headerBytes
}

/**
 * What the header states. The signature is handed back unchecked, with the bytes that it must
 * cover; where each fingerprint lies follows from the sizes. Throws AppError SCHEMA_INVALID.
 */
export function decodeBundleHeader(
  header: Uint8Array,
  file: { readonly name: string; readonly sizeBytes: number },
): {
  readonly manifest: BundleManifest
  readonly signature: BundleSignature | null
  readonly signedBytes: Uint8Array
} {
  const value = parseStrictJson(header, { source: file.name, maxBytes: HEADER_BYTES_MAX })
  const parsed = headerSchema.safeParse(value)
  if (!parsed.success) throw refusal(file.name, `header: ${z.prettifyError(parsed.error)}`)
  const { manifest, signature } = parsed.data
  const sizes = manifest.models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const rest = file.sizeBytes - BUNDLE_START_BYTES - header.length - sizes
  if (rest < 0) throw refusal(file.name, 'its fingerprints are cut off')
  if (rest > 0) throw refusal(file.name, `${rest} bytes more than its header names`)
  return {
    manifest,
    signature: signature as BundleSignature | null,
    signedBytes: canonicalBytes(manifest as unknown as JsonValue),
  }
}

const refusal = (file: string, message: string): AppError =>
  new AppError('SCHEMA_INVALID', `${file}: ${message}`)
