import { AppError } from '../../src/base/errors.ts'
import { mapBounded } from '../../src/base/map-bounded.ts'
import {
  type IndexedFormat,
  MAX_INDEX_BYTES,
  parseShardIndex,
} from '../../src/model/safetensors/shard-index.ts'
import { chooseFile, namesWeights } from '../checkpoint/choose-weights.ts'
import type { HttpAnswer } from './http-client.ts'
import type { RemoteAccess } from './remote-access.ts'
import { type RemoteFile, validatorOf } from './remote-file.ts'
import { fetchSmall } from './requests.ts'
import { shownAddress } from './shown-address.ts'

/** What is asked for on a plain server, which cannot be listed. */
const WEIGHTS = [
  'model.safetensors.index.json',
  'model.safetensors',
  'model.onnx',
  'pytorch_model.bin.index.json',
  'pytorch_model.bin',
]
const TEXTS = [
  'config.json',
  'quantize_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  'merges.txt',
  'README.md',
  'LICENSE',
]
const PROBES_UNDER_WAY = 8

export type HttpListing = {
  readonly files: readonly RemoteFile[]
  /** The file that the address names, where it names one. */
  readonly single: string | undefined
}

/**
 * The files of a model behind a plain address: the file itself with the texts beside it, or the
 * usual names in a folder and the shards that its index names. A query goes with every request.
 * Throws AppError NOT_FOUND, UNREADABLE, CHECKPOINT_INVALID, FORMAT_UNSUPPORTED.
 */
export async function listHttpFolder(address: string, access: RemoteAccess): Promise<HttpListing> {
  const url = new URL(address)
  const folders = url.pathname.split('/')
  const name = decodeName(folders.at(-1) ?? '')
  const single = namesWeights(name) ? name : undefined
  if (single !== undefined || name === '') folders.pop()
  const place: Place = { url, folder: folders.join('/'), access }
  const wanted = single === undefined ? WEIGHTS : namesOf(address, single)
  const weights = await probeAll(place, wanted)
  if (weights.files.length === 0) throw nothingFound(address, wanted, weights.refused)
  const shards = await probeAll(place, await shardNames(weights.files, access))
  const texts = await probeAll(place, TEXTS)
  return { files: [...weights.files, ...shards.files, ...texts.files], single }
}

/** A file, or all parts of a split one. Refuses what is never opened before anything is asked. */
function namesOf(address: string, name: string): readonly string[] {
  const { choice } = chooseFile(shownAddress(address), name)
  return 'files' in choice ? choice.files : [name]
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** The shards of safetensors; those of PyTorch only where there is nothing better. */
async function shardNames(
  files: readonly RemoteFile[],
  access: RemoteAccess,
): Promise<readonly string[]> {
  const index =
    files.find(({ file }) => file.endsWith('.safetensors.index.json')) ??
    (files.some(({ file }) => /\.(safetensors|onnx)$/.test(file))
      ? undefined
      : files.find(({ file }) => file.endsWith('.bin.index.json')))
  if (!index) return []
  const answer = await fetchSmall(access, index.url, { maxBytes: MAX_INDEX_BYTES })
  if (answer.status !== 200) throw refusal(index.url, answer.status)
  const format: IndexedFormat = index.file.endsWith('.bin.index.json') ? 'bin' : 'safetensors'
  return parseShardIndex(answer.bytes, index.file, format).shards
}

type Place = { readonly url: URL; readonly folder: string; readonly access: RemoteAccess }
type Probed = {
  readonly files: readonly RemoteFile[]
  /** The status of files that are not served to us, whether they are there or not. */
  readonly refused: number | undefined
}

async function probeAll(place: Place, names: readonly string[]): Promise<Probed> {
  const found = await mapBounded(names, PROBES_UNDER_WAY, (name) => probe(place, name))
  return {
    files: found.flatMap((one) => (typeof one === 'number' ? [] : [one])),
    refused: found.find((one) => typeof one === 'number' && !ABSENT.includes(one)) as
      | number
      | undefined,
  }
}

const ABSENT: readonly number[] = [404, 410]
/** Statuses of servers, and of addresses signed for GET alone, that do not answer HEAD. */
const NO_HEAD: readonly number[] = [400, 403, 405, 501]

/** The file, or the status that stands in its place. */
async function probe({ url, folder, access }: Place, file: string): Promise<RemoteFile | number> {
  const own = new URL(url)
  own.pathname = `${folder}/${encodeURIComponent(file)}`
  own.hash = ''
  const { href } = own
  const head = await fetchSmall(access, href, { method: 'HEAD', maxBytes: 65_536 })
  const answer = NO_HEAD.includes(head.status) ? await firstByte(access, href) : head
  const sizeBytes = sizeOf(answer)
  if (sizeBytes === undefined) {
    if (answer.status === 200 || answer.status === 206) throw refusal(href, answer.status)
    return answer.status
  }
  return { file, url: href, sizeBytes, pinned: undefined, validator: validatorOf(answer) }
}

const firstByte = (access: RemoteAccess, address: string): Promise<HttpAnswer> =>
  fetchSmall(access, address, { headers: { range: 'bytes=0-0' }, maxBytes: 65_536 })

function sizeOf({ status, headers }: HttpAnswer): number | undefined {
  const stated =
    status === 200
      ? headers['content-length']
      : status === 206
        ? /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
        : undefined
  return stated !== undefined && /^\d{1,15}$/.test(stated) ? Number(stated) : undefined
}

const refusal = (address: string, status: number): AppError =>
  new AppError('UNREADABLE', `${shownAddress(address)}: the server answered ${status}`, {
    hint: 'the server must state Content-Length and serve ranges',
  })

function nothingFound(
  address: string,
  wanted: readonly string[],
  refused: number | undefined,
): AppError {
  const place = shownAddress(address)
  if (refused !== undefined) {
    return new AppError('UNREADABLE', `${place}: the server answered ${refused}`, {
      hint: 'the address needs a password or a fresh signature, or is none of a model',
    })
  }
  return new AppError('NOT_FOUND', `${place}: no model here`, {
    hint: `looked for ${wanted.join(', ')}; the address of a weight file itself works as well`,
  })
}
