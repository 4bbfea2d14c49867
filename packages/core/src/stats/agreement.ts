import type { Rng } from '../base/rng.ts'
import { intervalOf } from './percentile.ts'

/** How far apart two ratings are: by kind, by place in the order, by difference, by ratio. */
export type AgreementLevel = 'nominal' | 'ordinal' | 'interval' | 'ratio'

/** Ratings grouped by the thing rated: unit u has ratings values[starts[u]] to values[starts[u+1]−1]. */
export type RatedUnits = { readonly starts: Uint32Array; readonly values: Float64Array }

export type Agreement =
  | {
      readonly kind: 'measured'
      readonly level: AgreementLevel
      /** 1: perfect, 0: as by chance, below 0: systematic disagreement. */
      readonly alpha: number
      /** Units with at least two ratings, and the ratings in them. */
      readonly units: number
      readonly ratings: number
    }
  | { readonly kind: 'no_information'; readonly reason: AgreementGap }

export type AgreementGap =
  /** Fewer than two units have at least two ratings. */
  | 'fewer_than_two_units'
  /** All ratings are equal: neither agreement nor disagreement can show. */
  | 'no_variation'
  /** More distinct values than a coincidence table is kept for; 'interval' has no such limit. */
  | 'too_many_values'

/** Distinct values up to which coincidences are tabulated. */
const MAX_DISTINCT = 512

/**
 * Krippendorff's α for any number of raters, with missing ratings (Krippendorff 2004, Content
 * Analysis, ch. 11): α = 1 − (n−1)·Σ o_ck δ²_ck / Σ n_c n_k δ²_ck over the coincidences
 * o_ck = Σ_u (ordered pairs c, k in u) / (m_u − 1). Units with one rating carry nothing.
 */
export function krippendorffAlpha(rated: RatedUnits, level: AgreementLevel): Agreement {
  const prepared = prepare(rated, level)
  if (prepared.kind === 'no_information') return prepared
  const alpha = prepared.alphaOf(new Float64Array(prepared.units).fill(1))
  if (alpha === undefined) return { kind: 'no_information', reason: 'no_variation' }
  return { kind: 'measured', level, alpha, units: prepared.units, ratings: prepared.ratings }
}

/**
 * Percentile interval of α: units are drawn with replacement, as often as there are units.
 * `draws` counts those in which α exists; where all drawn ratings are equal it does not.
 */
export function alphaInterval(
  rated: RatedUnits,
  level: AgreementLevel,
  options: { readonly rng: Rng; readonly draws: number; readonly coverage: number },
): { readonly low: number; readonly high: number; readonly draws: number } | undefined {
  const prepared = prepare(rated, level)
  if (prepared.kind === 'no_information') return undefined
  const found: number[] = []
  const times = new Float64Array(prepared.units)
  for (let draw = 0; draw < options.draws; draw++) {
    times.fill(0)
    for (let i = 0; i < times.length; i++) times[options.rng.nextInt(times.length)]! += 1
    const alpha = prepared.alphaOf(times)
    if (alpha !== undefined) found.push(alpha)
  }
  if (found.length === 0) return undefined
  return { ...intervalOf(Float64Array.from(found), options.coverage), draws: found.length }
}

type Prepared = {
  readonly kind: 'ready'
  readonly units: number
  readonly ratings: number
  /** α when unit u counts times[u] times; undefined where all ratings are then equal. */
  readonly alphaOf: (times: Float64Array) => number | undefined
}

function prepare(
  rated: RatedUnits,
  level: AgreementLevel,
): Prepared | Extract<Agreement, { kind: 'no_information' }> {
  const pairable: Float64Array[] = []
  for (let u = 0; u + 1 < rated.starts.length; u++) {
    const own = rated.values.subarray(rated.starts[u]!, rated.starts[u + 1]!)
    if (own.length >= 2) pairable.push(own)
  }
  if (pairable.length < 2) return { kind: 'no_information', reason: 'fewer_than_two_units' }
  const ratings = pairable.reduce((count, own) => count + own.length, 0)
  const common = { kind: 'ready', units: pairable.length, ratings } as const
  if (level === 'interval') return { ...common, alphaOf: intervalAlpha(pairable) }
  const distinct = [...new Set(pairable.flatMap((own) => [...own]))].sort((a, b) => a - b)
  if (distinct.length > MAX_DISTINCT) return { kind: 'no_information', reason: 'too_many_values' }
  return { ...common, alphaOf: tabulatedAlpha(pairable, distinct, level) }
}

