import type { Fault } from '../../base/faults.ts'
import type { Leaf, Plan } from '../plan/plan.ts'
import type { Rows } from '../rows/rows.ts'
import { buildCells } from './build-cells.ts'
import type { LeafCells } from './cells.ts'
import { applyMissingRule, type KeptRows } from './missing.ts'

/** The cells of one measured part, ready for its steps; `none` when nothing was measured. */
export type MeasuredLeaf =
  | { readonly kind: 'none'; readonly leaf: Leaf; readonly reason: string }
  | {
      readonly kind: 'cells'
      readonly leaf: Leaf
      readonly cells: LeafCells
      readonly kept: KeptRows
      /** Reason per team whose rows are too few to count; other teams are not in here. */
      readonly tooFew: ReadonlyMap<string, string>
    }

/** Selects and lays out the rows of one part. What the plan refuses is appended to `faults`. */
export function measureLeaf(
  plan: Plan,
  leaf: Leaf,
  context: { readonly rows: Rows; readonly faults: Fault[] },
): MeasuredLeaf {
  const { rows, faults } = context
  const { measure } = leaf
  const table = rows.tables.get(measure.source)
  if (!table) return { kind: 'none', leaf, reason: `no rows of "${measure.source}" were published` }
  const panelId = 'panel' in measure ? measure.panel : undefined
  const panel = plan.panels.find((entry) => entry.id === panelId)
  const roster = panelId === undefined ? undefined : rows.rosters.get(panelId)
  const teams = plan.teams.map((team) => team.id)
  const kept = applyMissingRule(leaf, { table, teams, panel, roster, faults })
  const cells = buildCells(leaf, { table, kept, teams })
  const tooFew = new Map<string, string>()
  for (const entry of kept.coverage) {
    const share = entry.expected === 0 ? 0 : entry.scored / entry.expected
    const needed = measure.missing?.least_coverage ?? 0
    if (entry.expected === 0) tooFew.set(entry.team, 'no rows')
    else if (share < needed) {
      const message = `${entry.scored} of ${entry.expected} rows scored; the plan asks for a share of ${needed}`
      tooFew.set(entry.team, message)
    }
  }
  if (panel?.quorum) {
    for (const [team, count] of ratersPerTeam(cells)) {
      if (count < panel.quorum.least) {
        tooFew.set(
          team,
          `${count} panellists; the quorum of "${panel.id}" is ${panel.quorum.least}`,
        )
      }
    }
  }
  return { kind: 'cells', leaf, cells, kept, tooFew }
}

/** How many different panellists scored each team. */
export function ratersPerTeam(cells: LeafCells): Map<string, number> {
  const depth = cells.levels.findIndex((level) => level.dimension === 'raters')
  const level = cells.levels[depth]
  const counts = new Map<string, number>()
  if (!level) return counts
  let owner = cells.teams.map((_, team) => team)
  for (const [d, current] of cells.levels.slice(0, depth + 1).entries()) {
    if (d === depth) break
    owner = owner.flatMap((team, g) =>
      new Array<number>((current.starts[g + 1] ?? 0) - (current.starts[g] ?? 0)).fill(team),
    )
  }
  const raters = cells.teams.map(() => new Set<number>())
  owner.forEach((team, g) => {
    for (let i = level.starts[g] ?? 0; i < (level.starts[g + 1] ?? 0); i++) {
      raters[team]?.add(level.label[i] ?? 0)
    }
  })
  cells.teams.forEach((team, i) => {
    counts.set(team, raters[i]?.size ?? 0)
  })
  return counts
}
