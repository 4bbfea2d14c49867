import type { UnitGroups, WeightedReducer } from '../weighted-groups.ts'

/** The rules on a list in which a unit of weight k stands k times. Whole weights only. */
export function repeated(values: readonly number[], weights: readonly number[]): number[] {
  return values.flatMap((value, i) => new Array<number>(weights[i] ?? 0).fill(value))
}

export const meanReference = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length

export function trimmedMeanReference(values: readonly number[], drop: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return meanReference(sorted.slice(drop, sorted.length - drop))
}

export function medianReference(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The weighted mean group by group, by its definition. */
export function weightedMeanReference(groups: UnitGroups): WeightedReducer {
  const { starts, unit, value } = groups
  return (weights, out) => {
    for (let g = 0; g < out.length; g++) {
      let sum = 0
      let total = 0
      for (let i = starts[g]!; i < starts[g + 1]!; i++) {
        sum += weights[unit[i]!]! * value[i]!
        total += weights[unit[i]!]!
      }
      if (!(total > 0)) return false
      out[g] = sum / total
    }
    return true
  }
}
