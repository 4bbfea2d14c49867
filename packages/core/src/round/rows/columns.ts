import { KEY_COLUMNS, type KeyColumn, type TableKind } from './table.ts'

/** One column of a row file. An optional column may be missing, and its cells may be empty. */
export type Column = { readonly name: string; readonly required: boolean }

/** Receives the cells of one row, in the order of the columns; '' is an empty cell. */
export type OnRow = (cells: readonly string[], line: number) => void
/** Notes a fault at a line; `at` names the place within it. */
export type Say = (line: number, message: string, at?: string) => void

const required = (name: string): Column => ({ name, required: true })
const optional = (name: string): Column => ({ name, required: false })

/** The columns of each kind of row file, the same for CSV and JSON Lines. */
export const ROW_COLUMNS: { readonly [kind in TableKind]: readonly Column[] } = {
  items: [
    required('team'),
    required('benchmark'),
    required('item'),
    optional('epoch'),
    optional('score'),
    optional('status'),
  ],
  values: [required('team'), required('benchmark'), optional('score'), optional('status')],
  rubric: [required('panellist'), required('team'), required('criterion'), required('score')],
  ratings: [required('panellist'), required('team'), required('score')],
  targets: [required('team'), required('benchmark'), required('score'), optional('model')],
}

export const PANEL_COLUMNS: readonly Column[] = [
  required('panellist'),
  optional('group'),
  optional('attended'),
  optional('conflicts'),
]

export const FACT_COLUMNS: readonly Column[] = [
  required('part'),
  required('statistic'),
  optional('teams'),
  optional('value'),
  required('source'),
]

/** Position of each key column of a kind in its row files. */
export function keyPositions(kind: TableKind): readonly { column: KeyColumn; position: number }[] {
  return KEY_COLUMNS[kind].map((column) => ({
    column,
    position: ROW_COLUMNS[kind].findIndex((entry) => entry.name === column),
  }))
}
