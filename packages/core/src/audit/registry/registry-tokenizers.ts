import { pairsWithEqualBlocks } from './atlas.ts'
import type { Catalogue } from './catalogue.ts'
import { deviationOf } from './compare-sketches.ts'
import type { Fingerprint } from './fingerprint.ts'
import { plainScanner } from './scan-rows.ts'
import type { RegistrySearch, SearchOptions } from './search-registry.ts'
import {
  isOneFamily,
  type TokenizerHolder,
  type TokenizerKinship,
  tokenizerKinship,
} from './tokenizer-kin.ts'

/** Models among which base rates are formed; more would slow every search down. */
const SAMPLED_MAX = 200
/** Standard deviations of a pair of sketches: p below 10⁻¹¹, for some 10⁵ pairs. */
const DEPENDENT_DEVIATION = 7

/**
 * The overlap of a suspect's tokenizer with those of a registry beside its base rates. Null where the
 * suspect or every entry lacks a tokenizer. The suspect's own family, which is what the search found, whatever depends on
 * that and whatever its developer made, forms no base rate: it is what is asked about.
 */
export function registryTokenizers(
  suspect: Fingerprint,
  search: RegistrySearch,
  context: {
    readonly entries: readonly Fingerprint[]
    readonly catalogue: Catalogue | null
    readonly scannerFor?: SearchOptions['scannerFor']
  },
): TokenizerKinship | null {
  const { entries, catalogue, scannerFor = plainScanner } = context
  const { tokenizer } = suspect
  const holding = entries.flatMap((entry, at) => (entry.tokenizer ? [{ entry, at }] : []))
  if (!tokenizer || holding.length === 0) return null
  const hits = new Set(search.hits.map((hit) => hit.entry))
  // Hits stay in the sample, so that what depends on them is known as theirs.
  const found = holding.filter(({ at }) => hits.has(at))
  const rest = evenly(
    holding.filter(({ at }) => !hits.has(at)),
    Math.max(0, SAMPLED_MAX - found.length),
  )
  const sample = [...found, ...rest]
  const developerOf = developers(catalogue)
  const lineages = lineagesOf(
    sample.map(({ entry }) => entry),
    scannerFor,
  )
  const models = sample.map(({ entry }, place) => ({
    ...holderOf(entry),
    developer: developerOf(entry.source.id),
    lineage: lineages[place] ?? place,
  }))
  const relatives = [
    ...models.slice(0, found.length),
    { developer: developerOf(suspect.source.id), lineage: -1 },
  ]
  return tokenizerKinship(
    tokenizer,
    holding.map(({ entry }) => holderOf(entry)),
    models.filter((one) => !relatives.some((relative) => isOneFamily(one, relative))),
  )
}

const holderOf = ({
  source,
  tokenizer,
}: Fingerprint): Pick<TokenizerHolder, 'id' | 'tokenizer'> => ({
  id: source.id,
  tokenizer: tokenizer ?? { tokens: 0, buckets: new Uint32Array() },
})

/** At most `most` of a list, evenly spaced: the same ones every time. */
function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list
  return Array.from(
    { length: most },
    (_, at) => list[Math.floor((at * list.length) / most)],
  ).filter((one) => one !== undefined)
}

/**
 * Connected components of dependence among models, as numbers: equal blocks, or sketches whose signs
 * deviate in place. Layers at other places are not looked for, as an atlas does: a lineage that is missed counts as
 * unrelated, which makes the base rate larger and an overlap look more ordinary than it is.
 */
function lineagesOf(
  models: readonly Fingerprint[],
  scannerFor: NonNullable<SearchOptions['scannerFor']>,
): readonly number[] {
  const sketches = models.flatMap(({ components }, model) =>
    components.flatMap((part) => part.sketches.map((sketch) => ({ model, sketch }))),
  )
  const scanner = scannerFor(sketches.map(({ sketch }) => sketch))
  const up = models.map((_, model) => model)
  const rootOf = (model: number): number => {
    const next = up[model] ?? model
    return next === model ? model : rootOf(next)
  }
  const join = (x: number, y: number): void => {
    const [a, b] = [rootOf(x), rootOf(y)]
    up[Math.max(a, b)] = Math.min(a, b)
  }
  for (const { model, sketch } of sketches) {
    scanner.scan(sketch).forEach((counts, at) => {
      const other = sketches[at]?.model ?? model
      if (counts && other < model && deviationOf(counts) >= DEPENDENT_DEVIATION) join(model, other)
    })
  }
  for (const key of pairsWithEqualBlocks(models)) {
    const [first = 0, second = 0] = key.split('/').map(Number)
    join(first, second)
  }
  return up.map((_, model) => rootOf(model))
}

/** Of the list of public models, or else the organisation that a hub id names. */
function developers(catalogue: Catalogue | null): (id: string) => string | null {
  const listed = new Map(
    (catalogue?.models ?? []).map(({ id, developer }) => [id.toLowerCase(), developer]),
  )
  const ofOrganisation = new Map(
    (catalogue?.models ?? []).map(({ id, developer }) => [organisationOf(id), developer]),
  )
  return (id) => {
    const name = id.replace(/@.*$/, '').toLowerCase()
    const organisation = organisationOf(name)
    return listed.get(name) ?? ofOrganisation.get(organisation) ?? organisation
  }
}

/** 'org' of 'org/name'; null for any other name, such as a path. */
const organisationOf = (id: string): string | null =>
  /^([\w-][\w.-]*)\/[\w.-]+$/.exec(id.toLowerCase())?.[1] ?? null
