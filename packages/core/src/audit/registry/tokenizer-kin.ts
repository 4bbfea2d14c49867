import type { TokenizerSketch } from './fingerprint.ts'
import { sharedTokens } from './tokenizer-sketch.ts'

/** A model of a registry, with what says to which family it belongs. */
export type TokenizerHolder = {
  readonly id: string
  readonly tokenizer: TokenizerSketch
  /** Null where it is not known. */
  readonly developer: string | null
  /** The same number for models whose weights depend on each other, directly or through others. */
  readonly lineage: number
}

/** Shares of one kind of pair, each pair counted in both directions. */
export type OverlapDistribution = {
  readonly pairs: number
  /** Nearest-rank quantiles of the share, 0 to 1. */
  readonly quantiles: Readonly<Record<'q05' | 'q25' | 'q50' | 'q75' | 'q95' | 'q100', number>>
}

export type TokenizerOverlap = {
  readonly id: string
  readonly tokens: number
  /** Estimated number of the suspect's tokens that this model has too. */
  readonly shared: number
  /** shared / the suspect's tokens. */
  readonly share: number
  /** Of the pairs of unrelated models, and of one family, how many share at least as much; null: too few. */
  readonly unrelatedAtLeast: number | null
  readonly familyAtLeast: number | null
}

export type TokenizerKinship = {
  /** Distinct tokens of the suspect. */
  readonly tokens: number
  /** Models of the registry that have a tokenizer. */
  readonly models: number
  /** The largest overlaps, largest first. */
  readonly nearest: readonly TokenizerOverlap[]
  readonly baseRates: {
    /** Models among which pairs were formed: neither relatives of the suspect nor beyond the sample. */
    readonly models: number
    readonly needed: number
    readonly unrelatedPairs: number
    readonly familyPairs: number
    readonly unrelated: OverlapDistribution | null
    readonly family: OverlapDistribution | null
  }
}

/** Fewer pairs give no base rate: one more would move a share by five points. */
export const PAIRS_NEEDED = 20
const LISTED = 5

type Overlap = Pick<TokenizerOverlap, 'id' | 'tokens' | 'shared' | 'share'>

/** The largest overlaps with any number of tokenizers, largest first; no others are kept. */
export type NearestTokenizers = {
  readonly add: (id: string, tokenizer: TokenizerSketch) => void
  readonly models: () => number
  readonly list: () => readonly Overlap[]
}

export function createNearest(own: TokenizerSketch): NearestTokenizers {
  let models = 0
  let nearest: Overlap[] = []
  return {
    add: (id, tokenizer) => {
      models++
      const shared = sharedTokens(own, tokenizer)
      const share = shared / Math.max(1, own.tokens)
      const least = nearest[LISTED - 1]
      if (least && share < least.share) return
      nearest = [...nearest, { id, tokens: tokenizer.tokens, shared, share }]
        .sort((x, y) => y.share - x.share || (x.id < y.id ? -1 : x.id > y.id ? 1 : 0))
        .slice(0, LISTED)
    },
    models: () => models,
    list: () => nearest,
  }
}

/**
 * How much of a tokenizer is in those of a registry, beside how much others share. Two models are of
 * one family when developer or lineage are the same. `others` must not hold relatives of the suspect.
 * Descriptive: it decides nothing. docs/methods/tokenizer-overlap.md
 */
export function tokenizerKinship(
  own: TokenizerSketch,
  nearest: NearestTokenizers,
  others: readonly TokenizerHolder[],
): TokenizerKinship {
  const shares = pairShares(others)
  const isEnough = (list: readonly number[]) => list.length >= 2 * PAIRS_NEEDED
  const unrelated = isEnough(shares.unrelated) ? shares.unrelated : null
  const family = isEnough(shares.family) ? shares.family : null
  return {
    tokens: own.tokens,
    models: nearest.models(),
    nearest: nearest.list().map((one) => ({
      ...one,
      unrelatedAtLeast: unrelated && shareAtLeast(unrelated, one.share),
      familyAtLeast: family && shareAtLeast(family, one.share),
    })),
    baseRates: {
      models: others.length,
      needed: PAIRS_NEEDED,
      unrelatedPairs: shares.unrelated.length / 2,
      familyPairs: shares.family.length / 2,
      unrelated: unrelated && distributionOf(unrelated),
      family: family && distributionOf(family),
    },
  }
}

function pairShares(models: readonly TokenizerHolder[]) {
  const [unrelated, family]: [number[], number[]] = [[], []]
  for (const [at, first] of models.entries()) {
    for (const second of models.slice(at + 1)) {
      const list = isOneFamily(first, second) ? family : unrelated
      const shared = sharedTokens(first.tokenizer, second.tokenizer)
      for (const { tokenizer } of [first, second]) list.push(shared / Math.max(1, tokenizer.tokens))
    }
  }
  return { unrelated: unrelated.sort(ascending), family: family.sort(ascending) }
}

export const isOneFamily = (
  x: Pick<TokenizerHolder, 'developer' | 'lineage'>,
  y: Pick<TokenizerHolder, 'developer' | 'lineage'>,
): boolean => x.lineage === y.lineage || (x.developer !== null && x.developer === y.developer)

const ascending = (x: number, y: number): number => x - y

const shareAtLeast = (sorted: readonly number[], least: number): number =>
  sorted.filter((share) => share >= least).length / sorted.length

function distributionOf(sorted: readonly number[]): OverlapDistribution {
  const quantile = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0
  return {
    pairs: sorted.length / 2,
    quantiles: {
      q05: quantile(0.05),
      q25: quantile(0.25),
      q50: quantile(0.5),
      q75: quantile(0.75),
      q95: quantile(0.95),
      q100: quantile(1),
    },
  }
}
