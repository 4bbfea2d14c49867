import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { compareModels } from '../../src/audit/compare-models.ts'
import { AppError } from '../../src/base/errors.ts'
import { torchBytes } from '../../src/model/torch/testing/torch-bytes.ts'
import type { RemoteOptions } from './open-remote.ts'
import { startProxy } from './testing/forward-proxy.ts'
import { type ServedFile, servedBytes } from './testing/hub-server.ts'
import { filesOf, servedModels, verdictOf } from './testing/open-served.ts'

const served = servedModels()
const { local } = served
afterEach(served.close)
afterAll(served.end)

/** Tells the pauses that were asked for and spends none of them. */
function patient() {
  const pauses: number[] = []
  const waits: string[] = []
  const retry = { pause: async (ms: number) => pauses.push(ms) }
  const onWait: RemoteOptions['onWait'] = ({ host, reason }) => waits.push(`${host}: ${reason}`)
  return { pauses, waits, options: { retry, onWait } }
}

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => new Error('it was accepted'),
    (thrown) => thrown,
  )
  if (error instanceof AppError) return error
  throw error
}

describe('a listing of a hub', () => {
  it('is read over all its pages', async () => {
    const hub = await served.hub(filesOf('stranger'))
    hub.faults.filesPerPage = 1
    const source = await served.open('org/model', { endpoint: hub.endpoint })
    const paged = await verdictOf(source, await local('s1'))
    expect(paged).toEqual(await verdictOf(await local('stranger'), await local('s1')))
  })

  it('is refused when it goes on at another host, or has no end', async () => {
    const hub = await served.hub(filesOf('s1'))
    const open = () => served.open('org/model', { endpoint: hub.endpoint })
    hub.faults.nextPage = 'https://elsewhere.example/api?cursor=2'
    const moved = await failureOf(open())
    expect(moved.code).toBe('UNREADABLE')
    expect(moved.message).toContain('goes on at https://elsewhere.example, which is not this hub')
    expect(moved.hint).toContain('HF_ENDPOINT')
    hub.faults.nextPage = `/api/models/org/model/tree/${hub.commit}?recursive=true`
    const endless = await failureOf(open())
    expect(endless.code).toBe('LIMIT_EXCEEDED')
    expect(endless.message).toMatch(/api\/models\/org\/model: more than 200 pages of files/)
    expect(endless.hint).toContain('name their folder')
  })
})

describe('a server that asks to slow down', () => {
  it('is waited for about two minutes in growing pauses, and the user is told', async () => {
    const hub = await served.hub(filesOf('sft1'))
    hub.faults.headersOf429 = {}
    hub.faults.statuses = [429, 429, 429, 429, 429, 429]
    const { pauses, waits, options } = patient()
    const source = await served.open('org/model', { endpoint: hub.endpoint, ...options })
    expect((await verdictOf(source, await local('s1'))).verdict).toBe('derived')
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000])
    expect(waits[0]).toMatch(/^127\.0\.0\.1:\d+: 127\.0\.0\.1:\d+ answered 429$/)
  })

  it.each([
    [{ 'retry-after': '7' }, 7000],
    [{ ratelimit: '"api";r=0;t=55' }, 55_000],
    [{ ratelimit: '"pages";r=9;t=200, "api";r=0;t=55' }, 55_000],
    [{ ratelimit: 'limit=100, remaining=0, reset=41' }, 41_000],
    [{ 'ratelimit-reset': '12' }, 12_000],
    [{ 'x-ratelimit-reset': '13' }, 13_000],
  ])('is waited for as long as it states: %j', async (headers, ms) => {
    const hub = await served.hub(filesOf('s1'))
    hub.faults.headersOf429 = headers
    hub.faults.statuses = [429]
    const { pauses, options } = patient()
    await served.open('org/model', { endpoint: hub.endpoint, ...options })
    expect(pauses).toEqual([ms])
  })

  it('is left to the user when it asks for longer', async () => {
    const hub = await served.hub(filesOf('s1'))
    hub.faults.headersOf429 = { 'retry-after': '3000' }
    hub.faults.statuses = Array.from({ length: 50 }, () => 429)
    const { pauses, options } = patient()
    const failure = await failureOf(
      served.open('org/model', { endpoint: hub.endpoint, ...options }),
    )
    expect(failure.message).toMatch(/answered 429 and asks to wait 50 minutes$/)
    expect(failure.hint).toContain('goes on from there')
    expect(pauses).toEqual([])
  })

  it('is given up after the last pause, as a server that fails is', async () => {
    for (const [status, pauses] of [
      [429, 6],
      [503, 5],
    ] as const) {
      const hub = await served.hub(filesOf('s1'))
      hub.faults.headersOf429 = {}
      hub.faults.statuses = Array.from({ length: 50 }, () => status)
      const seen = patient()
      const opening = served.open('org/model', { endpoint: hub.endpoint, ...seen.options })
      expect((await failureOf(opening)).message).toContain(`answered ${status}`)
      expect(seen.pauses).toHaveLength(pauses)
    }
  })
})

