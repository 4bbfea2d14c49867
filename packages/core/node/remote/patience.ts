import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpAnswer } from './http-client.ts'
import type { RemoteAccess } from './remote-access.ts'

/** Why an answer has to be asked for again. */
export type Obstacle = {
  readonly reason: string
  /** The server asks for fewer requests (429), rather than being unable to answer. */
  readonly isSlowDown: boolean
  /** The pause that the server names. */
  readonly statedMs: number | undefined
}

const ATTEMPTS = 6
const FIRST_DELAY_MS = 500
/** A server that counts requests frees them by the minute: 2, 4, … 60 s are two minutes in all. */
const SLOW_DOWN_FACTOR = 4
const LONGEST_DELAY_MS = 60_000
/** Hubs count requests in windows of five minutes; more is for the user to wait. */
const LONGEST_STATED_MS = 300_000

/**
 * Decides how often and how long one answer is waited for: growing pauses, or those that the server
 * states where they are longer.
 */
export class Patience {
  readonly #access: RemoteAccess
  readonly #host: string
  #pauses = 0

  constructor(access: RemoteAccess, url: string) {
    this.#access = access
    this.#host = new URL(url).host
  }

  /** Waits; or says what there is no waiting for. */
  async wait({ reason, isSlowDown, statedMs = 0 }: Obstacle): Promise<string | undefined> {
    const { retry, onWait } = this.#access
    if (statedMs > LONGEST_STATED_MS) {
      return `${reason} and asks to wait ${Math.ceil(statedMs / 60_000)} minutes`
    }
    const pauses = (retry?.attempts ?? ATTEMPTS) - (isSlowDown ? 0 : 1)
    if (this.#pauses >= pauses) return reason
    const first = retry?.firstDelayMs ?? FIRST_DELAY_MS
    const growing =
      first * 2 ** this.#pauses * (isSlowDown && statedMs === 0 ? SLOW_DOWN_FACTOR : 1)
    const ms = Math.max(statedMs, Math.min(LONGEST_DELAY_MS, growing))
    this.#pauses++
    onWait?.({ host: this.#host, ms, reason })
    await (retry?.pause ?? sleep)(ms)
    return undefined
  }
}

/** The obstacle that an answer is; undefined where waiting will not change it. */
export function obstacleOf(answer: HttpAnswer, host: string): Obstacle | undefined {
  const { status, headers } = answer
  if (status !== 429 && status < 500) return undefined
  return {
    reason: `${host} answered ${status}`,
    isSlowDown: status === 429,
    statedMs: retryAfterMs(headers) ?? (status === 429 ? rateLimitMs(headers) : undefined),
  }
}

export function brokenConnection(error: unknown): Obstacle {
  const reason = `the connection failed (${error instanceof Error ? error.message : String(error)})`
  return { reason, isSlowDown: false, statedMs: undefined }
}

type Headers = HttpAnswer['headers']

/** Seconds or a date, RFC 9110 §10.2.3. */
function retryAfterMs(headers: Headers): number | undefined {
  const stated = headers['retry-after']
  if (stated === undefined) return undefined
  const seconds = Number(stated)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const until = Date.parse(stated) - Date.now()
  return Number.isFinite(until) ? Math.max(0, until) : undefined
}

/** Larger numbers are points in time, not seconds until one. */
const EPOCH_SECONDS_MIN = 1e9

/**
 * Seconds until the quota is full again, in the forms of draft-ietf-httpapi-ratelimit-headers:
 * `RateLimit: "api";r=0;t=55`, before that `RateLimit: limit=9, remaining=0, reset=55`, before that
 * a field of its own. Of several quotas the exhausted ones count.
 */
function rateLimitMs(headers: Headers): number | undefined {
  const quotas = (headers['ratelimit'] ?? '').split(',')
  const exhausted = quotas.filter((quota) => /;\s*r\s*=\s*0\s*(;|$)/.test(quota))
  const times = (exhausted.length > 0 ? exhausted : quotas).flatMap((quota) => {
    const seconds = /(?:^|[;\s])(?:t|reset)\s*=\s*(\d+)/.exec(quota)?.[1]
    return seconds === undefined ? [] : [Number(seconds)]
  })
  if (times.length > 0) return Math.max(...times) * 1000
  const reset = Number(headers['ratelimit-reset'] ?? headers['x-ratelimit-reset'] ?? 'none')
  if (!Number.isFinite(reset)) return undefined
  return Math.max(0, reset >= EPOCH_SECONDS_MIN ? reset * 1000 - Date.now() : reset * 1000)
}
