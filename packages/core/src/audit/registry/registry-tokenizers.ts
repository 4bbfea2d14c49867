import { pairsWithEqualBlocks } from './atlas.ts'
import type { Catalogue } from './catalogue.ts'
import { deviationOf } from './compare-sketches.ts'
import type { Fingerprint } from './fingerprint.ts'
import { packRuns } from './packed-sketches.ts'
import { plainScanner, type RunScanner } from './scan-rows.ts'
import type { RegistrySearch } from './search-registry.ts'
import type { SearchableRegistry } from './searchable-registry.ts'
import { keyOf } from './sketch.ts'
import {
  createNearest,
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
 * that and whatever its developer made, forms no base rate: it is what is asked about. In memory are the names of
 * all models and the fingerprints of a sample.
 */
export async function registryTokenizers(
  suspect: Fingerprint,
  search: RegistrySearch,
  context: {
    readonly registry: SearchableRegistry
    /** Entries that were not searched. */
    readonly without?: ReadonlySet<string>
    readonly catalogue: Catalogue | null
    readonly scanner?: RunScanner
  },
): Promise<TokenizerKinship | null> {
  const { registry, without, catalogue, scanner = plainScanner } = context
  const { tokenizer } = suspect
  if (!tokenizer) return null
  const nearest = createNearest(tokenizer)
  const holding: string[] = []
  for await (const held of registry.tokenizers()) {
    if (without?.has(held.entry)) continue
    nearest.add(held.id, held.tokenizer)
    holding.push(held.entry)
  }
  if (holding.length === 0) return null
  const hits = new Set(search.hits.map((hit) => hit.entry))
  const sample = await sampleOf(holding, hits, registry)
  const developerOf = developers(catalogue)
  const lineages = lineagesOf(sample, scanner)
  const models = sample.map((one, place): TokenizerHolder & { readonly isHit: boolean } => ({
    id: one.source.id,
    tokenizer: one.tokenizer ?? { tokens: 0, buckets: new Uint32Array() },
    developer: developerOf(one.source.id),
    lineage: lineages[place] ?? place,
    isHit: hits.has(one.entry),
  }))
  const relatives = [
    ...models.filter(({ isHit }) => isHit),
    { developer: developerOf(suspect.source.id), lineage: -1 },
  ]
  return tokenizerKinship(
    tokenizer,
    nearest,
    models.filter((one) => !relatives.some((relative) => isOneFamily(one, relative))),
  )
}

/** What is needed of a model to form base rates: norms and facts are let go. */
type Sampled = Pick<Fingerprint, 'source' | 'tokenizer' | 'components'> & { readonly entry: string }

/** Hits stay in the sample, so that what depends on them is known as theirs. */
async function sampleOf(
  holding: readonly string[],
  hits: ReadonlySet<string>,
  registry: SearchableRegistry,
): Promise<Sampled[]> {
  const found = holding.filter((entry) => hits.has(entry))
  const rest = evenly(
    holding.filter((entry) => !hits.has(entry)),
    Math.max(0, SAMPLED_MAX - found.length),
  )
  const sample: Sampled[] = []
  for (const entry of [...found, ...rest]) {
    const { source, tokenizer, components } = await registry.load(entry)
    sample.push({ entry, source, tokenizer, components })
  }
  return sample
}

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
  models: readonly Pick<Fingerprint, 'components'>[],
  scanner: RunScanner,
): readonly number[] {
  const up = models.map((_, model) => model)
  const rootOf = (model: number): number => {
    const next = up[model] ?? model
    return next === model ? model : rootOf(next)
  }
  const join = (x: number, y: number): void => {
    const [a, b] = [rootOf(x), rootOf(y)]
    up[Math.max(a, b)] = Math.min(a, b)
  }
  for (const [model, other] of dependentPairs(models, scanner)) join(model, other)
  for (const key of pairsWithEqualBlocks(models)) {
    const [first = 0, second = 0] = key.split('/').map(Number)
    join(first, second)
  }
  return up.map((_, model) => rootOf(model))
}

/** Positions of models whose sketches deviate, the later one first. */
function* dependentPairs(
  models: readonly Pick<Fingerprint, 'components'>[],
  scanner: RunScanner,
): Generator<readonly [number, number]> {
  const sketches = models.flatMap(({ components }, model) =>
    components.flatMap((part) => part.sketches.map((sketch) => ({ model, sketch }))),
  )
  const runs = packRuns(
    sketches.map(({ model, sketch }, position) => ({
      owner: { entry: String(model), position },
      sketch,
    })),
  )
  for (const run of runs) {
    const scan = scanner(run)
    for (const { model, sketch } of sketches) {
      if (keyOf(sketch) !== keyOf(run.shape)) continue
      for (const [at, counts] of scan(sketch).entries()) {
        const other = Number(run.owners[at]?.entry ?? model)
        if (other < model && deviationOf(counts) >= DEPENDENT_DEVIATION) yield [model, other]
      }
    }
  }
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
