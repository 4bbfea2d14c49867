import { lookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { AppError } from '../../src/base/errors.ts'
import { guardedLookup, type Resolve, refusePrivateHost } from './address-guard.ts'
import { type ProxySettings, proxyFor } from './proxy.ts'
import { shownAddress } from './shown-address.ts'

export type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly bytes: Uint8Array
  /** The body was longer than allowed: it was not read on, and `bytes` is empty. */
  readonly isCut: boolean
}

export type HttpClientOptions = {
  /** Reach hosts of this machine and of private networks. Default false. */
  readonly isPrivateAllowed?: boolean
  /** No byte for this long ends an attempt, and so does less than `leastBytes` of a body. Default 30 s. */
  readonly idleTimeoutMs?: number
  /** Default 30 kB: a server that sends a byte now and then would otherwise be read for ever. */
  readonly leastBytes?: number
  readonly maxConnections?: number
  /** Where proxies are named. Default the environment. */
  readonly proxies?: ProxySettings
  /** Default the system's resolver. */
  readonly resolve?: Resolve
}

export type HttpRequest = {
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  /** Of the body; a longer one is cut. */
  readonly maxBytes: number
}

type Agents = { readonly 'http:': http.Agent; readonly 'https:': https.Agent }

/**
 * One request, one answer: redirects, retries and credentials are the caller's. Proxies come from
 * the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY). Bodies are bounded while they arrive.
 */
export class HttpClient {
  readonly #options: Required<HttpClientOptions>
  /** Their lookup is guarded, whatever the environment says. */
  readonly #direct: Agents
  /** By the address of the proxy. */
  readonly #proxied = new Map<string, Agents>()

  constructor(options: HttpClientOptions = {}) {
    this.#options = {
      isPrivateAllowed: options.isPrivateAllowed ?? false,
      idleTimeoutMs: options.idleTimeoutMs ?? 30_000,
      leastBytes: options.leastBytes ?? 30_000,
      maxConnections: options.maxConnections ?? 16,
      proxies: options.proxies ?? process.env,
      resolve: options.resolve ?? lookup,
    }
    const { isPrivateAllowed, resolve } = this.#options
    // An empty proxyEnv rather than none: Node must not find a proxy of its own.
    this.#direct = this.#agents({ proxyEnv: {}, lookup: guardedLookup(isPrivateAllowed, resolve) })
  }

  /** Throws AppError USAGE (address not allowed, no such proxy); Error for broken connections. */
  send(address: string, request: HttpRequest): Promise<HttpAnswer> {
    const url = new URL(address)
    const { protocol } = url
    if (protocol !== 'https:' && protocol !== 'http:') {
      throw new AppError(
        'USAGE',
        `${shownAddress(address)}: only http and https addresses can be read`,
      )
    }
    if (!this.#options.isPrivateAllowed) refusePrivateHost(url)
    const agent = this.#agentsFor(url)[protocol]
    return new Promise((resolve, reject) => {
      const library = protocol === 'https:' ? https : http
      const sent = library.request(url, {
        agent,
        method: request.method ?? 'GET',
        headers: { 'user-agent': 'dokja', 'accept-encoding': 'identity', ...request.headers },
      })
      sent.setTimeout(this.#options.idleTimeoutMs, () =>
        sent.destroy(new Error(`no answer within ${this.#options.idleTimeoutMs} ms`)),
      )
      const received = this.#endTrickle(sent)
      sent.on('error', reject)
      sent.on('response', (response) => {
        collect(response, request.maxBytes, received).then(resolve, (error) => {
          sent.destroy()
          reject(error)
        })
      })
      sent.end()
    })
  }

  /** Ends an attempt that brings too little; told of every part of the body that arrives. */
  #endTrickle(sent: http.ClientRequest): (sizeBytes: number) => void {
    const { idleTimeoutMs, leastBytes } = this.#options
    let bytes = 0
    let timer: NodeJS.Timeout | undefined
    // Only from here on: before, the request waits for others of ours to end.
    sent.on('socket', () => {
      timer = setInterval(() => {
        const message = `less than ${leastBytes} bytes within ${idleTimeoutMs} ms`
        if (bytes < leastBytes) sent.destroy(new Error(message))
        bytes = 0
      }, idleTimeoutMs)
      timer.unref()
    })
    sent.on('response', () => timer?.refresh())
    sent.on('close', () => clearInterval(timer))
    return (sizeBytes) => {
      bytes += sizeBytes
    }
  }

  close(): void {
    for (const agents of [this.#direct, ...this.#proxied.values()]) {
      agents['http:'].destroy()
      agents['https:'].destroy()
    }
  }

  #agentsFor(url: URL): Agents {
    const proxy = proxyFor(url, this.#options.proxies)
    if (proxy === null) return this.#direct
    const known = this.#proxied.get(proxy)
    if (known) return known
    // A proxy resolves names itself, and often has a private address: its own lookup is not guarded.
    const agents = this.#agents({ proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } })
    this.#proxied.set(proxy, agents)
    return agents
  }

  #agents(settings: http.AgentOptions): Agents {
    const all = { keepAlive: true, maxSockets: this.#options.maxConnections, ...settings }
    return { 'http:': new http.Agent(all), 'https:': new https.Agent(all) }
  }
}

async function collect(
  response: http.IncomingMessage,
  maxBytes: number,
  received: (sizeBytes: number) => void,
): Promise<HttpAnswer> {
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  const status = response.statusCode ?? 0
  const parts: Buffer[] = []
  let total = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    total += part.length
    received(part.length)
    // Leaving the loop ends the connection.
    if (total > maxBytes) return { status, headers, bytes: new Uint8Array(0), isCut: true }
    parts.push(part)
  }
  if (!response.complete) throw new Error('the connection ended within the answer')
  return { status, headers, bytes: new Uint8Array(Buffer.concat(parts)), isCut: false }
}
