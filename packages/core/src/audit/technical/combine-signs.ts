import type { Note, TestName } from '../result.ts'
import { repeatsRows } from './assumptions.ts'
import { concatenate, limitOf, type OpenFamily, resultOf } from './decide-signs.ts'

/**
 * Families whose statistics lie in matrices of their own: flips of one leave every c of the others
 * as it is, so that all signs together are fair coins given all sizes. Latent dimensions are not
 * among them (their flips move columns of the value rows), nor are residual ones (columns of all).
 * docs/methods/combining.md
 */
const APART: readonly TestName[] = ['sign_up', 'sign_key', 'sign_value']

/** A sign family as it enters the correction. */
export type CountedFamily = Pick<OpenFamily, 'pooled' | 'perLayer' | 'cells' | 'detectable'>

/** One test over the units of all such families; null where there are not two of them. */
export function combineFamilies(families: readonly OpenFamily[]): CountedFamily | null {
  const apart = families.filter(({ pooled }) => APART.includes(pooled.test))
  const joined = apart.filter(({ pooled }) => pooled.test !== 'sign_value' || !keysAreValues(apart))
  const [first] = joined
  if (!first || joined.length < 2) return null
  const correlations = concatenate(joined.map((family) => family.correlations))
  const isShared = joined.every(({ carrier }) => carrier === first.carrier)
  const model = isShared ? first.carrier : 'both'
  const notes: Note[] = [{ code: 'assumption_on', values: { model } }]
  return {
    pooled: resultOf('sign_all', { correlations, layer: null, notes }),
    perLayer: [],
    cells: [],
    detectable: limitOf(correlations),
  }
}

/** One matrix for both, stored twice: its rows flip as rotary pairs and may be counted once only. */
function keysAreValues(families: readonly OpenFamily[]): boolean {
  const batchesOf = (test: TestName) =>
    families.find(({ pooled }) => pooled.test === test)?.batches ?? []
  const values = new Map(batchesOf('sign_value').map((batch) => [batch.layer, batch] as const))
  return batchesOf('sign_key').some((keys) => {
    const value = values.get(keys.layer)
    if (!value) return false
    return [
      [keys.candidate, value.candidate],
      [keys.reference, value.reference],
    ].some(([k, v]) => k && v && repeatsRows(k, v))
  })
}