describe('what a user is told', () => {
  it('names model, host and the licence to accept where a file is gated', async () => {
    const hub = await served.hub(filesOf('s1'))
    hub.faults.gate = 'a token'
    const { host } = new URL(hub.endpoint)
    const gated = await failureOf(served.open('org/model', { endpoint: hub.endpoint }))
    expect(gated.message).toContain(`${hub.endpoint}/org/model/resolve/`)
    expect(gated.message).toContain(`${host} answered 401`)
    expect(gated.hint).toMatch(/gated.*licence.*HF_TOKEN/)
    const open = await served.open('org/model', { endpoint: hub.endpoint, token: 'a token' })
    expect(open.checkpoint.tensors.length).toBeGreaterThan(10)
  })

  it('says of a server without ranges that it has none', async () => {
    const big = new Map<string, ServedFile>([
      ['model.safetensors', servedBytes(new Uint8Array(400_000))],
    ])
    const { address } = await served.plain(big, { ignoresRanges: true })
    const failure = await failureOf(served.open(address))
    expect(failure.code).toBe('UNREADABLE')
    expect(failure.message).toMatch(
      /\/model\.safetensors: 127\.0\.0\.1:\d+ does not support range requests/,
    )
    expect(failure.hint).toContain('name its folder')
  })

  it('never repeats passwords and signatures, and sends them with every request', async () => {
    const files = filesOf('sft1')
    const seen: (string | undefined)[] = []
    const hub = await served.hub(new Map())
    const server = await served.plain(files, {
      onRequest: ({ url, headers }) => seen.push(`${url} ${headers.authorization}`),
    })
    const address = server.address.replace('//', '//user:pw-secret@')
    const source = await served.open(`${address}/?sig=SIG-SECRET#part`)
    const comparison = await compareModels(source, await local('s1'))
    expect(comparison.verdict).toBe('derived')
    expect(JSON.stringify(comparison)).not.toContain('SECRET')
    expect(comparison.candidate.id).toBe(`${server.address}/`)
    const authorization = `Basic ${Buffer.from('user:pw-secret').toString('base64')}`
    expect(seen.length).toBeGreaterThan(30)
    for (const request of seen) expect(request).toContain(`?sig=SIG-SECRET ${authorization}`)
    const hubAddress = hub.endpoint.replace('//', '//user:pw-secret@')
    for (const [text, options] of [
      [`${address}/nothing?sig=SIG-SECRET`, {}],
      [`${address}/nothing.gguf?sig=SIG-SECRET`, {}],
      [`${address}/nothing.pkl?sig=SIG-SECRET`, {}],
      ['http://user:pw-secret@[?sig=SIG-SECRET', {}],
      ['org/absent', { endpoint: hubAddress }],
      ['http://user:pw-secret@192.0.2.1/?sig=SIG-SECRET', { isPrivateAllowed: false }],
    ] as const) {
      const { message, hint, code } = await failureOf(served.open(text, options))
      expect(`${message} ${hint}`, code).not.toMatch(/secret/i)
    }
  })

  it('refuses a hub that is no address', async () => {
    const failure = await failureOf(served.open('org/model', { endpoint: 'hub.example' }))
    expect(failure).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('HF_ENDPOINT') })
  })

  it('refuses a redirect to a private host behind a proxy', async () => {
    const inside = await served.plain(filesOf('s1'))
    const outside = await served.plain(filesOf('s1'), {
      redirect: `${inside.address.replace('127.0.0.1', 'localhost')}/model.safetensors`,
    })
    const proxy = await startProxy({ 'models.example': outside.address })
    const before = { ...process.env }
    Object.assign(process.env, { HTTP_PROXY: proxy.address, NO_PROXY: '' })
    try {
      const opening = served.open('http://models.example/', { isPrivateAllowed: false })
      expect(await failureOf(opening)).toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('localhost'),
      })
    } finally {
      for (const name of ['HTTP_PROXY', 'NO_PROXY']) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
      await proxy.close()
    }
  })
})

