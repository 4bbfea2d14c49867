import { AppError } from '../../../base/errors.ts'
import { quoted } from '../../../base/quoted.ts'

/** One row of a training log: the loss seen by the update that starts at `step`. */
export type LogRow = {
  readonly step: number
  readonly loss: number
  readonly rate: number | null
  readonly tokens: number | null
}

const MAX_ROWS = 2_000_000

/**
 * Reads a log: CSV with a header of step, loss and optionally lr and tokens (other columns are passed
 * over), or JSON lines with those keys. Throws AppError SCHEMA_INVALID naming the line.
 */
export function parseTrainingLog(text: string, file: string): LogRow[] {
  const lines = text.split('\n').map((line) => line.trim())
  while (lines.at(-1) === '') lines.pop()
  if (lines.length > MAX_ROWS)
    throw new AppError('LIMIT_EXCEEDED', `${file}: over ${MAX_ROWS} rows`)
  const isJson = lines[0]?.startsWith('{') ?? false
  const header = isJson ? [] : (lines.shift() ?? '').split(',').map((name) => name.trim())
  if (!isJson && !(header.includes('step') && header.includes('loss'))) {
    throw invalid(`${file}:1`, 'a header with step and loss is expected')
  }
  return lines.map((line, i) => {
    const place = `${file}:${i + (isJson ? 1 : 2)}`
    return rowOf(isJson ? jsonFields(line, place) : csvFields(line, header), place)
  })
}

const csvFields = (line: string, header: readonly string[]): Map<string, unknown> =>
  new Map(line.split(',').map((cell, i) => [header[i] ?? '', cell.trim()]))

function jsonFields(line: string, place: string): Map<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (value !== null && typeof value === 'object') return new Map(Object.entries(value))
  } catch {
    // Said below, with the place.
  }
  throw invalid(place, 'not a JSON object')
}

function rowOf(fields: ReadonlyMap<string, unknown>, place: string): LogRow {
  const read = (name: string): number | null => {
    const value = fields.get(name)
    if (value === undefined || value === null || value === '') return null
    const number = typeof value === 'number' ? value : Number(value)
    if (!Number.isFinite(number)) throw notFinite(place, name, String(value))
    return number
  }
  const step = read('step')
  const loss = read('loss')
  if (step === null || !Number.isInteger(step) || step < 0) throw invalid(place, 'step is no count')
  if (loss === null) throw invalid(place, 'there is no loss')
  return { step, loss, rate: read('lr'), tokens: read('tokens') }
}

const notFinite = (place: string, name: string, value: string): AppError =>
  new AppError('SCHEMA_INVALID', `${place}: ${name} is ${quoted(value)}`, {
    hint: 'leave out rows of steps that gave no number, such as those skipped for an overflow',
  })

const invalid = (place: string, message: string): AppError =>
  new AppError('SCHEMA_INVALID', `${place}: ${message}`, {
    hint: 'docs/formats/training-record.md describes the log',
  })
