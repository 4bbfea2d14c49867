import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { compareModels } from '../../src/audit/compare-models.ts'
import type { TensorSource } from '../../src/model/checkpoint.ts'
import { openModel } from '../open-model.ts'
import { isPrivateAddress } from './address-guard.ts'
import { parseReference } from './reference.ts'
import { FAST, filesOf, servedModels, verdictOf } from './testing/open-served.ts'

const served = servedModels()
const { local } = served
afterEach(served.close)
afterAll(served.end)

async function hubOf(name: string) {
  const hub = await served.hub(filesOf(name))
  const cacheFolder = served.cache()
  const open = (text = 'org/model', extra: object = {}) =>
    served.open(text, { endpoint: hub.endpoint, cacheFolder, ...extra })
  return { hub, open, cacheFolder }
}

describe('a model on a hub', () => {
  it('tells a commit that a repository lacks from a repository that the hub lacks', async () => {
    const { hub, open } = await hubOf('s1')
    const gone = 'b'.repeat(40)
    await expect(open(`org/model@${gone}`)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `org/model has no commit ${gone}; its default branch is at ${hub.commit}`,
      hint: expect.stringContaining('without a commit'),
    })
    await expect(open(`org/absent@${gone}`)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('the hub answered 404'),
    })
  })

  it('compares as the local copy does, pinned to a commit', async () => {
    const { hub, open } = await hubOf('sft1')
    const remote = await open()
    expect(remote.checkpoint.id).toBe(`org/model@${hub.commit}`)
    const there = await verdictOf(remote, await local('s1'))
    const here = await verdictOf(await local('sft1'), await local('s1'))
    expect(there).toEqual(here)
    const resolved = hub.log.filter(({ path }) => path.includes('/resolve/'))
    expect(resolved.every(({ path }) => path.includes(hub.commit))).toBe(true)
  })

  it('reads sharded checkpoints and single files inside a repository', async () => {
    const sharded = await hubOf('stranger')
    const whole = await verdictOf(await sharded.open(), await local('s1'))
    expect(whole).toEqual(await verdictOf(await local('stranger'), await local('s1')))
    const { open } = await hubOf('s1')
    const single = await open('hf://org/model@main/model.safetensors')
    expect(single.checkpoint.tensors.length).toBeGreaterThan(10)
  })

  it('asks for a new signed address when the old one has expired', async () => {
    const { hub, open } = await hubOf('sft1')
    hub.faults.usesPerSignature = 7
    const there = await verdictOf(await open(), await local('s1'))
    expect(there.verdict).toBe('derived')
    const signatures = hub.log.flatMap(({ path }) => /signature=(\d+)/.exec(path)?.[1] ?? [])
    expect(new Set(signatures).size).toBeGreaterThan(3)
  })

  it('waits when told to slow down, and repeats broken connections', async () => {
    const { hub, open } = await hubOf('sft1')
    hub.faults.statuses = [429, 503, 429]
    hub.faults.cuts = 2
    expect((await verdictOf(await open(), await local('s1'))).verdict).toBe('derived')
  })

  it('goes on from what it kept after an interruption, with the same result', async () => {
    const { hub, open } = await hubOf('sft1')
    const interrupted = await open()
    let left = 60
    const failing: TensorSource = {
      ...interrupted,
      readBytes: async (...range) => {
        if (left-- <= 0) throw new Error('killed')
        return interrupted.readBytes(...range)
      },
    }
    await expect(compareModels(failing, await local('s1'))).rejects.toThrow('killed')
    const before = hub.rangeRequests()
    const resumed = await compareModels(await open(), await local('s1'))
    const afterResume = hub.rangeRequests() - before
    const again = await compareModels(await open(), await local('s1'))
    expect(hub.rangeRequests() - before - afterResume).toBe(0)
    expect(again).toEqual(resumed)
    expect(afterResume).toBeGreaterThan(0)
    expect(before).toBeGreaterThan(30)
  })

  it('sends the token to the hub and never to the storage', async () => {
    const { hub, open } = await hubOf('s1')
    await open('org/model', { token: 'secret' })
    const withToken = hub.log.filter(({ authorization }) => authorization !== undefined)
    expect(withToken.length).toBeGreaterThan(0)
    expect(withToken.every(({ path }) => !path.includes('signature='))).toBe(true)
    expect(hub.log.some(({ path }) => path.includes('signature='))).toBe(true)
  })

  it('refuses another range than it asked for', async () => {
    const { hub, open } = await hubOf('s1')
    hub.faults.wrongRange = true
    await expect(open()).rejects.toMatchObject({ code: 'UNREADABLE' })
  })

  it('gives up after some attempts with a remedy', async () => {
    const { hub, open } = await hubOf('s1')
    hub.faults.statuses = Array.from({ length: 400 }, () => 503)
    await expect(open()).rejects.toMatchObject({ code: 'UNREADABLE', hint: expect.any(String) })
  })

  it('names what is missing', async () => {
    const { open } = await hubOf('s1')
    await expect(open('org/other')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(open('org/model@0000000')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('a model on a plain server', () => {
  it('is read by ranges', async () => {
    const { address } = await served.plain(filesOf('sft1'), { etag: '"one"' })
    const source = await served.open(`${address}/`)
    expect((await verdictOf(source, await local('s1'))).verdict).toBe('derived')
  })

  it('is refused when it changes while it is read', async () => {
    const faults = { etag: '"one"' }
    const { address } = await served.plain(filesOf('sft1'), faults)
    const source = await served.open(address)
    faults.etag = '"two"'
    await expect(compareModels(source, await local('s1'))).rejects.toMatchObject({
      code: 'UNREADABLE',
    })
  })
})

describe('addresses from outside', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.20.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '::10.0.0.1',
    '168.63.129.16',
    '3fff::1',
    'not-an-address',
  ])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '168.63.129.17',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
  ])('%s is public', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  })

  it.each([
    'http://127.0.0.1:9/',
    'http://localhost:9/model',
    'http://[::1]:9/',
    'https://169.254.169.254/latest',
  ])('%s is refused unless it is allowed', async (address) => {
    await expect(openModel(address, { cacheFolder: null, retry: FAST })).rejects.toMatchObject({
      code: 'USAGE',
    })
  })

  it('reads what a user writes', () => {
    expect(parseReference('org/name', false)).toMatchObject({ kind: 'hub', revision: 'main' })
    expect(parseReference('org/name', true)).toMatchObject({ kind: 'path' })
    expect(parseReference('hf://org/name@v1/sub', false)).toMatchObject({
      kind: 'hub',
      repository: 'org/name',
      revision: 'v1',
      inside: 'sub',
    })
    expect(parseReference('./a/b/c', false)).toMatchObject({ kind: 'path' })
    expect(() => parseReference('hf://org/name/../../x', false)).toThrow()
  })
})
