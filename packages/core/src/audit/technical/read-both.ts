import type { MeasureContext } from './measure-context.ts'
import { tensorOf } from './measure-signs.ts'
import type { RolePair } from './pairing.ts'
import { readRows } from './read-rows.ts'

/** The first `count` rows of a pair, each [count, cols]: a of the candidate, b of the reference. */
export async function readBoth(context: MeasureContext, pair: RolePair, count: number) {
  const ranges = [{ first: 0, count }]
  const [a, b] = await Promise.all([
    readRows(context.candidate.source, tensorOf(context.candidate, pair.candidate), {
      view: pair.candidate.view,
      ranges,
    }),
    readRows(context.reference.source, tensorOf(context.reference, pair.reference), {
      view: pair.reference.view,
      ranges,
    }),
  ])
  return { a, b }
}
