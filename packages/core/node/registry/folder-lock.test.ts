import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Fingerprint } from '../../src/audit/registry/fingerprint.ts'
import { whileAdding } from './folder-lock.ts'
import { folderRegistry } from './folder-registry.ts'
import { allOf, fingerprintOf, using } from './testing/registry-contract.ts'

let folder: string
let models: readonly Fingerprint[]
beforeAll(async () => {
  models = [await fingerprintOf('s1'), await fingerprintOf('s2')]
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dokja-adding-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const model = (at: number, id: string): Fingerprint => {
  const one = models[at]
  if (!one) throw new Error(`no model ${at}`)
  return { ...one, source: { ...one.source, id } }
}

const signer = (digit: string) => `sha256:${digit.repeat(64)}`

describe('several that add to one registry at once', () => {
  it('keep every place and every signer', async () => {
    const adders = ['a', 'b', 'c']
    await Promise.all(
      adders.map((own) =>
        using(Promise.resolve(folderRegistry(folder)), async (store) => {
          for (let at = 0; at < 4; at++) {
            const options = { place: `/models/${own}/${at}`, signedBy: signer(own) }
            await store.add(model(0, `${own}/${at}`), options)
          }
        }),
      ),
    )
    const listed = await using(Promise.resolve(folderRegistry(folder)), (store) =>
      allOf(store.listed()),
    )
    expect(listed).toHaveLength(12)
    for (const { identity, place, signedBy } of listed) {
      expect(place).toBe(`/models/${identity.id}`)
      expect(signedBy).toBe(signer(identity.id.slice(0, 1)))
    }
    expect(readdirSync(folder).filter((name) => /lock|partial/.test(name))).toEqual([])
  })

  it('never both add other weights under one name', async () => {
    const outcomes = await Promise.all(
      [0, 1].map((at) =>
        using(Promise.resolve(folderRegistry(folder)), (store) => store.add(model(at, 'org/name'))),
      ),
    )
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['added', 'conflict'])
  })
})

describe('a registry that is being added to', () => {
  const lock = () => join(folder, 'adding.lock')

  it('is waited for', async () => {
    const order: string[] = []
    const first = whileAdding(folder, async () => {
      order.push('first begins')
      await sleep(60)
      order.push('first ends')
    })
    await sleep(10)
    await Promise.all([first, whileAdding(folder, async () => order.push('second'))])
    expect(order).toEqual(['first begins', 'first ends', 'second'])
  })

  it('is free again after a fault, and where a process was ended in the midst of it', async () => {
    const failing = whileAdding(folder, async () => {
      throw new Error('a fault')
    })
    await expect(failing).rejects.toThrow('a fault')
    expect(existsSync(lock())).toBe(false)
    writeFileSync(lock(), '')
    const before = new Date(Date.now() - 11_000)
    utimesSync(lock(), before, before)
    expect(await whileAdding(folder, async () => 'done')).toBe('done')
    expect(readdirSync(folder)).toEqual([])
  })
})
