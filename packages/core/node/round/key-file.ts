import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../src/base/errors.ts'
import { keyFromSeed, type SigningKey } from '../../src/round/seal/envelope.ts'
import { createOwnerFile, ownerFilePath, readOwnerFile } from './owner-file.ts'

const keySchema = z.strictObject({
  schemaVersion: z.literal('dokja.key/1'),
  algorithm: z.literal('ed25519'),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  public: z.string().regex(/^[0-9a-f]{64}$/),
})

export const defaultKeyPath = (): string => ownerFilePath('signing-key.json')

/** Draws a key and writes it readable by its owner only. Never overwrites. */
export async function createKeyFile(path: string): Promise<SigningKey> {
  const key = keyFromSeed(new Uint8Array(randomBytes(32)))
  const document = { schemaVersion: 'dokja.key/1', algorithm: 'ed25519', ...key }
  try {
    await createOwnerFile(path, document)
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
  let document: unknown
  try {
    document = await readOwnerFile(path)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('NOT_FOUND', `there is no key file ${path}`, {
      cause: error,
      hint: '`dokja round key FILE` makes one',
    })
  }
  const parsed = keySchema.safeParse(document)
  if (
    !parsed.success ||
    keyFromSeed(Buffer.from(parsed.data.secret, 'hex')).public !== parsed.data.public
  ) {
    throw new AppError('SCHEMA_INVALID', `${path} is not a key file of dokja`)
  }
  return { secret: parsed.data.secret, public: parsed.data.public }
}
