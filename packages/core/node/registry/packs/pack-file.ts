import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { TokenizerSketch } from '../../../src/audit/registry/fingerprint.ts'
import {
  packRuns,
  type SketchOwner,
  type SketchRun,
} from '../../../src/audit/registry/packed-sketches.ts'
import { rowCount, type SketchRows, type SketchShape } from '../../../src/audit/registry/sketch.ts'
import { AppError } from '../../../src/base/errors.ts'
import { PREFIX_BYTES } from '../block-prefixes.ts'
import { BUCKET_BYTES, bucketBytes, bucketsOf } from '../token-buckets.ts'

/** 'DOKJAPK' and the version of the container. */
const MAGIC = Buffer.from('DOKJAPK\x01', 'latin1')
/** Magic, length of the header, CRC-32 of the header. */
const START_BYTES = MAGIC.length + 8
const HEADER_BYTES_MAX = 64 * 2 ** 20

const count = z.int().min(0)

const headerSchema = z.strictObject({
  schemaVersion: z.literal('dokja.pack/1'),
  entries: z.array(
    z.strictObject({
      file: z.string(),
      /** Size, time and number of the fingerprint's file when it was read: other ones, other file. */
      stamp: z.string(),
      identity: z.strictObject({
        id: z.string(),
        format: z.string(),
        parameters: count,
        layerCount: count,
        modelType: z.string().nullable(),
      }),
      blocks: count,
      /** Size of its vocabulary; null where it has no tokenizer. */
      tokens: count.nullable(),
    }),
  ),
  runs: z.array(
    z.strictObject({
      shape: z.strictObject({
        role: z.enum(['up', 'value', 'residual']),
        width: count,
        layers: count,
        rowsPerLayer: count,
      }),
      /** Position among `entries`, position among that entry's sketches. */
      owners: z.array(z.tuple([count, count])),
      crc: count,
    }),
  ),
  blocksCrc: count,
  tokenizersCrc: count,
})

export type PackHeader = z.infer<typeof headerSchema>

/** What a search needs of one fingerprint. */
export type PackItem = {
  readonly file: string
  readonly stamp: string
  readonly identity: PackHeader['entries'][number]['identity']
  readonly sketches: readonly { readonly position: number; readonly sketch: SketchRows }[]
  /** First 64 bits of every block. */
  readonly prefixes: Uint8Array
  readonly tokenizer: TokenizerSketch | null
}

/** Magic, header length and its CRC-32 (u32 little-endian), header, runs (rows, then marks), blocks, tokenizers. */
export function encodePack(items: readonly PackItem[]): Uint8Array {
  const indexes = new Map(items.map(({ file }, at) => [file, at]))
  const runs = packRuns(
    items.flatMap(({ file, sketches }) =>
      sketches.map(({ position, sketch }) => ({ owner: { entry: file, position }, sketch })),
    ),
  )
  const blocks = Buffer.concat(items.map(({ prefixes }) => prefixes))
  const tokenizers = Buffer.concat(
    items.flatMap(({ tokenizer }) => (tokenizer ? [bucketBytes(tokenizer)] : [])),
  )
  const header: PackHeader = {
    schemaVersion: 'dokja.pack/1',
    entries: items.map(({ file, stamp, identity, prefixes, tokenizer }) => ({
      file,
      stamp,
      identity,
      blocks: prefixes.length / PREFIX_BYTES,
      tokens: tokenizer ? tokenizer.tokens : null,
    })),
    runs: runs.map(({ shape, owners, planes, valid }) => ({
      shape: { ...shape },
      owners: owners.map(({ entry, position }) => [indexes.get(entry) ?? 0, position]),
      crc: crc32(valid, crc32(planes)),
    })),
    blocksCrc: crc32(blocks),
    tokenizersCrc: crc32(tokenizers),
  }
  const text = Buffer.from(JSON.stringify(header))
  const start = Buffer.alloc(START_BYTES)
  MAGIC.copy(start)
  start.writeUInt32LE(text.length, MAGIC.length)
  start.writeUInt32LE(crc32(text), MAGIC.length + 4)
  const sections = runs.flatMap(({ planes, valid }) => [planes, valid])
  return Buffer.concat([start, text, ...sections, blocks, tokenizers])
}

export type OpenPack = {
  readonly path: string
  readonly header: PackHeader
  /** Of the header, and so of everything that it states. */
  readonly crc: number
  /** Runs whose shape is wanted. Throws AppError UNREADABLE where they are not what the header states. */
  readonly runs: (
    isWanted: (shape: SketchShape) => boolean,
    memory?: ReadMemory,
  ) => Promise<SketchRun[]>
  /** Per entry, the first 64 bits of its blocks. Throws as above. */
  readonly blocks: (memory?: ReadMemory) => Promise<Uint8Array[]>
  /** Per entry its tokenizer, or null. Throws as above. */
  readonly tokenizers: (memory?: ReadMemory) => Promise<(TokenizerSketch | null)[]>
  readonly close: () => Promise<void>
}

