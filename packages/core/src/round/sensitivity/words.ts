import type { Plan } from '../plan/plan.ts'
import type { CertaintyWord } from './sensitivity.ts'

/**
 * The word for a probability, by the thresholds of the sealed plan. While some part could not be
 * resampled, its chance is missing from the probability, so that it is never called clear.
 */
export function wordFor(
  probability: number,
  analysis: Plan['analysis'],
  options: { readonly partsHeldFixed: boolean },
): CertaintyWord {
  if (probability >= analysis.clear) return options.partsHeldFixed ? 'likely' : 'clear'
  return probability >= analysis.likely ? 'likely' : 'not separable'
}
