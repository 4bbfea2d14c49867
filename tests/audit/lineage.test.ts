import { describe, expect, it } from 'vitest'
import { compareByName, componentOf, lineage } from './models.ts'

// Every pair of testdata/models whose lineage is known, against the verdict it must get.

const known = lineage.pairs.map(
  (pair) => [`${pair.candidate} against ${pair.reference}`, pair] as const,
)

describe('known lineage', () => {
  it.each(known)('%s', async (_, pair) => {
    const comparison = await compareByName(pair.candidate, pair.reference)
    for (const [component, verdict] of Object.entries(pair.expected)) {
      // Nothing in a tokenizer was initialised at random: it is described, never judged.
      if (component === 'tokenizer') continue
      const allowed = [verdict, ...(pair.acceptable?.[component] ?? [])]
      const found = componentOf(comparison, component)
      expect(allowed, `${component}: ${JSON.stringify(found.reasons)}`).toContain(found.verdict)
      if (found.verdict === 'no_evidence') {
        expect(found.minDetectableCorrelation).toBeGreaterThan(0)
        expect(found.minDetectableCorrelation).toBeLessThan(1)
        expect(found.log10P ?? 0).toBeGreaterThan(-9)
      }
      if (found.verdict === 'derived') {
        expect(found.tier).toBe('exact')
        expect(found.log10P).toBeLessThanOrEqual(-9)
      }
    }
  })

  it('shows the case of January 2026: a borrowed tower in an otherwise independent model', async () => {
    for (const [suspect, verdict] of [
      ['vlm-borrowed-tuned', 'derived'],
      ['vlm-borrowed-frozen', 'identical'],
    ] as const) {
      const comparison = await compareByName(suspect, 'vlm-donor')
      const tower = componentOf(comparison, 'vision_encoder')
      expect(tower.verdict).toBe(verdict)
      expect(tower.tier).toBe('exact')
      expect(tower.log10P).toBeLessThan(-100)
      const body = componentOf(comparison, 'language_model')
      expect(body.verdict).toBe('no_evidence')
      expect(body.minDetectableCorrelation).toBeLessThan(0.1)
      expect(comparison.verdict).toBe(verdict)
    }
  })

  it('gives the same answer when it is asked again', async () => {
    const first = await compareByName('cpt1', 's1')
    const second = await compareByName('cpt1', 's1')
    expect(second).toEqual(first)
  })

  it('finds dependence in both directions', async () => {
    const forward = await compareByName('cpt1', 's1')
    const backward = await compareByName('s1', 'cpt1')
    expect(forward.verdict).toBe('derived')
    expect(backward.verdict).toBe('derived')
  })
})
