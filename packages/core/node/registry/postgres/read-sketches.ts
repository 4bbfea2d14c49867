import { sql } from 'kysely'
import type { SketchRun } from '../../../src/audit/registry/packed-sketches.ts'
import { rowCount, type SketchShape } from '../../../src/audit/registry/sketch.ts'
import { AppError } from '../../../src/base/errors.ts'
import type { RegistryDatabase } from './tables.ts'

/** Models per batch, and bytes of their fingerprints, which bound those of their sketches. */
const MODELS_MAX = 128
const BYTES_MAX = 256 * 2 ** 20

type Page = readonly { readonly id: number; readonly file: string }[]

/** All sketches of these keys in batches of whole models, one batch read ahead. */
export async function* sketchBatches(
  db: RegistryDatabase,
  keys: readonly string[],
  modelsMax: number = MODELS_MAX,
): AsyncGenerator<SketchRun[]> {
  if (keys.length === 0) return
  const read = async (after: string) => {
    const page = await pageAfter(db, after, modelsMax)
    return { last: page.at(-1)?.file, runs: await runsOf(db, page, keys) }
  }
  let next: ReturnType<typeof read> | null = read('')
  while (next !== null) {
    const { last, runs }: Awaited<ReturnType<typeof read>> = await next
    next = last === undefined ? null : read(last)
    // Told when its turn comes, not while this one is still worked on.
    next?.catch(() => {})
    yield runs
  }
}

async function pageAfter(db: RegistryDatabase, after: string, modelsMax: number): Promise<Page> {
  const rows = await db
    .selectFrom('model')
    .select(['id', 'file', sql<number>`octet_length(fingerprint)`.as('bytes')])
    .where('file', '>', after)
    .orderBy('file')
    .limit(modelsMax)
    .execute()
  let bytes = 0
  return rows.filter((row, at) => {
    bytes += row.bytes
    return at === 0 || bytes <= BYTES_MAX
  })
}

async function runsOf(
  db: RegistryDatabase,
  page: Page,
  keys: readonly string[],
): Promise<SketchRun[]> {
  if (page.length === 0) return []
  const rows = await db
    .selectFrom('sketch')
    .select(['model', 'position', 'role', 'width', 'layers', 'rows_per_layer', 'planes', 'valid'])
    .where(
      'model',
      'in',
      page.map(({ id }) => id),
    )
    .where('key', 'in', keys)
    .execute()
  const files = new Map(page.map(({ id, file }) => [id, file]))
  const shaped = rows.map(({ rows_per_layer: rowsPerLayer, ...row }) => ({
    ...row,
    shape: { role: row.role, width: row.width, layers: row.layers, rowsPerLayer },
    owner: { entry: files.get(row.model) ?? '', position: row.position },
  }))
  const groups = Map.groupBy(shaped, ({ shape }) => Object.values(shape).join('/'))
  return [...groups.values()].flatMap((members) => {
    const shape: SketchShape | undefined = members[0]?.shape
    if (!shape) return []
    return {
      shape,
      owners: members.map(({ owner }) => owner),
      planes: joined(members, 'planes', rowCount(shape) * 8),
      valid: joined(members, 'valid', rowCount(shape) / 8),
    }
  })
}

function joined(
  members: readonly {
    readonly owner: { readonly entry: string }
    readonly planes: Uint8Array
    readonly valid: Uint8Array
  }[],
  part: 'planes' | 'valid',
  sizeBytes: number,
): Uint8Array {
  // Before memory is taken by what a row says of its size.
  const other = members.find((member) => member[part].length !== sizeBytes)
  if (other) {
    throw new AppError('SCHEMA_INVALID', `a sketch of ${other.owner.entry} has another size`, {
      hint: 'remove the model from the tables and add it again',
    })
  }
  const all = new Uint8Array(members.length * sizeBytes)
  for (const [at, member] of members.entries()) all.set(member[part], at * sizeBytes)
  return all
}
