import { digestBytes, digestJson } from '../../base/digest.ts'
import { type Fault, FaultsError } from '../../base/faults.ts'
import { formatFraction } from '../../base/rational.ts'
import type { Measure } from '../plan/measure.ts'
import { allParts, leavesOf, type Plan } from '../plan/plan.ts'
import { buildTable, type TableRules } from './build-table.ts'
import { readFacts } from './read-facts.ts'
import { readPanel } from './read-panel.ts'
import type { Rows } from './rows.ts'
import {
  type InputFile,
  type KeyColumn,
  mayJudge,
  type Panellist,
  type Roster,
  type RowTable,
} from './table.ts'

const HINT = 'docs/formats/rows.md lists the columns of every kind of row'

/**
 * Reads every input file of a round against its plan. Throws FaultsError ROWS_INVALID with all
 * faults of all files at once; a fault names its file, line and column.
 */
export function readRows(plan: Plan, files: readonly InputFile[]): Rows {
  const faults: Fault[] = []
  const teams = new Set(plan.teams.map((team) => team.id))
  const byRole = (role: InputFile['role'], name: string) =>
    files.filter((file) => file.role === role && file.name === name)
  const rosters = new Map<string, Roster>()
  for (const panel of plan.panels) {
    const own = byRole('panel', panel.id)
    if (own.length > 0) rosters.set(panel.id, readPanel(panel.id, { files: own, teams, faults }))
  }
  const tables = new Map<string, RowTable>()
  for (const rules of tableRules(plan, rosters)) {
    const own = byRole('rows', rules.source)
    const [first] = own
    if (!first) continue
    if (rules.panel !== undefined && !rosters.has(rules.panel)) {
      const message = `there is no list of the panel "${rules.panel}", so nobody can be missing or doubled`
      faults.push({ file: first.path, message })
      continue
    }
    tables.set(rules.source, buildTable(own, rules, faults))
  }
  refuseUnknownFiles(plan, files, faults)
  const facts = readFacts(
    files.filter((file) => file.role === 'facts'),
    { teams, parts: new Set(allParts(plan.parts).map((part) => part.id)), faults },
  )
  if (faults.length > 0) {
    throw new FaultsError('ROWS_INVALID', faults, {
      what: 'the rows contradict the plan',
      hint: HINT,
    })
  }
  const checked = { tables, rosters, facts }
  return { ...checked, digest: rowsDigest(checked), inputs: inputsOf(files, checked) }
}

type RulesWithPanel = TableRules & { readonly panel: string | undefined }

function tableRules(plan: Plan, rosters: ReadonlyMap<string, Roster>): RulesWithPanel[] {
  const teams = new Set(plan.teams.map((team) => team.id))
  return leavesOf(plan).flatMap(({ measure }): RulesWithPanel[] => {
    const known = new Map<KeyColumn, ReadonlySet<string>>([['team', teams]])
    const benchmarks = benchmarksOf(measure)
    if (benchmarks) known.set('benchmark', benchmarks)
    const panel = 'panel' in measure ? measure.panel : undefined
    const effect = plan.panels.find((entry) => entry.id === panel)?.conflicts?.effect
    const panellists = new Map(
      (panel === undefined ? [] : (rosters.get(panel)?.panellists ?? [])).map((p) => [p.id, p]),
    )
    if (panel !== undefined) known.set('panellist', new Set(panellists.keys()))
    if (measure.rows === 'rubric')
      known.set('criterion', new Set(measure.criteria.map((c) => c.id)))
    const own: RulesWithPanel = {
      source: measure.source,
      kind: measure.rows,
      scaleOf: (criterion) =>
        measure.rows === 'rubric'
          ? measure.criteria.find((entry) => entry.id === criterion)?.scale
          : measure.scale,
      known,
      epochs: measure.rows === 'items' ? measure.epochs : 1,
      forbidden: (panellist, team) => forbiddenReason(panellists.get(panellist), team, effect),
      panel,
    }
    const targets = measure.steps.flatMap((step) =>
      step.rule === 'ratio_to_target' ? [step.targets] : [],
    )
    return [own, ...targets.map((source) => targetRules(own, source))]
  })
}

function targetRules(own: RulesWithPanel, source: string): RulesWithPanel {
  return { ...own, source, kind: 'targets', scaleOf: () => undefined, panel: undefined }
}

function benchmarksOf(measure: Measure): ReadonlySet<string> | undefined {
  if (measure.rows !== 'items' && measure.rows !== 'values') return undefined
  return measure.benchmarks ? new Set(measure.benchmarks.map((entry) => entry.id)) : undefined
}

function forbiddenReason(
  panellist: Panellist | undefined,
  team: string,
  effect: 'recused_from_team' | 'excluded_from_panel' | undefined,
): string | undefined {
  if (!panellist) return undefined
  if (!panellist.attended) return `${panellist.id} did not attend, and has a row`
  if (mayJudge(panellist, team, effect)) return undefined
  return effect === 'excluded_from_panel'
    ? `${panellist.id} has a conflict of interest and is off the panel, and has a row`
    : `${panellist.id} has a conflict of interest with ${team}, and has a row for it`
}

function refuseUnknownFiles(plan: Plan, files: readonly InputFile[], faults: Fault[]): void {
  const sources = new Set(tableRules(plan, new Map()).map((rules) => rules.source))
  const panels = new Set(plan.panels.map((panel) => panel.id))
  for (const file of files) {
    if (file.role === 'rows' && !sources.has(file.name)) {
      const message = `no part of the plan has the source "${file.name}"; known: ${[...sources].join(', ')}`
      faults.push({ file: file.path, message })
    }
    if (file.role === 'panel' && !panels.has(file.name)) {
      faults.push({ file: file.path, message: `the plan has no panel "${file.name}"` })
    }
  }
}

function rowsDigest(rows: Pick<Rows, 'tables' | 'rosters' | 'facts'>): Rows['digest'] {
  return digestJson({
    tables: Object.fromEntries([...rows.tables].map(([source, table]) => [source, table.digest])),
    panels: Object.fromEntries(
      [...rows.rosters].map(([panel, roster]) => [
        panel,
        roster.panellists.map((p) => [p.id, p.group ?? null, p.attended, p.conflicts]),
      ]),
    ),
    facts: rows.facts
      .map((fact) =>
        [
          fact.part,
          fact.statistic,
          [...fact.teams].sort().join(' '),
          fact.value ? `${formatFraction(fact.value)} ${fact.digits}` : '',
          fact.source,
        ].join('\n'),
      )
      .sort(),
  })
}

function inputsOf(
  files: readonly InputFile[],
  rows: Pick<Rows, 'tables' | 'rosters' | 'facts'>,
): Rows['inputs'] {
  const counts = new Map<string, number>()
  for (const table of rows.tables.values()) {
    const perFile = new Array<number>(table.files.length).fill(0)
    for (const file of table.file) perFile[file] = (perFile[file] ?? 0) + 1
    table.files.forEach((file, i) => {
      counts.set(file.path, perFile[i] ?? 0)
    })
  }
  const countOf = (file: InputFile): number => {
    if (file.role === 'rows') return counts.get(file.path) ?? 0
    if (file.role === 'panel') return rows.rosters.get(file.name)?.panellists.length ?? 0
    return rows.facts.filter((fact) => fact.file === file.path).length
  }
  return [...files]
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map((file) => ({
      role: file.role,
      name: file.name,
      path: file.path,
      digest: digestBytes(file.bytes),
      rows: countOf(file),
    }))
}
