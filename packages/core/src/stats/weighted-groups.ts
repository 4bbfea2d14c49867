/**
 * Values of units in groups (the items of one team on one benchmark, the panellists of one team):
 * group g holds entries starts[g] to starts[g+1]−1; `unit` says whose weight an entry takes.
 */
export type UnitGroups = {
  readonly starts: Uint32Array
  readonly unit: Uint32Array
  readonly value: Float64Array
}

/**
 * The reducing rules of a plan under weights, one result per group. With all weights 1 they are
 * the rules themselves; a unit of weight 2 counts like two equal units. All return false, with
 * `out` unusable, when a group has no weight left or less than the rule takes away.
 */
export type WeightedReducer = (weights: Float64Array, out: Float64Array) => boolean

/** Σ w·x / Σ w. */
export function weightedMean(groups: UnitGroups): WeightedReducer {
  const { starts, unit, value } = groups
  return (weights, out) => {
    for (let g = 0; g < out.length; g++) {
      let sum = 0
      let total = 0
      for (let i = starts[g]!, end = starts[g + 1]!; i < end; i++) {
        const weight = weights[unit[i]!]!
        sum += weight * value[i]!
        total += weight
      }
      if (!(total > 0)) return false
      out[g] = sum / total
    }
    return true
  }
}

/** Σ w·x. */
export function weightedSum(groups: UnitGroups): WeightedReducer {
  const { starts, unit, value } = groups
  return (weights, out) => {
    for (let g = 0; g < out.length; g++) {
      let sum = 0
      for (let i = starts[g]!, end = starts[g + 1]!; i < end; i++) {
        sum += weights[unit[i]!]! * value[i]!
      }
      out[g] = sum
    }
    return true
  }
}

/** Mean of what is left when weight `drop` is taken from the highest and from the lowest. */
export function weightedTrimmedMean(groups: UnitGroups, drop: number): WeightedReducer {
  const { starts, unit, value } = sortedGroups(groups)
  return (weights, out) => {
    for (let g = 0; g < out.length; g++) {
      const from = starts[g]!
      const end = starts[g + 1]!
      let total = 0
      for (let i = from; i < end; i++) total += weights[unit[i]!]!
      const top = total - drop
      // The tolerance absorbs weights such as 10/9 that are not exact in binary.
      if (!(top - drop > 1e-9)) return false
      let sum = 0
      let below = 0
      for (let i = from; i < end; i++) {
        const above = below + weights[unit[i]!]!
        const kept = Math.min(above, top) - Math.max(below, drop)
        if (kept > 0) sum += kept * value[i]!
        below = above
      }
      out[g] = sum / (top - drop)
    }
    return true
  }
}

/** The value where half of the weight lies below; the middle of two where the half is exact. */
export function weightedMedian(groups: UnitGroups): WeightedReducer {
  const { starts, unit, value } = sortedGroups(groups)
  return (weights, out) => {
    for (let g = 0; g < out.length; g++) {
      const end = starts[g + 1]!
      let total = 0
      for (let i = starts[g]!; i < end; i++) total += weights[unit[i]!]!
      if (!(total > 0)) return false
      const half = total / 2
      const tolerance = 1e-9 * total
      let below = 0
      let i = starts[g]!
      while (below + weights[unit[i]!]! < half - tolerance) below += weights[unit[i++]!]!
      const low = value[i]!
      let next = i
      if (below + weights[unit[i]!]! <= half + tolerance) {
        next++
        while (weights[unit[next]!] === 0) next++
      }
      out[g] = (low + value[next]!) / 2
    }
    return true
  }
}

function sortedGroups(groups: UnitGroups): UnitGroups {
  const unit = groups.unit.slice()
  const value = groups.value.slice()
  for (let g = 0; g + 1 < groups.starts.length; g++) {
    const from = groups.starts[g]!
    const end = groups.starts[g + 1]!
    const order = Array.from({ length: end - from }, (_, i) => from + i)
    order.sort((a, b) => groups.value[a]! - groups.value[b]! || a - b)
    order.forEach((source, i) => {
      unit[from + i] = groups.unit[source]!
      value[from + i] = groups.value[source]!
    })
  }
  return { starts: groups.starts, unit, value }
}

/** Σ w·a·x / Σ w·a, where `share[unit]` is the weight a that the plan gives a unit. */
export function weightedShareMean(groups: UnitGroups, share: Float64Array): WeightedReducer {
  const { starts, unit, value } = groups
  return (weights, out) => {
    for (let g = 0; g < out.length; g++) {
      let sum = 0
      let total = 0
      for (let i = starts[g]!, end = starts[g + 1]!; i < end; i++) {
        const weight = weights[unit[i]!]! * share[unit[i]!]!
        sum += weight * value[i]!
        total += weight
      }
      if (!(total > 0)) return false
      out[g] = sum / total
    }
    return true
  }
}
