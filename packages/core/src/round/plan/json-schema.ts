import { z } from 'zod'
import { planSchema } from './plan.ts'

/**
 * The plan as JSON Schema 2020-12, for editors. It says what a plan may contain; that points add
 * up, that steps fit their rows and that names exist is checked by `dokja round seal`.
 */
export function planJsonSchema(): string {
  return `${print(z.toJSONSchema(planSchema, { target: 'draft-2020-12' }), '')}\n`
}

const WIDTH = 100

/** Objects one key per line, lists on one line while they fit: the layout of our formatter. */
function print(value: unknown, indent: string): string {
  if (Array.isArray(value)) return printList(value, indent)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  const lines = Object.entries(value).map(
    ([key, entry]) => `${inner}${JSON.stringify(key)}: ${print(entry, inner)}`,
  )
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`
}

function printList(list: readonly unknown[], indent: string): string {
  const inner = `${indent}  `
  const entries = list.map((entry) => print(entry, inner))
  const line = `[${entries.join(', ')}]`
  const isFlat = list.every((entry) => typeof entry !== 'object' || entry === null)
  if (isFlat && indent.length + line.length <= WIDTH - LONGEST_KEY) return line
  return `[\n${entries.map((entry) => inner + entry).join(',\n')}\n${indent}]`
}

/** Room for the key before a list on the same line, as in `"required": [`. */
const LONGEST_KEY = 13
