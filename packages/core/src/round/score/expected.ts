import type { Panel } from '../plan/conduct.ts'
import type { Measure } from '../plan/measure.ts'
import { type KeyColumn, mayJudge, type Roster, type RowTable } from '../rows/table.ts'

/** One row that the plan expects, as the labels of its key columns without the team. */
export type ExpectedRow = readonly string[]

/**
 * Per team, the rows that a complete measurement would have. Every team is expected to have what
 * any team has (same sets), or what it has itself (own sets); every panellist who may judge a team
 * is expected to judge it in full.
 */
export function expectedRows(
  measure: Measure,
  context: {
    readonly table: RowTable
    readonly teams: readonly string[]
    readonly panel: Panel | undefined
    readonly roster: Roster | undefined
  },
): ReadonlyMap<string, readonly ExpectedRow[]> {
  const { table, teams } = context
  if (measure.rows === 'rubric' || measure.rows === 'ratings') {
    const criteria =
      measure.rows === 'rubric' ? measure.criteria.map((c) => c.id).sort() : undefined
    return new Map(teams.map((team) => [team, panelRows(team, criteria, context)]))
  }
  const epochs = measure.rows === 'items' ? measure.epochs : undefined
  const registered = measure.benchmarks?.map((entry) => entry.id)
  if (measure.sets_per_team === 'same') {
    const rows = withEpochs(
      withRegistered(setsOf(table, undefined), registered, table.kind),
      epochs,
    )
    return new Map(teams.map((team) => [team, rows]))
  }
  return new Map(teams.map((team) => [team, withEpochs(setsOf(table, team), epochs)]))
}

function panelRows(
  team: string,
  criteria: readonly string[] | undefined,
  context: { readonly panel: Panel | undefined; readonly roster: Roster | undefined },
): ExpectedRow[] {
  const effect = context.panel?.conflicts?.effect
  const judges = (context.roster?.panellists ?? []).filter((p) => mayJudge(p, team, effect))
  return judges.flatMap(({ id }) => (criteria ? criteria.map((c) => [id, c]) : [[id]]))
}

/** The benchmarks, or benchmarks and items, that occur in the rows (of one team, if given). */
function setsOf(table: RowTable, team: string | undefined): ExpectedRow[] {
  const columns: KeyColumn[] = table.kind === 'items' ? ['benchmark', 'item'] : ['benchmark']
  const labels = columns.map((name) => table.columns.get(name))
  const teams = table.columns.get('team')
  const wanted = team === undefined ? -1 : (teams?.labels.indexOf(team) ?? -1)
  if (team !== undefined && wanted < 0) return []
  const sizes = labels.map((column) => column?.labels.length ?? 0)
  const seen = new Set<number>()
  for (let r = 0; r < table.count; r++) {
    if (team !== undefined && teams?.index[r] !== wanted) continue
    let key = 0
    for (let k = 0; k < labels.length; k++) key = key * (sizes[k] ?? 0) + (labels[k]?.index[r] ?? 0)
    seen.add(key)
  }
  return [...seen]
    .sort((a, b) => a - b)
    .map((key) => {
      const last = sizes[sizes.length - 1] ?? 1
      const parts = labels.length === 1 ? [key] : [Math.floor(key / last), key % last]
      return parts.map((index, k) => labels[k]?.labels[index] ?? '')
    })
}

/** A registered set without any row is missing as a whole; its items are not known, so it is one row. */
function withRegistered(
  rows: ExpectedRow[],
  registered: readonly string[] | undefined,
  kind: RowTable['kind'],
): ExpectedRow[] {
  const present = new Set(rows.map(([benchmark]) => benchmark))
  const missing = (registered ?? []).filter((id) => !present.has(id))
  return [...rows, ...missing.map((id) => (kind === 'items' ? [id, '(every item)'] : [id]))]
}

function withEpochs(
  rows: readonly ExpectedRow[],
  epochs: number | undefined,
): readonly ExpectedRow[] {
  if (epochs === undefined) return rows
  const names = Array.from({ length: epochs }, (_, i) => String(i + 1))
  return rows.flatMap((row) => names.map((epoch) => [...row, epoch]))
}
