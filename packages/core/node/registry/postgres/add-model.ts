import { sql } from 'kysely'
import { identityOf } from '../../../src/audit/registry/compare-fingerprints.ts'
import type { Fingerprint } from '../../../src/audit/registry/fingerprint.ts'
import { weightsDigest } from '../../../src/audit/registry/fingerprint-digests.ts'
import {
  decodeFingerprint,
  encodeFingerprint,
} from '../../../src/audit/registry/fingerprint-file.ts'
import { packRuns } from '../../../src/audit/registry/packed-sketches.ts'
import { queriesOf } from '../../../src/audit/registry/scan-sketches.ts'
import { keyOf } from '../../../src/audit/registry/sketch.ts'
import { blockPrefixes, PREFIX_BYTES } from '../block-prefixes.ts'
import { fileNameOf } from '../registry-folder.ts'
import type { AddOptions, AddOutcome } from '../registry-store.ts'
import { type RegistryDatabase, SCHEMA } from './tables.ts'
import { tokenizerColumns } from './tokenizer-columns.ts'

/** Adds one fingerprint with its sketches and blocks, or nothing of it. */
export async function addModel(
  db: RegistryDatabase,
  fingerprint: Fingerprint,
  options: AddOptions,
): Promise<{ readonly file: string; readonly outcome: AddOutcome }> {
  const file = fileNameOf(fingerprint)
  const row = { file, ...rowOf(fingerprint) }
  const { signedBy = null } = options
  const known = {
    ...(options.place === undefined ? {} : { place: plainText(options.place) }),
    ...(signedBy === null ? {} : { signed_by: signedBy }),
  }
  return db.transaction().execute(async (trx) => {
    const added = await trx
      .insertInto('model')
      .values({ ...row, ...known })
      .onConflict((conflict) => conflict.column('file').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (added) {
      await addParts(trx, added.id, fingerprint)
      return { file, outcome: 'added' }
    }
    const held = await trx
      .selectFrom('model')
      .select(['id', 'weights_digest', 'fingerprint'])
      .where('file', '=', file)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const isSame = held.weights_digest === row.weights_digest
    if (!isSame && !options.replace) return { file, outcome: 'conflict' }
    if (!isSame) {
      await removeParts(trx, held.id, decodeFingerprint(held.fingerprint, file))
      await addParts(trx, held.id, fingerprint)
    }
    // Other weights lose the signature that the replaced ones had.
    const changes = isSame ? known : { ...row, signed_by: null, ...known }
    if (Object.keys(changes).length > 0) {
      await trx.updateTable('model').set(changes).where('id', '=', held.id).execute()
    }
    return { file, outcome: isSame ? 'unchanged' : 'replaced' }
  })
}

function rowOf(fingerprint: Fingerprint) {
  const { source } = fingerprint
  const { id, format, parameters, layerCount, modelType } = identityOf(fingerprint)
  return {
    name: plainText(id),
    commit: source.commit === null ? null : plainText(source.commit),
    date: source.date,
    weights_digest: weightsDigest(fingerprint),
    format: plainText(format),
    parameters: String(parameters),
    layer_count: layerCount,
    model_type: modelType === null ? null : plainText(modelType),
    fingerprint: encodeFingerprint(fingerprint),
    ...tokenizerColumns(fingerprint.tokenizer),
  }
}

/** The one character that a text of PostgreSQL cannot hold; the fingerprint keeps it. */
const plainText = (text: string): string => text.replaceAll('\0', '\ufffd')

async function addParts(
  db: RegistryDatabase,
  model: number,
  fingerprint: Fingerprint,
): Promise<void> {
  for (const [position, { component, sketch }] of queriesOf(fingerprint).entries()) {
    const [run] = packRuns([{ owner: { entry: '', position }, sketch }])
    if (!run) continue
    const { role, width, layers, rowsPerLayer } = run.shape
    const shape = { role, width, layers, rows_per_layer: rowsPerLayer, key: keyOf(run.shape) }
    const { planes, valid } = run
    await db
      .insertInto('sketch')
      .values({ model, position, component: plainText(component), ...shape, planes, valid })
      .execute()
  }
  const prefixes = signedPrefixes(blockPrefixes(fingerprint))
  await sql`
    insert into ${sql.raw(`${SCHEMA}.block`)} (prefix, model)
    select unnest(string_to_array(${prefixes.join(',')}, ',')::bigint[]), ${model}::integer`.execute(
    db,
  )
}

/** Blocks are found through what the model held: their index begins with the prefix. */
async function removeParts(
  db: RegistryDatabase,
  model: number,
  fingerprint: Fingerprint,
): Promise<void> {
  await db.deleteFrom('sketch').where('model', '=', model).execute()
  const prefixes = signedPrefixes(blockPrefixes(fingerprint)).join(',')
  await db
    .deleteFrom('block')
    .where('model', '=', model)
    .where(sql<boolean>`prefix = any(string_to_array(${prefixes}, ',')::bigint[])`)
    .execute()
}

/** As the decimal digits of signed 64-bit numbers, each once and in order, which the index likes. */
export function signedPrefixes(prefixes: Uint8Array): string[] {
  const view = new DataView(prefixes.buffer, prefixes.byteOffset, prefixes.byteLength)
  const numbers = new BigInt64Array(prefixes.length / PREFIX_BYTES)
  for (let at = 0; at < numbers.length; at++) numbers[at] = view.getBigInt64(at * PREFIX_BYTES)
  return [...new Set(numbers.sort())].map(String)
}
