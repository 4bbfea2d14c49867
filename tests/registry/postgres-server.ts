import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

// A PostgreSQL server of this machine, with a cluster of its own that goes with the tests. Debian's
// package `postgresql` is enough; DOKJA_POSTGRES names the folder of another one's programs.

const DEBIAN = '/usr/lib/postgresql'

function programFolder(): string | undefined {
  const named = process.env['DOKJA_POSTGRES']
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((x, y) => +y - +x) : []
  const places = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  return (named === undefined ? places : [named]).find((place) =>
    ['initdb', 'postgres'].every((program) => existsSync(join(place, program))),
  )
}

/** The server refuses to run as root: there it runs as Debian's user. */
type User = { readonly uid: number; readonly gid: number }

function serverUser(): User | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }))
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

const isRoot = process.getuid?.() === 0
const folder = programFolder()
const user = isRoot ? serverUser() : undefined

/** Why there is none; undefined where there is one. */
export const NO_POSTGRES: string | undefined =
  folder === undefined
    ? 'postgresql is not installed'
    : isRoot && user === undefined
      ? 'postgresql does not run as root, and there is no user postgres'
      : undefined

export type TestServer = {
  readonly port: number
  readonly password: string
  /** An address for psql and dokja; the superuser unless another user is given. */
  readonly address: (database: string, user?: { name: string; password: string }) => string
  readonly stop: () => Promise<void>
}

export async function startPostgres(): Promise<TestServer> {
  const programs = folder ?? ''
  const home = mkdtempSync(join(tmpdir(), 'dokja-postgres-'))
  const data = join(home, 'data')
  const password = randomBytes(12).toString('hex')
  const passwordFile = join(home, 'password')
  writeFileSync(passwordFile, password)
  if (user) {
    for (const path of [home, passwordFile]) chownSync(path, user.uid, user.gid)
  }
  const as = { ...user, cwd: home, env: { PATH: process.env['PATH'], LC_ALL: 'C' } }
  const access = ['-A', 'scram-sha-256', '-U', 'postgres', `--pwfile=${passwordFile}`]
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '--no-sync', '-E', 'UTF8', '--locale=C', ...access],
    { ...as, stdio: 'ignore' },
  )
  const port = await freePort()
  const settings = ['fsync=off', 'full_page_writes=off', `unix_socket_directories=${home}`]
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...settings.flatMap((one) => ['-c', one])],
    { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  await untilReady(server)
  return {
    port,
    password,
    address: (database, { name, password: own } = { name: 'postgres', password }) =>
      `postgres://${name}:${own}@127.0.0.1:${port}/${database}`,
    stop: async () => {
      const ended = new Promise((done) => server.once('exit', done))
      server.kill('SIGINT')
      await ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let log = ''
    server.stderr?.on('data', (chunk) => {
      log += chunk
      if (log.includes('ready to accept connections')) done()
    })
    server.once('error', fail)
    server.once('exit', () => fail(new Error(`postgres ended: ${log}`)))
  })
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
