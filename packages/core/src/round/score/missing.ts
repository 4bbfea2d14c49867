import type { Fault } from '../../base/faults.ts'
import type { Panel } from '../plan/conduct.ts'
import type { Leaf } from '../plan/plan.ts'
import { KEY_COLUMNS, type Roster, type RowTable, STATUSES } from '../rows/table.ts'
import { type ExpectedRow, expectedRows } from './expected.ts'
import type { Coverage } from './scoreboard.ts'

/** What becomes of the rows of one part under its missing-data rule. */
export type KeptRows = {
  /** Rows of the table that enter the score. */
  readonly rows: Uint32Array
  /** Whether a kept row counts as zero because it was not scored. */
  readonly zeroed: ReadonlySet<number>
  /** Combinations without a row that count as zero. */
  readonly added: readonly { readonly team: string; readonly labels: ExpectedRow }[]
  /** Panellists left out for all teams because one of their rows is absent. */
  readonly leftOut: readonly string[]
  readonly coverage: readonly Coverage[]
}

type Absent = { readonly team: string; readonly labels: ExpectedRow }

/** Applies the missing-data rule of a part. What the rule refuses is appended to `faults`. */
export function applyMissingRule(
  leaf: Leaf,
  context: {
    readonly table: RowTable
    readonly teams: readonly string[]
    readonly panel: Panel | undefined
    readonly roster: Roster | undefined
    readonly faults: Fault[]
  },
): KeptRows {
  const { table, teams, faults } = context
  const rule = leaf.measure.missing
  const expected = expectedRows(leaf.measure, context)
  const absent = findAbsent(table, expected)
  const place = table.files[0]?.path ?? table.source
  if (absent.length > 0 && (rule === null || rule.absent === 'refuse')) {
    for (const gap of absent)
      faults.push({ file: place, message: absentMessage(table, gap, rule === null) })
  }
  const leftOut = rule?.absent === 'exclude_panellist' ? panellistsOf(absent) : []
  const zeroed = new Set<number>()
  const kept: number[] = []
  const outOfPanel = new Set(leftOut)
  const panellists = table.columns.get('panellist')
  for (let r = 0; r < table.count; r++) {
    if (panellists && outOfPanel.has(panellists.labels[panellists.index[r] ?? 0] ?? '')) continue
    if (table.status[r] === 0) kept.push(r)
    else if (rule?.not_scored === 'zero') {
      zeroed.add(r)
      kept.push(r)
    } else if (rule?.not_scored !== 'exclude') {
      const status = STATUSES[table.status[r] ?? 0]
      const message = `not scored (${status}), and the plan does not say what that counts`
      faults.push({
        file: table.files[table.file[r] ?? 0]?.path ?? place,
        line: table.line[r] ?? 0,
        message,
      })
    }
  }
  return {
    rows: Uint32Array.from(kept),
    zeroed,
    added: rule?.absent === 'zero' ? absent : [],
    leftOut,
    coverage: coverageOf(leaf.id, { table, teams, expected, absent }),
  }
}

function absentMessage(table: RowTable, gap: Absent, unpublished: boolean): string {
  const names = KEY_COLUMNS[table.kind].filter((column) => column !== 'team')
  const labels = gap.labels.map((label, i) => `${names[i]} ${label}`).join(', ')
  const why = unpublished ? ', and the plan has no rule for missing rows' : ''
  return `missing: no row of ${labels} for team ${gap.team}${why}`
}

function findAbsent(
  table: RowTable,
  expected: ReadonlyMap<string, readonly ExpectedRow[]>,
): Absent[] {
  const present = countPerTeam(table)
  const absent: Absent[] = []
  for (const [team, rows] of expected) {
    // Rows are unique and their labels known, so equal counts mean equal sets.
    if ((present.get(team) ?? 0) === rows.length) continue
    const own = keysOfTeam(table, team)
    for (const labels of rows) if (!own.has(labels.join('\n'))) absent.push({ team, labels })
  }
  return absent
}

function countPerTeam(table: RowTable): Map<string, number> {
  const column = table.columns.get('team')
  const counts = new Map<string, number>()
  for (let r = 0; r < table.count; r++) {
    const team = column?.labels[column.index[r] ?? 0] ?? ''
    counts.set(team, (counts.get(team) ?? 0) + 1)
  }
  return counts
}

function keysOfTeam(table: RowTable, team: string): Set<string> {
  const teams = table.columns.get('team')
  const wanted = teams?.labels.indexOf(team)
  const columns = [...table.columns].filter(([name]) => name !== 'team').map(([, column]) => column)
  const keys = new Set<string>()
  for (let r = 0; r < table.count; r++) {
    if (teams?.index[r] !== wanted) continue
    keys.add(columns.map((column) => column.labels[column.index[r] ?? 0]).join('\n'))
  }
  return keys
}

const panellistsOf = (absent: readonly Absent[]): string[] => [
  ...new Set(absent.map((gap) => gap.labels[0] ?? '')),
]

function coverageOf(
  part: string,
  context: {
    readonly table: RowTable
    readonly teams: readonly string[]
    readonly expected: ReadonlyMap<string, readonly ExpectedRow[]>
    readonly absent: readonly Absent[]
  },
): Coverage[] {
  const { table, teams, expected, absent } = context
  const column = table.columns.get('team')
  const unscored = new Map<string, number>()
  for (let r = 0; r < table.count; r++) {
    if (table.status[r] === 0) continue
    const team = column?.labels[column.index[r] ?? 0] ?? ''
    unscored.set(team, (unscored.get(team) ?? 0) + 1)
  }
  return teams.map((team) => {
    const all = expected.get(team)?.length ?? 0
    const gaps = absent.filter((gap) => gap.team === team).length
    const notScored = unscored.get(team) ?? 0
    return { part, team, expected: all, scored: all - gaps - notScored, notScored, absent: gaps }
  })
}
