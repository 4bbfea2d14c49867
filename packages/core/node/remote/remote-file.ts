import { AppError } from '../../src/base/errors.ts'
import type { ByteReader } from '../../src/model/byte-reader.ts'
import { contentAddress } from './content-address.ts'
import type { HttpAnswer } from './http-client.ts'
import { brokenConnection, type Obstacle, obstacleOf, Patience } from './patience.ts'
import type { RemoteAccess } from './remote-access.ts'
import { follow, RUN_AGAIN_HINT } from './requests.ts'
import { shownAddress } from './shown-address.ts'

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

export type RemoteReader = ByteReader & {
  /** What fixes the content, or is all that is known of it; part of every key of its ranges. */
  readonly content: string
  /** As `read`, without the cache. */
  readonly readOnce: ByteReader['read']
}

/** Of an address that was asked for anew: it can expire before it is used. */
const REFUSALS_MAX = 3
/** Refusals in all, where other reads keep bringing back an address that has expired. */
const ROUNDS_MAX = 12

/**
 * Range reads with one redirect chain kept until the server refuses it: signed addresses expire,
 * and are then asked for again. Answers 429 and 5xx and broken connections are repeated with
 * growing pauses, or when the server says. Content-Range is checked against what was asked.
 */
export function remoteReader(remote: RemoteFile, access: RemoteAccess): RemoteReader {
  let direct: string | undefined
  const place = remote.pinned ?? `${contentAddress(remote.url)}|${remote.validator}`
  const content = `${place}|${remote.sizeBytes}`
  // Where nothing tells one content from the next, a range of today would be taken for tomorrow's.
  const isKept = remote.pinned !== undefined || remote.validator !== undefined

  const fetchRange = async (beginByte: number, endByte: number): Promise<Uint8Array> => {
    const patience = new Patience(access, remote.url)
    let refusals = 0
    let rounds = 0
    for (;;) {
      const url = direct ?? remote.url
      const outcome = await attemptRange(remote, access, { url, beginByte, endByte })
      if (outcome.kind === 'bytes') {
        direct = outcome.url
        return outcome.bytes
      }
      if (direct === url) direct = undefined
      if (outcome.kind === 'later') {
        const reason = await patience.wait(outcome.obstacle)
        if (reason !== undefined) throw unreadable(remote, { reason, hint: undefined })
      } else if ((url === remote.url && ++refusals >= REFUSALS_MAX) || ++rounds >= ROUNDS_MAX) {
        throw unreadable(remote, outcome)
      }
    }
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
      if (!isKept || beginByte === endByte) return readOnce(beginByte, endByte)
      const key = { content, beginByte, endByte }
      const held = await access.cache.get(key)
      if (held) return held
      const bytes = await readOnce(beginByte, endByte)
      await access.cache.put(key, bytes)
      return bytes
    },
  }
}

type Refusal = { readonly reason: string; readonly hint: string | undefined }

type RangeOutcome =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly url: string }
  | { readonly kind: 'later'; readonly obstacle: Obstacle }
  | ({ readonly kind: 'refused' } & Refusal)

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
    return { kind: 'later', obstacle: brokenConnection(error) }
  }
}

function judgeRange(
  remote: RemoteFile,
  ask: { readonly beginByte: number; readonly endByte: number },
  reply: { readonly answer: HttpAnswer; readonly url: string },
): RangeOutcome {
  const { answer, url } = reply
  const { host } = new URL(url)
  if (answer.status === 206) {
    const reason = otherRange(remote, ask, answer)
    if (reason !== undefined) {
      return { kind: 'refused', reason: `${host} ${reason}`, hint: NO_RANGES_HINT }
    }
    refuseOtherContent(remote, answer)
    return { kind: 'bytes', bytes: answer.bytes, url }
  }
  if (answer.status === 200) {
    if (answer.isCut || answer.bytes.length !== remote.sizeBytes) throw withoutRanges(remote, host)
    return { kind: 'bytes', bytes: answer.bytes.slice(ask.beginByte, ask.endByte), url }
  }
  const obstacle = obstacleOf(answer, host)
  if (obstacle) return { kind: 'later', obstacle }
  return {
    kind: 'refused',
    reason: `${host} answered ${answer.status}`,
    hint: hintFor(remote, answer.status),
  }
}

/** What is wrong with the range that an answer holds. */
function otherRange(
  remote: RemoteFile,
  ask: { readonly beginByte: number; readonly endByte: number },
  answer: HttpAnswer,
): string | undefined {
  const stated = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '')
  const total = stated?.[3] ?? '*'
  if (total !== '*' && Number(total) !== remote.sizeBytes) {
    return `states a size of ${total} bytes, and its listing ${remote.sizeBytes}`
  }
  const isAsked =
    Number(stated?.[1]) === ask.beginByte &&
    Number(stated?.[2]) === ask.endByte - 1 &&
    answer.bytes.length === ask.endByte - ask.beginByte
  return isAsked ? undefined : 'sent another range than was asked for'
}

const NO_RANGES_HINT = 'fetch the model and name its folder, or serve it where ranges are supported'

function withoutRanges(remote: RemoteFile, host: string): AppError {
  return new AppError(
    'UNREADABLE',
    `${shownAddress(remote.url)}: ${host} does not support range requests: asked for a part, it sends the whole file`,
    { hint: NO_RANGES_HINT },
  )
}

const unreadable = (remote: RemoteFile, { reason, hint }: Refusal): AppError =>
  new AppError('UNREADABLE', `${shownAddress(remote.url)}: ${reason}`, {
    hint: hint ?? RUN_AGAIN_HINT,
  })

/** Where nothing pins the content, the server's own validator must stay the same. */
function refuseOtherContent(remote: RemoteFile, answer: HttpAnswer): void {
  const now = validatorOf(answer)
  if (remote.pinned !== undefined || remote.validator === undefined || now === undefined) return
  if (now === remote.validator) return
  throw new AppError(
    'UNREADABLE',
    `${shownAddress(remote.url)}: changed on the server while it was read`,
    {
      hint: 'run again, or name a fixed revision',
    },
  )
}

export const validatorOf = (answer: HttpAnswer): string | undefined =>
  answer.headers['etag'] ?? answer.headers['last-modified']

function hintFor(remote: RemoteFile, status: number): string | undefined {
  if (status === 404 || status === 410) return 'check the name and the revision'
  if (status !== 401 && status !== 403) return undefined
  return remote.pinned === undefined
    ? 'the address needs a password or a fresh signature'
    : 'gated or private: accept its licence on the hub, and set HF_TOKEN to a token that may read it'
}
