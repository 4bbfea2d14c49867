import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityOf } from '../../../src/audit/registry/compare-fingerprints.ts'
import type { Fingerprint } from '../../../src/audit/registry/fingerprint.ts'
import { unpackSketch } from '../../../src/audit/registry/packed-sketches.ts'
import { queriesOf } from '../../../src/audit/registry/scan-sketches.ts'
import { addShapes, type ShapeCount } from '../../../src/audit/registry/searchable-registry.ts'
import { AppError } from '../../../src/base/errors.ts'
import { makeFolder } from '../../make-folder.ts'
import { blockPrefixes } from '../block-prefixes.ts'
import { writeWhole } from '../write-whole.ts'
import { chunksOf, type PackChunk, type StampedFile } from './pack-chunks.ts'
import {
  encodePack,
  type OpenPack,
  openPack,
  type PackHeader,
  type PackItem,
  type ReadMemory,
  reusedMemory,
} from './pack-file.ts'

/**
 * Packs hold of every fingerprint what a search scans, about 70 KB of each, so that whole
 * fingerprints are opened only where something was found. They are made from the fingerprints and
 * may be deleted at any time.
 */
const PACKS = 'packs'
const SUFFIX = '.dokjapack'

export type PackedFolder = {
  readonly folder: string
  /** Names of the fingerprint files, sorted. */
  readonly files: readonly string[]
  readonly pathOf: (file: string) => string
  readonly load: (file: string) => Promise<Fingerprint>
}

/** The packs of one state of a folder, in the order of its files. */
export type PackSet = {
  readonly entries: number
  readonly shapes: readonly ShapeCount[]
  /**
   * One answer per pack, read one pack ahead; what was read into the memory given is lost with the
   * next answer. Throws AppError UNREADABLE where a pack is another now.
   */
  readonly each: <T>(read: PackReader<T>) => AsyncGenerator<T>
  readonly close: () => Promise<void>
}

type PackReader<T> = (pack: OpenPack, memory: ReadMemory) => Promise<T>

type PackPlace = { readonly path: string; readonly crc: number }

/** Finds the packs that still hold; makes the others from what they held and from new files. */
export async function openPacks(source: PackedFolder): Promise<PackSet> {
  const home = join(source.folder, PACKS)
  const writer = packWriter(home)
  const places: PackPlace[] = []
  let [entries, shapes] = [0, [] as readonly ShapeCount[]]
  for (const chunk of chunksOf(source.files, source.pathOf)) {
    const path = await packOf(chunk, source, writer)
    const pack = await reopen(path)
    entries += pack.header.entries.length
    shapes = addShapes([...shapes, ...shapesOf(pack.header)])
    places.push({ path, crc: pack.crc })
    await pack.close()
  }
  if (writer.hasWritten()) await removeOthers(home, places)
  return { entries, shapes, each: (read) => readEach(places, read), close: writer.close }
}

/** The path of a pack that holds what the chunk's files hold now. */
async function packOf(chunk: PackChunk, source: PackedFolder, writer: PackWriter): Promise<string> {
  const name = `${chunk.name}${SUFFIX}`
  const held = await openPack(join(writer.home, name))
  try {
    if (held && isPackOf(held.header, chunk)) return held.path
    return await writer.write(name, await remake(chunk, held, source))
  } finally {
    await held?.close()
  }
}

const isPackOf = ({ entries }: PackHeader, { files }: PackChunk): boolean =>
  entries.length === files.length &&
  entries.every(({ file, stamp }, at) => file === files[at]?.file && stamp === files[at]?.stamp)

const shapesOf = ({ runs }: PackHeader): ShapeCount[] =>
  runs.map(({ shape, owners }) => ({ shape, sketches: owners.length }))

async function remake(
  chunk: PackChunk,
  held: OpenPack | null,
  source: PackedFolder,
): Promise<Uint8Array> {
  const kept = held ? await itemsOf(held).catch(() => NOTHING) : NOTHING
  const items: PackItem[] = []
  for (const { file, stamp } of chunk.files) {
    const old = kept.get(file)
    items.push(old?.stamp === stamp ? old : itemOf({ file, stamp }, await source.load(file)))
  }
  return encodePack(items)
}

