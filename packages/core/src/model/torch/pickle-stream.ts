import { quoted } from '../../base/quoted.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import { reduce, storageOf } from './pickle-forms.ts'
import { isKnownName, type PickleValue } from './pickle-value.ts'
import { archiveError, archiveLimit, refusedPickle } from './torch-fault.ts'

/** About 35 for each tensor. */
const MAX_STEPS = 8_000_000
const MAX_TEXT_BYTES = 65_536

type Handler = (stream: PickleStream) => void

const scalar = (value: number | bigint | boolean | string | null): PickleValue => ({
  kind: 'scalar',
  value,
})

/**
 * Reads a pickle as a description. The opcodes are those that torch.save emits for tables of
 * tensors; each moves plain data on a stack. A name of Python is only ever compared with a short
 * list, and the few calls that it may stand for are replaced by building a record. Any other
 * opcode or name ends the reading with AppError FORMAT_UNSUPPORTED that says which.
 */
export class PickleStream {
  readonly file: string
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  #stack: PickleValue[] = []
  readonly #outer: PickleValue[][] = []
  readonly #memo = new Map<number, PickleValue>()
  #result: PickleValue | undefined

  constructor(file: string, bytes: Uint8Array) {
    this.file = file
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** The one value that the stream describes. */
  read(): PickleValue {
    for (let steps = 0; this.#result === undefined; steps++) {
      if (steps > MAX_STEPS) throw archiveLimit(this.file, `more than ${MAX_STEPS} opcodes`)
      const at = this.#at
      const code = this.byte()
      const handler = HANDLERS.get(code)
      if (handler === undefined) {
        throw refusedPickle(this.file, `opcode 0x${code.toString(16)} at byte ${at} of its pickle`)
      }
      handler(this)
    }
    if (this.#at !== this.#bytes.length) {
      throw archiveError(
        this.file,
        `${this.#bytes.length - this.#at} bytes follow after its pickle`,
      )
    }
    return this.#result
  }

  take(count: number): number {
    const begin = this.#at
    if (count > this.#bytes.length - begin) throw archiveError(this.file, 'its pickle is cut off')
    this.#at = begin + count
    return begin
  }

  byte = (): number => this.#view.getUint8(this.take(1))
  u16 = (): number => this.#view.getUint16(this.take(2), true)
  i32 = (): number => this.#view.getInt32(this.take(4), true)
  u32 = (): number => this.#view.getUint32(this.take(4), true)
  f64 = (): number => this.#view.getFloat64(this.take(8), false)
  u64 = (): bigint => this.#view.getBigUint64(this.take(8), true)

  /** Little-endian two's complement of `count` bytes. */
  long(count: number): number | bigint {
    const begin = this.take(count)
    let value = 0n
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[begin + i] ?? 0)
    if (count > 0 && (this.#bytes[begin + count - 1] ?? 0) >= 128) value -= 1n << BigInt(8 * count)
    const small = Number(value)
    return Number.isSafeInteger(small) ? small : value
  }

  text(count: number): string {
    if (count > MAX_TEXT_BYTES)
      throw archiveLimit(this.file, `a text of ${count} bytes in its pickle`)
    const begin = this.take(count)
    const decoded = decodeUtf8(this.#bytes.subarray(begin, begin + count))
    if (decoded.kind === 'text') return decoded.text
    throw archiveError(
      this.file,
      `a text of its pickle is not UTF-8 at byte ${begin + decoded.atByte}`,
    )
  }

  line(): string {
    const end = this.#bytes.indexOf(10, this.#at)
    if (end < 0) throw archiveError(this.file, 'its pickle is cut off')
    const line = this.text(end - this.#at)
    this.take(1)
    return line
  }

  push(value: PickleValue): void {
    this.#stack.push(value)
  }

  pop(): PickleValue {
    const value = this.#stack.pop()
    if (value === undefined) throw archiveError(this.file, 'its pickle takes from an empty stack')
    return value
  }

  top(): PickleValue {
    const value = this.#stack.at(-1)
    if (value === undefined) throw archiveError(this.file, 'its pickle looks at an empty stack')
    return value
  }

  mark(): void {
    this.#outer.push(this.#stack)
    this.#stack = []
  }

  /** Everything since the last mark. */
  popMarked(): PickleValue[] {
    const items = this.#stack
    const outer = this.#outer.pop()
    if (outer === undefined) throw archiveError(this.file, 'its pickle lacks a mark')
    this.#stack = outer
    return items
  }

  remember(index: number): void {
    this.#memo.set(index, this.top())
  }

  rememberNext(): void {
    this.remember(this.#memo.size)
  }

  recall(index: number): void {
    const value = this.#memo.get(index)
    if (value === undefined)
      throw archiveError(this.file, `its pickle recalls entry ${index}, which is none`)
    this.push(value)
  }

  name(global: string): void {
    if (!isKnownName(global)) throw refusedPickle(this.file, `its pickle names ${quoted(global)}`)
    this.push({ kind: 'name', global })
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top()
    if (list.kind !== 'list') throw archiveError(this.file, 'its pickle appends to what is no list')
    for (const item of items) list.items.push(item)
  }

  set(pairs: readonly PickleValue[]): void {
    const table = this.top()
    if (table.kind !== 'table' || pairs.length % 2 !== 0) {
      throw archiveError(this.file, 'its pickle sets entries of what is no table')
    }
    for (let i = 0; i < pairs.length; i += 2) {
      const [key, value] = [pairs[i], pairs[i + 1]]
      const word = key?.kind === 'scalar' ? String(key.value) : undefined
      if (word === undefined || value === undefined || table.items.has(word)) {
        throw archiveError(
          this.file,
          `a table of its pickle has the key ${quoted(word ?? '')} twice, or none`,
        )
      }
      table.items.set(word, value)
    }
  }

  /** The state that torch gives a table (its modules' versions) says nothing of weights. */
  build(): void {
    const state = this.pop()
    const target = this.top()
    if (state.kind !== 'table' || target.kind !== 'table') {
      throw refusedPickle(this.file, 'its pickle sets the state of an object')
    }
  }

  finish(): void {
    this.#result = this.pop()
    if (this.#stack.length > 0 || this.#outer.length > 0) {
      throw archiveError(this.file, 'its pickle leaves values behind')
    }
  }
}

function tuple(count: number): Handler {
  return (stream) => {
    const items = Array.from({ length: count }, () => stream.pop())
    stream.push({ kind: 'list', items: items.reverse() })
  }
}

/** Opcodes by their byte (pickletools.py of CPython). */
const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [
    0x80,
    (s) => {
      const v = s.byte()
      if (v < 2 || v > 5) throw refusedPickle(s.file, `pickle protocol ${v}`)
    },
  ],
  [0x95, (s) => void s.u64()],
  [0x2e, (s) => s.finish()],
  [0x28, (s) => s.mark()],
  [0x7d, (s) => s.push({ kind: 'table', items: new Map() })],
  [0x5d, (s) => s.push({ kind: 'list', items: [] })],
  [0x29, (s) => s.push({ kind: 'list', items: [] })],
  [0x74, (s) => s.push({ kind: 'list', items: s.popMarked() })],
  [0x85, tuple(1)],
  [0x86, tuple(2)],
  [0x87, tuple(3)],
  [0x4e, (s) => s.push(scalar(null))],
  [0x88, (s) => s.push(scalar(true))],
  [0x89, (s) => s.push(scalar(false))],
  [0x4a, (s) => s.push(scalar(s.i32()))],
  [0x4b, (s) => s.push(scalar(s.byte()))],
  [0x4d, (s) => s.push(scalar(s.u16()))],
  [0x8a, (s) => s.push(scalar(s.long(s.byte())))],
  [0x47, (s) => s.push(scalar(s.f64()))],
  [0x58, (s) => s.push(scalar(s.text(s.u32())))],
  [0x8c, (s) => s.push(scalar(s.text(s.byte())))],
  [0x71, (s) => s.remember(s.byte())],
  [0x72, (s) => s.remember(s.u32())],
  [0x94, (s) => s.rememberNext()],
  [0x68, (s) => s.recall(s.byte())],
  [0x6a, (s) => s.recall(s.u32())],
  [
    0x61,
    (s) => {
      const item = s.pop()
      s.append([item])
    },
  ],
  [
    0x65,
    (s) => {
      const items = s.popMarked()
      s.append(items)
    },
  ],
  [
    0x73,
    (s) => {
      const value = s.pop()
      const key = s.pop()
      s.set([key, value])
    },
  ],
  [
    0x75,
    (s) => {
      const pairs = s.popMarked()
      s.set(pairs)
    },
  ],
  [0x62, (s) => s.build()],
  [
    0x63,
    (s) => {
      const module = s.line()
      s.name(`${module}.${s.line()}`)
    },
  ],
  [0x93, stackName],
  [0x51, (s) => s.push(storageOf(s.file, s.pop()))],
  [
    0x52,
    (s) => {
      const given = s.pop()
      s.push(reduce(s.file, s.pop(), given))
    },
  ],
])

function stackName(stream: PickleStream): void {
  const [word, module] = [stream.pop(), stream.pop()]
  const parts = [module, word].map((part) => (part.kind === 'scalar' ? String(part.value) : ''))
  stream.name(parts.join('.'))
}