describe('archives of torch.save on a plain server', () => {
  const archive = (name: string) => {
    const bytes = new Uint8Array(Float32Array.of(1, 2, 3).buffer)
    return servedBytes(
      torchBytes([{ name, storageType: 'FloatStorage', sizeBytes: 4, shape: [3], bytes }]),
    )
  }
  const text = (value: unknown) => servedBytes(new TextEncoder().encode(JSON.stringify(value)))

  it('are read by ranges, alone, in a folder, and as the shards that an index names', async () => {
    const shards = ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'] as const
    const { address } = await served.plain(
      new Map([
        ['one/pytorch_model.bin', archive('a')],
        ['one/config.json', text({ model_type: 'llama' })],
        ['other/weights.pt', archive('b')],
        [
          'split/pytorch_model.bin.index.json',
          text({ weight_map: { a: shards[0], b: shards[1] } }),
        ],
        [`split/${shards[0]}`, archive('a')],
        [`split/${shards[1]}`, archive('b')],
      ]),
    )
    const named = async (path: string) => {
      const { checkpoint } = await served.open(address + path)
      expect(checkpoint.format).toBe('torch')
      return checkpoint.tensors.map(({ name }) => name).join()
    }
    expect(await named('/one')).toBe('a')
    expect(await named('/one/pytorch_model.bin')).toBe('a')
    expect(await named('/other/weights.pt')).toBe('b')
    expect(await named('/split/')).toBe('a,b')
    const { checkpoint } = await served.open(`${address}/one/pytorch_model.bin`)
    expect(checkpoint.config).toEqual({ model_type: 'llama' })
  })

  it('that are bare pickles are refused with the reason', async () => {
    const pickle = servedBytes(new TextEncoder().encode('\u0080\u0002}q\u0000.'))
    const { address } = await served.plain(new Map([['pytorch_model.bin', pickle]]))
    const failure = await failureOf(served.open(address))
    expect(failure.code).toBe('FORMAT_UNSUPPORTED')
    expect(failure.message).toContain('a bare pickle')
    const named = await failureOf(served.open(`${address}/model.pkl`))
    expect(named).toMatchObject({ code: 'FORMAT_UNSUPPORTED' })
  })
})

describe('a single weight file', () => {
  it('is read with the texts beside it, whether a server answers HEAD or not', async () => {
    const server = await served.plain(filesOf('sft1'), { refusesHead: true })
    const whole = await verdictOf(await local('sft1'), await local('s1'))
    const plain = await served.open(`${server.address}/model.safetensors`)
    expect(await verdictOf(plain, await local('s1'))).toEqual(whole)
    const hub = await served.hub(filesOf('sft1'))
    const single = await served.open('org/model@main/model.safetensors', { endpoint: hub.endpoint })
    expect(await verdictOf(single, await local('s1'))).toEqual(whole)
  })
})
