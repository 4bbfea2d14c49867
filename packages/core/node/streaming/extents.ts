import type { ReadStep } from '../../src/audit/full-read/plan-full-read.ts'
import { PIECE_ELEMENTS } from './sum-kernel.ts'

/** Bytes of either side that belong together: of a step, or between steps and of one side. */
export type Extent = {
  readonly step: number | null
  readonly a: Range | null
  readonly b: Range | null
  readonly elements: number
  /** Both sides are codes or numbers of one format, so their bytes can be compared. */
  readonly isComparable: boolean
}

export type Range = { readonly begin: number; readonly end: number }

/** Sums need numbers on both sides; codes of quantisers are compared as bytes. */
export const isNumeric = (step: ReadStep): boolean =>
  step.dtype !== null && (step.counterpart === null || step.counterpart.dtype !== null)

/** Bytes of one side that belong to no step: headers, padding, tensors of one model alone. */
export function* gap(side: 'a' | 'b', span: Range, extentBytes: number): Generator<Extent> {
  for (let { begin } = span; begin < span.end; begin += extentBytes) {
    const range = { begin, end: Math.min(span.end, begin + extentBytes) }
    yield {
      step: null,
      a: side === 'a' ? range : null,
      b: side === 'b' ? range : null,
      elements: 0,
      isComparable: false,
    }
  }
}

/** A tensor in extents of whole pieces; an empty tensor is one empty extent. */
export function* extentsOf(step: ReadStep, index: number, extentBytes: number): Generator<Extent> {
  const spans = [step.candidate, step.counterpart?.span ?? null] as const
  const sizes = spans.map((span) => (span ? span.endByte - span.beginByte : 0))
  const isComparable = step.counterpart !== null && step.counterpart.dtype === step.dtype
  // Codes of quantisers are walked byte by byte: both sides have the same number of them.
  const elements = isNumeric(step) ? step.elements : (sizes[0] ?? 0)
  const widest = Math.max(1, ...sizes.map((size) => size / Math.max(1, elements)))
  const most = Math.max(1, Math.floor(extentBytes / widest / PIECE_ELEMENTS)) * PIECE_ELEMENTS
  for (let first = 0; first === 0 || first < elements; first += most) {
    const count = Math.min(most, elements - first)
    const [a, b] = spans.map((span, side) => {
      const width = (sizes[side] ?? 0) / Math.max(1, elements)
      return (
        span && {
          begin: span.beginByte + first * width,
          end: span.beginByte + (first + count) * width,
        }
      )
    })
    yield { step: index, a: a ?? null, b: b ?? null, elements: count, isComparable }
  }
}

/** Where piece k of a buffer of `length` bytes lies; the whole buffer where it has no elements. */
export function pieceOf(length: number, piece: number, elements: number): Range {
  if (elements === 0) return { begin: 0, end: length }
  const width = length / elements
  const begin = piece * PIECE_ELEMENTS * width
  return { begin, end: Math.min(length, begin + PIECE_ELEMENTS * width) }
}
