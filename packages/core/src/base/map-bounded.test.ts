import { describe, expect, it } from 'vitest'
import { mapBounded } from './map-bounded.ts'

const later = (turns: number) =>
  Array.from({ length: turns }).reduce<Promise<void>>(
    (chain) => chain.then(() => undefined),
    Promise.resolve(),
  )

describe('bounded mapping', () => {
  it('keeps the order of the items whatever ends first', async () => {
    const items = Array.from({ length: 50 }, (_, i) => i)
    const results = await mapBounded(items, 7, async (item) => {
      await later((item * 37) % 11)
      return item * 2
    })
    expect(results).toEqual(items.map((item) => item * 2))
  })

  it('never has more than the limit under way', async () => {
    let open = 0
    let most = 0
    await mapBounded(Array.from({ length: 40 }), 5, async () => {
      most = Math.max(most, ++open)
      await later(5)
      open--
    })
    expect(most).toBe(5)
  })

  it('throws the failure, begins nothing new, and waits for what is under way', async () => {
    let begun = 0
    let ended = 0
    const mapping = mapBounded(
      Array.from({ length: 30 }, (_, i) => i),
      3,
      async (item) => {
        begun++
        await later(4)
        ended++
        if (item === 4) throw new Error('four')
      },
    )
    await expect(mapping).rejects.toThrow('four')
    expect(begun).toBeLessThan(12)
    expect(ended).toBe(begun)
  })

  it('maps nothing to nothing', async () => {
    expect(await mapBounded([], 4, async () => 1)).toEqual([])
  })
})
