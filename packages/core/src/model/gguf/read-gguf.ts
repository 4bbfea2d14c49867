import { AppError } from '../../base/errors.ts'
import type { ByteReader } from '../byte-reader.ts'
import type { TensorInfo } from '../tensor.ts'
import { Cursor, NeedsMoreBytes } from './cursor.ts'
import { ggufError } from './gguf-fault.ts'
import { type Metadata, readMetadata } from './metadata.ts'
import { placeTensors, readTensorTable, type TableEntry } from './tensor-table.ts'

export type GgufFile = {
  readonly metadata: Metadata
  /** In the order of the file's table, those of types that are not read left out. */
  readonly tensors: readonly TensorInfo[]
  /** Those left out included. */
  readonly tensorCount: number
  readonly notes: readonly string[]
}

const FIRST_READ_BYTES = 2 ** 20
const DEFAULT_ALIGNMENT = 32
const MAX_ALIGNMENT = 2 ** 20

type Header = {
  readonly metadata: Metadata
  readonly entries: readonly TableEntry[]
  readonly endByte: number
}

/**
 * Reads the header of one GGUF file, version 2 or 3, little-endian. The header has no stated
 * length: it is read from the front in growing pieces, at most 128 MiB.
 *
 * Throws AppError GGUF_INVALID, FORMAT_UNSUPPORTED (another version or byte order) or
 * LIMIT_EXCEEDED.
 */
export async function readGguf(reader: ByteReader): Promise<GgufFile> {
  const { file, sizeBytes } = reader
  const { metadata, entries, endByte } = await readHeader(reader)
  const alignment = alignmentOf(file, metadata)
  const dataBegin = Math.ceil(endByte / alignment) * alignment
  const place = { file, fileSizeBytes: sizeBytes, dataBegin, alignment }
  if (entries.length === 0) return { metadata, tensors: [], tensorCount: 0, notes: [] }
  return { metadata, tensorCount: entries.length, ...placeTensors(entries, place) }
}

async function readHeader(reader: ByteReader): Promise<Header> {
  const { file, sizeBytes } = reader
  let bytes = await reader.read(0, Math.min(FIRST_READ_BYTES, sizeBytes))
  for (;;) {
    try {
      return parseHeader(new Cursor(file, bytes, sizeBytes))
    } catch (signal) {
      if (!(signal instanceof NeedsMoreBytes)) throw signal
      const until = Math.min(sizeBytes, Math.max(signal.untilByte, 4 * bytes.length))
      const longer = new Uint8Array(until)
      longer.set(bytes)
      longer.set(await reader.read(bytes.length, until), bytes.length)
      bytes = longer
    }
  }
}

function parseHeader(cursor: Cursor): Header {
  if (cursor.u32('the magic') !== 0x46554747) {
    throw ggufError(cursor.file, "the file does not begin with 'GGUF'")
  }
  refuseVersion(cursor.file, cursor.u32('the version'))
  const tensorCount = cursor.count('the number of tensors', Number.MAX_SAFE_INTEGER)
  const keyCount = cursor.count('the number of metadata keys', Number.MAX_SAFE_INTEGER)
  const metadata = readMetadata(cursor, keyCount)
  const entries = readTensorTable(cursor, tensorCount)
  return { metadata, entries, endByte: cursor.at }
}

function refuseVersion(file: string, version: number): void {
  if (version === 2 || version === 3) return
  const swapped = version & 0xff ? undefined : version >>> 24
  throw new AppError(
    'FORMAT_UNSUPPORTED',
    swapped === 2 || swapped === 3
      ? `${file}: a big-endian gguf file (version ${swapped})`
      : `${file}: gguf version ${version}, read are 2 and 3`,
    { hint: 'convert the model again with a present llama.cpp on a little-endian machine' },
  )
}

function alignmentOf(file: string, metadata: Metadata): number {
  const value = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT
  const isPower = typeof value === 'number' && value >= 1 && Number.isInteger(Math.log2(value))
  if (isPower && value <= MAX_ALIGNMENT) return value
  throw ggufError(
    file,
    `general.alignment is ${JSON.stringify(value)}, not a power of two up to ${MAX_ALIGNMENT}`,
  )
}
