import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { folderRangeCache } from './range-cache.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dokja-ranges-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const KEY = { content: 'a hub@commit/model.safetensors/digest', beginByte: 100, endByte: 612 }
const BYTES = Uint8Array.from({ length: 512 }, (_, i) => i)

async function kept(name: string) {
  const folder = join(scratch, name)
  const cache = folderRangeCache(folder)
  await cache.put(KEY, BYTES)
  const [file] = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return { folder, cache, path: join(file?.parentPath ?? '', file?.name ?? '') }
}

describe('ranges that were kept', () => {
  it('come back for their own content and place alone', async () => {
    const { cache } = await kept('own')
    expect(await cache.get(KEY)).toEqual(BYTES)
    expect(await cache.get({ ...KEY, content: 'another' })).toBeUndefined()
    expect(await cache.get({ ...KEY, endByte: 611 })).toBeUndefined()
  })

  it.each<[string, (held: Buffer) => Uint8Array]>([
    ['one bit is another', (held) => held.fill((held.at(-1) ?? 0) ^ 1, held.length - 1)],
    ['a crash left zeros', (held) => Buffer.alloc(held.length)],
    ['it ends early', (held) => held.subarray(0, held.length - 1)],
    ['it has no digest', () => BYTES],
    ['it is empty', () => Buffer.alloc(0)],
  ])('are fetched again where %s', async (name, damage) => {
    const { cache, path } = await kept(name)
    writeFileSync(path, damage(readFileSync(path)))
    expect(await cache.get(KEY)).toBeUndefined()
    await cache.put(KEY, BYTES)
    expect(await cache.get(KEY)).toEqual(BYTES)
  })

  it('are no matter where nothing can be kept', async () => {
    writeFileSync(join(scratch, 'occupied'), '')
    const cache = folderRangeCache(join(scratch, 'occupied'))
    await cache.put(KEY, BYTES)
    expect(await cache.get(KEY)).toBeUndefined()
    const { folder, cache: other, path } = await kept('replaced')
    rmSync(path)
    mkdirSync(path)
    await other.put(KEY, BYTES)
    expect(await other.get(KEY)).toBeUndefined()
    const left = readdirSync(folder, { recursive: true }).filter((name) =>
      /partial/.test(`${name}`),
    )
    expect(left).toEqual([])
  })
})
