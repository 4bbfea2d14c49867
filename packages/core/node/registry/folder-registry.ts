import type { HeldTokenizer } from '../../src/audit/registry/searchable-registry.ts'
import { keyOf } from '../../src/audit/registry/sketch.ts'
import { prefixBytes, prefixMatcher } from './block-prefixes.ts'
import { openPacks, type PackSet } from './packs/pack-folder.ts'
import {
  addFingerprint,
  fingerprintFiles,
  fingerprintPath,
  readFingerprint,
  readPlaces,
} from './registry-folder.ts'
import type { RegistryStore } from './registry-store.ts'
import { noteSigners, readSigners } from './signers.ts'

/** A folder as a registry. What is scanned is read from its packs, brought up to date when first asked. */
export function folderRegistry(folder: string): RegistryStore {
  const load = (file: string) => readFingerprint(folder, file)
  const openState = async () => {
    const files = await fingerprintFiles(folder)
    const pathOf = (file: string) => fingerprintPath(folder, file)
    return openPacks({ folder, files, pathOf, load })
  }
  let state: Promise<PackSet> | null = null
  let places: Promise<Readonly<Record<string, string>>> | null = null
  const packs = () => {
    state ??= openState()
    return state
  }
  const placesHere = () => {
    places ??= readPlaces(folder)
    return places
  }
  // One write for a whole bundle. What is lost when a command is ended is noted when it is run again.
  const signed = new Map<string, string | null>()
  const noteSigned = async () => {
    if (signed.size > 0) await noteSigners(folder, signed)
    signed.clear()
  }
  const forget = async () => {
    const held = state
    ;[state, places] = [null, null]
    await held?.then((set) => set.close()).catch(() => {})
  }
  return {
    place: folder,
    load,
    count: async () => (state ? (await state).entries : (await fingerprintFiles(folder)).length),
    shapes: async (keys) => (await packs()).shapes.filter(({ shape }) => keys.has(keyOf(shape))),
    sketches: async function* (keys) {
      yield* (await packs()).each((pack, memory) =>
        pack.runs((shape) => keys.has(keyOf(shape)), memory),
      )
    },
    holders: async (hashes) => {
      const isHeld = prefixMatcher(prefixBytes(hashes))
      const inEach = (await packs()).each(async ({ header, blocks }, memory) => {
        const held = await blocks(memory)
        return header.entries.filter((_, at) => isHeld(held[at] ?? new Uint8Array(0)))
      })
      const found: string[] = []
      for await (const entries of inEach) found.push(...entries.map(({ file }) => file))
      return found
    },
    tokenizers: async function* () {
      const inEach = (await packs()).each(async ({ header, tokenizers }, memory) => {
        const held = await tokenizers(memory)
        return header.entries.flatMap(({ file, identity }, at): HeldTokenizer[] => {
          const tokenizer = held[at]
          return tokenizer ? [{ entry: file, id: identity.id, tokenizer }] : []
        })
      })
      for await (const held of inEach) yield* held
    },
    listed: async function* () {
      await noteSigned()
      const [known, signers] = [await placesHere(), await readSigners(folder)]
      for await (const { entries } of (await packs()).each(async ({ header }) => header)) {
        for (const { file, identity } of entries) {
          const signedBy = signers[file] ?? null
          yield { entry: file, identity, place: known[file] ?? null, signedBy }
        }
      }
    },
    placeOf: async (entry) => (await placesHere())[entry] ?? null,
    add: async (fingerprint, options = {}) => {
      await forget()
      const result = await addFingerprint(folder, fingerprint, options)
      const { signedBy = null } = options
      if (result.outcome === 'replaced') signed.delete(result.file)
      if (result.outcome !== 'conflict' && signedBy !== null) signed.set(result.file, signedBy)
      return result
    },
    close: async () => {
      await forget()
      await noteSigned()
    },
  }
}
