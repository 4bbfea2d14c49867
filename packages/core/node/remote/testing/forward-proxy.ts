import { createServer, request as forward } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/**
 * A forward proxy on loopback that resolves names by a table of its own, as a proxy does that sees
 * another network: requests for `name` go to the address that stands for it.
 */
export async function startProxy(names: Readonly<Record<string, string>>) {
  const log: string[] = []
  const server = createServer((request, response) => {
    log.push(request.url ?? '')
    const url = new URL(request.url ?? '')
    const target = names[url.host] ?? url.origin
    const sent = forward(target + url.pathname + url.search, {
      method: request.method ?? 'GET',
      headers: request.headers,
    })
    sent.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    sent.on('error', () => response.writeHead(502).end())
    sent.end()
  })
  server.on('connect', (request, socket) => {
    log.push(`CONNECT ${request.url}`)
    const target = new URL(names[request.url ?? ''] ?? `http://${request.url}`)
    const to = connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      to.pipe(socket).pipe(to)
    })
    to.on('error', () => socket.destroy())
    socket.on('error', () => to.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
