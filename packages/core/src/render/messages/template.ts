import { visibleWithin } from '../visible.ts'
import { componentName } from './components.ts'
import type { Language } from './language.ts'
import { particle } from './particle.ts'
import {
  formatBytes,
  formatChance,
  formatCorrelation,
  formatCount,
  formatDetectable,
  formatFraction,
  formatLog10,
  formatParameters,
} from './quantity.ts'
import { lookUpTerm } from './terms.ts'
import { testName } from './tests.ts'
import { verdictName } from './verdicts.ts'

/** How a value is written. 'name' is text from outside; everything else is ours or a number. */
export type ValueKind =
  | 'count'
  | 'parameters'
  | 'bytes'
  | 'correlation'
  | 'detectable'
  | 'fraction'
  | 'chance'
  | 'log10'
  | 'name'
  | 'component'
  | 'test'
  | 'verdict'
  | 'term'
  | 'list'

/**
 * A sentence with places for values. `{x}` writes the value x by its kind, `{x@log10}` by another
 * kind, `{x:을|를}` adds the Korean particle that fits, `{x#test|tests}` writes only the word that
 * fits the number.
 */
export type Message = {
  readonly values: Readonly<Record<string, ValueKind>>
  readonly ko: string
  readonly en: string
}

/** Part of a filled sentence; `kind` is 'text' for our own words. */
export type Piece = { readonly kind: ValueKind | 'text'; readonly text: string }

export type Values = Readonly<Record<string, string | number>>

const PLACE = /\{(\w+)(?:@(\w+))?(?:([:#])([^{}|]*)\|([^{}|]*))?\}/g
const NAME_LIMIT = 160

const NOT_STATED = { ko: '(기재 없음)', en: '(not stated)' } as const

/** A sentence in one language, cut where values stand so that a page can mark them up. */
export function fill(message: Message, language: Language, values: Values = {}): readonly Piece[] {
  const template = message[language]
  const pieces: Piece[] = []
  let end = 0
  for (const match of template.matchAll(PLACE)) {
    const [whole, name = '', as, mode, first = '', second = ''] = match
    if (match.index > end) pieces.push({ kind: 'text', text: template.slice(end, match.index) })
    end = match.index + whole.length
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (mode === '#') {
      pieces.push({ kind: 'text', text: value === 1 ? first : second })
      continue
    }
    const kind = (as ?? message.values[name] ?? 'name') as ValueKind
    const text = value === undefined ? NOT_STATED[language] : writeValue(value, kind, language)
    pieces.push({ kind: value === undefined ? 'text' : kind, text })
    if (mode === ':') pieces.push({ kind: 'text', text: particle(text, [first, second]) })
  }
  if (end < template.length) pieces.push({ kind: 'text', text: template.slice(end) })
  return pieces
}

export function plainText(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join('')
}

/** One value by its kind. A value that does not fit its kind is shown as it is, never dropped. */
export function writeValue(value: string | number, kind: ValueKind, language: Language): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return NOT_STATED[language]
    return writeNumber(value, kind, language)
  }
  if (kind === 'component') return componentName(value, language)
  if (kind === 'test') return testName(value, language)
  if (kind === 'verdict') return verdictName(value, language)
  if (kind === 'term') return lookUpTerm(value, language) ?? visibleWithin(value, NAME_LIMIT)
  return visibleWithin(value, kind === 'list' ? 4000 : NAME_LIMIT)
}

function writeNumber(value: number, kind: ValueKind, language: Language): string {
  switch (kind) {
    case 'chance':
      return formatChance(value, language)
    case 'log10':
      return formatLog10(value)
    case 'correlation':
      return formatCorrelation(value)
    case 'detectable':
      return formatDetectable(value)
    case 'fraction':
      return formatFraction(value)
    case 'bytes':
      return formatBytes(value, language)
    case 'parameters':
      return formatParameters(value, language)
    default:
      return formatCount(value)
  }
}

/** Names of the places in a template, for checking that each has a value. */
export function placesOf(template: string): readonly string[] {
  return [...template.matchAll(PLACE)].map((match) => match[1] ?? '')
}
