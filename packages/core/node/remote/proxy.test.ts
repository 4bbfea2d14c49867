import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HttpClient, type HttpClientOptions } from './http-client.ts'
import { proxyFor } from './proxy.ts'
import { startProxy } from './testing/forward-proxy.ts'

const PROXY = 'http://proxy.example:3128/'

describe('which proxy an address is asked through', () => {
  const proxied = (address: string, noProxy: string) =>
    proxyFor(new URL(address), { HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY, NO_PROXY: noProxy }) !==
    null

  it.each([
    ['*', 'http://anything.example/'],
    ['hub.example', 'https://hub.example/'],
    ['hub.example', 'https://cdn.hub.example/'],
    ['HUB.example', 'https://hub.EXAMPLE./'],
    ['.hub.example', 'https://cdn.hub.example/'],
    ['*.hub.example', 'https://a.cdn.hub.example/'],
    ['hub.example:443', 'https://hub.example/'],
    ['hub.example:8080', 'http://hub.example:8080/'],
    ['localhost:4802', 'http://localhost:4802/'],
    ['10.1.2.3', 'http://10.1.2.3/'],
    ['10.0.0.0/8', 'http://10.200.0.1/'],
    ['10.1.2.3:80', 'http://10.1.2.3/'],
    ['fd00::/8', 'http://[fd12::1]/'],
    ['[::1]:8080', 'http://[::1]:8080/'],
    ['::1', 'http://[::1]/'],
    ['a.example, ,b.example', 'http://b.example/'],
    ['a.example b.example', 'http://b.example/'],
  ])('NO_PROXY=%s asks %s directly', (exempt, address) => {
    expect(proxied(address, exempt)).toBe(false)
  })

  it.each([
    ['', 'http://hub.example/'],
    ['hub.example', 'http://nothub.example/'],
    ['.hub.example', 'http://hub.example/'],
    ['*.hub.example', 'http://hub.example.evil/'],
    ['hub.example:8080', 'http://hub.example/'],
    ['localhost:4802', 'http://localhost:4803/'],
    ['10.0.0.0/8', 'http://11.0.0.1/'],
    ['10.0.0.0/99', 'http://10.0.0.1/'],
    ['10.1.2.3', 'http://10.1.2.30/'],
    ['fd00::/8', 'http://10.0.0.1/'],
  ])('NO_PROXY=%s does not exempt %s', (exempt, address) => {
    expect(proxied(address, exempt)).toBe(true)
  })

  it('depends on the scheme, and lower case counts first', () => {
    const settings = { http_proxy: 'http://low:1', HTTP_PROXY: 'http://up:2', https_proxy: '' }
    expect(proxyFor(new URL('http://a.example'), settings)).toBe('http://low:1/')
    expect(proxyFor(new URL('https://a.example'), settings)).toBeNull()
  })

  it('may be named without a scheme', () => {
    const settings = { HTTPS_PROXY: 'proxy.example:3128' }
    expect(proxyFor(new URL('https://a.example'), settings)).toBe(PROXY)
  })

  it.each([
    ['socks5://user:secret@proxy.example:1080', /^HTTPS_PROXY: it names a socks5 proxy/],
    ['http://', /^HTTPS_PROXY: its value is no address of a proxy/],
    ['http://user:secret@[', /^HTTPS_PROXY: its value is no address of a proxy/],
  ])('%s is refused with the reason, and the value is not repeated', (value, message) => {
    const choose = () => proxyFor(new URL('https://a.example'), { HTTPS_PROXY: value })
    expect(choose).toThrow(message)
    expect(choose).toThrow(expect.objectContaining({ code: 'USAGE', hint: expect.anything() }))
    expect(choose).not.toThrow(/secret/)
  })
})

