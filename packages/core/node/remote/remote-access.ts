import type { HttpClient } from './http-client.ts'
import type { RangeCache } from './range-cache.ts'

export type RetryOptions = {
  /** Attempts for one answer where the server fails; one more where it asks to slow down. */
  readonly attempts?: number
  readonly firstDelayMs?: number
  /** How a pause is spent. Default: by waiting. */
  readonly pause?: (ms: number) => Promise<unknown>
}

/** A pause before something is asked for again. */
export type Wait = { readonly host: string; readonly ms: number; readonly reason: string }

/** What every request to one model shares. */
export type RemoteAccess = {
  readonly client: HttpClient
  readonly cache: RangeCache
  /** Credentials for this origin alone: never sent to where a redirect leads, or without encryption. */
  readonly authorization: { readonly origin: string; readonly header: string } | undefined
  readonly retry?: RetryOptions
  readonly onBytes?: (count: number) => void
  readonly onWait?: (wait: Wait) => void
}
