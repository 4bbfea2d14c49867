import { lstat, readFile } from 'node:fs/promises'
import { isAbsolute, join, normalize } from 'node:path'
import { AppError } from '../../src/base/errors.ts'
import type { EvidenceFiles } from '../../src/round/docket/evidence-files.ts'

const MAX_BYTES = 64 * 2 ** 20

/** The files that an act names as evidence, from inside the folder of the round and nowhere else. */
export async function readEvidence(
  folder: string,
  names: readonly string[],
): Promise<EvidenceFiles> {
  const files = new Map<string, Uint8Array>()
  for (const name of names) files.set(name, await readOne(folder, name))
  return files
}

async function readOne(folder: string, name: string): Promise<Uint8Array> {
  if (isAbsolute(name) || normalize(name).split(/[\\/]/).includes('..')) {
    throw new AppError('USAGE', `the evidence ${name} lies outside of ${folder}`, {
      hint: 'copy it into the folder, for example into evidence/',
    })
  }
  const path = join(folder, name)
  try {
    const { size } = await lstat(path)
    if (size > MAX_BYTES) {
      throw new AppError('LIMIT_EXCEEDED', `${path} has ${size} bytes, more than ${MAX_BYTES}`, {
        hint: 'name it by its digest and a link instead',
      })
    }
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof AppError) throw error
    const missing = (error as { code?: string }).code === 'ENOENT'
    throw new AppError(missing ? 'NOT_FOUND' : 'UNREADABLE', `cannot read the evidence ${path}`, {
      cause: error,
      hint: 'evidence is named by its path inside the folder of the round',
    })
  }
}
