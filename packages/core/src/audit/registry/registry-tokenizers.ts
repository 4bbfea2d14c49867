import { assert } from '../../base/errors.ts'
import type { Catalogue } from './catalogue.ts'
import type { Fingerprint, TokenizerSketch } from './fingerprint.ts'
import { type LineageParts, lineageParts, lineagesOf } from './lineages.ts'
import { plainScanner, type RunScanner } from './scan-rows.ts'
import type { RegistrySearch } from './search-registry.ts'
import type { SearchableRegistry } from './searchable-registry.ts'
import {
  createNearest,
  isOneFamily,
  type TokenizerKinship,
  tokenizerKinship,
} from './tokenizer-kin.ts'

/** Models among which base rates are formed; more would slow every search down. */
const SAMPLED_MAX = 200
/** Of these, so many hits: a search that finds more still has others to form base rates of. */
const HITS_MAX = 100

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
  const lineages = lineagesOf(
    sample.map(({ parts }) => parts),
    scanner,
  )
  const models = sample.map(({ entry, id, tokenizer }, place) => ({
    ...{ id, tokenizer, developer: developerOf(id), lineage: lineages[place] ?? place },
    isHit: hits.has(entry),
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

/** What is needed of a model to form base rates; the rest of its fingerprint is let go. */
type Sampled = {
  readonly entry: string
  readonly id: string
  readonly tokenizer: TokenizerSketch
  readonly parts: LineageParts
}

/** Hits stay in the sample, so that what depends on them is known as theirs. */
async function sampleOf(
  holding: readonly string[],
  hits: ReadonlySet<string>,
  registry: SearchableRegistry,
): Promise<Sampled[]> {
  const found = evenly(
    holding.filter((entry) => hits.has(entry)),
    HITS_MAX,
  )
  const rest = evenly(
    holding.filter((entry) => !hits.has(entry)),
    SAMPLED_MAX - found.length,
  )
  const sample: Sampled[] = []
  for (const entry of [...found, ...rest]) {
    const fingerprint = await registry.load(entry)
    const { source, tokenizer } = fingerprint
    assert(tokenizer, `${entry} has no tokenizer any more`)
    sample.push({ entry, id: source.id, tokenizer, parts: lineageParts(fingerprint) })
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
