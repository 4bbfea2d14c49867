import { assert } from '../base/errors.ts'
import type { Rng } from '../base/rng.ts'

/**
 * The units of a sample, in strata that are sampled apart (items of one benchmark, the members of
 * one panel). Units of one cluster are drawn together; without clusters every unit is its own.
 */
export type SampledUnits = {
  readonly units: number
  /** Stratum h holds clusters members[starts[h]] to members[starts[h+1]−1]. */
  readonly starts: Uint32Array
  readonly members: Uint32Array
  /** Cluster of each unit, or undefined where units and clusters are the same. */
  readonly clusterOf: Uint32Array | undefined
}

const TWO_16 = 2 ** 16
const TWO_32 = 2 ** 32
/** Strata up to this size take two draws from every 32 random bits. */
const SMALL = 2 ** 13

/**
 * How many of n clusters are drawn. The spread of n−3 draws, each counting n/(n−3), is s²/n times
 * (n−1)/(n−3): the variance of Student's t with n−1 degrees of freedom, so that a small panel is as
 * unsure as it should be. The plain bootstrap (n of n) is too sure by the factor (n−1)/n instead.
 */
export const drawnOf = (clusters: number): number => Math.max(1, clusters - 3)

/**
 * Weights of the rescaled bootstrap (Rao and Wu 1988, JASA 83, 231–241): of the n clusters of a
 * stratum `drawnOf(n)` are drawn with replacement and count equally, so that the weights of a
 * stratum add up to n. A stratum of one cluster cannot be resampled and keeps 1.
 *
 * `weights` receives one weight per unit; `scratch` has one entry per cluster.
 */
export function drawWeights(
  sampled: SampledUnits,
  rng: Rng,
  out: { readonly weights: Float64Array; readonly scratch: Float64Array },
): void {
  const { starts, members, clusterOf } = sampled
  const target = clusterOf ? out.scratch : out.weights
  target.fill(0)
  for (let h = 0; h + 1 < starts.length; h++) {
    const from = starts[h]!
    const size = starts[h + 1]! - from
    if (size === 1) {
      target[members[from]!] = 1
      continue
    }
    const drawn = drawnOf(size)
    const each = size / drawn
    const stratum = { target, members, from, size, drawn, each }
    if (size <= SMALL) addSmallStratum(stratum, rng)
    else addLargeStratum(stratum, rng)
  }
  if (clusterOf) for (let u = 0; u < sampled.units; u++) out.weights[u] = target[clusterOf[u]!]!
}

type StratumDraw = {
  readonly target: Float64Array
  readonly members: Uint32Array
  readonly from: number
  readonly size: number
  readonly drawn: number
  readonly each: number
}

/**
 * Uniform without bias by Lemire's multiplication (2019, ACM TOMACS 29): of the 2ᵇ values of b random
 * bits, the first 2ᵇ mod size of every slice are refused. Products stay below 2²⁹ here.
 */
function addSmallStratum(stratum: StratumDraw, rng: Rng): void {
  const { target, members, from, size, drawn, each } = stratum
  const refused = TWO_16 % size
  let left = drawn
  while (left > 0) {
    const bits = rng.nextUint32()
    const low = (bits & 0xffff) * size
    if ((low & 0xffff) >= refused) {
      target[members[from + (low >>> 16)]!]! += each
      left--
    }
    const high = (bits >>> 16) * size
    if (left > 0 && (high & 0xffff) >= refused) {
      target[members[from + (high >>> 16)]!]! += each
      left--
    }
  }
}

/** The same with 32 bits; products stay below 2⁵³ for up to 2²¹ members. */
function addLargeStratum(stratum: StratumDraw, rng: Rng): void {
  const { target, members, from, size, drawn, each } = stratum
  assert(size < 2 ** 21, `a stratum of ${size}`)
  const refused = TWO_32 % size
  let left = drawn
  while (left > 0) {
    const product = rng.nextUint32() * size
    const place = Math.floor(product / TWO_32)
    if (product - place * TWO_32 < refused) continue
    target[members[from + place]!]! += each
    left--
  }
}

/** Units of one stratum without clusters. */
export function oneStratum(units: number): SampledUnits {
  return {
    units,
    starts: Uint32Array.of(0, units),
    members: Uint32Array.from({ length: units }, (_, i) => i),
    clusterOf: undefined,
  }
}

/** Units by the stratum of each, counted from 0 without gaps. */
export function strataOf(stratum: Uint32Array): SampledUnits {
  const starts: number[] = [0]
  for (const h of stratum) {
    while (starts.length < h + 2) starts.push(0)
    starts[h + 1]! += 1
  }
  for (let h = 1; h < starts.length; h++) {
    assert(starts[h]! > 0, `stratum ${h - 1} is empty`)
    starts[h]! += starts[h - 1]!
  }
  const next = starts.slice()
  const members = new Uint32Array(stratum.length)
  stratum.forEach((h, unit) => {
    members[next[h]!++] = unit
  })
  return {
    units: stratum.length,
    starts: Uint32Array.from(starts),
    members,
    clusterOf: undefined,
  }
}

/** Whether any stratum has more than one cluster, and how many strata have one only. */
export function resamplable(sampled: SampledUnits): {
  readonly any: boolean
  readonly fixedStrata: number
} {
  let fixedStrata = 0
  const strata = sampled.starts.length - 1
  for (let h = 0; h < strata; h++) {
    if (sampled.starts[h + 1]! - sampled.starts[h]! === 1) fixedStrata++
  }
  return { any: fixedStrata < strata, fixedStrata }
}
