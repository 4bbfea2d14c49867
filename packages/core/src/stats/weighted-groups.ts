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
  const addUp = weightedSums(groups)
  const kinds = groupKinds(groups)
  const total = new Float64Array(kinds.first.length)
  return (weights, out) => {
    for (let k = 0; k < total.length; k++) {
      const g = kinds.first[k]!
      let sum = 0
      for (let i = groups.starts[g]!, end = groups.starts[g + 1]!; i < end; i++) {
        sum += weights[groups.unit[i]!]!
      }
      if (!(sum > 0)) return false
      total[k] = sum
    }
    addUp(weights, out)
    for (let g = 0; g < out.length; g++) out[g]! /= total[kinds.kind[g]!]!
    return true
  }
}

/** Σ w·x. */
export function weightedSum(groups: UnitGroups): WeightedReducer {
  const addUp = weightedSums(groups)
  return (weights, out) => {
    addUp(weights, out)
    return true
  }
}

/**
 * Σ w·x per group, unit by unit: of n units about a third have weight 0 in a draw and are skipped
 * with all their entries, and the entries of one unit lie together.
 */
function weightedSums(groups: UnitGroups): (weights: Float64Array, out: Float64Array) => void {
  const { starts, unit, value } = groups
  const units = unit.reduce((most, u) => Math.max(most, u + 1), 0)
  const from = new Uint32Array(units + 1)
  for (const u of unit) from[u + 1]! += 1
  for (let u = 0; u < units; u++) from[u + 1]! += from[u]!
  const next = from.slice()
  const group = new Uint32Array(unit.length)
  const entry = new Float64Array(unit.length)
  for (let g = 0; g + 1 < starts.length; g++) {
    for (let i = starts[g]!; i < starts[g + 1]!; i++) {
      const at = next[unit[i]!]!++
      group[at] = g
      entry[at] = value[i]!
    }
  }
  return (weights, out) => {
    out.fill(0)
    for (let u = 0; u < units; u++) {
      const weight = weights[u]!
      if (weight === 0) continue
      for (let e = from[u]!, end = from[u + 1]!; e < end; e++) {
        out[group[e]!]! += weight * entry[e]!
      }
    }
  }
}

/** Groups with the same units in the same order are of one kind: their weights add up alike. */
function groupKinds({ starts, unit }: UnitGroups): { kind: Uint32Array; first: number[] } {
  const kind = new Uint32Array(starts.length - 1)
  const first: number[] = []
  const isSame = (a: number, b: number): boolean => {
    const length = starts[a + 1]! - starts[a]!
    if (length !== starts[b + 1]! - starts[b]!) return false
    for (let i = 0; i < length; i++) {
      if (unit[starts[a]! + i] !== unit[starts[b]! + i]) return false
    }
    return true
  }
  // By length and first unit, so that few candidates are compared in full.
  const candidates = new Map<string, number[]>()
  for (let g = 0; g < kind.length; g++) {
    const key = `${starts[g + 1]! - starts[g]!} ${unit[starts[g]!]}`
    const known = candidates.get(key) ?? []
    candidates.set(key, known)
    const found = known.find((k) => isSame(first[k]!, g))
    kind[g] = found ?? first.length
    if (found !== undefined) continue
    known.push(first.length)
    first.push(g)
  }
  return { kind, first }
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
