import { type FileHandle, open } from 'node:fs/promises'
import {
  BUNDLE_START_BYTES,
  BUNDLE_TYPE,
  type BundledModel,
  type BundleManifest,
  type BundleSignature,
  bundleHeaderBytes,
  decodeBundleHeader,
  encodeBundleHead,
  manifestOf,
} from '../../src/audit/registry/bundle.ts'
import type { Fingerprint } from '../../src/audit/registry/fingerprint.ts'
import { decodeFingerprint, encodeFingerprint } from '../../src/audit/registry/fingerprint-file.ts'
import type { JsonValue } from '../../src/base/canonical-json.ts'
import { digestBytes } from '../../src/base/digest.ts'
import { AppError } from '../../src/base/errors.ts'
import {
  type Envelope,
  envelopeSchema,
  keyIdOf,
  openEnvelope,
  type SigningKey,
  signEnvelope,
} from '../../src/round/seal/envelope.ts'
import { writeWhole } from './write-whole.ts'

/** Fingerprints one after the other, each as often as it is asked for. */
export type BundleSource = {
  readonly entries: Iterable<string> | AsyncIterable<string>
  readonly load: (entry: string) => Promise<Fingerprint>
}

/** Writes fingerprints as one file, signed where a key is given; one is in memory at a time. */
export async function writeBundle(
  path: string,
  source: BundleSource,
  key: SigningKey | null,
): Promise<{ readonly models: number; readonly sizeBytes: number; readonly keyId: string | null }> {
  const entries = new Map<BundledModel, string>()
  for await (const entry of source.entries) {
    const fingerprint = await source.load(entry)
    const bytes = encodeFingerprint(fingerprint)
    const { id } = fingerprint.source
    entries.set({ id, sizeBytes: bytes.length, digest: digestBytes(bytes) }, entry)
  }
  const manifest = manifestOf([...entries.keys()])
  const signature = key
    ? {
        publicKey: key.public,
        envelope: signEnvelope(manifest as unknown as JsonValue, BUNDLE_TYPE, key),
      }
    : null
  const head = encodeBundleHead(manifest, signature as unknown as BundleSignature | null)
  await writeWhole(
    path,
    (async function* () {
      yield head
      for (const model of manifest.models) {
        const bytes = encodeFingerprint(await source.load(entries.get(model) ?? ''))
        if (digestBytes(bytes) !== model.digest) {
          throw new AppError('UNREADABLE', `${model.id} was changed while the bundle was written`, {
            hint: 'run it again',
          })
        }
        yield bytes
      }
    })(),
  )
  const sizeBytes = manifest.models.reduce((sum, model) => sum + model.sizeBytes, head.length)
  return { models: manifest.models.length, sizeBytes, keyId: key ? keyIdOf(key.public) : null }
}

export type OpenedBundle = {
  readonly models: number
  /** The key whose signature holds; null for an unsigned bundle. */
  readonly signedBy: string | null
  /** In the order of the manifest, one in memory at a time. */
  readonly fingerprints: () => AsyncGenerator<Fingerprint>
  readonly close: () => Promise<void>
}

/**
 * Opens a bundle after its signature and every fingerprint were found to hold. Throws AppError
 * NOT_FOUND, UNREADABLE, SCHEMA_INVALID, or LOG_INVALID where the signature does not hold.
 */
export async function openBundle(path: string): Promise<OpenedBundle> {
  const file = await openFile(path)
  try {
    const { size: sizeBytes } = await file.stat()
    const stated = { name: path, sizeBytes }
    const start = await readAt(file, 0, Math.min(BUNDLE_START_BYTES, sizeBytes))
    const header = await readAt(file, BUNDLE_START_BYTES, bundleHeaderBytes(start, stated))
    const { manifest, signature, signedBytes } = decodeBundleHeader(header, stated)
    const signedBy = signature ? signerOf(signature, signedBytes, path) : null
    const first = BUNDLE_START_BYTES + header.length
    const fingerprints = () => fingerprintsOf(file, manifest, { path, first })
    for await (const _ of fingerprints());
    return { models: manifest.models.length, signedBy, fingerprints, close: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function* fingerprintsOf(
  file: FileHandle,
  manifest: BundleManifest,
  place: { readonly path: string; readonly first: number },
): AsyncGenerator<Fingerprint> {
  let at = place.first
  for (const { id, sizeBytes, digest } of manifest.models) {
    const bytes = await readAt(file, at, sizeBytes)
    at += sizeBytes
    const refuse = (message: string) => new AppError('SCHEMA_INVALID', `${place.path}: ${message}`)
    if (digestBytes(bytes) !== digest) throw refuse(`the fingerprint of ${id} was altered`)
    const fingerprint = decodeFingerprint(bytes, `${place.path}: ${id}`)
    if (fingerprint.source.id !== id) throw refuse(`${id} names another model inside`)
    yield fingerprint
  }
}

async function readAt(file: FileHandle, first: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, first + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

function signerOf(signature: BundleSignature, signedBytes: Uint8Array, path: string): string {
  const envelope = envelopeSchema.safeParse(signature.envelope)
  const opened = envelope.success
    ? openEnvelope(envelope.data as Envelope, BUNDLE_TYPE, signature.publicKey)
    : ({ kind: 'invalid', reason: 'its envelope is malformed' } as const)
  const holds = opened.kind === 'signed' && Buffer.compare(opened.payload, signedBytes) === 0
  if (holds) return keyIdOf(signature.publicKey)
  const reason = opened.kind === 'invalid' ? opened.reason : 'it covers another list'
  throw new AppError('LOG_INVALID', `${path}: the signature does not hold: ${reason}`, {
    hint: 'fetch the bundle again from its maker',
  })
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path)
    if ((await file.stat()).isFile()) return file
    await file.close()
  } catch (cause) {
    const isAbsent = (cause as { code?: string }).code === 'ENOENT'
    throw new AppError(isAbsent ? 'NOT_FOUND' : 'UNREADABLE', `cannot read ${path}`, { cause })
  }
  throw new AppError('UNREADABLE', `cannot read ${path}: it is not a file`, {
    hint: 'name a .dokjareg bundle',
  })
}
