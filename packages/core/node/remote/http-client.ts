import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { AppError } from '../../src/base/errors.ts'
import { guardedLookup, isPrivateAddress, privateAddressError } from './address-guard.ts'

export type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly bytes: Uint8Array
}

export type HttpClientOptions = {
  /** Reach hosts of this machine and of private networks. Default false. */
  readonly isPrivateAllowed?: boolean
  /** No byte for this long ends an attempt. Default 30 s. */
  readonly idleTimeoutMs?: number
  readonly maxConnections?: number
}

export type HttpRequest = {
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  /** More bytes than this end the answer with LIMIT_EXCEEDED. */
  readonly maxBytes: number
}

/**
 * One request, one answer: redirects, retries and credentials are the caller's. Proxies come from
 * the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY). Bodies are bounded while they arrive.
 */
export class HttpClient {
  readonly #options: Required<HttpClientOptions>
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent }

  constructor(options: HttpClientOptions = {}) {
    this.#options = {
      isPrivateAllowed: options.isPrivateAllowed ?? false,
      idleTimeoutMs: options.idleTimeoutMs ?? 30_000,
      maxConnections: options.maxConnections ?? 16,
    }
    const settings = {
      keepAlive: true,
      maxSockets: this.#options.maxConnections,
      proxyEnv: process.env,
    }
    this.#agents = { http: new http.Agent(settings), https: new https.Agent(settings) }
  }

  /** Throws AppError USAGE (address not allowed), LIMIT_EXCEEDED; Error for broken connections. */
  send(address: string, request: HttpRequest): Promise<HttpAnswer> {
    const url = new URL(address)
    if (url.protocol !== 'https:' && url.protocol !== 'http:') {
      throw new AppError('USAGE', `${address}: only http and https addresses can be read`)
    }
    const host = url.hostname.replace(/^\[|\]$/g, '')
    if (!this.#options.isPrivateAllowed && isIP(host) !== 0 && isPrivateAddress(host)) {
      throw privateAddressError(host)
    }
    const isProxied = usesProxy(url)
    return new Promise((resolve, reject) => {
      const library = url.protocol === 'https:' ? https : http
      const agent = url.protocol === 'https:' ? this.#agents.https : this.#agents.http
      const sent = library.request(url, {
        agent,
        method: request.method ?? 'GET',
        headers: { 'user-agent': 'dokja', 'accept-encoding': 'identity', ...request.headers },
        // A proxy resolves names itself and often has a private address.
        ...(isProxied ? {} : { lookup: guardedLookup(this.#options.isPrivateAllowed) }),
      })
      sent.setTimeout(this.#options.idleTimeoutMs, () =>
        sent.destroy(new Error(`no answer within ${this.#options.idleTimeoutMs} ms`)),
      )
      sent.on('error', reject)
      sent.on('response', (response) => {
        collect(response, request.maxBytes).then(resolve, (error) => {
          sent.destroy()
          reject(error)
        })
      })
      sent.end()
    })
  }

  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }
}

async function collect(response: http.IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  const parts: Buffer[] = []
  let total = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    total += part.length
    if (total > maxBytes) {
      throw new AppError('LIMIT_EXCEEDED', `an answer of more than ${maxBytes} bytes`, {
        hint: 'the server sent more than was asked for',
      })
    }
    parts.push(part)
  }
  if (!response.complete) throw new Error('the connection ended within the answer')
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return { status: response.statusCode ?? 0, headers, bytes: new Uint8Array(Buffer.concat(parts)) }
}

function usesProxy(url: URL): boolean {
  const { env } = process
  const key = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  if (!env[key] && !env[key.toLowerCase()]) return false
  const exempt = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').map((part) => part.trim())
  return !exempt.some(
    (part) => part === '*' || (part !== '' && url.hostname.endsWith(part.replace(/^\*/, ''))),
  )
}