/** Null for a file that is absent, of another version or damaged in its header. */
export async function openPack(path: string): Promise<OpenPack | null> {
  let file: FileHandle
  try {
    file = await open(path)
  } catch {
    return null
  }
  const pack = await readPack(file, path).catch(() => null)
  if (!pack) await file.close()
  return pack
}

async function readPack(file: FileHandle, path: string): Promise<OpenPack | null> {
  const start = await readInto(file, 0, freshMemory(START_BYTES))
  const length = start.readUInt32LE(MAGIC.length)
  const crc = start.readUInt32LE(MAGIC.length + 4)
  if (!start.subarray(0, MAGIC.length).equals(MAGIC) || length > HEADER_BYTES_MAX) return null
  const text = await readInto(file, START_BYTES, freshMemory(length))
  if (crc32(text) !== crc) return null
  const header = headerSchema.parse(JSON.parse(text.toString()))
  const places = sectionsOf(header, START_BYTES + length)
  if ((await file.stat()).size !== places.end) return null
  const damaged = () =>
    new AppError('UNREADABLE', `${path} is damaged`, {
      hint: 'delete it: packs are made from the fingerprints',
    })
  return {
    path,
    header,
    crc,
    runs: async (isWanted, memory = freshMemory) => {
      const runs: SketchRun[] = []
      for (const [at, { shape, owners, crc }] of header.runs.entries()) {
        if (!isWanted(shape)) continue
        const { first, planes, valid } = places.runs[at] as (typeof places.runs)[number]
        const bytes = await readInto(file, first, memory(planes + valid))
        if (crc32(bytes) !== crc) throw damaged()
        runs.push({
          shape,
          owners: owners.map(([index, position]): SketchOwner => {
            return { entry: header.entries[index]?.file ?? '', position }
          }),
          planes: bytes.subarray(0, planes),
          valid: bytes.subarray(planes),
        })
      }
      return runs
    },
    blocks: async (memory = freshMemory) => {
      const bytes = await readInto(file, places.blocks, memory(places.tokenizers - places.blocks))
      if (crc32(bytes) !== header.blocksCrc) throw damaged()
      let at = 0
      return header.entries.map(({ blocks }) => {
        at += blocks * PREFIX_BYTES
        return bytes.subarray(at - blocks * PREFIX_BYTES, at)
      })
    },
    tokenizers: async (memory = freshMemory) => {
      const sizeBytes = places.end - places.tokenizers
      const bytes = await readInto(file, places.tokenizers, memory(sizeBytes))
      if (crc32(bytes) !== header.tokenizersCrc) throw damaged()
      let at = 0
      return header.entries.map(({ tokens }) => {
        if (tokens === null) return null
        at += BUCKET_BYTES
        return { tokens, buckets: bucketsOf(bytes.subarray(at - BUCKET_BYTES, at)) }
      })
    },
    close: () => file.close(),
  }
}

/** Where the sections lie, from the sizes that the header states. */
function sectionsOf(header: PackHeader, start: number) {
  let at = start
  const runs = header.runs.map(({ shape, owners }) => {
    const rows = rowCount(shape) * owners.length
    const run = { first: at, planes: rows * 8, valid: rows / 8 }
    at += run.planes + run.valid
    return run
  })
  const blocks = header.entries.reduce((sum, entry) => sum + entry.blocks, 0)
  const tokenizers = at + blocks * PREFIX_BYTES
  const held = header.entries.filter(({ tokens }) => tokens !== null).length
  return { runs, blocks: at, tokenizers, end: tokenizers + held * BUCKET_BYTES }
}

/** Where sections are read to: so many bytes, at a place that views of other sizes can begin at. */
export type ReadMemory = (sizeBytes: number) => Buffer

const freshMemory: ReadMemory = (sizeBytes) => Buffer.allocUnsafeSlow(sizeBytes)

/**
 * Memory for the sections of one pack after the other: fresh memory for each costs more than reading
 * them. `restart` gives the whole of it away again.
 */
export function reusedMemory(): { readonly take: ReadMemory; readonly restart: () => void } {
  let held = Buffer.alloc(0)
  let taken = 0
  return {
    take: (sizeBytes) => {
      const aligned = Math.ceil(sizeBytes / 8) * 8
      if (taken + aligned > held.length) {
        held = Buffer.allocUnsafeSlow(2 * (taken + aligned))
        taken = 0
      }
      taken += aligned
      return held.subarray(taken - aligned, taken - aligned + sizeBytes)
    },
    restart: () => {
      taken = 0
    },
  }
}

async function readInto(file: FileHandle, first: number, bytes: Buffer): Promise<Buffer> {
  let done = 0
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, first + done)
    if (bytesRead === 0) throw new Error('the file ends early')
    done += bytesRead
  }
  return bytes
}
