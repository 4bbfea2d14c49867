import { assert } from '../../base/errors.ts'
import { createRng } from '../../base/rng.ts'

/** Bits of a sketched row. */
export const SKETCH_BITS = 64
const KEY_VERSION = 1

/** What is sketched; part of the key of the directions. */
export type SketchRole = 'up' | 'value' | 'residual'

/**
 * 64 directions of ±1 for rows of `width` entries, [64, width] row-major. They are fixed by
 * (version, role, width) for ever: sketches made anywhere can be compared. ±1 rather than Gaussian because
 * they come from integers alone and are therefore the same bits on every machine.
 */
export function sketchDirections(role: SketchRole, width: number): Float32Array {
  assert(Number.isInteger(width) && width > 0, `directions of width ${width}`)
  const rng = createRng(`dokja sketch ${KEY_VERSION}/${role}/${width}`)
  const directions = new Float32Array(SKETCH_BITS * width)
  let word = 0
  for (let i = 0; i < directions.length; i++) {
    if (i % 32 === 0) word = rng.nextUint32()
    directions[i] = word & 1 ? 1 : -1
    word >>>= 1
  }
  return directions
}

/** `bits` holds 8 bytes per row, `valid` one bit per row, least significant first. */
export type SketchedRows = { readonly bits: Uint8Array; readonly valid: Uint8Array }

/**
 * Bit k of row u is [⟨r_k, u⟩ > 0]. `values` is [rows, width] row-major. A flipped row gives the
 * complement exactly: negation commutes with every rounded addition. A row with a projection of
 * exactly 0 does not flip and is marked invalid (all bits 0); the mark itself does not change
 * when the row flips. Sums run in float64 in the order of the columns.
 */
export function sketchRows(
  values: Float32Array,
  width: number,
  directions: Float32Array,
): SketchedRows {
  assert(directions.length === SKETCH_BITS * width, 'directions of another width')
  assert(values.length % width === 0, `${values.length} entries in rows of ${width}`)
  const rows = values.length / width
  const bits = new Uint8Array(rows * 8)
  const valid = new Uint8Array(Math.ceil(rows / 8))
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * width, (row + 1) * width)
    const target = bits.subarray(row * 8, row * 8 + 8)
    if (sketchRow(own, directions, target)) {
      valid[row >> 3] = (valid[row >> 3] ?? 0) | (1 << (row & 7))
    } else target.fill(0)
  }
  return { bits, valid }
}

function sketchRow(row: Float32Array, directions: Float32Array, target: Uint8Array): boolean {
  const width = row.length
  for (let k = 0; k < SKETCH_BITS; k++) {
    const from = k * width
    let sum = 0
    for (let j = 0; j < width; j++) sum += (directions[from + j] as number) * (row[j] as number)
    if (sum === 0) return false
    if (sum > 0) target[k >> 3] = (target[k >> 3] ?? 0) | (1 << (k & 7))
  }
  return true
}

export const isValid = (valid: Uint8Array, row: number): boolean =>
  (((valid[row >> 3] ?? 0) >> (row & 7)) & 1) === 1
