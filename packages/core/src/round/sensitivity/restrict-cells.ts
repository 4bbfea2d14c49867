import type { Dimension } from '../plan/steps.ts'
import type { LeafCells, Level } from '../score/cells.ts'

/** As much of the cells of a part as its arithmetic in doubles needs. */
export type ValueTree = Pick<LeafCells, 'teams' | 'levels' | 'values'>

/** What stays: `teams` in any case; all labels but one of a dimension when `without` is given. */
export type Restriction = {
  readonly teams: ReadonlySet<string>
  readonly without?: { readonly dimension: Dimension; readonly labels: ReadonlySet<string> }
}

/**
 * The same cells without some teams or labels. Groups that lose all their members go too, and a
 * team that has nothing left is no longer in `teams`.
 */
export function restrictCells(cells: ValueTree, restriction: Restriction): ValueTree {
  const kept = keptNodes(cells, restriction)
  const teamKept = cells.teams.map(
    (team, t) => restriction.teams.has(team) && ownsAny(cells.levels[0], kept[0], t),
  )
  let parents: ArrayLike<number | boolean> = teamKept
  const levels = cells.levels.map((level, depth): Level => {
    const own = kept[depth] ?? new Uint8Array()
    const starts = [0]
    const label: number[] = []
    for (let g = 0; g + 1 < level.starts.length; g++) {
      if (!parents[g]) continue
      for (let i = level.starts[g] ?? 0; i < (level.starts[g + 1] ?? 0); i++) {
        if (own[i]) label.push(level.label[i] ?? 0)
      }
      starts.push(label.length)
    }
    parents = own
    return { ...level, starts: Uint32Array.from(starts), label: Uint32Array.from(label) }
  })
  const stays = kept[kept.length - 1] ?? new Uint8Array()
  return {
    teams: cells.teams.filter((_, t) => teamKept[t]),
    levels,
    values: cells.values.filter((_, c) => stays[c]),
  }
}

/** Per level, which nodes have a cell left: marked downwards by label and team, then upwards. */
function keptNodes(cells: ValueTree, { teams, without }: Restriction): Uint8Array[] {
  let above = Uint8Array.from(cells.teams, (team) => (teams.has(team) ? 1 : 0))
  const kept = cells.levels.map((level) => {
    const out = level.labels.map(
      (label) => without?.dimension === level.dimension && without.labels.has(label),
    )
    const own = new Uint8Array(level.label.length)
    for (let g = 0; g + 1 < level.starts.length; g++) {
      if (!above[g]) continue
      for (let i = level.starts[g] ?? 0; i < (level.starts[g + 1] ?? 0); i++) {
        own[i] = out[level.label[i] ?? 0] ? 0 : 1
      }
    }
    above = own
    return own
  })
  for (let depth = kept.length - 2; depth >= 0; depth--) {
    const own = kept[depth] ?? new Uint8Array()
    for (let g = 0; g < own.length; g++) {
      if (own[g] && !ownsAny(cells.levels[depth + 1], kept[depth + 1], g)) own[g] = 0
    }
  }
  return kept
}

function ownsAny(level: Level | undefined, kept: Uint8Array | undefined, group: number): boolean {
  for (let i = level?.starts[group] ?? 0; i < (level?.starts[group + 1] ?? 0); i++) {
    if (kept?.[i]) return true
  }
  return false
}

/** For every cell, its label at one level: `labels[result[c]]`. */
export function labelOfCells(cells: ValueTree, depth: number): Uint32Array {
  let label = cells.levels[depth]?.label ?? new Uint32Array()
  for (const level of cells.levels.slice(depth + 1)) label = spread(label, level.starts)
  return label
}

/** For every cell, the index of its team. */
export function teamOfCells(cells: ValueTree): Uint32Array {
  let team = Uint32Array.from(cells.teams, (_, t) => t)
  for (const level of cells.levels) team = spread(team, level.starts)
  return team
}

/** Hands the value of each group down to its members. */
function spread(values: Uint32Array, starts: Uint32Array): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(starts[starts.length - 1] ?? 0)
  for (let g = 0; g + 1 < starts.length; g++) out.fill(values[g] ?? 0, starts[g], starts[g + 1])
  return out
}
