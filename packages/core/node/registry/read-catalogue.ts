import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Catalogue, catalogueSchema } from '../../src/audit/registry/catalogue.ts'
import { AppError } from '../../src/base/errors.ts'
import { parseStrictJson } from '../../src/base/strict-json.ts'

/** The list that ships with the program. */
const SHIPPED = join(import.meta.dirname, '..', '..', 'registry', 'models.json')

/** The curated list of public models: metadata only. Throws AppError SCHEMA_INVALID or NOT_FOUND. */
export async function readCatalogue(path: string = SHIPPED): Promise<Catalogue> {
  let bytes: Uint8Array
  try {
    bytes = new Uint8Array(await readFile(path))
  } catch (cause) {
    throw new AppError('NOT_FOUND', `cannot read the list of models ${path}`, { cause })
  }
  const parsed = catalogueSchema.safeParse(parseStrictJson(bytes, { source: path }))
  if (parsed.success) return parsed.data
  throw new AppError('SCHEMA_INVALID', `${path}: ${z.prettifyError(parsed.error)}`, {
    hint: 'docs/formats/registry.md describes the list',
  })
}
