import { fingerprintModel } from '../../registry/fingerprint-model.ts'
import type { RunScanner } from '../../registry/scan-rows.ts'
import { type RegistrySearch, searchRegistry } from '../../registry/search-registry.ts'
import type { SearchableRegistry } from '../../registry/searchable-registry.ts'
import type { Comparison, ComponentComparison } from '../../result.ts'
import { isDependent } from '../../result.ts'
import { endsOf, type Point } from './check-links.ts'
import { LOG10_ALPHA } from './dependence.ts'
import { type Finding, finding } from './finding.ts'

/** Known models that neither end of a training run may depend on. */
export type TrainingRegistry = {
  readonly registry: SearchableRegistry
  /** Entries that are not searched. */
  readonly without: ReadonlySet<string>
  /** Names of those among them that are said to be this model itself. */
  readonly leftOut: readonly string[]
  readonly scanner?: RunScanner
}

/**
 * The negative test against a whole registry: fingerprints of the first and the last checkpoint, each
 * searched exactly at half the level (docs/methods/sign-sketch.md). Silence states what it would have seen.
 */
export async function checkRegistry(
  points: readonly Point[],
  known: TrainingRegistry | null,
  isReplayed: boolean,
): Promise<readonly Finding[]> {
  if (!known) return []
  const { registry, without, leftOut } = known
  const declared = finding('registry', 'registry_left_out', {
    values: { models: leftOut.length, names: leftOut.join(', ') },
  })
  const own = leftOut.length > 0 ? [declared] : []
  const ends = endsOf(points)
  const isEmpty = (await registry.count()) <= without.size
  if (isEmpty) return [finding('registry', 'registry_empty'), ...own]
  const searches: End[] = []
  for (const point of ends) searches.push({ point, search: await searchEnd(point, known, ends) })
  const starts = copiesOfStart(searches)
  return [
    ...clear(searches),
    ...searches.flatMap((end) => hits(end, { isReplayed, ends: ends.length, starts })),
    ...own,
  ]
}

type End = { readonly point: Point; readonly search: RegistrySearch }

async function searchEnd(
  point: Point,
  { registry, without, scanner }: TrainingRegistry,
  ends: readonly Point[],
): Promise<RegistrySearch> {
  const { id } = point.source.checkpoint
  // The day of a fingerprint that is never stored: a constant, for the core has no clock.
  const source = { id, commit: null, files: [], date: '2000-01-01' }
  const suspect = await fingerprintModel(point.source, { source })
  return searchRegistry(suspect, registry, {
    without,
    ...(scanner ? { scanner } : {}),
    log10Alpha: LOG10_ALPHA - Math.log10(ends.length),
  })
}

/** Per component: the weakest detection limit of the ends, or that it was not testable. */
function clear(searches: readonly End[]): Finding[] {
  const names = new Set(searches.flatMap(({ search }) => partsOf(search.silent)).map(nameOf))
  return [...names].map((component) => {
    const limits = searches.map(({ search }) => limitOf(search.silent, component))
    const known = limits.filter((limit) => limit !== null)
    if (known.length < limits.length) {
      const untested = searches.filter((_, at) => limits[at] === null)
      const step = untested[0]?.point.step ?? 0
      return finding('registry', 'registry_untested', { values: { component, step } })
    }
    const models = Math.min(...searches.map(({ search }) => search.models - search.hits.length))
    const compared = Math.min(...searches.map(({ search }) => search.compared - search.hits.length))
    const values = { component, models, compared, limit: Math.max(...known) }
    return finding('registry', 'registry_clear', { tier: 'exact', values })
  })
}

const partsOf = (silent: Comparison | null): readonly ComponentComparison[] =>
  (silent?.components ?? []).filter(({ component }) => component !== 'tokenizer')

const nameOf = ({ component }: ComponentComparison): string => component

const limitOf = (silent: Comparison | null, component: string): number | null =>
  partsOf(silent).find((part) => part.component === component)?.minDetectableCorrelation ?? null

/** A match is a contradiction, except where both began at the same replayed seed. */
function hits(
  { point, search }: End,
  context: {
    readonly isReplayed: boolean
    readonly ends: number
    /** Models whose weights are those of the replayed step 0: to depend on them is to depend on it. */
    readonly starts: ReadonlySet<string>
  },
): Finding[] {
  return search.hits.flatMap(({ comparison }) => {
    const part = strongestPart(comparison)
    if (!part) return []
    const reference = comparison.reference.id
    const isStart =
      point.step === 0 ||
      part.verdict === 'shared_initialisation' ||
      [reference, ...closerThan(part)].some((id) => context.starts.has(id))
    const code = context.isReplayed && isStart ? 'registry_shares_start' : 'registry_matches'
    const values = {
      reference,
      step: point.step,
      component: part.component,
      log10P: Math.min(0, (part.log10P ?? 0) + Math.log10(context.ends)),
    }
    return [finding('registry', code, { tier: 'exact', values })]
  })
}

/** Of the models found at step 0, those that hold nothing else than step 0. */
function copiesOfStart(searches: readonly End[]): Set<string> {
  const atStart = searches.filter(({ point }) => point.step === 0)
  const copies = atStart.flatMap(({ search }) =>
    search.hits.filter(({ comparison }) =>
      comparison.components
        .filter(({ component }) => component !== 'tokenizer')
        .every(({ verdict }) => verdict === 'identical' || verdict === 'reencoded'),
    ),
  )
  return new Set(copies.map(({ comparison }) => comparison.reference.id))
}

/** Relatives through which the agreement of a part may have come. */
const closerThan = (part: ComponentComparison): readonly string[] =>
  part.reasons.flatMap(({ code, values }) =>
    code === 'closer_relative' ? [String(values['reference'])] : [],
  )

const strongestPart = (comparison: Comparison): ComponentComparison | undefined =>
  comparison.components
    .filter((part) => isDependent(part))
    .sort((x, y) => (x.log10P ?? 0) - (y.log10P ?? 0))[0]