const itemOf = (stamped: StampedFile, fingerprint: Fingerprint): PackItem => ({
  ...stamped,
  identity: identityOf(fingerprint),
  sketches: queriesOf(fingerprint).map(({ sketch }, position) => ({ position, sketch })),
  prefixes: blockPrefixes(fingerprint),
  tokenizer: fingerprint.tokenizer,
})

const NOTHING: ReadonlyMap<string, PackItem> = new Map()

async function itemsOf(pack: OpenPack): Promise<Map<string, PackItem>> {
  const [blocks, tokenizers] = [await pack.blocks(), await pack.tokenizers()]
  const runs = await pack.runs(() => true)
  const sketches = runs.flatMap((run) =>
    run.owners.map(({ entry, position }, at) => ({
      entry,
      position,
      sketch: unpackSketch(run, at),
    })),
  )
  const own = Map.groupBy(sketches, ({ entry }) => entry)
  return new Map(
    pack.header.entries.map(({ file, stamp, identity }, at) => [
      file,
      {
        file,
        stamp,
        identity,
        sketches: (own.get(file) ?? []).sort((x, y) => x.position - y.position),
        prefixes: blocks[at] ?? new Uint8Array(0),
        tokenizer: tokenizers[at] ?? null,
      },
    ]),
  )
}

type PackWriter = {
  readonly home: string
  /** Returns the path. */
  readonly write: (name: string, bytes: Uint8Array) => Promise<string>
  readonly hasWritten: () => boolean
  readonly close: () => Promise<void>
}

/** Beside the fingerprints; where nothing can be written there, in a folder that goes with the search. */
function packWriter(home: string): PackWriter {
  let temporary: string | null = null
  let hasWritten = false
  return {
    home,
    hasWritten: () => hasWritten,
    write: async (name: string, bytes: Uint8Array): Promise<string> => {
      if (temporary === null) {
        try {
          await makeFolder(home)
          await writeWhole(join(home, name), bytes)
          hasWritten = true
          return join(home, name)
        } catch {
          temporary = await mkdtemp(join(tmpdir(), 'dokja-packs-'))
        }
      }
      await writeWhole(join(temporary, name), bytes)
      return join(temporary, name)
    },
    close: async () => {
      if (temporary !== null) await rm(temporary, { recursive: true, force: true })
      temporary = null
    },
  }
}

/** Packs of chunks that are no more. What cannot be removed costs room and nothing else. */
async function removeOthers(home: string, places: readonly PackPlace[]): Promise<void> {
  const used = new Set(places.map(({ path }) => path))
  for (const name of await readdir(home).catch(() => [])) {
    const path = join(home, name)
    if (name.endsWith(SUFFIX) && !used.has(path)) await rm(path, { force: true }).catch(() => {})
  }
}

async function* readEach<T>(places: readonly PackPlace[], read: PackReader<T>): AsyncGenerator<T> {
  const memories = [reusedMemory(), reusedMemory()] as const
  const start = async (at: number): Promise<T> => {
    const memory = memories[at % 2 === 0 ? 0 : 1]
    memory.restart()
    return readOne(places[at] as PackPlace, read, memory.take)
  }
  let next = places.length > 0 ? start(0) : null
  for (let at = 0; next !== null; at++) {
    const current: T = await next
    next = at + 1 < places.length ? start(at + 1) : null
    // Told when its turn comes, not while this one is still worked on.
    next?.catch(() => {})
    yield current
  }
}

async function readOne<T>(place: PackPlace, read: PackReader<T>, memory: ReadMemory): Promise<T> {
  const pack = await reopen(place.path)
  try {
    if (pack.crc !== place.crc) throw changed(place.path)
    return await read(pack, memory)
  } finally {
    await pack.close()
  }
}

async function reopen(path: string): Promise<OpenPack> {
  const pack = await openPack(path)
  if (!pack) throw changed(path)
  return pack
}

const changed = (path: string): AppError =>
  new AppError('UNREADABLE', `${path} was changed during the search`, {
    hint: 'run it again; packs may be deleted, they are made from the fingerprints',
  })
