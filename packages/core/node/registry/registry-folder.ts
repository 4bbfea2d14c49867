import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Fingerprint } from '../../src/audit/registry/fingerprint.ts'
import { weightsDigest } from '../../src/audit/registry/fingerprint-digests.ts'
import { decodeFingerprint, encodeFingerprint } from '../../src/audit/registry/fingerprint-file.ts'
import { digestBytes } from '../../src/base/digest.ts'
import { AppError } from '../../src/base/errors.ts'
import { makeFolder } from '../make-folder.ts'
import { whileAdding } from './folder-lock.ts'
import type { AddOptions, AddOutcome } from './registry-store.ts'
import { noteSignersAlone } from './signers.ts'
import { writeWhole } from './write-whole.ts'

/**
 * A registry as a folder:
 *   models/<name>-<12 digits>.dokjafp   one fingerprint per model and commit
 *   places.json                         where the weights lie on this machine; never exported
 *   signers.json                        under whose signature entries came (signers.ts); never exported
 *   adding.lock                         there while something is added
 *   packs/                              what a search scans, made from the fingerprints (packs/)
 */
const MODELS = 'models'
const PLACES = 'places.json'
const SUFFIX = '.dokjafp'

const placesSchema = z.strictObject({
  schemaVersion: z.literal('dokja.places/1'),
  places: z.record(z.string(), z.string()),
})

export const fingerprintPath = (folder: string, file: string): string => join(folder, MODELS, file)

/** Names of the fingerprints in their order; [] for a folder that does not exist yet. */
export async function fingerprintFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(join(folder, MODELS))
    return names.filter((name) => name.endsWith(SUFFIX)).sort()
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return []
    throw new AppError('UNREADABLE', `cannot read ${join(folder, MODELS)}`, { cause: error })
  }
}

export async function readFingerprint(folder: string, file: string): Promise<Fingerprint> {
  const path = fingerprintPath(folder, file)
  let bytes: Uint8Array
  try {
    bytes = new Uint8Array(await readFile(path))
  } catch (cause) {
    throw new AppError('UNREADABLE', `cannot read ${path}`, { cause })
  }
  return decodeFingerprint(bytes, path)
}

/** One model and commit has one file name, whoever made the fingerprint. */
export function fileNameOf({ source }: Fingerprint): string {
  const slug = source.id.replace(/[^A-Za-z0-9._-]+/g, '--').replace(/^[.-]+/, '')
  const key = digestBytes(new TextEncoder().encode(`${source.id}\n${source.commit ?? ''}`))
  return `${slug.slice(0, 80)}-${key.slice(7, 19)}${SUFFIX}`
}

/**
 * Adds one fingerprint. The same weights again change nothing; other weights under the same name
 * and commit are a conflict, which only `replace` overrides. The file appears whole or not at all.
 * What is replaced loses its signer; `signedBy` is noted by whoever adds a whole bundle.
 */
export async function addFingerprint(
  folder: string,
  fingerprint: Fingerprint,
  options: Omit<AddOptions, 'signedBy'> = {},
): Promise<{ readonly file: string; readonly outcome: AddOutcome }> {
  return whileAdding(folder, () => addAlone(folder, fingerprint, options))
}

async function addAlone(
  folder: string,
  fingerprint: Fingerprint,
  options: Omit<AddOptions, 'signedBy'>,
): Promise<{ readonly file: string; readonly outcome: AddOutcome }> {
  const file = fileNameOf(fingerprint)
  const path = fingerprintPath(folder, file)
  const outcome = await outcomeOf(path, fingerprint, options.replace ?? false)
  if (outcome === 'added' || outcome === 'replaced') {
    await makeFolder(join(folder, MODELS))
    // Before the weights change: other ones must at no time stand under this signature.
    if (outcome === 'replaced') await noteSignersAlone(folder, new Map([[file, null]]))
    await writeWhole(path, encodeFingerprint(fingerprint))
  }
  if (options.place !== undefined && outcome !== 'conflict') {
    await notePlace(folder, file, options.place)
  }
  return { file, outcome }
}

async function outcomeOf(
  path: string,
  fingerprint: Fingerprint,
  replace: boolean,
): Promise<AddOutcome> {
  let held: Uint8Array
  try {
    held = new Uint8Array(await readFile(path))
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return 'added'
    throw new AppError('UNREADABLE', `cannot read ${path}`, { cause: error })
  }
  if (weightsDigest(decodeFingerprint(held, path)) === weightsDigest(fingerprint)) {
    return 'unchanged'
  }
  return replace ? 'replaced' : 'conflict'
}

export async function readPlaces(folder: string): Promise<Readonly<Record<string, string>>> {
  let text: string
  try {
    text = await readFile(join(folder, PLACES), 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return {}
    throw new AppError('UNREADABLE', `cannot read ${join(folder, PLACES)}`, { cause: error })
  }
  try {
    return placesSchema.parse(JSON.parse(text)).places
  } catch (error) {
    throw new AppError('SCHEMA_INVALID', `${join(folder, PLACES)} is not a list of places`, {
      cause: error,
      hint: 'delete the file: it only says where weights lie on this machine',
    })
  }
}

async function notePlace(folder: string, file: string, place: string): Promise<void> {
  const held = await readPlaces(folder)
  if (held[file] === place) return
  const places = { ...held, [file]: place }
  const document = { schemaVersion: 'dokja.places/1', places }
  const text = `${JSON.stringify(document, null, 2)}\n`
  await writeWhole(join(folder, PLACES), new TextEncoder().encode(text))
}
