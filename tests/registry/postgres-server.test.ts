import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openRegistry } from '../../packages/core/node/index.ts'
import {
  describeRegistry,
  fingerprintOf,
  type RegistryHome,
  using,
} from '../../packages/core/node/registry/testing/registry-contract.ts'
import { type CliRun, dokja, modelPath } from '../e2e/run-cli.ts'
import { NO_POSTGRES, startPostgres, type TestServer } from './postgres-server.ts'

// A real server: its users, its passwords, several connections, and the command as people run it.

let server: TestServer

beforeAll(async () => {
  if (NO_POSTGRES === undefined) server = await startPostgres()
}, 60_000)
afterAll(() => server?.stop(), 30_000)

async function asRoot<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server.address(database) })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function makeDatabase(name: string): Promise<RegistryHome> {
  await asRoot('postgres', (client) => client.query(`create database ${name}`))
  return {
    open: (purpose) => openRegistry(server.address(name), purpose),
    remove: () =>
      asRoot('postgres', async (client) => void (await client.query(`drop database ${name}`))),
  }
}

const skipWithoutPostgres = () =>
  beforeEach((context) => {
    if (NO_POSTGRES !== undefined) context.skip(NO_POSTGRES)
  })

describe.skipIf(NO_POSTGRES !== undefined)(NO_POSTGRES ?? 'with a server', () => {
  describeRegistry('PostgreSQL', () => makeDatabase('contract'))
})

describe('several connections', () => {
  skipWithoutPostgres()

  it('make the tables once and add a model once, whoever comes first', async () => {
    const home = await makeDatabase('together')
    const s1 = await fingerprintOf('s1')
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => using(home.open('add'), (store) => store.add(s1))),
    )
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
      'added',
      ...Array<string>(5).fill('unchanged'),
    ])
    await home.remove()
  })

  it('see one state for as long as they read, whatever is added meanwhile', async () => {
    const home = await makeDatabase('snapshot')
    const [s1, s2] = [await fingerprintOf('s1'), await fingerprintOf('s2')]
    await using(home.open('add'), (store) => store.add(s1))
    await using(home.open('read'), async (reader) => {
      await using(home.open('add'), (store) => store.add(s2))
      expect(await reader.count()).toBe(1)
      const [shape] = await reader.shapes(new Set(['up/48']))
      expect(shape?.sketches).toBe(1)
    })
    await using(home.open('read'), async (reader) => expect(await reader.count()).toBe(2))
    await home.remove()
  })
})

