import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../src/base/errors.ts'

const secretSchema = z.strictObject({
  schemaVersion: z.literal('dokja.secret/1'),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
})

/** Outside of any round folder, so that a commit of the round cannot publish it. */
export function defaultSecretPath(): string {
  const home = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
  return join(home, 'dokja', 'disclosure-secret.json')
}

/** 32 random bytes as 64 hexadecimal digits. */
export const randomHex = (): string => randomBytes(32).toString('hex')

/**
 * The secret from which the salts of private views are derived: read from `path`, or made there on
 * first use, readable by its owner only. Refuses one that others may read.
 */
export async function readOrCreateSecret(
  path: string,
): Promise<{ readonly secret: string; readonly created: boolean }> {
  if (!existsSync(path)) return { secret: await createSecret(path), created: true }
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new AppError('USAGE', `${path} can be read by others`, { hint: `chmod 600 ${path}` })
  }
  const parsed = secretSchema.safeParse(parseJson(await readFile(path, 'utf8')))
  if (!parsed.success) throw new AppError('SCHEMA_INVALID', `${path} is not a secret file of dokja`)
  return { secret: parsed.data.secret, created: false }
}

async function createSecret(path: string): Promise<string> {
  const secret = randomHex()
  const document = { schemaVersion: 'dokja.secret/1', secret }
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(document, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new AppError('UNREADABLE', `cannot write the secret file ${path}`, {
      cause,
      hint: 'name another place with --secret',
    })
  }
  return secret
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
