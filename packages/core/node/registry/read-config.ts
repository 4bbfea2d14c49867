import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { JsonValue } from '../../src/base/canonical-json.ts'
import { AppError } from '../../src/base/errors.ts'
import { parseStrictJson } from '../../src/base/strict-json.ts'
import { openModel } from '../open-model.ts'
import { HttpClient } from '../remote/http-client.ts'
import { listHub } from '../remote/hub.ts'
import { hubOf } from '../remote/hub-endpoint.ts'
import type { RemoteOptions } from '../remote/open-remote.ts'
import { noRangeCache } from '../remote/range-cache.ts'
import { type ModelReference, parseReference } from '../remote/reference.ts'
import { fetchSmall } from '../remote/requests.ts'
import { shownAddress } from '../remote/shown-address.ts'

const CONFIG = 'config.json'
const CONFIG_BYTES_MAX = 8 * 2 ** 20

export type FoundConfig = {
  /** Path, address, or hub id with the commit that was read. */
  readonly id: string
  readonly config: JsonValue
}

/**
 * The configuration of a model and nothing else of it: a config.json, a folder that holds one (with
 * or without weights), `org/name` on a hub, an address. A file of weights, and a folder without config.json,
 * are opened for what their header says (GGUF). Throws AppError NOT_FOUND, UNREADABLE, USAGE, JSON_INVALID.
 */
export async function readConfig(name: string, options: RemoteOptions = {}): Promise<FoundConfig> {
  const reference = parseReference(name, existsSync(name))
  if (reference.kind !== 'path') return readRemote(reference, options)
  if (!existsSync(name)) {
    throw new AppError('NOT_FOUND', `there is no ${name}`, {
      hint: 'name a config.json, a folder, org/name on a hub, or an address',
    })
  }
  const isFolder = statSync(name).isDirectory()
  const path = isFolder ? join(name, CONFIG) : name
  if (!existsSync(path) || !/\.json$/i.test(path)) return fromHeader(name)
  const bytes = new Uint8Array(await readFile(path))
  return { id: isFolder ? basename(resolve(name)) : name, config: parseConfig(bytes, path) }
}

async function fromHeader(name: string): Promise<FoundConfig> {
  const source = await openModel(name)
  await source.close()
  const { id, config } = source.checkpoint
  if (config !== undefined) return { id, config }
  throw new AppError('NOT_FOUND', `${name} has no ${CONFIG} and states no configuration itself`, {
    hint: `name its ${CONFIG}`,
  })
}

type Access = Parameters<typeof listHub>[1]

async function readRemote(
  reference: Exclude<ModelReference, { kind: 'path' }>,
  options: RemoteOptions,
): Promise<FoundConfig> {
  const { endpoint, authorization } = hubOf(options)
  const client = new HttpClient({ isPrivateAllowed: options.isPrivateAllowed ?? false })
  const access: Access = {
    client,
    cache: noRangeCache,
    authorization,
    ...(options.retry ? { retry: options.retry } : {}),
  }
  try {
    return reference.kind === 'http'
      ? await fromAddress(reference.url, access)
      : await fromHub(reference, access, endpoint)
  } finally {
    client.close()
  }
}

async function fromAddress(address: string, access: Access): Promise<FoundConfig> {
  const url = new URL(address)
  if (!/\.json$/i.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/+$/, '')}/${CONFIG}`
  return { id: shownAddress(address), config: await fetchConfig(url.href, access) }
}

/** The listing alone is read beside it, which pins the revision to a commit. */
async function fromHub(
  reference: Extract<ModelReference, { kind: 'hub' }>,
  access: Access,
  endpoint: string,
): Promise<FoundConfig> {
  const { repository, inside } = reference
  const { commit, files } = await listHub(reference, access, endpoint)
  const wanted = /\.json$/i.test(inside)
    ? inside
    : [inside.replace(/\/+$/, ''), CONFIG].filter((part) => part !== '').join('/')
  const found = files.find(({ file }) => file === wanted)
  if (found) return { id: `${repository}@${commit}`, config: await fetchConfig(found.url, access) }
  throw new AppError('NOT_FOUND', `${repository}@${commit} has no ${wanted}`, {
    hint: `write org/name/FOLDER where it lies in a folder, or fetch the model and name a file`,
  })
}

async function fetchConfig(url: string, access: Access): Promise<JsonValue> {
  const answer = await fetchSmall(access, url, { maxBytes: CONFIG_BYTES_MAX })
  if (answer.status === 200) return parseConfig(answer.bytes, shownAddress(url))
  throw new AppError(
    answer.status < 500 ? 'NOT_FOUND' : 'UNREADABLE',
    `${shownAddress(url)}: the server answered ${answer.status}`,
    { hint: 'check the name; for a gated model set HF_TOKEN' },
  )
}

/** Python writes Infinity into genuine configs. */
const parseConfig = (bytes: Uint8Array, source: string): JsonValue =>
  parseStrictJson(bytes, { source, numbers: 'text', maxBytes: CONFIG_BYTES_MAX })
