import { assert } from '../../base/errors.ts'
import { blocksOf } from './compare-content.ts'
import type { Fingerprint } from './fingerprint.ts'
import { packRuns } from './packed-sketches.ts'
import { queriesOf } from './scan-sketches.ts'
import { addShapes, type SearchableRegistry } from './searchable-registry.ts'
import { keyOf } from './sketch.ts'

/** Fingerprints that are in memory already, in the order of the argument: for a few thousand models. */
export function memoryRegistry(fingerprints: readonly Fingerprint[]): SearchableRegistry {
  const entries = new Map(fingerprints.map((one, at) => [memoryEntry(at), one]))
  const owned = [...entries].flatMap(([entry, fingerprint]) =>
    queriesOf(fingerprint).map(({ sketch }, position) => ({ owner: { entry, position }, sketch })),
  )
  return {
    count: async () => fingerprints.length,
    shapes: async (keys) =>
      addShapes(
        owned
          .filter(({ sketch }) => keys.has(keyOf(sketch)))
          .map(({ sketch }) => ({ shape: sketch, sketches: 1 })),
      ),
    sketches: async function* (keys) {
      yield packRuns(owned.filter(({ sketch }) => keys.has(keyOf(sketch))))
    },
    holders: async (hashes) =>
      [...entries].flatMap(([entry, fingerprint]) => {
        const held = blocksOf(fingerprint)
        return hashes.some((hash) => held.has(hash)) ? [entry] : []
      }),
    tokenizers: async function* () {
      for (const [entry, { source, tokenizer }] of entries) {
        if (tokenizer) yield { entry, id: source.id, tokenizer }
      }
    },
    load: async (entry) => {
      const fingerprint = entries.get(entry)
      assert(fingerprint, `no entry ${entry}`)
      return fingerprint
    },
  }
}

/** The name of the entry at a position. */
export const memoryEntry = (at: number): string => String(at).padStart(9, '0')
