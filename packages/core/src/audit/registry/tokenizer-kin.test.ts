import { describe, expect, it } from 'vitest'
import { createRng } from '../../base/rng.ts'
import { registrySection } from '../../render/registry/registry-section.ts'
import { tokenizerTexts } from '../../render/registry/tokenizer-text.ts'
import {
  createNearest,
  isOneFamily,
  type TokenizerHolder,
  tokenizerKinship,
} from './tokenizer-kin.ts'
import { sharedTokens, sketchTokens } from './tokenizer-sketch.ts'

// Simulated vocabularies: words of a common stock, and words of each model's own.

const vocabulary = (
  seed: string,
  common: number,
  own: number,
  name = 'common',
): ReadonlySet<string> => {
  const rng = createRng(seed)
  const stock = Array.from({ length: common }, (_, i) => `${name} ${i}`)
  return new Set([...stock, ...Array.from({ length: own }, () => `${seed} ${rng.nextFloat()}`)])
}

let next = 1000
const holder = (
  id: string,
  tokens: ReadonlySet<string>,
  family: { developer?: string; lineage?: number } = {},
): TokenizerHolder => ({
  id,
  tokenizer: sketchTokens(tokens),
  developer: family.developer ?? null,
  lineage: family.lineage ?? next++,
})

const kinship = (
  own: TokenizerHolder['tokenizer'],
  holders: readonly TokenizerHolder[],
  others: readonly TokenizerHolder[],
) => {
  const nearest = createNearest(own)
  for (const { id, tokenizer } of holders) nearest.add(id, tokenizer)
  return tokenizerKinship(own, nearest, others)
}

/** Shared tokens counted one by one: what the sketch estimates. */
const countedShare = (own: ReadonlySet<string>, other: ReadonlySet<string>): number =>
  [...own].filter((token) => other.has(token)).length / own.size

describe('the estimated number of shared tokens', () => {
  it('is without bias and within its standard error of a count', () => {
    const errors: number[] = []
    for (const [at, common] of [0, 250, 1000, 1750, 2000].entries()) {
      for (let round = 0; round < 40; round++) {
        const [a, b] = ['a', 'b'].map((side) =>
          vocabulary(`${side}${at}.${round}`, common, 2000 - common, `${at}.${round}`),
        ) as [ReadonlySet<string>, ReadonlySet<string>]
        const jaccard = common / (4000 - common)
        const estimated = sharedTokens(sketchTokens(a), sketchTokens(b)) / 2000
        // d(2J/(1+J)) = 2/(1+J)² dJ, and J is a share of 256 buckets.
        const error = (2 / (1 + jaccard) ** 2) * Math.sqrt((jaccard * (1 - jaccard)) / 256)
        const miss = estimated - countedShare(a, b)
        if (error === 0) expect(miss).toBe(0)
        else errors.push(miss / error)
      }
    }
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    const square = errors.reduce((sum, error) => sum + error * error, 0) / errors.length
    expect(errors).toHaveLength(120)
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(errors.length))
    expect(square).toBeGreaterThan(0.5)
    expect(square).toBeLessThan(1.6)
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(5)
  })
})

