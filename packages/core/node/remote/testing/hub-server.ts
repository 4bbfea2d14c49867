import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A file that a test hub serves; `bytes` may compute its content. */
export type ServedFile = {
  readonly sizeBytes: number
  /** What fixes the content: the id of its git blob, or of whatever computes it. */
  readonly identity: string
  readonly bytes: (beginByte: number, endByte: number) => Uint8Array
}

export const servedBytes = (content: Uint8Array): ServedFile => ({
  sizeBytes: content.length,
  identity: hashOf(`blob ${content.length}\0`, content),
  bytes: (beginByte, endByte) => content.subarray(beginByte, endByte),
})

const hashOf = (...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest('hex')

/** Equal for equal files, as the commit of a repository is. */
const commitOf = (files: ReadonlyMap<string, ServedFile>): string =>
  hashOf(...[...files].map(([name, { identity }]) => `${name}\0${identity}\n`).sort())

export type Faults = {
  /** Answer with these statuses, one per range request, before serving. */
  statuses?: number[]
  /** Signed addresses are refused with 403 after this many uses. */
  usesPerSignature?: number
  /** Cut the connection within the answer, once per entry. */
  cuts?: number
  /** Serve another range than was asked for. */
  wrongRange?: boolean
  /** Serve everything with 200 whatever the Range header says. */
  ignoresRanges?: boolean
  /** Headers of an answer 429; `retry-after: 0` unless given. */
  headersOf429?: Readonly<Record<string, string>>
  /** Files on one page of a hub's listing; all of them unless given. */
  filesPerPage?: number
  /** Where the second page of a listing is said to be, whatever is there. */
  nextPage?: string
  /** Files are only served to who sends this token. */
  gate?: string
  /** Blanks after every page of a listing. */
  paddingBytes?: number
  /** Stated with every file, true or not. */
  fileHeaders?: Readonly<Record<string, string>>
}

export type PlainFaults = Faults & {
  etag?: string
  /** Files are only served to GET, as behind addresses signed for it. */
  refusesHead?: boolean
  /** Every request for a file is sent on to this address. */
  redirect?: string
  onRequest?: (request: IncomingMessage) => void
}

export type TestHub = {
  readonly endpoint: string
  readonly commit: string
  readonly faults: Faults
  readonly log: { path: string; authorization: string | undefined; range: string | undefined }[]
  readonly rangeRequests: () => number
  readonly close: () => Promise<void>
}

/**
 * A hub with the Hugging Face API on one port and its storage, with signed addresses, on another:
 * real servers on loopback.
 */
export async function startTestHub(
  files: ReadonlyMap<string, ServedFile>,
  repository = 'org/model',
  port = 0,
): Promise<TestHub> {
  const faults: Faults = {}
  const log: TestHub['log'] = []
  const commit = commitOf(files)
  let signature = 0
  let uses = 0
  const storage = createServer((request, response) => {
    note(log, request)
    const url = new URL(request.url ?? '/', 'http://storage')
    const file = files.get(decodeURIComponent(url.pathname.slice(1)))
    const isFresh = url.searchParams.get('signature') === String(signature)
    if (faults.usesPerSignature !== undefined && ++uses > faults.usesPerSignature) {
      uses = 0
      signature++
    }
    if (!isFresh || !file) return end(response, file ? 403 : 404)
    serve(request, response, { file, faults })
  })
  const storageAddress = await listen(storage)
  const hub = createServer((request, response) => {
    note(log, request)
    const url = new URL(request.url ?? '/', 'http://hub')
    const path = decodeURIComponent(url.pathname)
    const api = `/api/models/${repository}`
    if (path === `${api}/revision/main`) return json(response, { sha: commit })
    if (path === `${api}/tree/${commit}`) return listFiles(response, url, { files, faults })
    const resolve = `/${repository}/resolve/${commit}/`
    const isRefused = faults.gate && request.headers.authorization !== `Bearer ${faults.gate}`
    if (path.startsWith(resolve) && isRefused) return end(response, 401)
    if (path.startsWith(resolve) && files.has(path.slice(resolve.length))) {
      const name = encodeURIComponent(path.slice(resolve.length))
      response.writeHead(302, { location: `${storageAddress}/${name}?signature=${signature}` })
      return response.end()
    }
    return end(response, 404)
  })
  const endpoint = await listen(hub, port)
  return {
    endpoint,
    commit,
    faults,
    log,
    rangeRequests: () => log.filter(({ range }) => range !== undefined).length,
    close: async () => {
      await Promise.all([stop(hub), stop(storage)])
    },
  }
}

function listFiles(
  response: ServerResponse,
  url: URL,
  { files, faults }: { readonly files: ReadonlyMap<string, ServedFile>; readonly faults: Faults },
): void {
  const tree = [...files].map(([path, { sizeBytes, identity }]) => ({
    type: 'file',
    path,
    size: sizeBytes,
    oid: identity,
  }))
  const first = Number(url.searchParams.get('cursor') ?? 0)
  const until = first + (faults.filesPerPage ?? tree.length)
  const next = faults.nextPage ?? `${url.pathname}?recursive=true&cursor=${until}`
  if (until < tree.length || faults.nextPage) response.setHeader('link', `<${next}>; rel="next"`)
  json(response, tree.slice(first, until), faults.paddingBytes)
}

/** A plain server: files by path, HEAD and ranges, an ETag per content version. */
export async function startPlainServer(
  files: Map<string, ServedFile>,
  faults: PlainFaults = {},
): Promise<{ readonly address: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    faults.onRequest?.(request)
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://plain').pathname).slice(1)
    const file = files.get(path)
    if (!file) return end(response, 404)
    if (request.method === 'HEAD' && faults.refusesHead) return end(response, 403)
    if (faults.redirect !== undefined) response.setHeader('location', faults.redirect)
    if (faults.redirect !== undefined) return end(response, 302)
    if (faults.etag !== undefined) response.setHeader('etag', faults.etag)
    if (request.method === 'HEAD') {
      response.writeHead(200, { 'content-length': file.sizeBytes })
      return response.end()
    }
    serve(request, response, { file, faults })
  })
  const address = await listen(server)
  return { address, close: () => stop(server) }
}

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  context: { readonly file: ServedFile; readonly faults: Faults },
): void {
  const { file, faults } = context
  for (const [name, value] of Object.entries(faults.fileHeaders ?? {})) {
    response.setHeader(name, value)
  }
  const status = faults.statuses?.shift()
  if (status !== undefined) {
    const headers = status === 429 ? (faults.headersOf429 ?? { 'retry-after': '0' }) : {}
    response.writeHead(status, headers)
    response.end()
    return
  }
  const asked = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  if (!asked || faults.ignoresRanges) {
    response.writeHead(200, { 'content-length': file.sizeBytes })
    response.end(file.bytes(0, file.sizeBytes))
    return
  }
  const begin = Number(asked[1]) + (faults.wrongRange ? 1 : 0)
  const end_ = Math.min(Number(asked[2]) + 1, file.sizeBytes)
  const bytes = file.bytes(begin, end_)
  response.writeHead(206, {
    'content-range': `bytes ${begin}-${end_ - 1}/${file.sizeBytes}`,
    'content-length': bytes.length,
  })
  if (faults.cuts !== undefined && faults.cuts > 0) {
    faults.cuts--
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)))
    setImmediate(() => response.destroy())
    return
  }
  response.end(bytes)
}

function note(log: TestHub['log'], request: IncomingMessage): void {
  log.push({
    path: request.url ?? '',
    authorization: request.headers.authorization,
    range: request.headers.range,
  })
}

function json(response: ServerResponse, value: unknown, paddingBytes = 0): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write(JSON.stringify(value))
  response.end(Buffer.alloc(paddingBytes, ' '))
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status)
  response.end()
}

function listen(server: Server, port = 0): Promise<string> {
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
