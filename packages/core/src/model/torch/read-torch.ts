import { DTYPE_SIZE_BYTES } from '../../base/dtype.ts'
import { isPrintable, quoted } from '../../base/quoted.ts'
import type { ByteReader } from '../byte-reader.ts'
import type { TensorInfo } from '../tensor.ts'
import { elementCount } from '../tensor.ts'
import { tensorSizeBytes } from '../tensor-size.ts'
import { PickleStream } from './pickle-stream.ts'
import type { PickleValue } from './pickle-value.ts'
import { archiveError, archiveLimit, refusedPickle } from './torch-fault.ts'
import { readZipDirectory, type ZipEntry } from './zip-directory.ts'

export type TorchFile = {
  readonly tensors: readonly TensorInfo[]
  readonly notes: readonly string[]
}

const MAX_PICKLE_BYTES = 64 * 2 ** 20
const MAX_DEPTH = 16
const MAX_VALUES = 2_000_000

/** What torch.save writes into the file: a zip archive since torch 1.6, before that bare pickles. */
export const isZip = (first: Uint8Array): boolean =>
  first[0] === 0x50 && first[1] === 0x4b && first[2] === 3 && first[3] === 4

/**
 * Reads the table of tensors of a PyTorch zip archive without running anything that it holds.
 * Tensors that do not lie contiguously in their storage, and the state of optimisers, are left out
 * with a note.
 *
 * Throws AppError FORMAT_UNSUPPORTED (a pickle that does more than list tensors, TorchScript,
 * compressed), CHECKPOINT_INVALID or LIMIT_EXCEEDED.
 */
export async function readTorch(reader: ByteReader): Promise<TorchFile> {
  const { file } = reader
  const entries = await readZipDirectory(reader)
  const root = rootOf(file, entries)
  await refuseByteOrder(reader, entries.get(`${root}/byteorder`))
  const table = entries.get(`${root}/data.pkl`)
  if (table === undefined) throw archiveError(file, `holds no ${quoted(`${root}/data.pkl`)}`)
  if (table.endByte - table.beginByte > MAX_PICKLE_BYTES) {
    throw archiveLimit(file, `a pickle of ${table.endByte - table.beginByte} bytes`)
  }
  const bytes = await reader.read(table.beginByte, table.endByte)
  const value = new PickleStream(file, bytes).read()
  return new Collector(file, root, entries).collect(value)
}

function rootOf(file: string, entries: ReadonlyMap<string, ZipEntry>): string {
  const roots = new Set([...entries.keys()].map((name) => name.slice(0, name.indexOf('/'))))
  const [root = '', ...others] = roots
  if (others.length > 0 || root === '')
    throw archiveError(file, 'does not keep its files in one folder')
  const isScript = [...entries.keys()].some((name) =>
    /^[^/]+\/(?:code\/|constants\.pkl$)/.test(name),
  )
  if (isScript) throw refusedPickle(file, 'a TorchScript archive, which holds a program')
  return root
}

async function refuseByteOrder(reader: ByteReader, entry: ZipEntry | undefined): Promise<void> {
  if (entry === undefined) return
  const bytes = await reader.read(entry.beginByte, Math.min(entry.endByte, entry.beginByte + 16))
  if (String.fromCharCode(...bytes) === 'little') return
  throw refusedPickle(reader.file, 'its byte order is not little-endian')
}

/** Walks the tables and lists for tensors; each is named by the keys that lead to it. */
class Collector {
  readonly #file: string
  readonly #root: string
  readonly #entries: ReadonlyMap<string, ZipEntry>
  readonly #tensors = new Map<string, TensorInfo>()
  readonly #strided: string[] = []
  readonly #skipped: string[] = []
  readonly #open = new Set<PickleValue>()
  #seen = 0

  constructor(file: string, root: string, entries: ReadonlyMap<string, ZipEntry>) {
    this.#file = file
    this.#root = root
    this.#entries = entries
  }

