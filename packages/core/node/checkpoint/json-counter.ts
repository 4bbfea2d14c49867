import type { JsonCounter } from '../../src/base/json-bytes.ts'
import {
  instantiateKernel,
  loadKernel,
  PAGE_BYTES,
  type WasmMemory,
  type WasmModule,
} from '../wasm-kernel.ts'

/** Larger than any name; all of it stays in the cache of a processor. */
const WINDOW_BYTES = 2 ** 19
/** Zeros behind a window, at which the kernel stops. */
const END_BYTES = 32
const WINDOW = PAGE_BYTES
/** For a name without its escapes, at most as long as the window. */
const ROOM = WINDOW + WINDOW_BYTES + PAGE_BYTES
const NAMES = ROOM + WINDOW_BYTES

const DONE = 1
const REFUSED = 2

type Exports = {
  readonly memory: WasmMemory
  readonly status: { readonly value: number }
  readonly counted: { readonly value: number }
  readonly begin: (room: number, names: number) => void
  readonly countNames: (at: number, end: number) => number
  readonly countStrings: (at: number, end: number) => number
}

let loaded: WasmModule | undefined

/** Counts with a kernel that sees the bytes through a window. Its slow twin is `plainJsonCounter`. */
export const jsonCounter = (windowBytes = WINDOW_BYTES): JsonCounter => ({
  areEqual: (a, b) => a.length === b.length && Buffer.compare(a, b) === 0,
  countNumberedNames: (bytes, beginByte) => {
    const found = count('countNames', { bytes, beginByte, windowBytes })
    return found && { endByte: found.endByte, count: found.counted }
  },
  countStrings: (bytes, beginByte) => {
    const found = count('countStrings', { bytes, beginByte, windowBytes })
    return found && { endByte: found.endByte, values: found.counted }
  },
})

type Range = {
  readonly bytes: Uint8Array
  readonly beginByte: number
  readonly windowBytes: number
}

function count(
  what: 'countNames' | 'countStrings',
  { bytes, beginByte, windowBytes }: Range,
): { readonly endByte: number; readonly counted: number } | null {
  loaded ??= loadKernel('json-counts')
  const kernel = instantiateKernel<Exports>(loaded)
  const held = new Uint8Array(kernel.memory.buffer)
  kernel.begin(ROOM, NAMES)
  for (let from = beginByte + 1; from < bytes.length; ) {
    const window = bytes.subarray(from, from + windowBytes)
    const end = WINDOW + window.length
    held.set(window, WINDOW)
    held.fill(0, end, end + END_BYTES)
    const stopped = kernel[what](WINDOW, end)
    from += stopped - WINDOW
    if (kernel.status.value === DONE) return { endByte: from, counted: kernel.counted.value }
    if (kernel.status.value === REFUSED || stopped === WINDOW) return null
  }
  return null
}
