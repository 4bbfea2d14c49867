import type { MeasureContext } from './measure-context.ts'
import { tensorOf } from './measure-signs.ts'
import type { RolePair } from './pairing.ts'
import { readRows } from './read-rows.ts'

/** The first `count` rows of a pair, each [count, cols]: a of the candidate, b of the reference. */
export async function readBoth(
  context: MeasureContext,
  pair: RolePair,
  options: {
    readonly count: number
    readonly nonFinite?: 'zero' | 'keep'
    /** Where the values of either are put, as RowsWanted has it. */
    readonly into?: readonly [Float32Array, Float32Array]
  },
) {
  const { count, nonFinite = 'zero', into } = options
  const wanted = { ranges: [{ first: 0, count }], nonFinite }
  const [a, b] = await Promise.all([
    readRows(context.candidate.source, tensorOf(context.candidate, pair.candidate), {
      view: pair.candidate.view,
      ...wanted,
      ...(into ? { into: into[0] } : {}),
    }),
    readRows(context.reference.source, tensorOf(context.reference, pair.reference), {
      view: pair.reference.view,
      ...wanted,
      ...(into ? { into: into[1] } : {}),
    }),
  ])
  return { a, b }
}
