import type { Fault } from '../../base/faults.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import type { Column, OnRow, Say } from './columns.ts'
import { readCsv } from './csv.ts'
import { readJsonLines } from './json-lines.ts'
import type { InputFile } from './table.ts'

const MAX_BYTES = 2 ** 30

/**
 * Reads a CSV (RFC 4180, with a header) or a JSON Lines file (one flat object per line) row by
 * row. Numbers stay text, so that no digit is lost. Faults are told, and reading goes on where it
 * can.
 */
export function readFileRows(
  file: InputFile,
  options: { readonly columns: readonly Column[]; readonly onRow: OnRow; readonly faults: Fault[] },
): void {
  const { columns, onRow, faults } = options
  const say: Say = (line, message, at) =>
    faults.push({ file: file.path, line, message, ...(at === undefined ? {} : { at }) })
  const json = file.path.endsWith('.jsonl')
  if (!json && !file.path.endsWith('.csv')) {
    say(1, 'neither .csv nor .jsonl')
    return
  }
  if (file.bytes.length > MAX_BYTES) {
    say(1, `${file.bytes.length} bytes, more than the ${MAX_BYTES} allowed`)
    return
  }
  const decoded = decodeUtf8(file.bytes)
  if (decoded.kind === 'invalid') {
    say(lineOfByte(file.bytes, decoded.atByte), `not valid UTF-8 at byte ${decoded.atByte}`)
    return
  }
  const text = decoded.text.startsWith('\ufeff') ? decoded.text.slice(1) : decoded.text
  if (json) readJsonLines(text, { columns, onRow, say })
  else readCsv(text, { columns, onRow, say })
}

function lineOfByte(bytes: Uint8Array, offset: number): number {
  let line = 1
  for (let i = 0; i < offset; i++) if (bytes[i] === 10) line += 1
  return line
}