  collect(value: PickleValue): TorchFile {
    this.#visit(value, [])
    if (this.#tensors.size === 0) {
      const what = this.#strided.length > 0 ? ' that lies in one piece' : ''
      throw archiveError(this.#file, `its pickle lists no tensor${what}`)
    }
    const notes: string[] = []
    if (this.#strided.length > 0) {
      const [first = ''] = this.#strided
      notes.push(
        `not read: ${this.#strided.length} tensors of ${this.#file} that do not lie in one piece, ${quoted(first)} the first`,
      )
    }
    for (const name of this.#skipped)
      notes.push(`not read: ${quoted(name)} of ${this.#file} (training state)`)
    return { tensors: withoutWrapper([...this.#tensors.values()]), notes }
  }

  #visit(value: PickleValue, path: readonly string[]): void {
    this.#seen += 1
    if (this.#seen > MAX_VALUES) throw archiveLimit(this.#file, `more than ${MAX_VALUES} values`)
    if (value.kind === 'tensor') this.#place(value, path.join('.'))
    if (value.kind !== 'table' && value.kind !== 'list') return
    if (path.length > MAX_DEPTH) throw archiveLimit(this.#file, `tables nested ${path.length} deep`)
    if (this.#open.has(value)) throw archiveError(this.#file, 'a table of its pickle holds itself')
    this.#open.add(value)
    const items = value.kind === 'table' ? value.items : value.items.entries()
    for (const [key, item] of items) {
      const isState =
        path.length === 0 && /^(?:optimizers?|optim|lr_schedulers?|scaler)(?:_|$)/.test(String(key))
      if (isState) this.#skipped.push(String(key))
      else this.#visit(item, [...path, String(key)])
    }
    this.#open.delete(value)
  }

  #place(tensor: Extract<PickleValue, { kind: 'tensor' }>, name: string): void {
    const fail = (what: string) => archiveError(this.#file, `tensor ${quoted(name)} ${what}`)
    const { storage, offset, shape } = tensor
    if (name === '' || !isPrintable(name))
      throw fail('has an empty name or control characters in it')
    if (this.#tensors.has(name)) throw fail('is given twice')
    const entry = this.#entries.get(`${this.#root}/data/${storage.key}`)
    if (entry === undefined) throw fail(`lies in storage ${storage.key}, which is missing`)
    const size = DTYPE_SIZE_BYTES[storage.dtype]
    if (entry.endByte - entry.beginByte !== storage.count * size) {
      throw fail(`lies in a storage of ${storage.count} elements that has other bytes`)
    }
    const sizeBytes = tensorSizeBytes(shape, storage.dtype)
    if (sizeBytes === undefined) throw fail(`has a shape [${shape}] whose size overflows`)
    if (!isContiguous(tensor)) {
      this.#strided.push(name)
      return
    }
    const beginByte = entry.beginByte + offset * size
    if (beginByte + sizeBytes > entry.endByte) throw fail('ends behind its storage')
    const place = {
      kind: 'file',
      file: this.#file,
      beginByte,
      endByte: beginByte + sizeBytes,
    } as const
    this.#tensors.set(name, { name, dtype: storage.dtype, shape, storage: place })
  }
}

const WRAPPER = /^(?:model_state_dict|state_dict|module|weights|params|net|generator)\./

/** Training scripts save a model's table as one entry among others. */
function withoutWrapper(tensors: readonly TensorInfo[]): readonly TensorInfo[] {
  const wrapper = WRAPPER.exec(tensors[0]?.name ?? '')?.[0]
  if (wrapper === undefined || !tensors.every(({ name }) => name.startsWith(wrapper))) {
    return tensors
  }
  return tensors.map((tensor) => ({ ...tensor, name: tensor.name.slice(wrapper.length) }))
}

/** Row-major without gaps; the stride of an axis of length 1 says nothing. */
function isContiguous({ shape, strides }: Extract<PickleValue, { kind: 'tensor' }>): boolean {
  if (elementCount(shape) === 0) return true
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1
    if (length !== 1 && strides[axis] !== expected) return false
    expected *= length
  }
  return true
}
