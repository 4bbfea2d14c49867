import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../src/base/errors.ts'
import { keyFromSeed, type SigningKey } from '../../src/round/seal/envelope.ts'

const keySchema = z.strictObject({
  schemaVersion: z.literal('dokja.key/1'),
  algorithm: z.literal('ed25519'),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  public: z.string().regex(/^[0-9a-f]{64}$/),
})

/** Outside of any round folder, so that a commit of the round cannot publish it. */
export function defaultKeyPath(): string {
  const home = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
  return join(home, 'dokja', 'signing-key.json')
}

/** Draws a key and writes it readable by its owner only. Never overwrites. */
export async function createKeyFile(path: string): Promise<SigningKey> {
  const key = keyFromSeed(new Uint8Array(randomBytes(32)))
  const document = { schemaVersion: 'dokja.key/1', algorithm: 'ed25519', ...key }
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(document, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') {
      throw new AppError('USAGE', `${path} exists already`, {
        hint: 'a key is never overwritten: choose another path',
      })
    }
    throw new AppError('UNREADABLE', `cannot write the key file ${path}`, {
      cause: error,
      hint: 'name another place with --key',
    })
  }
  return key
}

/** Reads a key file. Refuses one that others may read. */
export async function readKeyFile(path: string): Promise<SigningKey> {
  let text: string
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new AppError('USAGE', `${path} can be read by others`, { hint: `chmod 600 ${path}` })
    }
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('NOT_FOUND', `there is no key file ${path}`, {
      cause: error,
      hint: '`dokja round key FILE` makes one',
    })
  }
  const parsed = keySchema.safeParse(parseJson(text))
  if (
    !parsed.success ||
    keyFromSeed(Buffer.from(parsed.data.secret, 'hex')).public !== parsed.data.public
  ) {
    throw new AppError('SCHEMA_INVALID', `${path} is not a key file of dokja`)
  }
  return { secret: parsed.data.secret, public: parsed.data.public }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
