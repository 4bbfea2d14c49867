import { contentDigest, type Fingerprint, factsOf, type TensorSource } from '@dokja/core'
import { fingerprintSource, type ListedModel, type RegistryStore } from '@dokja/core/node'
import { liesIn } from './lies-in.ts'

/** A reference that was named by hand, and how to open it. */
export type NamedReference = {
  readonly path: string
  readonly open: () => Promise<TensorSource>
}

/**
 * Entries of a registry that are references named by hand: made from the same place, or of the same
 * content under any name. A reference is read only where an entry has its tensors and configuration.
 */
export async function namedReferences(
  store: RegistryStore,
  references: readonly NamedReference[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  if (references.length === 0) return found
  const paths = references.map(({ path }) => path)
  const isNamed = liesIn(paths)
  const facts: { reference: NamedReference; model: Fingerprint['model'] }[] = []
  for (const reference of references) {
    facts.push({ reference, model: await using(reference, async (source) => factsOf(source)) })
  }
  const digests = new Map<NamedReference, Promise<string>>()
  const digestOf = (reference: NamedReference) => {
    const digest = digests.get(reference) ?? readDigest(reference)
    digests.set(reference, digest)
    return digest
  }
  for await (const listed of store.listed()) {
    const { entry, place } = listed
    if (isNamed(place) || (place !== null && paths.includes(place))) {
      found.add(entry)
      continue
    }
    const alike = facts.filter(({ model }) => isAlike(model, listed))
    if (alike.length === 0) continue
    const fingerprint = await store.load(entry)
    for (const { reference, model } of alike) {
      if (model.inventoryDigest !== fingerprint.model.inventoryDigest) continue
      if ((await digestOf(reference)) === contentDigest(fingerprint)) found.add(entry)
    }
  }
  return found
}

const isAlike = (model: Fingerprint['model'], { identity }: ListedModel): boolean =>
  identity.format === model.format &&
  identity.parameters === model.parameters &&
  identity.layerCount === model.layerCount &&
  identity.modelType === model.modelType

const readDigest = (reference: NamedReference): Promise<string> =>
  using(reference, async (source) => {
    const fingerprint = await fingerprintSource(source, reference.path, {
      date: '2000-01-01',
      // An entry of a registry holds none: with NaN or infinite weights the digests differ.
      onNonFinite: () => {},
    })
    return contentDigest(fingerprint)
  })

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
