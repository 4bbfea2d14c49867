import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, sql } from 'kysely'
import { afterAll, describe, expect, it } from 'vitest'
import { AppError } from '../../../src/base/errors.ts'
import { isDatabaseAddress, shownDatabase } from '../database-address.ts'
import { fileNameOf } from '../registry-folder.ts'
import { allOf, describeRegistry, fingerprintOf, using } from '../testing/registry-contract.ts'
import { databaseError } from './database-error.ts'
import { VERSION } from './migrate.ts'
import { postgresRegistry } from './postgres-registry.ts'
import { sketchBatches } from './read-sketches.ts'
import { type RegistryTables, SCHEMA } from './tables.ts'

// PostgreSQL compiled to WebAssembly, inside this process: the same SQL on every machine. What needs a
// server, its users and several connections is in tests/registry/postgres-server.test.ts.

const db = new Kysely<RegistryTables>({ dialect: new PGliteDialect({ pglite: new PGlite() }) })
const open = (purpose: 'read' | 'add') => postgresRegistry(db, { place: 'pglite', purpose })
const dropAll = () => sql.raw(`drop schema if exists ${SCHEMA} cascade`).execute(db)

afterAll(() => db.destroy(), 30_000)

describeRegistry('PGlite', async () => ({ open, remove: async () => void (await dropAll()) }))

