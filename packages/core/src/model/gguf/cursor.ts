import { decodeUtf8 } from '../../base/utf8.ts'
import { ggufError, ggufLimit } from './gguf-fault.ts'

/** Asks for more of the file; caught where the header is read, never seen outside. */
export class NeedsMoreBytes {
  readonly untilByte: number
  constructor(untilByte: number) {
    this.untilByte = untilByte
  }
}

/** Header of the largest genuine files (vocabularies of 260,000 tokens): about 20 MB. */
export const MAX_HEADER_BYTES = 128 * 2 ** 20
/** Texts and list elements together. */
const MAX_ITEMS = 20_000_000

/** Reads a header from its beginning, of which `bytes` are the first. */
export class Cursor {
  readonly file: string
  at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #fileSizeBytes: number
  #items = 0

  constructor(file: string, bytes: Uint8Array, fileSizeBytes: number) {
    this.file = file
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#fileSizeBytes = fileSizeBytes
  }

  /** Steps over `count` bytes and gives where they begin. */
  take(count: number, what: string): number {
    const begin = this.at
    const end = begin + count
    if (end > this.#fileSizeBytes) {
      throw ggufError(
        this.file,
        `truncated: ${what} at byte ${begin} needs ${count} bytes, the file has ${this.#fileSizeBytes}`,
      )
    }
    if (end > MAX_HEADER_BYTES) {
      throw ggufLimit(this.file, `${what} at byte ${begin} passes ${MAX_HEADER_BYTES} header bytes`)
    }
    if (end > this.#bytes.length) throw new NeedsMoreBytes(end)
    this.at = end
    return begin
  }

  countItems(count: number, what: string): void {
    this.#items += count
    if (this.#items > MAX_ITEMS) throw ggufLimit(this.file, `more than ${MAX_ITEMS} ${what}`)
  }

  u8 = (what: string): number => this.#view.getUint8(this.take(1, what))
  i8 = (what: string): number => this.#view.getInt8(this.take(1, what))
  u16 = (what: string): number => this.#view.getUint16(this.take(2, what), true)
  i16 = (what: string): number => this.#view.getInt16(this.take(2, what), true)
  u32 = (what: string): number => this.#view.getUint32(this.take(4, what), true)
  i32 = (what: string): number => this.#view.getInt32(this.take(4, what), true)
  f32 = (what: string): number => this.#view.getFloat32(this.take(4, what), true)
  f64 = (what: string): number => this.#view.getFloat64(this.take(8, what), true)
  u64 = (what: string): bigint => this.#view.getBigUint64(this.take(8, what), true)
  i64 = (what: string): bigint => this.#view.getBigInt64(this.take(8, what), true)

  /** A count or length of 64 bits that must not pass `bound`. */
  count(what: string, bound: number): number {
    const value = this.u64(what)
    if (value > BigInt(bound))
      throw ggufLimit(this.file, `${what} is ${value}, the bound is ${bound}`)
    return Number(value)
  }

  text(what: string, maxBytes: number): string {
    const begin = this.skipText(what, maxBytes)
    const decoded = decodeUtf8(this.#bytes.subarray(begin, this.at))
    if (decoded.kind === 'text') return decoded.text
    throw ggufError(this.file, `${what} is not UTF-8 at byte ${begin + decoded.atByte}`)
  }

  /** A text that may be anything: undefined where it is not UTF-8. */
  tokenText(what: string, maxBytes: number): string | undefined {
    const begin = this.skipText(what, maxBytes)
    const decoded = decodeUtf8(this.#bytes.subarray(begin, this.at))
    return decoded.kind === 'text' ? decoded.text : undefined
  }

  skipText(what: string, maxBytes: number): number {
    return this.take(this.count(`the length of ${what}`, maxBytes), what)
  }
}
