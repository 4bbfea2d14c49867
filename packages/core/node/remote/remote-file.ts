import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/base/errors.ts'
import type { ByteReader } from '../../src/model/byte-reader.ts'
import type { HttpAnswer, HttpClient } from './http-client.ts'
import type { RangeCache } from './range-cache.ts'

/** A file on a server, as its listing states it. */
export type RemoteFile = {
  /** Path relative to the checkpoint's folder. */
  readonly file: string
  readonly url: string
  readonly sizeBytes: number
  /** A digest or commit that fixes the content; undefined where only the server's word exists. */
  readonly pinned: string | undefined
  /** ETag or Last-Modified when the file was first seen. */
  readonly validator: string | undefined
}

export type RemoteAccess = {
  readonly client: HttpClient
  readonly cache: RangeCache
  /** Credentials for this host alone: never sent to where a redirect leads. */
  readonly authorization: { readonly host: string; readonly header: string } | undefined
  readonly retry?: { readonly attempts?: number; readonly firstDelayMs?: number }
  readonly onBytes?: (count: number) => void
}

export type RemoteReader = ByteReader & {
  /** What fixes the content; part of every key under which its ranges are kept. */
  readonly content: string
  /** As `read`, without the cache. */
  readonly readOnce: ByteReader['read']
}

const REDIRECTS_MAX = 5
const REFUSALS_MAX = 3
const ATTEMPTS = 6
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 60_000

/**
 * Range reads with one redirect chain kept until the server refuses it: signed addresses expire,
 * and are then asked for again. Answers 429 and 5xx and broken connections are repeated with
 * growing pauses, or when Retry-After says. Content-Range is checked against what was asked.
 */
export function remoteReader(remote: RemoteFile, access: RemoteAccess): RemoteReader {
  let direct: string | undefined
  const content = `${remote.pinned ?? `${remote.url}|${remote.validator}`}|${remote.sizeBytes}`

  const fetchRange = async (beginByte: number, endByte: number): Promise<Uint8Array> => {
    const attempts = access.retry?.attempts ?? ATTEMPTS
    let delayMs = access.retry?.firstDelayMs ?? FIRST_DELAY_MS
    let reason = ''
    let refusals = 0
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const url = direct ?? remote.url
      const outcome = await attemptRange(remote, access, { url, beginByte, endByte })
      if (outcome.kind === 'bytes') {
        direct = outcome.url
        return outcome.bytes
      }
      reason = outcome.reason
      // An address that was asked for anew can still expire before it is used.
      if (outcome.kind === 'refused' && url === remote.url && ++refusals >= REFUSALS_MAX) break
      if (direct === url) direct = undefined
      if (attempt < attempts && outcome.kind === 'later') {
        await sleep(Math.min(LONGEST_DELAY_MS, outcome.afterMs ?? delayMs))
        delayMs *= 2
      }
    }
    throw new AppError('UNREADABLE', `${remote.file}: ${reason}`, { hint: hintFor(reason) })
  }

  const readOnce = async (beginByte: number, endByte: number): Promise<Uint8Array> => {
    if (beginByte === endByte) return new Uint8Array(0)
    const bytes = await fetchRange(beginByte, endByte)
    access.onBytes?.(bytes.length)
    return bytes
  }

  return {
    file: remote.file,
    sizeBytes: remote.sizeBytes,
    content,
    readOnce,
    read: async (beginByte, endByte) => {
      const key = { content, beginByte, endByte }
      const held = beginByte === endByte ? undefined : await access.cache.get(key)
      if (held) return held
      const bytes = await readOnce(beginByte, endByte)
      if (bytes.length > 0) await access.cache.put(key, bytes)
      return bytes
    },
  }
}

type RangeOutcome =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly url: string }
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number | undefined }
  | { readonly kind: 'refused'; readonly reason: string }

async function attemptRange(
  remote: RemoteFile,
  access: RemoteAccess,
  ask: { readonly url: string; readonly beginByte: number; readonly endByte: number },
): Promise<RangeOutcome> {
  const range = { range: `bytes=${ask.beginByte}-${ask.endByte - 1}` }
  try {
    const { answer, url } = await follow(access, ask.url, {
      headers: range,
      maxBytes: ask.endByte - ask.beginByte + 65_536,
    })
    return judgeRange(remote, ask, { answer, url })
  } catch (error) {
    if (error instanceof AppError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'later', reason: `the connection failed (${reason})`, afterMs: undefined }
  }
}

