import type { Fingerprint } from '../../../src/audit/registry/fingerprint.ts'
import type { HeldTokenizer } from '../../../src/audit/registry/searchable-registry.ts'
import { AppError } from '../../../src/base/errors.ts'
import { BUCKET_BYTES, bucketBytes, bucketsOf } from '../token-buckets.ts'
import type { RegistryDatabase } from './tables.ts'

/** Tokenizers are about 1 KB each. */
const READ_AT_ONCE = 1000

export const tokenizerColumns = (tokenizer: Fingerprint['tokenizer']) => ({
  tokens: tokenizer ? tokenizer.tokens : null,
  buckets: tokenizer ? bucketBytes(tokenizer) : null,
})

export async function* readTokenizers(db: RegistryDatabase): AsyncGenerator<HeldTokenizer> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: Awaited<ReturnType<typeof readAfter>> = await readAfter(db, after)
    for (const { file, name, tokens, buckets } of rows) {
      if (tokens === null || buckets?.length !== BUCKET_BYTES) {
        throw new AppError('SCHEMA_INVALID', `the tokenizer of ${file} has another size`, {
          hint: 'remove the model from the tables and add it again',
        })
      }
      yield { entry: file, id: name, tokenizer: { tokens, buckets: bucketsOf(buckets) } }
    }
    after = rows.at(-1)?.file
  }
}

const readAfter = (db: RegistryDatabase, after: string) =>
  db
    .selectFrom('model')
    .select(['file', 'name', 'tokens', 'buckets'])
    .where('file', '>', after)
    .where('buckets', 'is not', null)
    .orderBy('file')
    .limit(READ_AT_ONCE)
    .execute()
