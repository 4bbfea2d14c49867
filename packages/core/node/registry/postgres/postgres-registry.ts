import { type ControlledTransaction, sql } from 'kysely'
import { decodeFingerprint } from '../../../src/audit/registry/fingerprint-file.ts'
import type { SketchShape } from '../../../src/audit/registry/sketch.ts'
import { AppError } from '../../../src/base/errors.ts'
import { prefixBytes } from '../block-prefixes.ts'
import { emptyRegistry, type ListedModel, type RegistryStore } from '../registry-store.ts'
import { addModel, signedPrefixes } from './add-model.ts'
import { databaseError } from './database-error.ts'
import { migrate, refuseNewer, VERSION, versionOf } from './migrate.ts'
import { sketchBatches } from './read-sketches.ts'
import { type RegistryDatabase, type RegistryTables, SCHEMA } from './tables.ts'
import { readTokenizers } from './tokenizer-columns.ts'

const LISTED_AT_ONCE = 1000

/**
 * A registry in PostgreSQL. To add, the tables are made or brought up to date, and each model is
 * added in a transaction of its own. To read, all answers come from one snapshot. `close` ends
 * that, not the connections.
 */
export async function postgresRegistry(
  connected: RegistryDatabase,
  options: { readonly place: string; readonly purpose: 'read' | 'add' },
): Promise<RegistryStore> {
  const { place, purpose } = options
  const db = connected.withSchema(SCHEMA)
  const told = errorsOf(place)
  const snapshot = await told(async () => {
    const held = await versionOf(db)
    refuseNewer(held, place)
    if (held === null && purpose === 'read') throw emptyRegistry(place)
    if (held !== VERSION) await migrate(db, place)
    return purpose === 'read' ? beginReading(db) : null
  })
  return storeOn(snapshot ?? db, place, async () => {
    await snapshot
      ?.rollback()
      .execute()
      .catch(() => {})
  })
}

/** The state of a transaction is that of its first question, so one is asked at once. */
async function beginReading(db: RegistryDatabase): Promise<ControlledTransaction<RegistryTables>> {
  const snapshot = await db
    .startTransaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute()
  await versionOf(snapshot)
  return snapshot
}

function storeOn(db: RegistryDatabase, place: string, close: () => Promise<void>): RegistryStore {
  const told = errorsOf(place)
  return {
    place,
    close,
    count: () => told(() => countModels(db)),
    shapes: (keys) => told(() => countShapes(db, [...keys])),
    sketches: (keys) => toldEach(sketchBatches(db, [...keys]), told),
    holders: (hashes) => told(() => holdersOf(db, hashes)),
    tokenizers: () => toldEach(readTokenizers(db), told),
    listed: () => toldEach(listModels(db), told),
    load: (file) =>
      told(async () => {
        const row = await named(db, file).select('fingerprint').executeTakeFirst()
        if (row) return decodeFingerprint(row.fingerprint, `${place}: ${file}`)
        throw new AppError('NOT_FOUND', `${place}: the registry holds no ${file}`)
      }),
    placeOf: (file) =>
      told(async () => (await named(db, file).select('place').executeTakeFirst())?.place ?? null),
    add: (fingerprint, options = {}) => told(() => addModel(db, fingerprint, options)),
  }
}

type Told = <T>(work: () => Promise<T>) => Promise<T>

const errorsOf =
  (place: string): Told =>
  async (work) => {
    try {
      return await work()
    } catch (error) {
      throw databaseError(error, place)
    }
  }

async function* toldEach<T>(items: AsyncGenerator<T>, told: Told): AsyncGenerator<T> {
  try {
    for (;;) {
      const { done, value } = await told(() => items.next())
      if (done) return
      yield value
    }
  } finally {
    await items.return(undefined)
  }
}

const named = (db: RegistryDatabase, file: string) =>
  db.selectFrom('model').where('file', '=', file)

async function countModels(db: RegistryDatabase): Promise<number> {
  const count = sql<number>`count(*)::integer`.as('count')
  return (await db.selectFrom('model').select(count).executeTakeFirstOrThrow()).count
}

async function countShapes(db: RegistryDatabase, keys: readonly string[]) {
  if (keys.length === 0) return []
  const columns = ['role', 'width', 'layers', 'rows_per_layer'] as const
  const rows = await db
    .selectFrom('sketch')
    .select([...columns, sql<number>`count(*)::integer`.as('sketches')])
    .where('key', 'in', keys)
    .groupBy(columns)
    .execute()
  return rows.map(({ rows_per_layer: rowsPerLayer, sketches, ...row }) => {
    const shape: SketchShape = { ...row, rowsPerLayer }
    return { shape, sketches }
  })
}

async function holdersOf(db: RegistryDatabase, hashes: readonly string[]): Promise<string[]> {
  const prefixes = signedPrefixes(prefixBytes(hashes)).join(',')
  const rows = await db
    .selectFrom('block')
    .innerJoin('model', 'model.id', 'block.model')
    .select('model.file')
    .distinct()
    .where(sql<boolean>`prefix = any(string_to_array(${prefixes}, ',')::bigint[])`)
    .execute()
  return rows.map(({ file }) => file)
}

async function* listModels(db: RegistryDatabase): AsyncGenerator<ListedModel> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: Awaited<ReturnType<typeof listAfter>> = await listAfter(db, after)
    for (const row of rows) {
      const { file, name: id, format, place, signed_by: signedBy } = row
      const parameters = Number(row.parameters)
      const identity = {
        id,
        format,
        parameters,
        layerCount: row.layer_count,
        modelType: row.model_type,
      }
      yield { entry: file, identity, place, signedBy }
    }
    after = rows.at(-1)?.file
  }
}

const listAfter = (db: RegistryDatabase, after: string) =>
  db
    .selectFrom('model')
    .select(['file', 'name', 'format', 'layer_count', 'model_type', 'place', 'signed_by'])
    .select(sql<string>`parameters::text`.as('parameters'))
    .where('file', '>', after)
    .orderBy('file')
    .limit(LISTED_AT_ONCE)
    .execute()
