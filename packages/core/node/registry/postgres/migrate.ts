import { sql } from 'kysely'
import { decodeFingerprint } from '../../../src/audit/registry/fingerprint-file.ts'
import { AppError } from '../../../src/base/errors.ts'
import { type RegistryDatabase, SCHEMA } from './tables.ts'
import { tokenizerColumns } from './tokenizer-columns.ts'

type Step = readonly (string | ((db: RegistryDatabase) => Promise<void>))[]

/**
 * Step n leads to version n + 1. Steps that were published are never changed. Sketches and fingerprints
 * are as good as random, so the server is told not to try to compress them.
 */
const STEPS: readonly Step[] = [
  [
    `create table ${SCHEMA}.model (
      id integer generated always as identity primary key,
      file text collate "C" not null unique,
      name text not null,
      commit text,
      date date not null,
      weights_digest text not null,
      format text not null,
      parameters bigint not null,
      layer_count integer not null,
      model_type text,
      place text,
      added timestamptz not null default now(),
      fingerprint bytea not null
    )`,
    `alter table ${SCHEMA}.model alter column fingerprint set storage external`,
    `create table ${SCHEMA}.sketch (
      model integer not null references ${SCHEMA}.model on delete cascade,
      position integer not null,
      component text not null,
      key text not null,
      role text not null,
      width integer not null,
      layers integer not null,
      rows_per_layer integer not null,
      planes bytea not null,
      valid bytea not null,
      primary key (model, position)
    )`,
    `alter table ${SCHEMA}.sketch alter column planes set storage external`,
    `create index sketch_shape on ${SCHEMA}.sketch (key, role, width, layers, rows_per_layer)`,
    // Thousands of rows a model: no foreign key, which would be looked up for each of them.
    `create table ${SCHEMA}.block (
      prefix bigint not null,
      model integer not null,
      primary key (prefix, model)
    )`,
  ],
  [
    // Columns, not a table: whoever may read the table of models may read them.
    `alter table ${SCHEMA}.model
      add column signed_by text,
      add column tokens integer,
      add column buckets bytea`,
    fillTokenizers,
  ],
]

export const VERSION = STEPS.length
/** 'dokja re' as a number: one step at a time, whoever else adds to the same database. */
const LOCK = '7237125398826230117'

/** Null where the database holds no registry. */
export async function versionOf(db: RegistryDatabase): Promise<number | null> {
  const found = await sql<{ name: string | null }>`
    select to_regclass(${`${SCHEMA}.version`})::text as name`.execute(db)
  if (found.rows[0]?.name == null) return null
  const held = await db.selectFrom('version').select('version').executeTakeFirst()
  return held?.version ?? null
}

/** Brings the tables to the version of this program, all steps or none. */
export async function migrate(db: RegistryDatabase, place: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${LOCK}::bigint)`.execute(trx)
    // A role may own the schema without the right to make one.
    const schema = await sql`select 1 from pg_namespace where nspname = ${SCHEMA}`.execute(trx)
    if (schema.rows.length === 0) await sql.raw(`create schema ${SCHEMA}`).execute(trx)
    const held = await versionOf(trx)
    refuseNewer(held, place)
    if (held === null) {
      await sql.raw(`create table ${SCHEMA}.version (version integer not null)`).execute(trx)
      await trx.insertInto('version').values({ version: 0 }).execute()
    }
    for (const part of STEPS.slice(held ?? 0).flat()) {
      await (typeof part === 'string' ? sql.raw(part).execute(trx) : part(trx))
    }
    await trx.updateTable('version').set({ version: VERSION }).execute()
  })
}

/** Of models that were added before tables kept them; one fingerprint is in memory at a time. */
async function fillTokenizers(db: RegistryDatabase): Promise<void> {
  for (const { id, file } of await db.selectFrom('model').select(['id', 'file']).execute()) {
    const model = db.selectFrom('model').where('id', '=', id)
    const { fingerprint } = await model.select('fingerprint').executeTakeFirstOrThrow()
    const { tokenizer } = decodeFingerprint(fingerprint, file)
    await db.updateTable('model').set(tokenizerColumns(tokenizer)).where('id', '=', id).execute()
  }
}

/** Throws AppError FORMAT_UNSUPPORTED for tables of a later program. */
export function refuseNewer(held: number | null, place: string): void {
  if (held === null || held <= VERSION) return
  throw new AppError(
    'FORMAT_UNSUPPORTED',
    `${place}: the registry there has version ${held}; this program knows versions up to ${VERSION}`,
    { hint: 'use the version of dokja that wrote it, or a later one' },
  )
}
