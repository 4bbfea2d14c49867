import { describe, expect, it } from 'vitest'
import type { ComponentComparison, MergeFinding } from '../../audit/result.ts'
import { recheckCommands } from '../recheck.ts'
import { rearrangedComparison } from '../testing/audit-cases.ts'
import { mergeText, runsText, structureTexts } from './structure-texts.ts'

const part: ComponentComparison = {
  component: 'language_model',
  verdict: 'derived',
  tier: 'exact',
  log10P: -40,
  minDetectableCorrelation: null,
  parameterFraction: 1,
  parameters: 10,
  reasons: [],
  tests: [],
  cells: [],
}

describe('where parts lie in the reference', () => {
  it('writes neighbours that move together as one run', () => {
    const doubled = [0, 1, 2, 3, 1, 2, 3, 4].map((reference, own) => [own, reference] as const)
    expect(runsText(doubled)).toBe('0–3 → 0–3, 4–7 → 1–4')
    expect(
      runsText([
        [0, 2],
        [2, 0],
      ]),
    ).toBe('0 → 2, 2 → 0')
    expect(runsText([])).toBe('')
  })

  it('tells layers, experts of a dense MLP and of experts, and a recovered rearrangement', () => {
    const texts = structureTexts(
      {
        ...part,
        layerMap: [
          { candidate: 0, reference: 0, log10P: -20 },
          { candidate: 1, reference: 2, log10P: -20 },
        ],
        expertMap: [
          { layer: 1, expert: 0, referenceExpert: null, log10P: -20 },
          { layer: 1, expert: 1, referenceExpert: null, log10P: -20 },
          { layer: 2, expert: 0, referenceExpert: 3, log10P: -20 },
        ],
        transform: {
          residual: { kind: 'rotation', matched: 48, of: 48 },
          layers: [{ candidate: 0, reference: 0, matched: 90, of: 96 }],
          heldOut: { correlation: 0.9963, error: 0.0858 },
          digest: 'sha256:0',
        },
      },
      'en',
    )
    expect(texts).toEqual([
      'Layers (candidate → reference): 0 → 0, 1 → 2.',
      'Experts of layer 1: 0–1 → the dense MLP.',
      'Experts of layer 2: 0 → 3.',
      'The residual space of 48 dimensions was rotated, and the rotation was recovered.',
      'Of the 96 hidden units of 1 layer, 90 were paired again, with sign and scale.',
      'Replayed on weights that the recovery has not seen (down), it correlates at 0.9963 with a relative error of 0.0858.',
    ])
    expect(structureTexts(part, 'ko')).toEqual([])
  })

  it('names the file of a transform, and how many of many units have a sign and scale', () => {
    const { components } = rearrangedComparison()
    expect(structureTexts(components[0]!, 'en')).toEqual([
      'Layers (candidate → reference): 0–2 → 1–3.',
      'The residual space of 4,096 dimensions was rotated, and the rotation was recovered.',
      'Of the 33,024 hidden units of 3 layers, 33,021 were paired again, at most 2,048 of each layer with sign and scale.',
      'Replayed on weights that the recovery has not seen (down), it correlates at 0.9951 with a relative error of 0.0988.',
      'The whole transform is in transform-language_model.safetensors (67.5\u00a0MB) beside the report; with dokja replay anybody can apply it again.',
    ])
    expect(structureTexts(components[0]!, 'ko').at(-1)).toContain('dokja replay')
    expect(recheckCommands([rearrangedComparison()])).toEqual([
      'npx dokja compare team-e/turned-7b llama/llama-7b --json',
      'npx dokja replay team-e/turned-7b llama/llama-7b transform-language_model.safetensors --json',
    ])
    expect(recheckCommands([rearrangedComparison()], { folder: "it's out/" })[1]).toContain(
      `'it'\\''s out/transform-language_model.safetensors' --json`,
    )
  })

  it('tells layers and experts that only a recovered rearrangement places', () => {
    const place = (own: number, expert: number | null, other: number, from: number | null) => ({
      candidate: own,
      expert,
      reference: other,
      referenceExpert: from,
      matched: 90,
      of: 96,
    })
    const transform = (layers: readonly ReturnType<typeof place>[]) => ({
      residual: { kind: 'rotation' as const, matched: 36, of: 48 },
      layers,
      heldOut: null,
      digest: 'sha256:0',
    })
    const moved = [place(0, 0, 2, null), place(0, 1, 2, null), place(1, 0, 1, null)]
    expect(structureTexts({ ...part, transform: transform(moved) }, 'en')).toEqual([
      'Layers (candidate → reference): 0 → 2, 1 → 1.',
      'Experts of layer 1: 0 → the dense MLP.',
      'Of the 48 dimensions of the residual space 36 are left, rotated, and the rotation was recovered.',
      'Of the 288 hidden units of 2 layers, 270 were paired again, with sign and scale.',
    ])
    const shuffled = [place(0, 0, 0, 1), place(0, 1, 0, 0)]
    expect(structureTexts({ ...part, transform: transform(shuffled) }, 'en')[0]).toBe(
      'Experts of layer 0: 0 → 1, 1 → 0.',
    )
  })

  it.each(['linear', 'slerp', 'passthrough'] as const)('names parents and shares: %s', (kind) => {
    const merge: MergeFinding = {
      component: 'embeddings',
      kind,
      parents: ['org/a', 'org/b'],
      weights: [0.6, 0.4],
      gain: 0.98,
      collinearity: null,
      layers: [],
    }
    for (const language of ['ko', 'en'] as const) {
      const text = mergeText(merge, language)
      expect(text).toContain(kind === 'passthrough' ? 'org/a (60%)' : 'org/a (0.600)')
      if (kind !== 'passthrough') expect(text).toContain('98%')
    }
  })
})
