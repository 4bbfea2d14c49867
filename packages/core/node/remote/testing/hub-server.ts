import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A file that a test hub serves; `bytes` may compute its content. */
export type ServedFile = {
  readonly sizeBytes: number
  readonly bytes: (beginByte: number, endByte: number) => Uint8Array
}

export const servedBytes = (content: Uint8Array): ServedFile => ({
  sizeBytes: content.length,
  bytes: (beginByte, endByte) => content.subarray(beginByte, endByte),
})

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
}

export type TestHub = {
  readonly endpoint: string
  readonly commit: string
  readonly faults: Faults
  readonly log: { path: string; authorization: string | undefined; range: string | undefined }[]
  readonly rangeRequests: () => number
  readonly close: () => Promise<void>
}

const COMMIT = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00'

/**
 * A hub with the Hugging Face API on one port and its storage, with signed addresses, on another:
 * real servers on loopback.
 */
export async function startTestHub(
  files: ReadonlyMap<string, ServedFile>,
  repository = 'org/model',
): Promise<TestHub> {
  const faults: Faults = {}
  const log: TestHub['log'] = []
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
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://hub').pathname)
    const api = `/api/models/${repository}`
    if (path === `${api}/revision/main`) return json(response, { sha: COMMIT })
    if (path === `${api}/tree/${COMMIT}`) {
      const tree = [...files].map(([name, { sizeBytes }]) => ({
        type: 'file',
        path: name,
        size: sizeBytes,
        oid: `oid-${name}-${sizeBytes}`,
      }))
      return json(response, tree)
    }
    const resolve = `/${repository}/resolve/${COMMIT}/`
    if (path.startsWith(resolve) && files.has(path.slice(resolve.length))) {
      const name = encodeURIComponent(path.slice(resolve.length))
      response.writeHead(302, { location: `${storageAddress}/${name}?signature=${signature}` })
      return response.end()
    }
    return end(response, 404)
  })
  const endpoint = await listen(hub)
  return {
    endpoint,
    commit: COMMIT,
    faults,
    log,
    rangeRequests: () => log.filter(({ range }) => range !== undefined).length,
    close: async () => {
      await Promise.all([stop(hub), stop(storage)])
    },
  }
}

/** A plain server: files by path, HEAD and ranges, an ETag per content version. */
export async function startPlainServer(
  files: Map<string, ServedFile>,
  faults: Faults & { etag?: string } = {},
): Promise<{ readonly address: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://plain').pathname).slice(1)
    const file = files.get(path)
    if (!file) return end(response, 404)
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
  const status = faults.statuses?.shift()
  if (status !== undefined) {
    if (status === 429) response.setHeader('retry-after', '0')
    end(response, status)
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

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status)
  response.end()
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
