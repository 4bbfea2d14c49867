import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createRng } from '../../src/base/rng.ts'
import { LocalFileStore } from './file-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'dokja-store-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = join(folder, 'weights.bin')
const rng = createRng('file store')
/** More than is copied at once. */
const content = Uint8Array.from({ length: 2 ** 21 + 77 }, () => rng.nextInt(256))
writeFileSync(path, content)

it('a long file is read by a thread, whole, beside what is copied at once', async () => {
  const long = Buffer.concat([content, content, content])
  writeFileSync(join(folder, 'long.bin'), long)
  const store = new LocalFileStore({ patienceMs: Number.POSITIVE_INFINITY })
  await store.add('long', join(folder, 'long.bin'))
  const order: string[] = []
  const whole = store.read('long', 0, long.length).finally(() => order.push('long'))
  const start = store.read('long', 0, 10).finally(() => order.push('short'))
  expect(Buffer.compare(await whole, long)).toBe(0)
  expect(Buffer.compare(await start, long.subarray(0, 10))).toBe(0)
  expect(order).toEqual(['short', 'long'])
  expect(store.bytesRead).toBe(long.length + 10)
  await store.close()
})

describe.each([
  ['at once, from memory', { patienceMs: Number.POSITIVE_INFINITY }],
  ['by threads, from what makes us wait', { patienceMs: Number.NEGATIVE_INFINITY }],
])('a file read %s', (_, options) => {
  it('gives the bytes asked for, several pieces under way', async () => {
    const store = new LocalFileStore(options)
    await store.add('weights', path)
    const ranges = [
      [0, content.length],
      [5, 6],
      [2 ** 20 - 3, 2 ** 20 + 3],
      [content.length - 1, content.length],
      [9, 9],
    ] as const
    for (let round = 0; round < 2; round++) {
      const pieces = await Promise.all(ranges.map(([from, to]) => store.read('weights', from, to)))
      pieces.forEach((piece, k) => {
        const [from, to] = ranges[k]!
        expect(Buffer.compare(piece, content.subarray(from, to))).toBe(0)
      })
    }
    expect(store.bytesRead).toBe(2 * ranges.reduce((sum, [from, to]) => sum + to - from, 0))
    await store.close()
  })

  it('refuses a file that becomes shorter', async () => {
    const shrinking = join(folder, 'shrinking.bin')
    writeFileSync(shrinking, content)
    const store = new LocalFileStore(options)
    await store.add('weights', shrinking)
    await store.read('weights', 0, 10)
    writeFileSync(shrinking, content.subarray(0, 100))
    await expect(store.read('weights', 50, 200)).rejects.toThrow(
      /ends at byte 100 now|changed while/,
    )
    await store.close()
  })
})
