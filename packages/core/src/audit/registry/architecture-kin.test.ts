import { describe, expect, it } from 'vitest'
import { renderKin } from '../../render/registry/kin-text.ts'
import { displayWidth } from '../../render/terminal/width.ts'
import { nearestArchitectures } from './architecture-kin.ts'

const base = {
  model_type: 'llama',
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  intermediate_size: 14336,
  vocab_size: 128256,
}
const known = (id: string, changes: object) => ({
  id,
  developer: 'Maker',
  architecture: { ...base, ...changes },
})

describe('nearest architectures', () => {
  it('ranks by facts alike minus twice the facts changed, and counts equal shapes', () => {
    const found = nearestArchitectures({ ...base, rope_theta: 5e5 }, [
      known('a/far', { hidden_size: 5120, vocab_size: 32000 }),
      known('b/near', { vocab_size: 196608, rope_theta: 1e6 }),
      known('c/same', {}),
      known('d/same', { rope_theta: 1e4, head_dim: 128 }),
    ])
    expect(found).toMatchObject({ models: 4, compared: 4, alike: 2 })
    expect(found.nearest.map(({ id }) => id)).toEqual(['c/same', 'd/same', 'b/near'])
    const [same, other, near] = found.nearest
    expect(same?.same).toContainEqual({ key: 'hidden_size', value: 4096 })
    // The recipe is told and does not count: otherwise d would stand behind c by more than its name.
    expect(other).toMatchObject({
      recipe: [{ key: 'rope_theta', own: 5e5, theirs: 1e4 }],
      changed: [],
    })
    expect(other?.open).toEqual(['head_dim'])
    expect(near?.changed).toEqual([{ key: 'vocab_size', own: 128256, theirs: 196608 }])
  })

  it('names nothing for two facts, and nothing that shares fewer than four', () => {
    expect(
      nearestArchitectures({ hidden_size: 4096, num_hidden_layers: 32 }, [known('a/b', {})]),
    ).toEqual({ models: 1, compared: 0, alike: 0, nearest: [] })
    const other = { ...base, hidden_size: 1, num_hidden_layers: 2, intermediate_size: 3 }
    const found = nearestArchitectures(other, [known('a/b', {})])
    expect(found).toMatchObject({ compared: 1, nearest: [] })
  })

  it.each(['ko', 'en'] as const)(
    'says in %s that it decides nothing, within the terminal',
    (language) => {
      const architecture = { ...base, vocab_size: 196608 }
      const list = nearestArchitectures(architecture, [
        known('x/\u001b[31mred', {}),
        known('x/y', {}),
      ])
      const text = renderKin(
        { id: 'own', architecture, list, registry: null },
        { language, width: 60 },
      )
      for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(60)
      expect(text.replaceAll('\n', ' ')).toContain('vocab_size 128256 → 196608')
      expect(text.replaceAll('\n', ' ')).toContain(
        language === 'ko' ? '아무것도 정하지 않습니다' : 'decides nothing',
      )
      expect(text).not.toContain('\u001b')
      const none = renderKin(
        { id: 'own', architecture: {}, list: null, registry: null },
        { language, width: 60 },
      )
      expect(none).toContain(language === 'ko' ? '항목이 없습니다' : 'states no fact')
    },
  )
})