/**
 * With squared differences the double sums collapse to sums of squares:
 * Σ over ordered pairs of a set of m values of (x−y)² = 2·m·Σ(x−mean)².
 */
function intervalAlpha(units: readonly Float64Array[]): Prepared['alphaOf'] {
  const count = Float64Array.from(units, (own) => own.length)
  const mean = Float64Array.from(units, (own) => own.reduce((a, b) => a + b, 0) / own.length)
  const spread = Float64Array.from(units, (own, u) =>
    own.reduce((sum, x) => sum + (x - mean[u]!) ** 2, 0),
  )
  return (times) => {
    let n = 0
    let sum = 0
    let within = 0
    for (let u = 0; u < times.length; u++) {
      n += times[u]! * count[u]!
      sum += times[u]! * count[u]! * mean[u]!
      within += (times[u]! * 2 * count[u]! * spread[u]!) / (count[u]! - 1)
    }
    const centre = sum / n
    let total = 0
    for (let u = 0; u < times.length; u++) {
      total += times[u]! * (spread[u]! + count[u]! * (mean[u]! - centre) ** 2)
    }
    return total > 0 ? 1 - ((n - 1) * within) / (2 * n * total) : undefined
  }
}

function tabulatedAlpha(
  units: readonly Float64Array[],
  distinct: readonly number[],
  level: Exclude<AgreementLevel, 'interval'>,
): Prepared['alphaOf'] {
  const size = distinct.length
  const place = new Map(distinct.map((value, i) => [value, i]))
  const tallies = units.map((own) => {
    const tally = new Map<number, number>()
    for (const value of own) {
      const at = place.get(value)!
      tally.set(at, (tally.get(at) ?? 0) + 1)
    }
    return [...tally]
  })
  return (times) => {
    const coincidence = new Float64Array(size * size)
    const marginal = new Float64Array(size)
    for (let u = 0; u < times.length; u++) {
      if (times[u] === 0) continue
      const share = times[u]! / (units[u]!.length - 1)
      for (const [c, inC] of tallies[u]!) {
        marginal[c]! += times[u]! * inC
        for (const [k, inK] of tallies[u]!) {
          coincidence[c * size + k]! += share * inC * (c === k ? inC - 1 : inK)
        }
      }
    }
    return alphaOfTable({ coincidence, marginal, distinct, level })
  }
}

function alphaOfTable(table: {
  readonly coincidence: Float64Array
  readonly marginal: Float64Array
  readonly distinct: readonly number[]
  readonly level: Exclude<AgreementLevel, 'interval'>
}): number | undefined {
  const { coincidence, marginal, distinct, level } = table
  const size = distinct.length
  // below[c]: ratings of lower values; the ordinal distance is the difference of mid-ranks.
  const below = new Float64Array(size + 1)
  for (let c = 0; c < size; c++) below[c + 1] = below[c]! + marginal[c]!
  const n = below[size]!
  let observed = 0
  let expected = 0
  for (let c = 0; c < size; c++) {
    for (let k = 0; k < size; k++) {
      if (c === k) continue
      const distance = squaredDistance(level, {
        first: distinct[c]!,
        second: distinct[k]!,
        ranks: below[k]! + marginal[k]! / 2 - below[c]! - marginal[c]! / 2,
      })
      observed += coincidence[c * size + k]! * distance
      expected += marginal[c]! * marginal[k]! * distance
    }
  }
  return expected > 0 ? 1 - ((n - 1) * observed) / expected : undefined
}

function squaredDistance(
  level: Exclude<AgreementLevel, 'interval'>,
  pair: { readonly first: number; readonly second: number; readonly ranks: number },
): number {
  if (level === 'nominal') return 1
  if (level === 'ordinal') return pair.ranks ** 2
  const sum = pair.first + pair.second
  return sum === 0 ? 0 : ((pair.first - pair.second) / sum) ** 2
}
