import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { FileFact, Fingerprint } from '../../src/audit/registry/fingerprint.ts'
import {
  type FingerprintOptions,
  fingerprintModel,
} from '../../src/audit/registry/fingerprint-model.ts'
import type { TensorSource } from '../../src/model/checkpoint.ts'
import { hashFile } from '../hash-file.ts'
import { openModel } from '../open-model.ts'
import type { RemoteOptions } from '../remote/open-remote.ts'

/** Models up to this size are hashed file by file as well. */
const HASHED_BYTES_MAX = 2 ** 30

export type PlaceOptions = RemoteOptions & {
  /** Name in the registry; default the hub id, or the last part of a local path. */
  readonly name?: string
  /** YYYY-MM-DD. */
  readonly date: string
  readonly onProgress?: FingerprintOptions['onProgress']
  readonly onNonFinite?: FingerprintOptions['onNonFinite']
}

/** The fingerprint of whatever `openModel` can open. */
export async function fingerprintPlace(
  place: string,
  options: PlaceOptions,
): Promise<{ readonly fingerprint: Fingerprint; readonly bytesRead: number }> {
  const source = await openModel(place, options)
  try {
    const fingerprint = await fingerprintSource(source, place, options)
    return { fingerprint, bytesRead: source.bytesRead() }
  } finally {
    await source.close()
  }
}

/** The same for a model that is open already. */
export async function fingerprintSource(
  source: TensorSource,
  place: string,
  options: PlaceOptions,
): Promise<Fingerprint> {
  const isLocal = existsSync(place)
  const [, id = source.checkpoint.id, commit] =
    /^([^@]+)@([0-9a-f]{40})/.exec(source.checkpoint.id) ?? []
  return fingerprintModel(source, {
    source: {
      id: options.name ?? (isLocal ? basename(resolve(place)) : id),
      commit: isLocal ? null : (commit ?? null),
      files: await fileFacts(source, isLocal ? place : null),
      date: options.date,
    },
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    ...(options.onNonFinite ? { onNonFinite: options.onNonFinite } : {}),
  })
}

async function fileFacts(source: TensorSource, folder: string | null): Promise<FileFact[]> {
  const { files } = source.checkpoint
  const total = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  const isHashed =
    folder !== null && total <= HASHED_BYTES_MAX && (await stat(folder)).isDirectory()
  const facts: FileFact[] = []
  for (const { path, sizeBytes } of files) {
    const hashed = isHashed ? await hashFile(join(folder, path)) : null
    facts.push({ path, sizeBytes, digest: hashed?.digest ?? null })
  }
  return facts
}
