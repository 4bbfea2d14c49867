import { quoted } from '../../base/quoted.ts'
import type { Column, OnRow, Say } from './columns.ts'

type Options = { readonly columns: readonly Column[]; readonly onRow: OnRow; readonly say: Say }

/**
 * RFC 4180: comma, double quotes, quotes doubled inside quotes, LF or CRLF. The header names the
 * columns in any order. Lines count as in an editor, so a quoted line break counts too.
 */
export function readCsv(text: string, options: Options): void {
  const { columns, onRow, say } = options
  const reader = recordReader(text, say)
  const header = reader.next()
  if (!header) {
    say(1, 'the file is empty: a header line is needed')
    return
  }
  const places = placesOf(header.cells, columns, (message) => say(1, message))
  if (!places) return
  const cells: string[] = new Array(columns.length).fill('')
  for (let record = reader.next(); record; record = reader.next()) {
    if (record.cells.length === 1 && record.cells[0] === '') continue
    if (record.cells.length !== header.cells.length) {
      say(record.line, `${record.cells.length} cells where the header has ${header.cells.length}`)
      continue
    }
    for (let i = 0; i < columns.length; i++) {
      const place = places[i] ?? -1
      cells[i] = place < 0 ? '' : (record.cells[place] ?? '')
    }
    if (complete(cells, columns, record.line, say)) onRow(cells, record.line)
  }
}

/** Index in the file of each column, −1 for an optional one that is not there. */
function placesOf(
  header: readonly string[],
  columns: readonly Column[],
  say: (message: string) => void,
): number[] | undefined {
  let ok = true
  const refuse = (message: string) => {
    ok = false
    say(message)
  }
  header.forEach((name, i) => {
    if (!columns.some((column) => column.name === name)) {
      const known = columns.map((column) => column.name).join(', ')
      refuse(`unknown column ${quoted(name)}; known: ${known}`)
    } else if (header.indexOf(name) !== i) refuse(`the column "${name}" is there twice`)
  })
  const places = columns.map((column) => header.indexOf(column.name))
  columns.forEach((column, i) => {
    if (column.required && places[i] === -1) refuse(`the column "${column.name}" is missing`)
  })
  return ok ? places : undefined
}

export function complete(
  cells: readonly string[],
  columns: readonly Column[],
  line: number,
  say: Say,
): boolean {
  let ok = true
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]
    if (column?.required && cells[i] === '') {
      say(line, 'is empty', column.name)
      ok = false
    }
  }
  return ok
}

type Record = { readonly cells: readonly string[]; readonly line: number }

function recordReader(text: string, say: Say): { next: () => Record | undefined } {
  let at = 0
  let line = 1
  const quotedCell = (begin: number): string => {
    const parts: string[] = []
    let from = begin + 1
    for (;;) {
      const end = text.indexOf('"', from)
      if (end < 0) {
        say(line, 'a quote is opened and never closed')
        at = text.length
        return ''
      }
      parts.push(text.slice(from, end))
      if (text[end + 1] !== '"') {
        at = end + 1
        break
      }
      parts.push('"')
      from = end + 2
    }
    const cell = parts.join('')
    for (let i = cell.indexOf('\n'); i >= 0; i = cell.indexOf('\n', i + 1)) line += 1
    return cell
  }
  const next = (): Record | undefined => {
    if (at >= text.length) return undefined
    const cells: string[] = []
    const first = line
    for (;;) {
      if (text[at] === '"') {
        cells.push(quotedCell(at))
        const after = text[at]
        if (after !== ',' && after !== '\n' && after !== '\r' && after !== undefined) {
          say(line, 'text after a closing quote')
          at = nextBreak(text, at)
        }
      } else {
        const end = cellEnd(text, at)
        cells.push(text.slice(at, end))
        at = end
      }
      if (text[at] === ',') {
        at += 1
        continue
      }
      if (text[at] === '\r') at += 1
      if (text[at] === '\n') at += 1
      line += 1
      return { cells, line: first }
    }
  }
  return { next }
}

function cellEnd(text: string, from: number): number {
  for (let i = from; ; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x2c || unit === 0x0a || Number.isNaN(unit)) return i
    if (unit === 0x0d && text.charCodeAt(i + 1) === 0x0a) return i
  }
}

function nextBreak(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
