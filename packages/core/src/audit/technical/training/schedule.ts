import type { TrainingRecord } from './record.ts'
import type { LogRow } from './training-log.ts'

type Declared = Pick<TrainingRecord, 'schedule' | 'optimiser'>

/** What the declared schedule says, summed over updates. Update s takes step s to step s + 1. */
export type RateSums = {
  readonly rateAt: (step: number) => number
  /** Σ η over the updates [from, to). */
  readonly rateSum: (from: number, to: number) => number
  /** exp(−λ·Σ η): what decay alone leaves of the weights at `from` by step `to`; null where not known. */
  readonly decayFactor: (from: number, to: number) => number | null
}

/** Null where the rates are said to be in the log and there is none. */
export function rateSums(record: Declared, log: readonly LogRow[] | null): RateSums | null {
  const { schedule, optimiser } = record
  const rateAt = schedule.decay === 'logged' ? loggedRate(log) : declaredRate(schedule)
  if (rateAt === null) return null
  const total = new Float64Array(schedule.steps + 1)
  for (let step = 0; step < schedule.steps; step++) {
    total[step + 1] = (total[step] as number) + rateAt(step)
  }
  const upTo = (step: number): number =>
    total[Math.min(schedule.steps, Math.max(0, step))] as number
  const rateSum = (from: number, to: number): number => upTo(to) - upTo(from)
  const decay = decayPerRate(optimiser)
  const decayFactor = (from: number, to: number): number | null =>
    decay === null ? null : Math.exp(-decay * rateSum(from, to))
  return { rateAt, rateSum, decayFactor }
}

/** Linear warm-up to the peak, then cosine, linear or no decay to the final rate. */
export function declaredRate(schedule: TrainingRecord['schedule']): (step: number) => number {
  const { steps, peakRate, warmupSteps, finalRate, decay } = schedule
  return (step) => {
    if (step < warmupSteps) return (peakRate * (step + 1)) / warmupSteps
    if (decay === 'constant') return peakRate
    const share = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps))
    const left = decay === 'cosine' ? 0.5 * (1 + Math.cos(Math.PI * share)) : 1 - share
    return finalRate + (peakRate - finalRate) * left
  }
}

/** The rate of the last row at or before a step. */
function loggedRate(log: readonly LogRow[] | null): ((step: number) => number) | null {
  const rows = (log ?? []).filter((row) => row.rate !== null)
  const first = rows[0]
  if (!first) return null
  return (step) => {
    let low = 0
    let high = rows.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((rows[middle]?.step ?? 0) <= step) low = middle
      else high = middle
    }
    return rows[low]?.rate ?? 0
  }
}

/**
 * What decay takes of a weight per unit of the rate: λ where it is decoupled, λ/(1 − momentum) where it
 * passes through the momentum of gradient descent, unknown where it passes through Adam's moments.
 */
export function decayPerRate(optimiser: TrainingRecord['optimiser']): number | null {
  const { name, weightDecay, decays, beta1 } = optimiser
  if (weightDecay === 0 || decays === 'none') return 0
  if (name === 'sgd') return beta1 === undefined ? null : weightDecay / (1 - beta1)
  return ['adamw', 'lion', 'muon'].includes(name) ? weightDecay : null
}

/** What is known of the start after decay: all of it where nothing decays, whatever the rates. */
export const leftOf = (
  { optimiser }: Pick<TrainingRecord, 'optimiser'>,
  sums: RateSums | null,
  [from, to]: readonly [number, number],
): number | null => (decayPerRate(optimiser) === 0 ? 1 : (sums?.decayFactor(from, to) ?? null))
