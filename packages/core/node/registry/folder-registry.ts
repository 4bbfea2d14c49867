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
    listed: async function* () {
      const known = await placesHere()
      for await (const { entries } of (await packs()).each(async ({ header }) => header)) {
        for (const { file, identity } of entries) {
          yield { entry: file, identity, place: known[file] ?? null }
        }
      }
    },
    placeOf: async (entry) => (await placesHere())[entry] ?? null,
    add: async (fingerprint, options) => {
      await forget()
      return addFingerprint(folder, fingerprint, options)
    },
    close: forget,
  }
}
