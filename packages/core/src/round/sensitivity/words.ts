import type { Plan } from '../plan/plan.ts'
import type { CertaintyWord } from './sensitivity.ts'

/**
 * The word for a probability, by the thresholds of the sealed plan. While some part could not be
 * resampled, or only from very few, chance is missing from the probability: it is then capped, and
 * never called clear.
 */
export function wordFor(
  probability: number,
  analysis: Plan['analysis'],
  options: { readonly isCapped: boolean },
): CertaintyWord {
  if (probability >= analysis.clear) return options.isCapped ? 'likely' : 'clear'
  return probability >= analysis.likely ? 'likely' : 'not separable'
}
