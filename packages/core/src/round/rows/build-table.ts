import type { Fault } from '../../base/faults.ts'
import { isPrintable, quoted } from '../../base/quoted.ts'
import type { Scale } from '../plan/measure.ts'
import { keyPositions, ROW_COLUMNS } from './columns.ts'
import { type Draft, finishTable } from './finish-table.ts'
import { readFileRows } from './read-file.ts'
import { type ScoreText, scoreReader } from './score-text.ts'
import {
  type InputFile,
  KEY_COLUMNS,
  type KeyColumn,
  type RowTable,
  STATUSES,
  type TableKind,
} from './table.ts'

/** What one kind of row must look like in one part of the plan. */
export type TableRules = {
  readonly source: string
  readonly kind: TableKind
  /** The scale of a row; rubric rows have one per criterion. Targets have none. */
  readonly scaleOf: (criterion: string) => Scale | undefined
  /** Labels that a column may hold; a column that is not here may hold any. */
  readonly known: ReadonlyMap<KeyColumn, ReadonlySet<string>>
  /** Epochs are 1 to this number. */
  readonly epochs: number
  /** Why this panellist may not judge that team; undefined when nothing forbids it. */
  readonly forbidden: (panellist: string, team: string) => string | undefined
}

const MAX_LABEL = 200

/** Reads all files of one source into one table. Faults are appended to `faults`. */
export function buildTable(
  files: readonly InputFile[],
  rules: TableRules,
  faults: Fault[],
): RowTable {
  const keys = keyPositions(rules.kind)
  const draft: Draft = {
    keys,
    labels: keys.map(() => new Map()),
    indexes: keys.map(() => []),
    units: [],
    digits: [],
    values: [],
    status: [],
    file: [],
    line: [],
  }
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  for (const [at, file] of sorted.entries()) readInto(draft, { file, at, rules, faults })
  return finishTable(draft, { rules, files: sorted, faults })
}

function readInto(
  draft: Draft,
  context: {
    readonly file: InputFile
    readonly at: number
    readonly rules: TableRules
    readonly faults: Fault[]
  },
): void {
  const { file, at, rules, faults } = context
  const columns = ROW_COLUMNS[rules.kind]
  const scorePlace = columns.findIndex((column) => column.name === 'score')
  const statusPlace = columns.findIndex((column) => column.name === 'status')
  const criterionPlace = columns.findIndex((column) => column.name === 'criterion')
  const readers = new Map<string, (text: string) => ScoreText>()
  const checkLabel = labelChecker(rules)
  readFileRows(file, {
    columns,
    faults,
    onRow: (cells, line) => {
      const say = (message: string, where?: string) =>
        faults.push({ file: file.path, line, message, ...(where ? { at: where } : {}) })
      const labels = draft.keys.map(({ column, position }) =>
        column === 'epoch' && cells[position] === '' ? '1' : (cells[position] ?? ''),
      )
      const problem = checkLabel(labels)
      if (problem) return say(problem.message, problem.column)
      const criterion = criterionPlace < 0 ? '' : (cells[criterionPlace] ?? '')
      let reader = readers.get(criterion)
      if (!reader) {
        reader = scoreReader(rules.scaleOf(criterion))
        readers.set(criterion, reader)
      }
      const statusText = statusPlace < 0 ? '' : (cells[statusPlace] ?? '')
      const scoreText = cells[scorePlace] ?? ''
      const read = readStatus(statusText, scoreText, reader)
      if (read.kind === 'fault') return say(read.message, read.column)
      labels.forEach((label, i) => {
        const known = draft.labels[i]
        let index = known?.get(label)
        if (index === undefined) {
          index = known?.size ?? 0
          known?.set(label, index)
        }
        draft.indexes[i]?.push(index)
      })
      draft.units.push(read.units)
      draft.digits.push(read.digits)
      draft.values.push(read.value)
      draft.status.push(read.status)
      draft.file.push(at)
      draft.line.push(line)
      return undefined
    },
  })
}

type StatusAndScore =
  | {
      readonly kind: 'row'
      readonly status: number
      readonly units: bigint
      readonly digits: number
      readonly value: number
    }
  | { readonly kind: 'fault'; readonly message: string; readonly column: string }

function readStatus(
  statusText: string,
  scoreText: string,
  reader: (text: string) => ScoreText,
): StatusAndScore {
  const status = statusText === '' ? 0 : STATUSES.indexOf(statusText as (typeof STATUSES)[number])
  if (status < 0) {
    const message = `unknown status ${quoted(statusText)}; known: ${STATUSES.join(', ')}`
    return { kind: 'fault', message, column: 'status' }
  }
  if (status > 0) {
    if (scoreText === '') return { kind: 'row', status, units: 0n, digits: 0, value: Number.NaN }
    return {
      kind: 'fault',
      message: `a score although the status is "${statusText}"`,
      column: 'score',
    }
  }
  if (scoreText === '') {
    const message = 'no score; a row that could not be scored says why in the column status'
    return { kind: 'fault', message, column: 'score' }
  }
  const read = reader(scoreText)
  if (read.kind === 'fault') return { ...read, column: 'score' }
  return { kind: 'row', status: 0, units: read.units, digits: read.digits, value: read.value }
}

/** Labels repeat, so what was found good once is not looked at again. */
function labelChecker(
  rules: TableRules,
): (labels: readonly string[]) => { message: string; column: KeyColumn } | undefined {
  const columns = KEY_COLUMNS[rules.kind]
  const good = columns.map(() => new Set<string>())
  const team = columns.indexOf('team')
  const panellist = columns.indexOf('panellist')
  return (labels) => {
    for (let i = 0; i < columns.length; i++) {
      const label = labels[i] ?? ''
      if (good[i]?.has(label)) continue
      const column = columns[i] as KeyColumn
      const message = labelFault(label, column, rules)
      if (message) return { message, column }
      good[i]?.add(label)
    }
    if (panellist >= 0) {
      const message = rules.forbidden(labels[panellist] ?? '', labels[team] ?? '')
      if (message) return { message, column: 'panellist' }
    }
    return undefined
  }
}

function labelFault(label: string, column: KeyColumn, rules: TableRules): string | undefined {
  const known = rules.known.get(column)
  if (known && !known.has(label)) {
    const names = [...known]
    const list = names.length <= 20 ? `; known: ${names.join(', ')}` : ''
    return `unknown ${column} ${quoted(label)}${list}`
  }
  if (column === 'epoch') {
    const epoch = /^[1-9]\d{0,6}$/.test(label) ? Number(label) : Number.NaN
    if (!(epoch <= rules.epochs))
      return `${quoted(label)} is not one of the epochs 1 to ${rules.epochs}`
  }
  if (label.length > MAX_LABEL || !isPrintable(label)) {
    return `${quoted(label)} is no name: at most ${MAX_LABEL} printable characters`
  }
  return undefined
}
