import { readFile } from 'node:fs/promises'
import {
  BUNDLE_TYPE,
  decodeBundle,
  encodeBundle,
  manifestOf,
} from '../../src/audit/registry/bundle.ts'
import type { Fingerprint } from '../../src/audit/registry/fingerprint.ts'
import { decodeFingerprint, encodeFingerprint } from '../../src/audit/registry/fingerprint-file.ts'
import type { JsonValue } from '../../src/base/canonical-json.ts'
import { AppError } from '../../src/base/errors.ts'
import {
  type Envelope,
  envelopeSchema,
  keyIdOf,
  openEnvelope,
  type SigningKey,
  signEnvelope,
} from '../../src/round/seal/envelope.ts'
import { writeWhole } from './registry-folder.ts'

/** Writes fingerprints as one file, signed where a key is given. */
export async function writeBundle(
  path: string,
  fingerprints: readonly Fingerprint[],
  key: SigningKey | null,
): Promise<{ readonly models: number; readonly sizeBytes: number; readonly keyId: string | null }> {
  const models = fingerprints
    .map((one) => ({ id: one.source.id, bytes: encodeFingerprint(one) }))
    .sort((x, y) => (x.id < y.id ? -1 : x.id > y.id ? 1 : 0))
  const signature = key
    ? {
        publicKey: key.public,
        envelope: signEnvelope(manifestOf(models) as unknown as JsonValue, BUNDLE_TYPE, key),
      }
    : null
  const bytes = encodeBundle(models, signature as Parameters<typeof encodeBundle>[1])
  await writeWhole(path, bytes)
  return { models: models.length, sizeBytes: bytes.length, keyId: key ? keyIdOf(key.public) : null }
}

export type OpenedBundle = {
  readonly fingerprints: readonly Fingerprint[]
  /** The key whose signature holds; null for an unsigned bundle. */
  readonly signedBy: string | null
}

/** Throws AppError SCHEMA_INVALID, or LOG_INVALID where the signature does not hold. */
export async function readBundle(path: string): Promise<OpenedBundle> {
  const bytes = await bytesOf(path)
  const { models, signature, signedBytes } = decodeBundle(bytes, path)
  const fingerprints = models.map((model) => {
    const fingerprint = decodeFingerprint(model.bytes, `${path}: ${model.id}`)
    if (fingerprint.source.id === model.id) return fingerprint
    throw new AppError('SCHEMA_INVALID', `${path}: ${model.id} names another model inside`)
  })
  if (!signature) return { fingerprints, signedBy: null }
  const envelope = envelopeSchema.safeParse(signature.envelope)
  const opened = envelope.success
    ? openEnvelope(envelope.data as Envelope, BUNDLE_TYPE, signature.publicKey)
    : ({ kind: 'invalid', reason: 'its envelope is malformed' } as const)
  const holds = opened.kind === 'signed' && Buffer.compare(opened.payload, signedBytes) === 0
  if (!holds) {
    const reason = opened.kind === 'invalid' ? opened.reason : 'it covers another list'
    throw new AppError('LOG_INVALID', `${path}: the signature does not hold: ${reason}`, {
      hint: 'fetch the bundle again from its maker',
    })
  }
  return { fingerprints, signedBy: keyIdOf(signature.publicKey) }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (cause) {
    const isAbsent = (cause as { code?: string }).code === 'ENOENT'
    throw new AppError(isAbsent ? 'NOT_FOUND' : 'UNREADABLE', `cannot read ${path}`, { cause })
  }
}
