import type { z } from 'zod'
import type { Path } from './yaml-source.ts'

export type SchemaFault = {
  readonly path: Path
  readonly message: string
  readonly at: 'key' | 'value'
}

/** zod's issues in the words of the plan; one unknown key is one fault, at the key itself. */
export function schemaFaults(error: z.ZodError, value: unknown): SchemaFault[] {
  return error.issues.flatMap((issue) => describe(issue, value))
}

type Issue = z.core.$ZodIssue

function describe(issue: Issue, root: unknown): SchemaFault[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  const found = valueAt(root, path)
  const fault = (message: string): SchemaFault[] => [{ path, message, at: 'value' }]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `unknown key "${key}"`,
        at: 'key',
      }))
    case 'invalid_union':
      return unionFaults(issue, path, found)
    case 'invalid_type':
      if (found === undefined) return fault('is missing')
      return fault(`${issue.expected} expected, ${kindOf(found)} found`)
    case 'invalid_value':
      if (found === undefined) return fault('is missing')
      return fault(unknownWord(found, issue.values.map(String), 'value'))
    case 'too_small':
      return fault(
        `${shown(found)} is too small: ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin)}`,
      )
    case 'too_big':
      return fault(
        `${shown(found)} is too large: ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unitOf(issue.origin)}`,
      )
    default:
      return fault(
        `${shown(found)}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`,
      )
  }
}

function unionFaults(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  found: unknown,
): SchemaFault[] {
  const discriminator = 'discriminator' in issue ? String(issue.discriminator) : undefined
  if (discriminator !== undefined) {
    if (found === undefined) return [{ path, message: 'is missing', at: 'value' }]
    const known =
      'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
    const what = discriminator === 'rule' ? 'rule' : 'value'
    return [{ path, message: unknownWord(found, known, what), at: 'value' }]
  }
  if (found === undefined) return [{ path, message: 'is missing', at: 'value' }]
  return [
    {
      path,
      message: `${shown(found)} has none of the allowed forms (see the schema)`,
      at: 'value',
    },
  ]
}

/** "unknown rule "men"; did you mean "mean"? known: …" */
export function unknownWord(found: unknown, known: readonly string[], what: string): string {
  const near = typeof found === 'string' ? nearest(found, known) : undefined
  const hint = near === undefined ? '' : `; did you mean "${near}"?`
  return `unknown ${what} ${shown(found)}${hint} known: ${known.join(', ')}`.replace(
    /(?<!\?) known:/,
    '; known:',
  )
}

function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3))
    ? best.candidate
    : undefined
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (value === null || typeof value !== 'object') return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const kindOf = (value: unknown) =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value

const unitOf = (origin: string) =>
  origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : ''
