import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../src/base/errors.ts'
import { whileAdding } from './folder-lock.ts'
import { writeWhole } from './write-whole.ts'

/** Beside places.json: under whose signature each entry came; never exported. */
const SIGNERS = 'signers.json'

const signersSchema = z.strictObject({
  schemaVersion: z.literal('dokja.signers/1'),
  signers: z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/)),
})

/** Key ids by the file name of the entry. A key is only as much to be trusted as whoever checked it. */
export async function readSigners(folder: string): Promise<Readonly<Record<string, string>>> {
  let text: string
  try {
    text = await readFile(join(folder, SIGNERS), 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return {}
    throw new AppError('UNREADABLE', `cannot read ${join(folder, SIGNERS)}`, { cause: error })
  }
  try {
    return signersSchema.parse(JSON.parse(text)).signers
  } catch (error) {
    throw new AppError('SCHEMA_INVALID', `${join(folder, SIGNERS)} is not a list of signers`, {
      cause: error,
      hint: 'delete the file and add the signed bundles again',
    })
  }
}

/** Notes who signed entries; null forgets, for an entry that was replaced by an unsigned one. */
export const noteSigners = (
  folder: string,
  changes: ReadonlyMap<string, string | null>,
): Promise<void> => whileAdding(folder, () => noteSignersAlone(folder, changes))

/** The same for who holds the registry already. */
export async function noteSignersAlone(
  folder: string,
  changes: ReadonlyMap<string, string | null>,
): Promise<void> {
  const before = await readSigners(folder)
  const isNew = ([file, signer]: readonly [string, string | null]) =>
    (before[file] ?? null) !== signer
  if (![...changes].some(isNew)) return
  const merged = new Map<string, string | null>([...Object.entries(before), ...changes])
  const kept = [...merged].filter(([, signer]) => signer !== null).sort(byFile)
  const document = { schemaVersion: 'dokja.signers/1', signers: Object.fromEntries(kept) }
  const text = `${JSON.stringify(document, null, 2)}\n`
  await writeWhole(join(folder, SIGNERS), new TextEncoder().encode(text))
}

const byFile = ([x]: readonly [string, unknown], [y]: readonly [string, unknown]): number =>
  x < y ? -1 : x > y ? 1 : 0