describe('the tables of a registry', () => {
  it('are not made by reading, and are told from an empty registry by nobody', async () => {
    await dropAll()
    await expect(open('read')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const found = await sql`select 1 from pg_namespace where nspname = ${SCHEMA}`.execute(db)
    expect(found.rows).toEqual([])
    await using(open('add'), async (store) => expect(await store.count()).toBe(0))
    await using(open('read'), async (store) => expect(await store.count()).toBe(0))
  })

  it('are read in batches of whole models, however small', async () => {
    const models = await Promise.all(
      ['s1', 's2', 'd9', 'sft1', 'cpt1'].map((name) => fingerprintOf(name)),
    )
    await using(open('add'), async (store) => {
      for (const model of models) await store.add(model)
    })
    const tables = db.withSchema(SCHEMA)
    for (const modelsMax of [1, 2, 5, 100]) {
      const batches: string[][] = []
      for await (const runs of sketchBatches(tables, ['up/48', 'value/48'], modelsMax)) {
        batches.push([...new Set(runs.flatMap(({ owners }) => owners.map(({ entry }) => entry)))])
      }
      const seen = batches.flatMap((batch) => batch.sort())
      expect(seen).toEqual(
        models
          .map(fileNameOf)
          .filter((file) => seen.includes(file))
          .sort(),
      )
      expect(seen.length).toBeGreaterThan(2)
      expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(modelsMax)
    }
  })

  it('hold all of a model or nothing of it', async () => {
    await dropAll()
    await using(open('add'), async () => {})
    await sql.raw(`alter table ${SCHEMA}.block add check (false) not valid`).execute(db)
    const s1 = await fingerprintOf('s1')
    await expect(using(open('add'), (store) => store.add(s1))).rejects.toThrow(/check/)
    for (const table of ['model', 'sketch', 'block']) {
      const { rows } = await sql.raw(`select 1 from ${SCHEMA}.${table}`).execute(db)
      expect(rows, table).toEqual([])
    }
  })

  it('of version 1 are brought up to date, by reading too, with the tokenizers of what they hold', async () => {
    await dropAll()
    const [s1, bare] = [await fingerprintOf('s1'), await fingerprintOf('d9')]
    const models = [{ ...bare, tokenizer: null }, s1]
    await using(open('add'), async (store) => {
      for (const model of models) await store.add(model)
    })
    await sql
      .raw(`alter table ${SCHEMA}.model drop signed_by, drop tokens, drop buckets`)
      .execute(db)
    await sql.raw(`update ${SCHEMA}.version set version = 1`).execute(db)
    await using(open('read'), async (store) => {
      expect(await allOf(store.tokenizers())).toEqual([
        { entry: fileNameOf(s1), id: 's1', tokenizer: s1.tokenizer },
      ])
      const listed = await allOf(store.listed())
      expect(listed.map(({ signedBy }) => signedBy)).toEqual([null, null])
    })
    const found = await sql.raw(`select version from ${SCHEMA}.version`).execute(db)
    expect(found.rows).toEqual([{ version: VERSION }])
  })

  it('of a later program are left alone', async () => {
    await dropAll()
    await using(open('add'), async () => {})
    await sql.raw(`update ${SCHEMA}.version set version = ${VERSION + 1}`).execute(db)
    for (const purpose of ['read', 'add'] as const) {
      await expect(open(purpose)).rejects.toMatchObject({
        code: 'FORMAT_UNSUPPORTED',
        message: expect.stringContaining(`version ${VERSION + 1}`),
        hint: expect.stringContaining('version of dokja'),
      })
    }
  })

  it('refuse a sketch that has another size than its shape says', async () => {
    await dropAll()
    const s1 = await fingerprintOf('s1')
    await using(open('add'), (store) => store.add(s1))
    await sql.raw(`update ${SCHEMA}.sketch set planes = ''`).execute(db)
    await using(open('read'), async (store) => {
      await expect(firstOf(store.sketches(new Set(['up/48'])))).rejects.toMatchObject({
        code: 'SCHEMA_INVALID',
      })
    })
  })
})

describe('the address of a database', () => {
  it('is told from a folder, and other addresses are refused', () => {
    for (const place of ['known', './known', '/known', 'C:\\known', 'postgres', 'a:b']) {
      expect(isDatabaseAddress(place)).toBe(false)
    }
    expect(isDatabaseAddress('postgres://h/d')).toBe(true)
    expect(isDatabaseAddress('PostgreSQL://h/d')).toBe(true)
    expect(() => isDatabaseAddress('mysql://h/d')).toThrow('mysql://')
  })

  it('is shown without password and options', () => {
    const shown = (address: string) => shownDatabase(address)
    expect(shown('postgres://u:secret@h:5433/d?sslmode=require')).toBe('postgres://u@h:5433/d')
    expect(shown('postgresql://h/d?password=secret')).toBe('postgres://h/d')
    expect(shown('postgres://u:a%40b%2Fc@h/d')).toBe('postgres://u@h/d')
    expect(shown('postgres:///d?host=/run/postgresql')).toBe('postgres:///d')
  })

  it.each([
    'postgres://u:sec/ret@h/d',
    'postgres://u:12/sec@h/d',
    'postgres://u:12?sec@h/d',
    'postgres://u:12#sec@h/d',
    'postgres://u:sec ret@h:x/d',
  ])('is not shown at all where the password cannot be told: %s', (address) => {
    expect(() => shownDatabase(address)).toThrow('the address of the database cannot be read')
    try {
      shownDatabase(address)
    } catch (error) {
      expect(JSON.stringify({ error, text: String(error) })).not.toContain('sec')
    }
  })
})

describe('a failure of the database', () => {
  const failure = (code: string, message: string) => Object.assign(new Error(message), { code })

  it.each([
    [failure('ECONNREFUSED', 'connect ECONNREFUSED'), 'cannot be reached'],
    [failure('08006', 'connection failure'), 'cannot be reached'],
    [new Error('Connection terminated unexpectedly'), 'cannot be reached'],
    [failure('28P01', 'password authentication failed'), 'refuses this user or password'],
    [new Error('SASL: client password must be a string'), 'refuses this user or password'],
    [failure('3D000', 'database "x" does not exist'), 'no such database'],
    [failure('42501', 'permission denied'), 'lacks a right'],
    [failure('53100', 'could not extend file: no space left'), 'the database failed'],
  ])('names the place and a remedy: %s', (error, says) => {
    const told = databaseError(error, 'postgres://u@h/d')
    expect(told).toBeInstanceOf(AppError)
    expect(told).toMatchObject({
      message: expect.stringMatching(new RegExp(`^postgres://u@h/d: .*${says}`)),
      hint: expect.any(String),
      cause: error,
    })
  })

  it('is not made of our own faults', () => {
    const ours = failure('42601', 'syntax error')
    expect(databaseError(ours, 'x')).toBe(ours)
    const told = new AppError('NOT_FOUND', 'x')
    expect(databaseError(told, 'x')).toBe(told)
  })
})

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}