describe('the command on a database', () => {
  skipWithoutPostgres()

  let folder = ''
  let known = ''
  const database = 'known'
  const json = (run: CliRun) => JSON.parse(run.stdout)
  const models = ['s1', 's2', 'vlm-donor', 'd9'].map(modelPath)

  beforeAll(async () => {
    if (NO_POSTGRES !== undefined) return
    await makeDatabase(database)
    folder = mkdtempSync(join(tmpdir(), 'dokja-database-'))
    known = join(folder, 'known')
    expect(dokja(['registry', 'add', ...models, '--registry', known]).status).toBe(0)
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('adds, lists, searches, audits, exports and draws as it does on a folder', () => {
    const address = server.address(database)
    const added = dokja(['registry', 'add', ...models, '--registry', address, '--json'])
    expect(added.stderr).toBe('')
    expect(json(added)).toMatchObject({
      registry: `postgres://postgres@127.0.0.1:${server.port}/${database}`,
      models: [{ id: 's1', outcome: 'added' }, {}, {}, {}],
    })
    const both = (...command: string[]): string => {
      const [first, second] = [known, address].map((place) =>
        dokja([...command, '--json', '--registry', place]),
      )
      expect(second).toEqual(first)
      return first!.stdout
    }
    expect(both('registry', 'list')).toContain('vlm-donor')
    expect(both('registry', 'search', modelPath('sft1'))).toContain('"derived"')
    // Not its own relative: the place of its weights is kept in the database too.
    expect(both('registry', 'search', modelPath('s1'))).toContain('"models": 3')
    expect(both('audit', modelPath('vlm-borrowed-tuned'))).toContain('"derived"')
    const bundles = [known, address].map((place, at) => {
      const out = join(folder, `${at}.dokjareg`)
      expect(dokja(['registry', 'export', '--registry', place, '--out', out]).status).toBe(0)
      return readFileSync(out)
    })
    expect(bundles[0]!.equals(bundles[1]!)).toBe(true)
    const merged = dokja(['registry', 'add', join(folder, '0.dokjareg'), '--registry', address])
    expect(merged.stdout).toBe(
      'unchanged\td9\nunchanged\ts1\nunchanged\ts2\nunchanged\tvlm-donor\n',
    )
    expect(both('registry', 'kin', modelPath('s3'))).toContain('"s2"')
    const record = modelPath('training/run-b/training-record.yaml')
    expect(both('training', record, '--own', 's2')).toContain('registry_left_out')
    const page = join(folder, 'atlas.html')
    expect(dokja(['registry', 'atlas', '--registry', address, '--out', page]).status).toBe(0)
    expect(readFileSync(page, 'utf8')).toContain('vlm-donor')
  })

  it('keeps signers, and refuses bundles of other keys', () => {
    const [key, bundle] = ['key.json', 'signed.dokjareg'].map((name) => join(folder, name))
    const { keyId } = json(dokja(['round', 'key', key!, '--json']))
    const from = ['--registry', known, '--out', bundle!, '--key', key!]
    expect(dokja(['registry', 'export', ...from]).status).toBe(0)
    expect(json(dokja(['registry', 'verify', bundle!, '--json']))).toMatchObject({
      signedBy: keyId,
    })
    const address = server.address(database)
    const into = ['registry', 'add', bundle!, '--registry', address, '--signer']
    expect(dokja([...into, `sha256:${'0'.repeat(64)}`]).status).toBe(1)
    const list = () => json(dokja(['registry', 'list', '--registry', address, '--json'])).models
    const signers = () => new Set(list().map(({ signedBy }: { signedBy: string }) => signedBy))
    expect(signers()).toEqual(new Set([null]))
    expect(dokja([...into, keyId]).stdout).toContain(`unchanged\ts1\tsigned by ${keyId}\n`)
    expect(signers()).toEqual(new Set([keyId]))
    const again = join(folder, 'again.dokjareg')
    dokja(['registry', 'export', '--registry', address, '--out', again])
    expect(readFileSync(again, 'latin1')).not.toContain(keyId)
  })

  it('takes the database from the environment where no registry is named', () => {
    const environment = { DATABASE_URL: server.address(database) }
    const filled = dokja(['registry', 'fill', '--dry-run', '--limit', '2', '--json'], {
      environment,
    })
    expect(json(filled).models).toHaveLength(2)
    const audited = dokja(['audit', modelPath('s3'), '--json', '--registry'], { environment })
    expect(json(audited).registry).toMatchObject({ models: 4 })
    const plain = dokja(['audit', modelPath('s3'), '--json'], { environment })
    expect(json(plain).registry).toBeUndefined()
    const nothing = dokja(['registry', 'list'], { environment: { DATABASE_URL: '' } })
    expect(nothing).toMatchObject({ status: 2, stderr: expect.stringContaining('DATABASE_URL') })
  })

  it('says what is wrong and what to do, and never the password', async () => {
    const { port, password } = server
    const secret = 'hidden-from-everybody'
    const guest = { name: 'guest', password: secret }
    await asRoot(database, async (client) => {
      await client.query(`create role guest login password '${secret}'`)
    })
    const at = `127.0.0.1:${port}`
    const faults: readonly (readonly ['read' | 'add', string, string])[] = [
      ['read', `postgres://postgres:${secret}@${at}/${database}`, 'refuses this user or password'],
      ['read', `postgres://nobody:${secret}@${at}/${database}`, 'refuses this user or password'],
      ['read', `postgres://postgres@${at}/${database}`, 'refuses this user or password'],
      ['read', server.address('absent'), 'there is no such database'],
      ['read', server.address('postgres'), 'holds no fingerprints'],
      ['read', `postgres://u:${secret}@127.0.0.1:1/x`, 'cannot be reached'],
      ['read', server.address(database, guest), 'lacks a right'],
      ['add', server.address('postgres', guest), 'lacks a right'],
    ]
    for (const [purpose, address, says] of faults) {
      const error = await openRegistry(address, purpose).catch((reason: unknown) => reason)
      expect(error).toMatchObject({
        name: 'AppError',
        message: expect.stringMatching(
          new RegExp(`^postgres://[a-z]+@[0-9.:]+/[a-z]+:? .*${says}`),
        ),
        hint: expect.any(String),
      })
      const told = inspect(error, { depth: 9 })
      expect(told).not.toContain(secret)
      expect(told).not.toContain(password)
    }
    const command = ['registry', 'search', modelPath('s1'), '--debug', '--registry']
    for (const [, address, says] of [
      faults[0]!,
      ['', `postgres://u:${secret}/x@h/d`, 'cannot be read'],
    ]) {
      const { status, stdout, stderr } = dokja([...command, address!])
      expect(stderr).toMatch(new RegExp(`^error: .*${says}.*\nhint: .+`))
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).not.toContain(secret)
    }
  })

  it('searches with the right to read alone, as the remedy says', async () => {
    await asRoot(database, async (client) => {
      await client.query(`create role reader login password 'reader'`)
      await client.query('grant usage on schema dokja_registry to reader')
      await client.query('grant select on all tables in schema dokja_registry to reader')
    })
    const address = server.address(database, { name: 'reader', password: 'reader' })
    const found = dokja(['registry', 'search', modelPath('sft1'), '--registry', address, '--json'])
    expect(found.status).toBe(1)
    const added = dokja(['registry', 'add', modelPath('s3'), '--registry', address])
    expect(added).toMatchObject({ status: 2, stderr: expect.stringContaining('lacks a right') })
  })
})
