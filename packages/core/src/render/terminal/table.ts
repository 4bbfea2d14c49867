import { displayWidth, padToWidth, wrapToWidth } from './width.ts'

export type Column = { readonly title: string; readonly align: 'left' | 'right' }

export type Row = {
  readonly cells: readonly string[]
  readonly paint: (text: string) => string
}

const GAP = 2

/**
 * Columns aligned by display width within `width`. Columns that are too wide wrap at their words;
 * where even that does not fit, each row becomes a small list of its own.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly Row[],
  options: { width: number; head: (text: string) => string },
): readonly string[] {
  const { width, head } = options
  const texts = [columns.map((column) => column.title), ...rows.map((row) => row.cells)]
  const natural = columns.map((_, at) =>
    Math.max(...texts.map((cells) => displayWidth(cells[at] ?? ''))),
  )
  const least = columns.map((_, at) =>
    Math.max(...texts.flatMap((cells) => (cells[at] ?? '').split(' ').map(displayWidth))),
  )
  const widths = fit(natural, least, width - GAP * (columns.length - 1))
  if (!widths) return stacked(columns, rows, width)
  const layout = { columns, widths }
  const rule = widths.map((columnWidth) => '-'.repeat(columnWidth)).join(' '.repeat(GAP))
  return [
    ...tableLines(
      columns.map((column) => column.title),
      layout,
    ).map(head),
    rule,
    ...rows.flatMap((row) => tableLines(row.cells, layout).map(row.paint)),
  ]
}

/** Takes columns from the widest column that can still give; undefined when none can. */
function fit(
  natural: readonly number[],
  least: readonly number[],
  available: number,
): readonly number[] | undefined {
  const widths = [...natural]
  let excess = widths.reduce((sum, column) => sum + column, 0) - available
  while (excess > 0) {
    let widest = -1
    for (const [at, column] of widths.entries()) {
      const canGive = column > (least[at] ?? 0)
      if (canGive && column > (widths[widest] ?? 0)) widest = at
    }
    if (widest < 0) return undefined
    widths[widest] = (widths[widest] ?? 0) - 1
    excess--
  }
  return widths
}

function tableLines(
  cells: readonly string[],
  layout: { columns: readonly Column[]; widths: readonly number[] },
): readonly string[] {
  const wrapped = layout.widths.map((columnWidth, at) => wrapToWidth(cells[at] ?? '', columnWidth))
  const height = Math.max(...wrapped.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, at) =>
        padToWidth(lines[line] ?? '', layout.widths[at] ?? 0, layout.columns[at]?.align ?? 'left'),
      )
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

/** First cells as a heading, the others below it with their titles. */
function stacked(
  columns: readonly Column[],
  rows: readonly Row[],
  width: number,
): readonly string[] {
  const indent = '     '
  return rows.flatMap((row) => {
    const [mark = '', name = '', ...rest] = row.cells
    const heading = wrapToWidth(`${padToWidth(mark, 4, 'left')} ${name}`, width).map(row.paint)
    const values = rest.flatMap((cell, at) =>
      wrapToWidth(`${columns[at + 2]?.title ?? ''}: ${cell}`, width - indent.length).map(
        (line) => indent + line,
      ),
    )
    return [...heading, ...values]
  })
}