describe('overlap beside base rates', () => {
  // Five makers with four models each: alike within, a third in common between.
  const sets = new Map<string, ReadonlySet<string>>()
  const models = ['one', 'two', 'three', 'four', 'five'].flatMap((developer) =>
    [0, 1, 2, 3].map((at) => {
      const set = new Set([
        ...vocabulary(developer, 1000, 2000),
        ...vocabulary(`${developer}${at}`, 0, 100),
      ])
      sets.set(`${developer}/${at}`, set)
      return holder(`${developer}/${at}`, set, { developer })
    }),
  )

  it('tells unrelated pairs from those of one family, as counting one by one does', () => {
    const own = vocabulary('own', 1000, 2100)
    const found = kinship(sketchTokens(own), models, models)
    const { unrelated, family } = found.baseRates
    expect(unrelated?.pairs).toBe((20 * 16) / 2)
    expect(family?.pairs).toBe((20 * 3) / 2)
    const counted = (isFamily: boolean) =>
      models
        .flatMap((x) =>
          models
            .filter((y) => y !== x && isOneFamily(x, y) === isFamily)
            .map((y) => countedShare(sets.get(x.id)!, sets.get(y.id)!)),
        )
        .sort((x, y) => x - y)
    for (const [distribution, exact] of [
      [unrelated!, counted(false)],
      [family!, counted(true)],
    ] as const) {
      const middle = exact[Math.ceil(exact.length / 2) - 1]!
      expect(Math.abs(distribution.quantiles.q50 - middle)).toBeLessThan(0.05)
      const { q05, q25, q50, q75, q95, q100 } = distribution.quantiles
      expect([q05, q25, q50, q75, q95, q100]).toEqual(
        [q05, q25, q50, q75, q95, q100].sort((x, y) => x - y),
      )
    }
    const nearest = found.nearest[0]!
    const asMuch = models.flatMap((x) =>
      models
        .filter((y) => !isOneFamily(x, y))
        .map((y) => sharedTokens(x.tokenizer, y.tokenizer) / x.tokenizer.tokens >= nearest.share),
    )
    expect(nearest.unrelatedAtLeast).toBe(asMuch.filter(Boolean).length / asMuch.length)
    // Nobody in one family has as little in common as strangers have.
    expect(nearest.familyAtLeast).toBe(1)
  })

  it('reads a copy against them', () => {
    const copy = kinship(models[0]!.tokenizer, models, models.slice(4))
    expect(copy.nearest[0]).toMatchObject({ id: 'one/0', share: 1, unrelatedAtLeast: 0 })
    expect(copy.nearest[0]!.familyAtLeast).toBe(0)
    expect(copy.baseRates.models).toBe(16)
    // In neither direction of any pair: another order gives the same.
    const turned = kinship(models[0]!.tokenizer, models.toReversed(), models.slice(4).toReversed())
    expect(turned).toEqual(copy)
  })

  it('joins a family by lineage where developers are not known', () => {
    const [a, b] = ['a', 'b'].map((id) => ({ ...models[0]!, id, developer: null, lineage: 7 }))
    expect(isOneFamily(a!, b!)).toBe(true)
    expect(isOneFamily(a!, { ...b!, lineage: 8 })).toBe(false)
  })

  it('says that a registry is too small', () => {
    const found = kinship(models[0]!.tokenizer, models, models.slice(0, 5))
    expect(found.baseRates).toMatchObject({
      unrelated: null,
      family: null,
      unrelatedPairs: 4,
      familyPairs: 6,
    })
    expect(found.nearest[0]!.unrelatedAtLeast).toBeNull()
    const texts = tokenizerTexts({ tokenizers: found }, 'en').join('\n')
    expect(texts).toContain(
      'has 4 pairs of unrelated models, too few for a base rate (20 are needed)',
    )
    expect(tokenizerTexts({ tokenizers: found }, 'ko').join('\n')).toContain(
      '기준 비율을 말할 수 없습니다',
    )
    expect(tokenizerTexts({ tokenizers: null }, 'ko')).toEqual([])
  })

  it.each(['ko', 'en'] as const)('stands in the page of an audit, in %s', (language) => {
    const tokenizers = kinship(models[0]!.tokenizer, models, models.slice(4))
    const findings = { models: 20, compared: 20, hypotheses: 60, kin: [], tokenizers }
    const markup = registrySection(findings, { language, prefix: language })?.markup
    expect(markup).toContain(language === 'ko' ? '참고일 뿐이며' : 'decides nothing')
    expect(markup).toContain('one/0')
    expect(markup).toContain('96')
    expect(markup).not.toMatch(/기재 없음|not stated|NaN/)
  })
})
