import { type Digest, digestBytes, digestJson } from '../../base/digest.ts'
import type { Fault } from '../../base/faults.ts'
import { isPrintable, quoted } from '../../base/quoted.ts'
import type { Scale } from '../plan/measure.ts'
import { keyPositions, ROW_COLUMNS } from './columns.ts'
import { readFileRows } from './read-file.ts'
import { type ScoreText, scoreReader } from './score-text.ts'
import {
  type InputFile,
  KEY_COLUMNS,
  type KeyColumn,
  type LabelColumn,
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
const MAX_ROWS = 20_000_000

/** Rows as they come from the files, in columns that grow. */
type Draft = {
  readonly keys: readonly { readonly column: KeyColumn; readonly position: number }[]
  readonly labels: readonly Map<string, number>[]
  readonly indexes: number[][]
  readonly units: bigint[]
  readonly digits: number[]
  readonly values: number[]
  readonly status: number[]
  readonly file: number[]
  readonly line: number[]
}

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
  return sortedTable(draft, { rules, files: sorted, faults })
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

function sortedTable(
  draft: Draft,
  context: {
    readonly rules: TableRules
    readonly files: readonly InputFile[]
    readonly faults: Fault[]
  },
): RowTable {
  const { rules, files, faults } = context
  const count = draft.line.length
  if (count > MAX_ROWS) {
    faults.push({ file: files[0]?.path ?? rules.source, message: `more than ${MAX_ROWS} rows` })
  }
  const ranked = draft.labels.map((labels, i) =>
    rankLabels(labels, draft.keys[i]?.column ?? 'item'),
  )
  const keyed = draft.indexes.map((index, i) =>
    ranksOf(index, ranked[i]?.rank ?? new Uint32Array()),
  )
  const order = sortOrder(
    keyed,
    ranked.map((column) => column.labels.length),
    count,
  )
  const digits = draft.digits.reduce((a, b) => Math.max(a, b), 0)
  const scale = Array.from({ length: digits + 1 }, (_, own) => 10n ** BigInt(digits - own))
  const columns = new Map<KeyColumn, LabelColumn>(
    draft.keys.map(({ column }, i) => [
      column,
      { labels: ranked[i]?.labels ?? [], index: gather(keyed[i] ?? new Uint32Array(), order) },
    ]),
  )
  const units = new Array<bigint>(count)
  const values = new Float64Array(count)
  const status = new Uint8Array(count)
  const file = new Uint16Array(count)
  const line = new Uint32Array(count)
  for (let r = 0; r < count; r++) {
    const from = order[r] ?? 0
    const own = draft.digits[from] ?? 0
    const written = draft.units[from] ?? 0n
    units[r] = own === digits ? written : written * (scale[own] ?? 1n)
    values[r] = draft.values[from] ?? Number.NaN
    status[r] = draft.status[from] ?? 0
    file[r] = draft.file[from] ?? 0
    line[r] = draft.line[from] ?? 0
  }
  const unsealed = {
    source: rules.source,
    kind: rules.kind,
    count,
    columns,
    digits,
    units,
    values,
    status,
    file,
    line,
    files: files.map((input) => ({ path: input.path, digest: digestBytes(input.bytes) })),
  }
  findDuplicates(unsealed, faults)
  return { ...unsealed, digest: tableDigest(unsealed) }
}

/** Labels by code unit, epochs by number; `rank[draft index]` is the place in that order. */
function rankLabels(
  labels: ReadonlyMap<string, number>,
  column: KeyColumn,
): { labels: readonly string[]; rank: Uint32Array } {
  const names = [...labels.keys()]
  if (column === 'epoch') names.sort((a, b) => Number(a) - Number(b))
  else names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const rank = new Uint32Array(names.length)
  names.forEach((name, place) => {
    rank[labels.get(name) ?? 0] = place
  })
  return { labels: names, rank }
}

/** Row numbers in canonical order. The keys are mixed into one number while that stays exact. */
function sortOrder(
  keys: readonly Uint32Array[],
  sizes: readonly number[],
  count: number,
): Uint32Array {
  const order = new Uint32Array(count)
  for (let r = 0; r < count; r++) order[r] = r
  const span = sizes.reduce((product, size) => product * Math.max(1, size), 1)
  if (span * Math.max(1, count) < Number.MAX_SAFE_INTEGER) {
    const mixed = new Float64Array(count)
    for (let r = 0; r < count; r++) {
      let key = 0
      for (let k = 0; k < keys.length; k++) key = key * (sizes[k] ?? 1) + (keys[k]?.[r] ?? 0)
      mixed[r] = key * count + r
    }
    mixed.sort()
    for (let i = 0; i < count; i++) order[i] = (mixed[i] ?? 0) % count
    return order
  }
  return order.sort((a, b) => {
    for (const key of keys) {
      const difference = (key[a] ?? 0) - (key[b] ?? 0)
      if (difference !== 0) return difference
    }
    return a - b
  })
}

// Plain loops: typed arrays made from a callback take several times as long at 100,000 rows.
function gather(values: Uint32Array, order: Uint32Array): Uint32Array {
  const gathered = new Uint32Array(order.length)
  for (let r = 0; r < order.length; r++) gathered[r] = values[order[r] ?? 0] ?? 0
  return gathered
}

function ranksOf(index: readonly number[], rank: Uint32Array): Uint32Array {
  const ranks = new Uint32Array(index.length)
  for (let r = 0; r < index.length; r++) ranks[r] = rank[index[r] ?? 0] ?? 0
  return ranks
}

type UnsealedTable = Omit<RowTable, 'digest'>

function findDuplicates(table: UnsealedTable, faults: Fault[]): void {
  const columns = [...table.columns]
  for (let r = 1; r < table.count; r++) {
    if (!columns.every(([, column]) => column.index[r] === column.index[r - 1])) continue
    const [first, second] = inFileOrder(table, r - 1, r)
    const key = columns.map(([name, { labels, index }]) => `${name} ${labels[index[r] ?? 0]}`)
    faults.push({
      file: table.files[table.file[second] ?? 0]?.path ?? table.source,
      line: table.line[second] ?? 0,
      message: `a duplicate: ${key.join(', ')} is already in ${table.files[table.file[first] ?? 0]?.path}:${table.line[first]}`,
    })
  }
}

function inFileOrder(table: UnsealedTable, a: number, b: number): [number, number] {
  const place = (r: number) => (table.file[r] ?? 0) * 2 ** 32 + (table.line[r] ?? 0)
  return place(a) <= place(b) ? [a, b] : [b, a]
}

const BLOCK_ROWS = 4096

/**
 * SHA-256 over the rows in canonical order, one line each: label numbers, units and status, after
 * a header with the kind, the digits and the labels. Equal measurements have equal digests, in
 * whatever order, layout or file they came.
 */
function tableDigest(table: UnsealedTable): Digest {
  const columns = [...table.columns]
  const blocks: string[] = []
  for (let from = 0; from < table.count; from += BLOCK_ROWS) {
    const lines: string[] = []
    for (let r = from; r < Math.min(table.count, from + BLOCK_ROWS); r++) {
      let line = ''
      for (const [, column] of columns) line += `${column.index[r]} `
      lines.push(`${line}${table.units[r]} ${table.status[r]}\n`)
    }
    blocks.push(digestBytes(new TextEncoder().encode(lines.join(''))))
  }
  return digestJson({
    kind: table.kind,
    digits: table.digits,
    labels: Object.fromEntries(columns.map(([name, column]) => [name, column.labels])),
    blocks,
  })
}
