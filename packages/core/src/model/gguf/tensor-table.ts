import { isPrintable, quoted } from '../../base/quoted.ts'
import type { TensorInfo } from '../tensor.ts'
import type { Cursor } from './cursor.ts'
import { type GgmlType, ggmlType, unitOf } from './ggml-type.ts'
import { ggufError, ggufLimit } from './gguf-fault.ts'

/** One entry of the table of tensors; `beginByte` counts from the data section. */
export type TableEntry = {
  readonly name: string
  /** Row-major: the file lists the fastest axis first. */
  readonly shape: readonly number[]
  readonly type: GgmlType
  readonly beginByte: number
  readonly sizeBytes: number
}

const MAX_TENSORS = 1_000_000
const MAX_NAME_BYTES = 1024
/** GGML_MAX_DIMS. */
const MAX_AXES = 4

export function readTensorTable(cursor: Cursor, count: number): readonly TableEntry[] {
  if (count > MAX_TENSORS)
    throw ggufLimit(cursor.file, `${count} tensors, the bound is ${MAX_TENSORS}`)
  const names = new Set<string>()
  const entries: TableEntry[] = []
  for (let i = 0; i < count; i++) {
    const entry = readEntry(cursor)
    if (names.has(entry.name)) {
      throw ggufError(cursor.file, `two tensors are named ${quoted(entry.name)}`)
    }
    names.add(entry.name)
    entries.push(entry)
  }
  return entries
}

function readEntry(cursor: Cursor): TableEntry {
  const name = cursor.text('the name of a tensor', MAX_NAME_BYTES)
  const fail = (what: string) => ggufError(cursor.file, `tensor ${quoted(name)} ${what}`)
  if (name === '' || !isPrintable(name)) throw fail('has an empty name or control characters in it')
  const axes = cursor.u32('a number of axes')
  if (axes > MAX_AXES) throw fail(`has ${axes} axes, more than the ${MAX_AXES} that the format has`)
  const lengths: number[] = []
  for (let axis = 0; axis < axes; axis++) {
    const length = cursor.u64('the length of an axis')
    if (length < 1n || length > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw fail(`has an axis of length ${length}`)
    }
    lengths.push(Number(length))
  }
  const code = cursor.u32('the type of a tensor')
  const type = ggmlType(code)
  if (type === undefined) throw fail(`has the unknown or withdrawn type ${code}`)
  const offset = cursor.u64('the place of a tensor')
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw fail(`lies at byte ${offset}`)
  const { elements, sizeBytes } = unitOf(type)
  const [fastest = 1] = lengths
  if (fastest % elements !== 0) {
    throw fail(
      `has rows of ${fastest} elements, which are not whole ${type.name} blocks of ${elements}`,
    )
  }
  let size = sizeBytes / elements
  for (const length of lengths) size *= length
  if (!Number.isSafeInteger(size)) throw fail(`has a shape [${lengths}] whose size overflows`)
  return { name, shape: lengths.toReversed(), type, beginByte: Number(offset), sizeBytes: size }
}

/**
 * Places the tensors in the file and proves that they fill the data section in turn, each on the
 * alignment, with less than one alignment between them and after the last.
 */
export function placeTensors(
  entries: readonly TableEntry[],
  place: {
    readonly file: string
    readonly fileSizeBytes: number
    readonly dataBegin: number
    readonly alignment: number
  },
): { readonly tensors: readonly TensorInfo[]; readonly notes: readonly string[] } {
  const { file, alignment, dataBegin } = place
  const dataBytes = place.fileSizeBytes - dataBegin
  let covered = 0
  let previous = 'the header'
  const sorted = entries.toSorted((a, b) => a.beginByte - b.beginByte)
  for (const { name, beginByte, sizeBytes } of sorted) {
    const fail = (what: string) => ggufError(file, `tensor ${quoted(name)} ${what}`)
    if (beginByte % alignment !== 0) {
      throw fail(`begins at byte ${beginByte} of the data, which is not a multiple of ${alignment}`)
    }
    if (beginByte < covered) {
      throw fail(
        `begins at byte ${beginByte} of the data, inside ${previous}, which ends at ${covered}`,
      )
    }
    if (beginByte - covered >= alignment) {
      throw fail(`leaves ${beginByte - covered} bytes after ${previous} that belong to no tensor`)
    }
    if (beginByte + sizeBytes > dataBytes) {
      throw fail(
        `ends at byte ${beginByte + sizeBytes} of the data, which has ${Math.max(0, dataBytes)}: truncated`,
      )
    }
    covered = beginByte + sizeBytes
    previous = `tensor ${quoted(name)}`
  }
  if (dataBytes - covered >= alignment) {
    throw ggufError(file, `${dataBytes - covered} bytes follow after ${previous}`)
  }
  return { tensors: readable(entries, place), notes: notesOn(entries, file) }
}

function readable(
  entries: readonly TableEntry[],
  { file, dataBegin }: { readonly file: string; readonly dataBegin: number },
): readonly TensorInfo[] {
  const tensors: TensorInfo[] = []
  for (const { name, shape, type, beginByte, sizeBytes } of entries) {
    const begin = dataBegin + beginByte
    const storage = { kind: 'file', file, beginByte: begin, endByte: begin + sizeBytes } as const
    if (type.kind === 'plain') tensors.push({ name, shape, storage, dtype: type.dtype })
    if (type.kind === 'blocks') {
      const encoding = { kind: 'blocks', format: type.format } as const
      tensors.push({ name, shape, storage, dtype: 'F32', encoding })
    }
  }
  return tensors
}

/** One sentence for each type that is not decoded. */
function notesOn(entries: readonly TableEntry[], file: string): readonly string[] {
  const counts = new Map<string, { count: number; first: string; reason: string }>()
  for (const { type, name } of entries) {
    if (type.kind !== 'unread') continue
    const seen = counts.get(type.name)
    if (seen === undefined) counts.set(type.name, { count: 1, first: name, reason: type.reason })
    else seen.count += 1
  }
  return [...counts].map(
    ([type, { count, first, reason }]) =>
      `not read: ${count} tensors of type ${type} in ${file}, ${quoted(first)} the first (${reason})`,
  )
}
