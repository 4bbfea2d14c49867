import type { JsonValue } from '../../base/canonical-json.ts'
import { AppError } from '../../base/errors.ts'
import { quoted } from '../../base/quoted.ts'
import { parseStrictJson } from '../../base/strict-json.ts'
import type { TensorInfo } from '../tensor.ts'
import { isRecord, readTensorEntry, safetensorsError, type TensorEntry } from './tensor-entry.ts'

/** The bound of the reference implementation. */
export const MAX_HEADER_BYTES = 100_000_000
export const LENGTH_BYTES = 8

/** A tensor is about ten json values; the bound allows about a million tensors in one file. */
const MAX_HEADER_VALUES = 10_000_000

const NAMES_METADATA = '__metadata__'

export type SafetensorsHeader = {
  /** In the order of their bytes. */
  readonly tensors: readonly TensorInfo[]
  readonly metadata: ReadonlyMap<string, string>
}

type FileFacts = { readonly file: string; readonly fileSizeBytes: number }

/**
 * The length of the JSON header, from the first 8 bytes of the file (little-endian u64).
 * Throws AppError SAFETENSORS_INVALID if it passes the format's bound or the end of the file.
 */
export function readHeaderLength(first: Uint8Array, { file, fileSizeBytes }: FileFacts): number {
  if (first.length < LENGTH_BYTES || fileSizeBytes < LENGTH_BYTES) {
    throw safetensorsError(file, `truncated: ${fileSizeBytes} bytes cannot hold a header length`)
  }
  const view = new DataView(first.buffer, first.byteOffset, LENGTH_BYTES)
  const length = view.getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw safetensorsError(
      file,
      `header length ${length} passes the format's bound of ${MAX_HEADER_BYTES} bytes`,
      whatItMayBe(first),
    )
  }
  if (length < 2n) throw safetensorsError(file, `header length ${length} cannot hold an object`)
  if (LENGTH_BYTES + Number(length) > fileSizeBytes) {
    throw safetensorsError(
      file,
      `truncated: a header of ${length} bytes is announced, the file has ${fileSizeBytes}`,
    )
  }
  return Number(length)
}

/**
 * Reads the JSON header (the bytes after the 8 length bytes) and proves that its tensors cover the
 * data section exactly: sorted, contiguous from 0, no hole, no overlap, no byte left over.
 *
 * Throws AppError SAFETENSORS_INVALID naming file and tensor, LIMIT_EXCEEDED beyond a bound.
 */
export function parseSafetensorsHeader(header: Uint8Array, facts: FileFacts): SafetensorsHeader {
  const { file, fileSizeBytes } = facts
  const root = parseHeaderJson(header, file)
  if (!isRecord(root)) throw safetensorsError(file, 'the header is not an object')
  const entries: TensorEntry[] = []
  let metadata: ReadonlyMap<string, string> = new Map()
  for (const name of Object.keys(root)) {
    const value = root[name]
    if (value === undefined) continue
    if (name === NAMES_METADATA) metadata = readMetadata(file, value)
    else entries.push(readTensorEntry(file, name, value))
  }
  const dataBeginByte = LENGTH_BYTES + header.length
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  refuseGaps(entries, { file, dataBytes: fileSizeBytes - dataBeginByte })
  const tensors = entries.map(
    ({ begin, end, ...described }): TensorInfo => ({
      ...described,
      storage: {
        kind: 'file',
        file,
        beginByte: dataBeginByte + begin,
        endByte: dataBeginByte + end,
      },
    }),
  )
  return { tensors, metadata }
}

function parseHeaderJson(header: Uint8Array, file: string): JsonValue {
  if (header[0] !== 0x7b) throw safetensorsError(file, "the header does not begin with '{'")
  try {
    return parseStrictJson(header, {
      source: `${file}: header`,
      maxBytes: MAX_HEADER_BYTES,
      maxDepth: 3,
      maxValues: MAX_HEADER_VALUES,
      leadingWhitespace: 'refused',
      numbers: 'integers',
    })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'JSON_INVALID') throw error
    throw new AppError('SAFETENSORS_INVALID', error.message, {
      cause: error,
      hint: 'fetch the file again, or save it again with the safetensors library',
    })
  }
}

function readMetadata(file: string, value: JsonValue): ReadonlyMap<string, string> {
  if (!isRecord(value)) throw safetensorsError(file, `${NAMES_METADATA} is not an object`)
  const metadata = new Map<string, string>()
  for (const key of Object.keys(value)) {
    const text = value[key]
    if (typeof text !== 'string') {
      throw safetensorsError(file, `${NAMES_METADATA} field ${quoted(key)} is not text`)
    }
    metadata.set(key, text)
  }
  return metadata
}

function refuseGaps(
  sorted: readonly TensorEntry[],
  { file, dataBytes }: { readonly file: string; readonly dataBytes: number },
): void {
  let covered = 0
  let previous = 'the header'
  for (const { name, begin, end } of sorted) {
    if (begin < covered) {
      throw safetensorsError(
        file,
        `tensor ${quoted(name)} begins at byte ${begin} of the data, inside ${previous}, which ends at ${covered}`,
      )
    }
    if (begin > covered) {
      throw safetensorsError(
        file,
        `${begin - covered} bytes that belong to no tensor lie between ${previous} and tensor ${quoted(name)}`,
      )
    }
    if (end > dataBytes) {
      throw safetensorsError(
        file,
        `truncated: tensor ${quoted(name)} ends at byte ${end} of the data, which has ${dataBytes}`,
      )
    }
    covered = end
    previous = `tensor ${quoted(name)}`
  }
  if (covered < dataBytes) {
    throw safetensorsError(file, `${dataBytes - covered} bytes follow after ${previous}`)
  }
}

/** A huge header length is mostly another kind of file under this name. */
function whatItMayBe(first: Uint8Array): string | undefined {
  const text = String.fromCharCode(...first.subarray(0, LENGTH_BYTES))
  if (text.startsWith('version ')) {
    return 'this is a git-lfs pointer, not the weights: run `git lfs pull`'
  }
  if (text.startsWith('PK\u0003\u0004') || text.startsWith('\u0080')) {
    return 'this looks like a pickle under another name; it is never opened: convert it to safetensors'
  }
  if (text.startsWith('GGUF')) return 'this is a gguf file under another name'
  if (text.startsWith('<')) return 'this looks like a web page: the download did not give the file'
  return undefined
}