describe('private hosts', () => {
  const closing: (() => unknown)[] = []
  let target = ''
  let reached = 0
  let redirectTo: string | undefined
  beforeEach(async () => {
    reached = 0
    redirectTo = undefined
    const server = createServer((_, response) => {
      reached++
      if (redirectTo !== undefined) response.writeHead(302, { location: redirectTo })
      response.end('inside')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    target = `127.0.0.1:${(server.address() as AddressInfo).port}`
    closing.push(
      () => server.close(),
      () => server.closeAllConnections(),
    )
  })
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  const clientWith = (options: HttpClientOptions) => {
    const client = new HttpClient(options)
    closing.push(() => client.close())
    return client
  }
  const port = () => target.split(':')[1]
  const refused = { code: 'USAGE', hint: expect.stringContaining('--allow-private-hosts') }

  it.each(['localhost:PORT', 'localhost', '*', '.localhost, localhost:PORT'])(
    'are not reached past a proxy that NO_PROXY=%s exempts them from',
    async (exempt) => {
      const proxies = { HTTP_PROXY: PROXY, NO_PROXY: exempt.replace('PORT', port() ?? '') }
      const client = clientWith({ proxies })
      const asking = async () => client.send(`http://localhost:${port()}/`, { maxBytes: 100 })
      await expect(asking()).rejects.toMatchObject(refused)
      expect(reached).toBe(0)
    },
  )

  it.each(['localhost', 'a.localhost', 'printer.local', 'metadata.google.internal', 'intranet'])(
    '%s is not asked for through a proxy either',
    async (name) => {
      const proxy = await startProxy({ [name]: `http://${target}` })
      closing.push(proxy.close)
      const client = clientWith({ proxies: { HTTP_PROXY: proxy.address } })
      const asking = async () => client.send(`http://${name}/`, { maxBytes: 100 })
      await expect(asking()).rejects.toMatchObject(refused)
      expect(proxy.log).toEqual([])
    },
  )

  it('are reached through a proxy when they are allowed, and others without that', async () => {
    const proxy = await startProxy({
      'hub.example': `http://${target}`,
      intranet: `http://${target}`,
    })
    closing.push(proxy.close)
    const proxies = { HTTP_PROXY: proxy.address.replace('http://', '') }
    const open = await clientWith({ proxies }).send('http://hub.example/x', { maxBytes: 100 })
    const allowed = clientWith({ proxies, isPrivateAllowed: true })
    const inside = await allowed.send('http://intranet/y', { maxBytes: 100 })
    expect([open.status, inside.status]).toEqual([200, 200])
    expect(proxy.log).toEqual(['http://hub.example/x', 'http://intranet/y'])
  })

  it('leave https to a tunnel of the proxy, to the very host that was named', async () => {
    const proxy = await startProxy({ 'hub.example:443': `http://${target}` })
    closing.push(proxy.close)
    const client = clientWith({ proxies: { HTTPS_PROXY: proxy.address } })
    // The other end speaks no TLS.
    await expect(client.send('https://hub.example/x', { maxBytes: 100 })).rejects.toThrow()
    expect(proxy.log).toEqual(['CONNECT hub.example:443'])
  })

  it('are refused at the moment of connecting, by whatever name they go', async () => {
    const resolve: HttpClientOptions['resolve'] = (_, __, callback) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }])
    for (const proxies of [{}, { HTTP_PROXY: PROXY, NO_PROXY: 'example.com' }]) {
      const client = clientWith({ proxies, resolve })
      const asking = client.send(`http://rebound.example.com:${port()}/`, { maxBytes: 100 })
      await expect(asking).rejects.toMatchObject(refused)
    }
    expect(reached).toBe(0)
  })

  it('are asked directly where the environment names no proxy, whatever Node makes of it', async () => {
    const client = clientWith({ proxies: {}, isPrivateAllowed: true })
    const answer = await client.send(`http://${target}/`, { maxBytes: 100 })
    expect(new TextDecoder().decode(answer.bytes)).toBe('inside')
  })
})
