import { blocksOf, contentDigest, type Fingerprint, factsOf, type TensorSource } from '@dokja/core'
import { fingerprintSource, type ListedModel, type RegistryStore } from '@dokja/core/node'
import { liesIn } from './lies-in.ts'

/** A reference that was named by hand, and how to open it. */
export type NamedReference = {
  readonly path: string
  readonly open: () => Promise<TensorSource>
}

/**
 * Entries of a registry that are references named by hand: made from the same place, or of the same
 * content under any name. A reference is read only where an entry has its size, depth and kind, and of such
 * entries only those are opened that hold a block of it.
 */
export async function namedReferences(
  store: RegistryStore,
  references: readonly NamedReference[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  if (references.length === 0) return found
  const opened: Opened[] = []
  for (const reference of references) opened.push(await openFacts(reference))
  const isHere = liesIn(references.map(({ path }) => path))
  const names = new Set(opened.flatMap(({ reference, id }) => [reference.path, id]))
  for await (const listed of store.listed()) {
    const { entry, place } = listed
    if (place !== null && (isHere(place) || names.has(place))) found.add(entry)
    else for (const one of opened) if (isAlike(one.model, listed)) one.alike.add(entry)
  }
  for (const { reference, alike } of opened) {
    if (alike.size === 0) continue
    const fingerprint = await readFingerprint(reference)
    const digest = contentDigest(fingerprint)
    for (const entry of await store.holders([...blocksOf(fingerprint)])) {
      if (alike.has(entry) && contentDigest(await store.load(entry)) === digest) found.add(entry)
    }
  }
  return found
}

type Opened = {
  readonly reference: NamedReference
  /** As reports name it: on a hub with its commit. */
  readonly id: string
  readonly model: Fingerprint['model']
  /** Entries that could be the same model, as far as a list tells. */
  readonly alike: Set<string>
}

const openFacts = (reference: NamedReference): Promise<Opened> =>
  using(reference, async (source) => {
    const { id } = source.checkpoint
    return { reference, id, model: factsOf(source), alike: new Set<string>() }
  })

const isAlike = (model: Fingerprint['model'], { identity }: ListedModel): boolean =>
  identity.format === model.format &&
  identity.parameters === model.parameters &&
  identity.layerCount === model.layerCount &&
  identity.modelType === model.modelType

const readFingerprint = (reference: NamedReference): Promise<Fingerprint> =>
  using(reference, (source) =>
    fingerprintSource(source, reference.path, {
      date: '2000-01-01',
      // An entry of a registry holds none: with NaN or infinite weights the digests differ.
      onNonFinite: () => {},
    }),
  )

async function using<T>(
  { open }: NamedReference,
  work: (source: TensorSource) => Promise<T>,
): Promise<T> {
  const source = await open()
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}
