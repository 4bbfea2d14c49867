import { AppError } from '../../src/base/errors.ts'
import { parseShardIndex } from '../../src/model/safetensors/shard-index.ts'
import { fetchSmall, type RemoteAccess, type RemoteFile, validatorOf } from './remote-file.ts'

/** What is asked for on a plain server, which cannot be listed. */
const PROBED = [
  'model.safetensors.index.json',
  'model.safetensors',
  'model.onnx',
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'README.md',
  'LICENSE',
]
const SINGLE = /\.(safetensors|onnx|gguf)$/i
const INDEX = 'model.safetensors.index.json'
const INDEX_BYTES_MAX = 128 * 2 ** 20

/**
 * The files of a model behind a plain address: the file itself, or the usual names in a folder and
 * the shards that its index names. Throws AppError NOT_FOUND, UNREADABLE, CHECKPOINT_INVALID.
 */
export async function listHttpFolder(
  address: string,
  access: RemoteAccess,
): Promise<readonly RemoteFile[]> {
  const url = new URL(address)
  if (SINGLE.test(url.pathname)) {
    const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    const file = await probe(name, url.href, access)
    if (file) return [file]
    throw new AppError('NOT_FOUND', `${address}: no such file`, { hint: 'check the address' })
  }
  const base = url.href.endsWith('/') ? url.href : `${url.href}/`
  const files: RemoteFile[] = []
  for (const name of PROBED) {
    const file = await probe(name, new URL(name, base).href, access)
    if (file) files.push(file)
  }
  const index = files.find((entry) => entry.file === INDEX)
  if (index) {
    const shards = await shardNames(index, access)
    for (const name of shards) {
      const file = await probe(name, new URL(encodeURIComponent(name), base).href, access)
      if (file) files.push(file)
    }
  }
  if (files.length > 0) return files
  throw new AppError('NOT_FOUND', `${address}: no model here`, {
    hint: `looked for ${PROBED.slice(0, 3).join(', ')}`,
  })
}

async function shardNames(index: RemoteFile, access: RemoteAccess): Promise<readonly string[]> {
  const answer = await fetchSmall(access, index.url, { maxBytes: INDEX_BYTES_MAX })
  return parseShardIndex(answer.bytes, INDEX).shards
}

async function probe(
  name: string,
  url: string,
  access: RemoteAccess,
): Promise<RemoteFile | undefined> {
  const answer = await fetchSmall(access, url, { method: 'HEAD', maxBytes: 65_536 })
  if (answer.status === 404 || answer.status === 410) return undefined
  const sizeBytes = Number(answer.headers['content-length'])
  if (answer.status !== 200 || !Number.isSafeInteger(sizeBytes)) {
    throw new AppError('UNREADABLE', `${url}: the server answered ${answer.status}`, {
      hint: 'the server must state Content-Length and serve ranges',
    })
  }
  return { file: name, url, sizeBytes, pinned: undefined, validator: validatorOf(answer) }
}
