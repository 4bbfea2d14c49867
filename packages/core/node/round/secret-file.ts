import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { z } from 'zod'
import { AppError } from '../../src/base/errors.ts'
import { createOwnerFile, ownerFilePath, readOwnerFile } from './owner-file.ts'

const secretSchema = z.strictObject({
  schemaVersion: z.literal('dokja.secret/1'),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
})

export const defaultSecretPath = (): string => ownerFilePath('disclosure-secret.json')

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
  const parsed = secretSchema.safeParse(await readOwnerFile(path))
  if (!parsed.success) throw new AppError('SCHEMA_INVALID', `${path} is not a secret file of dokja`)
  return { secret: parsed.data.secret, created: false }
}

async function createSecret(path: string): Promise<string> {
  const secret = randomHex()
  const document = { schemaVersion: 'dokja.secret/1', secret }
  try {
    await createOwnerFile(path, document)
  } catch (cause) {
    throw new AppError('UNREADABLE', `cannot write the secret file ${path}`, {
      cause,
      hint: 'name another place with --secret',
    })
  }
  return secret
}
