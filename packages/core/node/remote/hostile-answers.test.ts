import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { TensorSource } from '../../src/model/checkpoint.ts'
import { readConfig } from '../registry/read-config.ts'
import { HttpClient } from './http-client.ts'
import { noRangeCache } from './range-cache.ts'
import { follow } from './requests.ts'
import { servedBytes } from './testing/hub-server.ts'
import { filesOf, servedModels, verdictOf } from './testing/open-served.ts'

const served = servedModels()
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  await served.close()
})
afterAll(served.end)

const compared = async (source: TensorSource) =>
  (await verdictOf(source, await served.local('s1'))).verdict

describe('a server that sends a little now and then', () => {
  const trickling = async (write: (part: string) => string) => {
    const server = createServer((_, response) => {
      const text = write('x')
      const socket = response.socket
      socket?.write(text.slice(0, -1))
      const timer = setInterval(() => socket?.write(text.slice(-1)), 10)
      socket?.on('close', () => clearInterval(timer))
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  it.each([
    ['of its body', (part: string) => `HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n${part}`],
    ['of its head', (part: string) => `HTTP/1.1 200 OK\r\nX-Long: ${part}`],
  ])('%s is not read for ever', async (_, write) => {
    const options = { isPrivateAllowed: true, idleTimeoutMs: 150, leastBytes: 100 }
    const client = new HttpClient(options)
    const sending = client.send(await trickling(write), { maxBytes: 10_000 })
    await expect(sending).rejects.toThrow('less than 100 bytes within 150 ms')
    client.close()
  })

  it('is told from a slow one that brings enough', async () => {
    const client = new HttpClient({ isPrivateAllowed: true, idleTimeoutMs: 150, leastBytes: 5 })
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n'
    const { bytes } = await client.send(await trickling((part) => `${head}${part}`), {
      maxBytes: 100,
    })
    expect(bytes.length).toBe(50)
    client.close()
  })
})

describe('a listing without end', () => {
  it('is refused by the bytes of all its pages together', async () => {
    const hub = await served.hub(filesOf('s1'))
    hub.faults.paddingBytes = 15 * 2 ** 20
    hub.faults.nextPage = `/api/models/org/model/tree/${hub.commit}?recursive=true`
    await expect(served.open('org/model', { endpoint: hub.endpoint })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('a list of more than 67108864 bytes'),
    })
    expect(hub.log.length).toBeLessThan(8)
  })
})

describe('what a file states of itself', () => {
  it('is refused where the body is compressed', async () => {
    const { address } = await served.plain(filesOf('s1'), {
      fileHeaders: { 'content-encoding': 'gzip' },
    })
    await expect(served.open(address)).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringMatching(/model\.safetensors.*compresses its answers/),
    })
  })

  it('is held against the listing', async () => {
    const files = filesOf('s1')
    const hub = await served.hub(files)
    const file = files.get('model.safetensors') ?? servedBytes(new Uint8Array(0))
    const source = await served.open('org/model', { endpoint: hub.endpoint })
    // The hub serves from the same map: it lists one size, and states another with every range.
    files.set('model.safetensors', { ...file, sizeBytes: file.sizeBytes + 8 })
    await expect(compared(source)).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringMatching(/states a size of \d+ bytes, and its listing \d+$/),
    })
  })

  it('says where a redirect leads that is not followed', async () => {
    const { address } = await served.plain(filesOf('s1'), { redirect: 'file:///etc/hostname' })
    await expect(served.open(address)).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringMatching(/safetensors.* leads to file:\/\/\/etc\/hostname/),
    })
  })
})

describe('a plain server that states neither ETag nor Last-Modified', () => {
  it('is read anew, since nothing tells its content from what it had before', async () => {
    const files = filesOf('sft1')
    const { address } = await served.plain(files)
    const cacheFolder = served.cache()
    const open = () => served.open(address, { cacheFolder })
    expect(await compared(await open())).toBe('derived')
    const other = filesOf('s2').get('model.safetensors')
    expect(other?.sizeBytes).toBe(files.get('model.safetensors')?.sizeBytes)
    if (other) files.set('model.safetensors', other)
    expect(await compared(await open())).toBe('no_evidence')
  })
})

describe('an address that was signed', () => {
  it('goes on from what the signature before it read, and not from what another address read', async () => {
    let requests = 0
    const { address } = await served.plain(filesOf('sft1'), {
      etag: '"one"',
      onRequest: ({ headers }) => {
        if (headers.range !== undefined) requests++
      },
    })
    const cacheFolder = served.cache()
    const readsOf = async (query: string) => {
      const before = requests
      expect(await compared(await served.open(`${address}/?${query}`, { cacheFolder }))).toBe(
        'derived',
      )
      return requests - before
    }
    const first = await readsOf('version=2&X-Amz-Signature=a&X-Amz-Date=1&Expires=5')
    expect(first).toBeGreaterThan(20)
    expect(await readsOf('version=2&X-Amz-Signature=b&X-Amz-Date=2&Expires=6')).toBe(0)
    expect(await readsOf('version=3&X-Amz-Signature=b&X-Amz-Date=2')).toBe(first)
  })
})

describe('what is no hub', () => {
  const notHub = async (body: string) => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      response.end(body)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('is named as such where it answers with a page', async () => {
    const endpoint = await notHub('<html>Sign in to this network</html>')
    await expect(served.open('org/model', { endpoint })).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringContaining('the answer is not JSON but "text/html; charset=utf-8"'),
      hint: expect.stringContaining('HF_ENDPOINT'),
    })
  })

  it('is refused for a configuration as it is for weights', async () => {
    const asked = readConfig('org/model', { endpoint: 'hub.example' })
    await expect(asked).rejects.toMatchObject({ code: 'USAGE', name: 'AppError' })
  })

  it('is not sent what is no token, and no message repeats it', async () => {
    const token = 'hf_secret\nx-injected: yes'
    const asked = served.open('org/model', { endpoint: await notHub('{}'), token })
    const error = await asked.catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('HF_TOKEN') })
    expect(error.message).not.toContain('secret')
  })
})

it('keeps the token from the same host where it is asked without encryption', async () => {
  const sent: string[] = []
  const client = {
    send: async (url: string, { headers }: { headers?: Readonly<Record<string, string>> }) => {
      sent.push(`${url} ${headers?.['authorization']}`)
      return { status: 200, headers: {}, bytes: new Uint8Array(0), isCut: false }
    },
    close: () => {},
  } as unknown as HttpClient
  const authorization = { origin: 'https://hub.example', header: 'Bearer secret' }
  for (const scheme of ['https', 'http']) {
    const access = { client, cache: noRangeCache, authorization }
    await follow(access, `${scheme}://hub.example/a`, { maxBytes: 1 })
  }
  expect(sent).toEqual(['https://hub.example/a Bearer secret', 'http://hub.example/a undefined'])
})
