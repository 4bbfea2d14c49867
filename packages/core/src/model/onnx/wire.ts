import { AppError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import type { ByteReader } from '../byte-reader.ts'
import { onnxError } from './onnx-fault.ts'

/** Absolute offsets in the file, end exclusive. */
export type ByteRange = { readonly beginByte: number; readonly endByte: number }

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** One field of a protobuf message. The range is that of its value, without tag and length. */
export type WireField = ByteRange & {
  readonly number: number
  readonly wireType: number
  /** The value of a varint field as unsigned 64 bits, otherwise 0. */
  readonly varint: bigint
}

type Window = { readonly begin: number; readonly bytes: Uint8Array }

/** The graph's parts (nodes, texts, list elements) that a file may have. */
const MAX_ITEMS = 5_000_000
const MAX_TEXT_BYTES = 65_536
const WINDOW_BYTES = 65_536
const MAX_WINDOWS = 4
const MAX_VARINT_BYTES = 10
const MAX_FIELD_HEAD_BYTES = 2 * MAX_VARINT_BYTES

/**
 * Walks protobuf messages in a file without loading it: a window moves forward, and long values
 * (weights) are stepped over. https://protobuf.dev/programming-guides/encoding/
 *
 * Every method throws AppError ONNX_INVALID for a broken encoding, LIMIT_EXCEEDED beyond a bound.
 */
export class WireReader {
  readonly file: string
  readonly #reader: ByteReader
  /** The one in use first. Constants are visited after their node: the step back is kept too. */
  #windows: readonly Window[] = [{ begin: 0, bytes: new Uint8Array(0) }]
  #items = 0

  constructor(reader: ByteReader) {
    this.file = reader.file
    this.#reader = reader
  }

  /** Calls `visit` for every field of the message in `range`, in order. */
  async eachField(
    range: ByteRange,
    visit: (field: WireField) => Promise<void> | undefined,
  ): Promise<void> {
    let at = range.beginByte
    while (at < range.endByte) {
      const headEnd = Math.min(at + MAX_FIELD_HEAD_BYTES, range.endByte)
      const window = this.#held(at, headEnd) ?? (await this.#load(at))
      const field = this.#fieldAt(window, at, range.endByte)
      at = field.endByte
      // Scalars are taken at once: a pause for each of a million would be the greater part.
      const pending = visit(field)
      if (pending !== undefined) await pending
    }
  }

  /** The bytes of a value; do not write to them. */
  async bytes({ beginByte, endByte }: ByteRange): Promise<Uint8Array> {
    if (endByte - beginByte > WINDOW_BYTES) return this.#reader.read(beginByte, endByte)
    const window = this.#held(beginByte, endByte) ?? (await this.#load(beginByte))
    return window.bytes.subarray(beginByte - window.begin, endByte - window.begin)
  }

  /** A name or other short text. */
  async text(field: WireField): Promise<string> {
    this.expect(field, WIRE.bytes)
    this.count(1)
    if (field.endByte - field.beginByte > MAX_TEXT_BYTES) {
      throw this.excess(`a text of ${field.endByte - field.beginByte} bytes`, field.beginByte)
    }
    const decoded = decodeUtf8(await this.bytes(field))
    if (decoded.kind === 'text') return decoded.text
    throw this.fault('a text that is not UTF-8', field.beginByte + decoded.atByte)
  }

  /** A text, or undefined where the bytes are too many or no UTF-8. */
  async shortText(field: WireField): Promise<string | undefined> {
    this.count(1)
    if (field.endByte - field.beginByte > MAX_TEXT_BYTES) return undefined
    const decoded = decodeUtf8(await this.bytes(field))
    return decoded.kind === 'text' ? decoded.text : undefined
  }

  expect(field: WireField, wireType: number): void {
    if (field.wireType === wireType) return
    throw this.fault(
      `field ${field.number} has wire type ${field.wireType}, ${wireType} belongs there`,
      field.beginByte,
    )
  }

  /** Charges for things that will be kept in memory, so that a small file cannot ask for much. */
  count(items: number): void {
    this.#items += items
    if (this.#items > MAX_ITEMS) throw this.excess(`more than ${MAX_ITEMS} parts`)
  }

  fault(what: string, atByte: number): AppError {
    return onnxError(this.file, `${what} (byte ${atByte})`)
  }

  excess(what: string, atByte?: number): AppError {
    const where = atByte === undefined ? '' : ` (byte ${atByte})`
    return new AppError('LIMIT_EXCEEDED', `${this.file}: ${what}${where}`)
  }

  #held(beginByte: number, endByte: number): Window | undefined {
    for (const window of this.#windows) {
      if (beginByte >= window.begin && endByte <= window.begin + window.bytes.length) return window
    }
    return undefined
  }

  async #load(begin: number): Promise<Window> {
    const endByte = Math.min(begin + WINDOW_BYTES, this.#reader.sizeBytes)
    const window = { begin, bytes: await this.#reader.read(begin, endByte) }
    this.#windows = [window, ...this.#windows.slice(0, MAX_WINDOWS - 1)]
    return window
  }

  #fieldAt(window: Window, at: number, messageEnd: number): WireField {
    const tag = this.#varintAt(window, at, messageEnd)
    const number = Number(tag.value >> 3n)
    const wireType = Number(tag.value & 7n)
    if (number === 0 || number >= 2 ** 29) throw this.fault(`field number ${number}`, at)
    const beginByte = tag.endByte
    switch (wireType) {
      case WIRE.varint: {
        const { value, endByte } = this.#varintAt(window, beginByte, messageEnd)
        return { number, wireType, beginByte, endByte, varint: value }
      }
      case WIRE.fixed32:
      case WIRE.fixed64: {
        const endByte = beginByte + (wireType === WIRE.fixed32 ? 4 : 8)
        if (endByte > messageEnd) throw this.fault('truncated: a number passes its end', beginByte)
        return { number, wireType, beginByte, endByte, varint: 0n }
      }
      case WIRE.bytes: {
        const length = this.#varintAt(window, beginByte, messageEnd)
        if (length.value > BigInt(messageEnd - length.endByte)) {
          throw this.fault(
            `truncated: field ${number} of ${length.value} bytes passes the end of its message`,
            at,
          )
        }
        const endByte = length.endByte + Number(length.value)
        return { number, wireType, beginByte: length.endByte, endByte, varint: 0n }
      }
      default:
        throw this.fault(`wire type ${wireType}, which onnx does not use`, at)
    }
  }

  #varintAt(window: Window, at: number, messageEnd: number): { value: bigint; endByte: number } {
    // The caller has made sure that the window holds the field's head as far as the message goes.
    const first = at - window.begin
    let low = 0
    let high = 0n
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      if (at + i >= messageEnd) throw this.fault('truncated: a number passes its end', at)
      const byte = window.bytes[first + i] ?? 0
      if (i < 4) low += (byte & 0x7f) * 2 ** (7 * i)
      else high |= BigInt(byte & 0x7f) << BigInt(7 * i)
      if (byte < 0x80) {
        if (i === MAX_VARINT_BYTES - 1 && byte > 1) break
        return { value: BigInt(low) | high, endByte: at + i + 1 }
      }
    }
    throw this.fault('a number of more than 64 bits', at)
  }
}
