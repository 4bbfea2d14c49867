import { assert } from '../../base/errors.ts'

/**
 * Codes of `bits` (1 to 8) that fill 32-bit little-endian words from their low bits, a code may
 * span two words: GPTQ's 3-bit order, and the usual one for 2, 4 and 8 bits.
 *
 * Storage is [rows, wordsPerRow]; `out` receives [rows, cols] with cols · bits ≤ 32 · wordsPerRow.
 */
export function unpackRowStreams(
  words: Uint32Array,
  out: Float32Array,
  layout: { readonly cols: number; readonly bits: number; readonly wordsPerRow: number },
): void {
  const { cols, bits, wordsPerRow } = layout
  assert(cols * bits <= 32 * wordsPerRow, `${cols} codes of ${bits} bits in ${wordsPerRow} words`)
  const rows = out.length / cols
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < cols; j++) {
      out[row * cols + j] = codeAt(words, j * bits, { from: row * wordsPerRow, step: 1, bits })
    }
  }
}

/**
 * The same in bytes: codes of 2, 4 or 8 bits that fill each row's bytes from their low bits.
 * Storage is [rows, bytesPerRow]; `out` receives [rows, cols].
 */
export function unpackRowBytes(
  bytes: Uint8Array,
  out: Float32Array,
  layout: { readonly cols: number; readonly bits: 2 | 4 | 8 },
): void {
  const { cols, bits } = layout
  const perByte = 8 / bits
  const rows = out.length / cols
  const bytesPerRow = Math.ceil(cols / perByte)
  assert(bytes.length === rows * bytesPerRow, `${bytes.length} bytes for ${rows} × ${cols}`)
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < cols; j++) {
      const byte = bytes[row * bytesPerRow + Math.floor(j / perByte)]!
      out[row * cols + j] = (byte >> (bits * (j % perByte))) & (2 ** bits - 1)
    }
  }
}

/** Storage is [words, rows], each column one stream; `out` receives [rows, cols]. */
export function unpackColumnStreams(
  words: Uint32Array,
  out: Float32Array,
  layout: { readonly cols: number; readonly bits: number },
): void {
  const { cols, bits } = layout
  const rows = out.length / cols
  assert(cols * bits * rows <= 32 * words.length, `${words.length} words for ${rows} × ${cols}`)
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < cols; j++) {
      out[row * cols + j] = codeAt(words, j * bits, { from: row, step: rows, bits })
    }
  }
}

function codeAt(
  words: Uint32Array,
  firstBit: number,
  stream: { readonly from: number; readonly step: number; readonly bits: number },
): number {
  const { from, step, bits } = stream
  const at = from + Math.floor(firstBit / 32) * step
  const shift = firstBit % 32
  const low = words[at]! >>> shift
  const high = shift + bits > 32 ? words[at + step]! << (32 - shift) : 0
  return (low | high) & ((1 << bits) - 1)
}

/** Nibble of a word that holds output 8k + position: AWQ interleaves even and odd outputs. */
const AWQ_NIBBLE = Uint8Array.of(0, 4, 1, 5, 2, 6, 3, 7)

/**
 * Storage is [lines, wordsPerLine], eight nibbles along each line; `out` receives the transpose
 * [count, lines] of the entries `first` to `first + count` of every line, where entry 0 is the
 * first nibble of the words given.
 */
export function unpackAwq(
  words: Uint32Array,
  out: Float32Array,
  layout: { readonly lines: number; readonly first: number },
): void {
  const { lines, first } = layout
  if (lines === 0) return
  const count = out.length / lines
  const wordsPerLine = words.length / lines
  assert(
    first + count <= 8 * wordsPerLine,
    `${count} nibbles from ${first} in ${wordsPerLine} words`,
  )
  for (let i = 0; i < count; i++) {
    const entry = first + i
    const shift = 4 * AWQ_NIBBLE[entry & 7]!
    for (let line = 0; line < lines; line++) {
      out[i * lines + line] = (words[line * wordsPerLine + (entry >> 3)]! >>> shift) & 15
    }
  }
}
