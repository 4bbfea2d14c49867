import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openModel } from '../../packages/core/node/index.ts'
import { startTestHub } from '../../packages/core/node/remote/testing/hub-server.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { type Lineage, trillionModel } from './trillion-server.ts'

// A trillion parameters over HTTP, read by ranges: the server computes what is asked for.

const scratch = mkdtempSync(join(tmpdir(), 'dokja-trillion-'))
const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing.splice(0)) await close()
  rmSync(scratch, { recursive: true, force: true })
})

async function serve(lineage: Lineage) {
  const model = trillionModel(lineage)
  const hub = await startTestHub(model.files)
  closing.push(hub.close)
  const open = async (): Promise<TensorSource> => {
    const source = await openModel('org/model', {
      endpoint: hub.endpoint,
      isPrivateAllowed: true,
      cacheFolder: join(scratch, 'cache'),
    })
    closing.push(source.close)
    return source
  }
  return { ...model, open }
}

describe('a trillion parameters over HTTP', () => {
  it('is compared from less than a gigabyte, and goes on after an interruption', async () => {
    const reference = await serve({ seed: 1 })
    const derived = await serve({ seed: 2, ancestor: 1, kept: 0.5 })
    expect(reference.parameters).toBeGreaterThan(1e12)
    expect(reference.tensors).toBeGreaterThan(100_000)

    const interrupted = await derived.open()
    let left = 150
    const failing: TensorSource = {
      ...interrupted,
      readBytes: async (...range) => {
        if (left-- <= 0) throw new Error('killed')
        return interrupted.readBytes(...range)
      },
    }
    await expect(compareModels(failing, await reference.open())).rejects.toThrow('killed')

    const other = await reference.open()
    const resumed = await compareModels(await derived.open(), other)
    const uninterrupted = await compareModels(await derived.open(), await reference.open())
    const again = { ...uninterrupted, bytesRead: resumed.bytesRead }
    expect(uninterrupted.bytesRead).toEqual(resumed.bytesRead)
    expect(again).toEqual(resumed)
    const body = resumed.components.find((entry) => entry.component === 'language_model')
    expect(body?.verdict).toBe('derived')
    expect(body?.log10P).toBeLessThan(-9)
    const tables = resumed.components.find((entry) => entry.component === 'embeddings')
    expect(tables?.verdict).toBe('no_evidence')
    expect(resumed.bytesRead.candidate + resumed.bytesRead.reference).toBeLessThan(1e9)
    expect(process.memoryUsage().rss).toBeLessThan(2e9)
  }, 300_000)
})
