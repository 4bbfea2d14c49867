import type { Comparison } from '../result.ts'
import { isDependent, VERDICTS } from '../result.ts'
import { closenessOf } from '../technical/closeness.ts'
import { nameCloserRelatives } from '../technical/relatives.ts'
import { blocksOf, holdsBlock } from './compare-content.ts'
import { compareFingerprints, type FingerprintCorrection } from './compare-fingerprints.ts'
import type { Fingerprint } from './fingerprint.ts'
import { plainScanner, type RunScanner } from './scan-rows.ts'
import { countHypotheses, queriesOf, type ScannedEntry, scanBatch } from './scan-sketches.ts'
import type { SearchableRegistry, ShapeCount } from './searchable-registry.ts'
import { createSilence, type Silence } from './silent-search.ts'
import { keyOf } from './sketch.ts'

export type SearchOptions = {
  /** Counts queries against runs of sketches; the plain loop unless a kernel is given. */
  readonly scanner?: RunScanner
  /** Entries of the registry that are not searched: the suspect's own. */
  readonly without?: ReadonlySet<string>
  /** Family-wise level, log10; default −9. */
  readonly log10Alpha?: number
  /** Hypotheses tested elsewhere in the same search, such as references named by hand. */
  readonly otherHypotheses?: number
}

export type RegistryHit = { readonly entry: string; readonly comparison: Comparison }

export type RegistrySearch = {
  readonly models: number
  /** Models with at least one sketch or block that could be compared. */
  readonly compared: number
  readonly hypotheses: number
  readonly log10Alpha: number
  /** Models that one component at least depends on, strongest first. */
  readonly hits: readonly RegistryHit[]
  /** All others together: the smallest p and the largest detection limit of each component. */
  readonly silent: Comparison | null
}

const LOG10_ALPHA = -9
/** Of correlations estimated from sketches; their standard error is 0.2/√rows. */
const CLOSENESS_MARGIN = 0.02
const KEPT_OPEN = 8

/**
 * Searches all fingerprints for relatives and copies of one model: count the hypotheses from shapes,
 * look up its blocks, scan the sketches batch by batch, open only what deviates or shares a block, and
 * keep of all others their extremes. Memory is that of a batch and of what was opened last.
 */
export async function searchRegistry(
  suspect: Fingerprint,
  registry: SearchableRegistry,
  options: SearchOptions = {},
): Promise<RegistrySearch> {
  const { scanner = plainScanner, without = new Set<string>() } = options
  const queries = queriesOf(suspect)
  const keys = new Set(queries.map(({ sketch }) => keyOf(sketch)))
  const pairs =
    countHypotheses(queries, await registry.shapes(keys)) -
    countHypotheses(queries, await shapesOf(without, registry))
  const correction = {
    hypotheses: Math.max(1, pairs + (options.otherHypotheses ?? 0)),
    log10Alpha: options.log10Alpha ?? LOG10_ALPHA,
  }
  const silence = createSilence(suspect, correction)
  const holders = await registry.holders([...blocksOf(suspect)])
  const candidates = new Map(holders.map((entry) => [entry, NOT_SCANNED]))
  for await (const batch of registry.sketches(keys)) {
    for (const [entry, scanned] of scanBatch(queries, batch, scanner)) {
      if (scanned.isScreened || candidates.has(entry)) candidates.set(entry, scanned)
      else if (!without.has(entry)) silence.add(scanned.families)
    }
  }
  for (const entry of without) candidates.delete(entry)
  const found = await compareCandidates(suspect, candidates, { registry, correction, silence })
  const hits = await tellRelatives(found, registry, correction)
  const models = (await registry.count()) - without.size
  const compared = silence.compared() + hits.length
  return { models, compared, ...correction, hits, silent: silence.comparison(models - hits.length) }
}

const NOT_SCANNED: ScannedEntry = { families: [], isScreened: false }

async function shapesOf(
  entries: Iterable<string>,
  registry: SearchableRegistry,
): Promise<ShapeCount[]> {
  const shapes: ShapeCount[] = []
  for (const entry of entries) {
    const queries = queriesOf(await registry.load(entry))
    shapes.push(...queries.map(({ sketch }) => ({ shape: sketch, sketches: 1 })))
  }
  return shapes
}

/** Opens the candidates one by one: those that do not depend join the silent ones. */
async function compareCandidates(
  suspect: Fingerprint,
  candidates: ReadonlyMap<string, ScannedEntry>,
  context: {
    readonly registry: SearchableRegistry
    readonly correction: FingerprintCorrection
    readonly silence: Silence
  },
): Promise<RegistryHit[]> {
  const { registry, correction, silence } = context
  const blocks = blocksOf(suspect)
  const found: RegistryHit[] = []
  for (const entry of [...candidates.keys()].sort()) {
    const { families, isScreened } = candidates.get(entry) ?? NOT_SCANNED
    const reference = await registry.load(entry)
    const isCandidate = isScreened || holdsBlock(reference, blocks)
    const comparison = isCandidate ? compareFingerprints(suspect, reference, correction) : null
    if (comparison && isDependent(comparison)) found.push({ entry, comparison })
    else silence.add(families)
  }
  return found
}

/** Siblings reject like parents do: the more distant of two related hits says `common_origin`. */
async function tellRelatives(
  found: readonly RegistryHit[],
  registry: SearchableRegistry,
  correction: FingerprintCorrection,
): Promise<RegistryHit[]> {
  const load = keepingLatest((at: number) => registry.load(found[at]?.entry ?? ''))
  const comparisons = await nameCloserRelatives(
    found.map((hit) => hit.comparison),
    async (first, second) => compareFingerprints(await load(second), await load(first), correction),
    // A sketch cannot tell that a link through the nearer one is shorter, only that it is no longer.
    { margin: CLOSENESS_MARGIN, linkMargin: CLOSENESS_MARGIN },
  )
  return found
    .map((hit, at) => ({ ...hit, comparison: comparisons[at] ?? hit.comparison }))
    .sort((x, y) => byStrength(x.comparison, y.comparison))
}

/** The closest relative is compared with all others: a few fingerprints are kept open. */
function keepingLatest<K, V>(load: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const held = new Map<K, Promise<V>>()
  return (key) => {
    const value = held.get(key) ?? load(key)
    held.delete(key)
    held.set(key, value)
    for (const oldest of held.keys()) if (held.size > KEPT_OPEN) held.delete(oldest)
    return value
  }
}

const smallestP = (comparison: Comparison): number =>
  Math.min(0, ...comparison.components.map((component) => component.log10P ?? 0))

/** Where p-values have reached what the rows can give, the closer body tells the nearer relative. */
const byStrength = (x: Comparison, y: Comparison): number =>
  VERDICTS.indexOf(x.verdict) - VERDICTS.indexOf(y.verdict) ||
  closenessOfBody(y) - closenessOfBody(x) ||
  smallestP(x) - smallestP(y)

const closenessOfBody = (comparison: Comparison): number => {
  const parts = comparison.components.filter(isDependent)
  const body = parts.find(({ component }) => component === 'language_model')
  return Math.max(0, ...(body ? [body] : parts).map(closenessOf))
}
