import { isDependent } from '../result.ts'
import { isSameModel } from './claims.ts'
import { hashesOf } from './compare-content.ts'
import { compareFingerprints } from './compare-fingerprints.ts'
import { deviationOf } from './compare-sketches.ts'
import { type AtlasEdge, type AtlasFamily, familiesOf } from './family-tree.ts'
import type { Fingerprint } from './fingerprint.ts'
import { entriesWithMovedLayers, movedCells } from './moved-layers.ts'
import { packRuns, type SketchRun } from './packed-sketches.ts'
import { plainScanner, type RunScanner } from './scan-rows.ts'
import { SCREEN_DEVIATION } from './scan-sketches.ts'
import { keyOf, type Sketch } from './sketch.ts'

export type { AtlasEdge, AtlasFamily }

export type Atlas = {
  readonly models: readonly Fingerprint[]
  readonly families: readonly AtlasFamily[]
  /** Models without a relative among the others. */
  readonly singles: readonly number[]
  readonly hypotheses: number
  readonly log10Alpha: number
}

const LOG10_ALPHA = -9

/** Every pair of models of a registry, and the families that their dependences form. */
export function buildAtlas(
  models: readonly Fingerprint[],
  scanner: RunScanner = plainScanner,
): Atlas {
  const sketches = models.flatMap(({ components }, model) =>
    components.flatMap((component) => component.sketches.map((sketch) => ({ model, sketch }))),
  )
  const pairs = pairsWithEqualBlocks(models)
  let hypotheses = 0
  const runs = packRuns(
    sketches.map(({ model, sketch }, position) => ({
      owner: { entry: String(model), position },
      sketch,
    })),
  )
  for (const run of runs) {
    const scanned = scanRun(run, sketches, scanner)
    hypotheses += scanned.hypotheses
    for (const pair of scanned.pairs) pairs.add(pair)
  }
  const correction = { hypotheses: Math.max(1, hypotheses), log10Alpha: LOG10_ALPHA }
  const edges = [...pairs].sort().flatMap((key) => {
    const [first = 0, second = 0] = key.split('/').map(Number)
    const [a, b] = [models[first], models[second]]
    if (!a || !b) return []
    const comparison = compareFingerprints(a, b, correction)
    if (!isDependent(comparison)) return []
    const isBody = comparison.components.some(
      (component) => component.component === 'language_model' && isDependent(component),
    )
    return [
      { first, second, comparison, isBody, claimedParent: claimedParent(a, b), isTied: false },
    ]
  })
  return { models, ...familiesOf(models.length, edges), ...correction }
}

/** All sketches of a run's key against the run: each pair is counted from its later sketch. */
function scanRun(
  run: SketchRun,
  sketches: readonly { readonly model: number; readonly sketch: Sketch }[],
  scanner: RunScanner,
): { readonly pairs: ReadonlySet<string>; readonly hypotheses: number } {
  const pairs = new Set<string>()
  let hypotheses = 0
  const queries = [...sketches.entries()].filter(
    ([, { sketch }]) => keyOf(sketch) === keyOf(run.shape),
  )
  const scan = scanner(run)
  for (const [at, { model, sketch }] of queries) {
    scan(sketch).forEach((counts, index) => {
      const { entry = '', position = at } = run.owners[index] ?? {}
      if (position >= at || Number(entry) === model) return
      hypotheses += 1 + movedCells(sketch, run.shape)
      if (deviationOf(counts) >= SCREEN_DEVIATION) pairs.add(pairKey(model, Number(entry)))
    })
  }
  for (const [, { model, sketch }] of queries) {
    for (const entry of entriesWithMovedLayers(sketch, run, scanner)) {
      if (Number(entry) !== model) pairs.add(pairKey(model, Number(entry)))
    }
  }
  return { pairs, hypotheses }
}

const pairKey = (x: number, y: number): string => `${Math.min(x, y)}/${Math.max(x, y)}`

/** 'first/second' of every two models that share a block of equal content. */
function pairsWithEqualBlocks(models: readonly Fingerprint[]): Set<string> {
  const holders = new Map<string, Set<number>>()
  models.forEach(({ components }, model) => {
    for (const component of components) {
      for (const hash of hashesOf(component)) {
        const held = holders.get(hash)
        if (held) held.add(model)
        else holders.set(hash, new Set([model]))
      }
    }
  })
  const pairs = new Set<string>()
  for (const held of holders.values()) {
    const members = [...held]
    for (const [at, x] of members.entries()) {
      for (const y of members.slice(at + 1)) pairs.add(pairKey(x, y))
    }
  }
  return pairs
}

function claimedParent(first: Fingerprint, second: Fingerprint): AtlasEdge['claimedParent'] {
  const names = (one: Fingerprint, other: Fingerprint) =>
    one.claims.baseModels.some((base) => isSameModel(other.source.id, base))
  const [secondNamesFirst, firstNamesSecond] = [names(second, first), names(first, second)]
  if (secondNamesFirst === firstNamesSecond) return null
  return secondNamesFirst ? 'first' : 'second'
}

/** The smallest corrected log10 p among the dependent parts of a pair. */
export const smallestP = ({ comparison }: Pick<AtlasEdge, 'comparison'>): number =>
  Math.min(
    0,
    ...comparison.components.filter(isDependent).map((component) => component.log10P ?? 0),
  )