function judgeRange(
  remote: RemoteFile,
  ask: { readonly beginByte: number; readonly endByte: number },
  reply: { readonly answer: HttpAnswer; readonly url: string },
): RangeOutcome {
  const { answer, url } = reply
  if (answer.status === 206) {
    const stated = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '')
    const isAsked =
      Number(stated?.[1]) === ask.beginByte &&
      Number(stated?.[2]) === ask.endByte - 1 &&
      (stated?.[3] === '*' || Number(stated?.[3]) === remote.sizeBytes)
    if (!isAsked || answer.bytes.length !== ask.endByte - ask.beginByte) {
      return { kind: 'refused', reason: 'the server sent another range than was asked for' }
    }
    refuseOtherContent(remote, answer)
    return { kind: 'bytes', bytes: answer.bytes, url }
  }
  if (answer.status === 200 && answer.bytes.length === remote.sizeBytes) {
    return { kind: 'bytes', bytes: answer.bytes.slice(ask.beginByte, ask.endByte), url }
  }
  const reason = `the server answered ${answer.status}`
  if (answer.status === 429 || answer.status >= 500) {
    return { kind: 'later', reason, afterMs: retryAfterMs(answer) }
  }
  return { kind: 'refused', reason }
}

/** Where nothing pins the content, the server's own validator must stay the same. */
function refuseOtherContent(remote: RemoteFile, answer: HttpAnswer): void {
  const now = validatorOf(answer)
  if (remote.pinned !== undefined || remote.validator === undefined || now === undefined) return
  if (now === remote.validator) return
  throw new AppError('UNREADABLE', `${remote.file}: changed on the server while it was read`, {
    hint: 'run again, or name a fixed revision',
  })
}

export const validatorOf = (answer: HttpAnswer): string | undefined =>
  answer.headers['etag'] ?? answer.headers['last-modified']

function retryAfterMs(answer: HttpAnswer): number | undefined {
  const stated = answer.headers['retry-after']
  if (stated === undefined) return undefined
  const seconds = Number(stated)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const until = Date.parse(stated) - Date.now()
  return Number.isFinite(until) ? Math.max(0, until) : undefined
}

/** Follows redirects; credentials go to their own host only. */
export async function follow(
  access: RemoteAccess,
  start: string,
  request: {
    readonly method?: 'GET' | 'HEAD'
    readonly headers?: Readonly<Record<string, string>>
    readonly maxBytes: number
  },
): Promise<{ readonly answer: HttpAnswer; readonly url: string }> {
  let url = start
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const isOwn = new URL(url).host === access.authorization?.host
    const headers = {
      ...request.headers,
      ...(isOwn && access.authorization ? { authorization: access.authorization.header } : {}),
    }
    const answer = await access.client.send(url, { ...request, headers })
    const next = answer.headers['location']
    if (answer.status < 300 || answer.status >= 400 || next === undefined) return { answer, url }
    const target = new URL(next, url)
    if (new URL(url).protocol === 'https:' && target.protocol === 'http:') {
      throw new AppError('UNREADABLE', `${url} leads from https to http`, {
        hint: 'the server is set up wrongly, or somebody is in between',
      })
    }
    url = target.href
  }
  throw new AppError('UNREADABLE', `${start} leads on more than ${REDIRECTS_MAX} times`)
}

/**
 * One small answer, repeated when the server asks to wait or the connection breaks. Any status
 * that waiting will not change is the caller's to judge. Throws AppError UNREADABLE.
 */
export async function fetchSmall(
  access: RemoteAccess,
  url: string,
  request: { readonly method?: 'GET' | 'HEAD'; readonly maxBytes: number },
): Promise<HttpAnswer> {
  const attempts = access.retry?.attempts ?? ATTEMPTS
  let delayMs = access.retry?.firstDelayMs ?? FIRST_DELAY_MS
  let reason = ''
  for (let attempt = 1; attempt <= attempts; attempt++) {
    let afterMs: number | undefined
    try {
      const { answer } = await follow(access, url, request)
      if (answer.status !== 429 && answer.status < 500) return answer
      reason = `the server answered ${answer.status}`
      afterMs = retryAfterMs(answer)
    } catch (error) {
      if (error instanceof AppError) throw error
      reason = `the connection failed (${error instanceof Error ? error.message : String(error)})`
      // A name that does not exist will not exist in a second either.
      if (error instanceof Error && 'code' in error && error.code === 'ENOTFOUND') break
    }
    if (attempt < attempts) await sleep(Math.min(LONGEST_DELAY_MS, afterMs ?? delayMs))
    delayMs *= 2
  }
  throw new AppError('UNREADABLE', `${url}: ${reason}`, {
    hint: 'is the name right, and is there a connection? a local folder would be read from disk',
  })
}

function hintFor(reason: string): string {
  if (/40[13]/.test(reason)) return 'set HF_TOKEN to a token that may read this model'
  if (/404/.test(reason)) return 'check the name and the revision'
  if (/429/.test(reason))
    return 'the server asks to slow down: run again later, it goes on from here'
  return 'run again: what was read is kept, and it goes on from here'
}
