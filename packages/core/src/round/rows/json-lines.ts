import { quoted } from '../../base/quoted.ts'
import type { Column, OnRow, Say } from './columns.ts'
import { complete } from './csv.ts'

type Options = { readonly columns: readonly Column[]; readonly onRow: OnRow; readonly say: Say }

/** A key or text with quotes, or a number, true, false or null, as they are written. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them, so they are excluded
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y

/**
 * One flat JSON object per line. `JSON.parse` is not used: it rounds numbers, and it lets the last
 * of two equal keys win. Nested values, unknown keys and repeated keys are faults.
 */
export function readJsonLines(text: string, options: Options): void {
  const { columns, onRow, say } = options
  const places = new Map(columns.map((column, i) => [column.name, i]))
  const cells: string[] = new Array(columns.length).fill('')
  let line = 0
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    line += 1
    const begin = from
    from = to + 1
    if (isBlank(text, begin, to)) continue
    cells.fill('')
    const problem = readObject(text, { begin, to, places, cells })
    if (problem) say(line, problem.message, problem.at)
    else if (complete(cells, columns, line, say)) onRow(cells, line)
  }
}

type Problem = { readonly message: string; readonly at?: string }

function readObject(
  text: string,
  row: { begin: number; to: number; places: ReadonlyMap<string, number>; cells: string[] },
): Problem | undefined {
  const { to, places, cells } = row
  let at = skipBlank(text, row.begin, to)
  if (text[at] !== '{') return { message: 'a JSON object expected' }
  at = skipBlank(text, at + 1, to)
  let seen = 0n
  if (text[at] === '}') at += 1
  else {
    for (;;) {
      const key = token(STRING, text, at)
      if (key === undefined) return { message: 'a key in quotes expected' }
      at = skipBlank(text, at + key.length, to)
      if (text[at] !== ':') return { message: "':' expected" }
      at = skipBlank(text, at + 1, to)
      const name = unquote(key)
      const place = places.get(name)
      if (place === undefined) {
        return { message: `unknown key ${quoted(name)}; known: ${[...places.keys()].join(', ')}` }
      }
      const bit = 1n << BigInt(place)
      if (seen & bit) return { message: 'the key is there twice', at: name }
      seen |= bit
      const value = token(STRING, text, at) ?? token(SCALAR, text, at)
      if (value === undefined) {
        return { message: 'text, a number or null expected', at: name }
      }
      cells[place] = value === 'null' ? '' : value.charCodeAt(0) === 0x22 ? unquote(value) : value
      at = skipBlank(text, at + value.length, to)
      if (text[at] === ',') {
        at = skipBlank(text, at + 1, to)
        continue
      }
      if (text[at] !== '}') return { message: "',' or '}' expected" }
      at += 1
      break
    }
  }
  at = skipBlank(text, at, to)
  return at < to ? { message: 'text after the end of the object' } : undefined
}

function token(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function unquote(written: string): string {
  return written.includes('\\') ? JSON.parse(written) : written.slice(1, -1)
}

function skipBlank(text: string, from: number, to: number): number {
  let at = from
  while (at < to) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0d) break
    at += 1
  }
  return at
}

const isBlank = (text: string, from: number, to: number) => skipBlank(text, from, to) === to
