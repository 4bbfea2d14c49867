import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servedBytes, startTestHub, type TestHub } from '../remote/testing/hub-server.ts'
import { readConfig } from './read-config.ts'

const S1 = join(import.meta.dirname, '../../../../testdata/models/s1')
const VECTORS = join(import.meta.dirname, '../../../../testdata/vectors')
const folder = mkdtempSync(join(tmpdir(), 'dokja-config-'))
const config = new Uint8Array(readFileSync(join(S1, 'config.json')))
const parsed = JSON.parse(new TextDecoder().decode(config))

let hub: TestHub
beforeAll(async () => {
  // Weights that cannot be read: whoever asks for them fails.
  const weights = {
    sizeBytes: 10 ** 12,
    identity: 'f00d'.repeat(10),
    bytes: () => new Uint8Array(0),
  }
  hub = await startTestHub(
    new Map([
      ['config.json', servedBytes(config)],
      ['model.safetensors', weights],
    ]),
  )
})
afterAll(async () => {
  await hub.close()
  rmSync(folder, { recursive: true })
})

describe('a configuration without weights', () => {
  it('is read from a file, and from a folder that holds nothing else', async () => {
    writeFileSync(join(folder, 'config.json'), config)
    const found = await readConfig(folder)
    expect(found.config).toEqual(parsed)
    expect(await readConfig(join(folder, 'config.json'))).toEqual({
      id: join(folder, 'config.json'),
      config: parsed,
    })
  })

  it('is what a GGUF file says of itself', async () => {
    const { config: stated } = await readConfig(join(VECTORS, 'written-by-gguf-py.gguf'))
    expect(stated).toMatchObject({ model_type: expect.any(String) })
  })

  it('is read from a hub at a pinned commit, and nothing of the weights', async () => {
    hub.log.length = 0
    const { id, config: read } = await readConfig('org/model', {
      endpoint: hub.endpoint,
      isPrivateAllowed: true,
    })
    expect(id).toBe(`org/model@${hub.commit}`)
    expect(read).toEqual(parsed)
    const asked = hub.log.map(({ path }) => path)
    expect(asked.some((path) => path.includes('config.json'))).toBe(true)
    expect(asked.filter((path) => path.includes('safetensors'))).toEqual([])
    expect(hub.log.filter(({ range }) => range !== undefined)).toEqual([])
  })

  it('is read from the address of a folder or of the file itself', async () => {
    const base = `${hub.endpoint}/org/model/resolve/${hub.commit}`
    for (const address of [base, `${base}/config.json`]) {
      const options = { isPrivateAllowed: true }
      expect((await readConfig(address, options)).config).toEqual(parsed)
    }
    await expect(readConfig(base)).rejects.toThrow(/private|address/)
    await expect(readConfig(`${base}/none`, { isPrivateAllowed: true })).rejects.toThrow('404')
  })

  it('is asked for by name where there is none', async () => {
    await expect(readConfig(join(folder, 'absent'))).rejects.toThrow('there is no')
    const remote = { endpoint: hub.endpoint, isPrivateAllowed: true }
    await expect(readConfig('org/model/inner', remote)).rejects.toThrow('has no inner/config.json')
    writeFileSync(join(folder, 'broken.json'), '{"hidden_size": }')
    await expect(readConfig(join(folder, 'broken.json'))).rejects.toMatchObject({
      code: 'JSON_INVALID',
    })
  })
})
