import { selectRows } from '../../model/roles/views.ts'
import type { RolePair } from './pairing.ts'
import { type Structures, unitsOfHead } from './sign-units.ts'

/**
 * The pair with the reference's rows in the candidate's order, where both models rotate and keep
 * the two rows of a rotary pair at other places: converters to GGUF and from Meta's releases
 * reorder queries and keys, and change no value. From declared layouts alone, never from values.
 */
export function inCandidateOrder(pair: RolePair, { candidate, reference }: Structures): RolePair {
  const [a, b] = [candidate?.attention, reference?.attention]
  const { view } = pair.reference
  if (pair.candidate.kind !== 'q' && pair.candidate.kind !== 'k') return pair
  if (!a || !b || a.rotary === b.rotary || a.headDim !== b.headDim) return pair
  if (![a, b].every(({ rotary }) => rotary === 'half' || rotary === 'interleaved')) return pair
  if (a.rotaryDims === null || a.rotaryDims !== b.rotaryDims) return pair
  if (view.rows % b.headDim !== 0 || view.segments.length !== 1) return pair
  const [own, other] = [a, b].map((one) =>
    unitsOfHead(one.rotary, one.rotaryDims, one.headDim).flat(),
  )
  const place = new Map(own?.map((row, index) => [row, other?.[index] ?? row]))
  const segments = Array.from({ length: view.rows }, (_, row) => {
    const within = row % b.headDim
    return { first: row - within + (place.get(within) ?? within), count: 1 }
  })
  return { ...pair, reference: { ...pair.reference, view: selectRows(view, segments) } }
}
