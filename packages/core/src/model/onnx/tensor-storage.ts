import { DTYPE_SIZE_BYTES } from '../../base/dtype.ts'
import { AppError } from '../../base/errors.ts'
import { quoted } from '../../base/quoted.ts'
import { isPlainFileName } from '../file-name.ts'
import { elementCount, type TensorStorage } from '../tensor.ts'
import { tensorSizeBytes } from '../tensor-size.ts'
import type { OnnxDtype } from './onnx-dtype.ts'
import { onnxError } from './onnx-fault.ts'
import type { TensorProto } from './tensor-proto.ts'
import { decodeVarints } from './varints.ts'
import type { ByteRange, WireReader } from './wire.ts'

/** A file beside the graph: its path as the checkpoint lists it, and its size. */
export type ExternalFile = { readonly path: string; readonly sizeBytes: number }

/** Finds a file by the plain name that the graph gives; undefined if there is none. */
export type FindExternal = (name: string) => Promise<ExternalFile | undefined>

/** Decoded elements that a graph may hold in memory; raw and external data count nothing. */
const MAX_MEMORY_BYTES = 2 ** 30

/** Finds out where a tensor's bytes are, decoding only what does not lie ready in the file. */
export class StorageResolver {
  readonly #wire: WireReader
  readonly #findExternal: FindExternal
  readonly #external = new Map<string, ExternalFile>()
  #memoryBytes = 0

  constructor(wire: WireReader, findExternal: FindExternal) {
    this.#wire = wire
    this.#findExternal = findExternal
  }

  /** The files beside the graph that were named so far. */
  get externalFiles(): readonly ExternalFile[] {
    return [...this.#external.values()]
  }

  /**
   * `name` is for messages. Throws AppError ONNX_INVALID, CHECKPOINT_INVALID (an external file is
   * missing) or LIMIT_EXCEEDED.
   */
  async resolve(proto: TensorProto, type: OnnxDtype, name: string): Promise<TensorStorage> {
    const { file } = this.#wire
    const fail = (what: string) => onnxError(file, `tensor ${quoted(name)} ${what}`)
    const sizeBytes = tensorSizeBytes(proto.dims, type.dtype)
    if (sizeBytes === undefined) throw fail(`has a shape [${proto.dims}] whose size overflows`)
    const places = Number(proto.raw !== undefined) + Number(proto.typed !== undefined)
    if (places + Number(proto.isExternal) > 1) throw fail('has its elements in two places')
    if (proto.isExternal) return this.#resolveExternal(proto, sizeBytes, name)
    if (proto.raw !== undefined) {
      const held = proto.raw.endByte - proto.raw.beginByte
      if (held !== sizeBytes) {
        throw fail(`[${proto.dims}] of ${type.dtype} needs ${sizeBytes} bytes, it has ${held}`)
      }
      return inFile(file, proto.raw)
    }
    if (proto.typed === undefined) {
      if (sizeBytes === 0) return { kind: 'memory', bytes: new Uint8Array(0) }
      throw fail('has no elements')
    }
    if (proto.typed.carrier !== type.carrier) {
      throw fail(
        `of ${type.dtype} has its elements in field ${proto.typed.carrier}, not in ${type.carrier}`,
      )
    }
    return this.#resolveTyped(proto, type, name)
  }

  async #resolveTyped(proto: TensorProto, type: OnnxDtype, name: string): Promise<TensorStorage> {
    const { file } = this.#wire
    const { encoding, dtype } = type
    const ranges = proto.typed?.ranges ?? []
    const count = elementCount(proto.dims)
    const held = ranges.reduce((sum, range) => sum + range.endByte - range.beginByte, 0)
    const sizeBytes = count * DTYPE_SIZE_BYTES[dtype]
    const fits = encoding.kind === 'fixed' ? held === sizeBytes : held >= count
    if (!fits) {
      const what = `tensor ${quoted(name)} [${proto.dims}] of ${dtype} does not fit its ${held} bytes`
      throw onnxError(file, what)
    }
    const [only] = ranges
    if (encoding.kind === 'fixed' && ranges.length === 1 && only !== undefined) {
      return inFile(file, only)
    }
    this.#charge(held + sizeBytes)
    const bytes = await this.#gather(ranges, held)
    if (encoding.kind === 'fixed') return { kind: 'memory', bytes }
    const bounds = encoding.kind === 'varint' ? encoding : undefined
    const decoded = decodeVarints(bytes, count, {
      sizeBytes: DTYPE_SIZE_BYTES[dtype],
      bounds,
    })
    if (decoded.kind === 'invalid') {
      throw onnxError(file, `tensor ${quoted(name)} of ${dtype} ${decoded.reason}`)
    }
    return { kind: 'memory', bytes: decoded.bytes }
  }

  async #gather(ranges: readonly ByteRange[], sizeBytes: number): Promise<Uint8Array> {
    const gathered = new Uint8Array(sizeBytes)
    let at = 0
    for (const range of ranges) {
      const bytes = await this.#wire.bytes(range)
      gathered.set(bytes, at)
      at += bytes.length
    }
    return gathered
  }

  #charge(bytes: number): void {
    this.#memoryBytes += bytes
    if (this.#memoryBytes > MAX_MEMORY_BYTES) {
      throw this.#wire.excess(`more than ${MAX_MEMORY_BYTES} bytes of elements to decode`)
    }
  }

  async #resolveExternal(
    proto: TensorProto,
    sizeBytes: number,
    name: string,
  ): Promise<TensorStorage> {
    const { file } = this.#wire
    const fail = (what: string) => onnxError(file, `tensor ${quoted(name)} ${what}`)
    const location = proto.external.get('location') ?? ''
    if (!isPlainFileName(location)) {
      throw onnxError(
        file,
        `tensor ${quoted(name)} is said to lie in ${quoted(location)}, which is not the name of a file in the same folder`,
        'external data must lie beside the graph: export the model again so',
      )
    }
    const found = this.#external.get(location) ?? (await this.#findExternal(location))
    if (found === undefined) {
      throw new AppError(
        'CHECKPOINT_INVALID',
        `${file}: tensor ${quoted(name)} lies in ${quoted(location)}, which is missing`,
        { hint: 'fetch the missing file into the same folder' },
      )
    }
    this.#external.set(location, found)
    const offset = natural(proto.external.get('offset') ?? '0')
    const length = natural(proto.external.get('length') ?? String(sizeBytes))
    if (offset === undefined || length === undefined) {
      throw fail('has an offset or length that is not a plain number')
    }
    if (length !== sizeBytes)
      throw fail(`needs ${sizeBytes} bytes, its external length is ${length}`)
    if (offset + length > found.sizeBytes) {
      throw fail(`ends at byte ${offset + length} of ${found.path}, which has ${found.sizeBytes}`)
    }
    return inFile(found.path, { beginByte: offset, endByte: offset + length })
  }
}

function inFile(file: string, { beginByte, endByte }: ByteRange): TensorStorage {
  return { kind: 'file', file, beginByte, endByte }
}

function natural(text: string): number | undefined {
  if (!/^[0-9]{1,16}$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}
