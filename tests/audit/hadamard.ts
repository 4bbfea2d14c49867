import type { Rng } from '../../packages/core/src/base/rng.ts'

/**
 * A random rotation that costs n·log n for each row: signs, Hadamard, signs, Hadamard, signs. Every
 * entry mixes all axes, as with the rotations that are folded into models before quantising.
 */
export type Rotation = {
  /** x → xR for every row of `size` entries, in place. */
  readonly rows: (values: Float32Array) => void
  /** W → RᵀW for a matrix of `size` rows, in place: every column turned as a row would be. */
  readonly columns: (values: Float32Array) => void
}

export function randomRotation(size: number, rng: Rng): Rotation {
  const signs = [0, 1, 2].map(() =>
    Float32Array.from({ length: size }, () => (rng.nextUint32() & 1 ? 1 : -1)),
  )
  const norm = 1 / Math.sqrt(size)
  const turn = (values: Float32Array, stride: number): void => {
    signs.forEach((flips, round) => {
      const factors = round === 0 ? flips : flips.map((sign) => sign * norm)
      scaleSpans(values, factors, stride)
      if (round < 2) hadamard(values, size, stride)
    })
  }
  return {
    rows: (values) => {
      for (let at = 0; at < values.length; at += size) turn(values.subarray(at, at + size), 1)
    },
    columns: (values) => turn(values, values.length / size),
  }
}

/** Span k of `stride` values times factors[k]. */
function scaleSpans(values: Float32Array, factors: Float32Array, stride: number): void {
  for (let k = 0, at = 0; k < factors.length; k++) {
    for (const end = at + stride; at < end; at++) values[at]! *= factors[k]!
  }
}

/** Walsh–Hadamard transform over `size` spans of `stride` values, a power of two of them. */
function hadamard(values: Float32Array, size: number, stride: number): void {
  for (let half = stride; half < size * stride; half *= 2) {
    for (let from = 0; from < size * stride; from += 2 * half) {
      for (let i = from, j = from + half; i < from + half; i++, j++) {
        const [x, y] = [values[i]!, values[j]!]
        values[i] = x + y
        values[j] = x - y
      }
    }
  }
}
