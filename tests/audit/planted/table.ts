import type { ComponentComparison, TestResult } from '../../../packages/core/src/audit/result.ts'
import type { Found, Planted } from './looks.ts'

// The table of testdata/models/README.md, printed from what was found.

const HEAD = [
  '| planted | candidate – reference | verdict | tier | found by | log10 p | more in `tests/audit/` |',
  '|---|---|---|---|---|--:|---|',
]

export const tableOf = (rows: readonly string[]): string => [...HEAD, ...rows].join('\n')

export function rowOf(planted: Planted, found: Found): string {
  const { what, models, by, file } = planted
  const { part } = found
  const cells = [
    what,
    models,
    `\`${part.verdict}\``,
    by,
    foundBy(by, found),
    chanceOf(by, part),
    file,
  ]
  return `| ${cells.join(' | ')} |`
}

/** The exact test with the smallest corrected p. */
export const strongest = ({ tests }: ComponentComparison): TestResult | undefined =>
  tests
    .filter(({ log10PAdjusted }) => log10PAdjusted !== null)
    .sort((x, y) => (x.log10PAdjusted ?? 0) - (y.log10PAdjusted ?? 0))[0]

function foundBy(by: Planted['by'], { part, said }: Found): string {
  const extra = said ? [said] : []
  if (by === 'told') return extra.join()
  if (by === 'hash') return [equalShare(part), ...extra].join('; ')
  if (by === 'robust') return [replayOf(part), ...extra].join('; ')
  const best = strongest(part)
  const alignment = best?.notes.find(({ code }) => code === 'aligned_by')?.values['alignment']
  return [`\`${best?.test}\`${alignment ? ` under ${alignment}` : ''}`, ...extra].join('; ')
}

function equalShare(part: ComponentComparison): string {
  const [why] = part.reasons
  return `content: \`${why?.code}\``
}

function replayOf({ tests, transform }: ComponentComparison): string {
  const agreement = tests.find(({ test }) => test === 'robust_agreement')
  const replay = transform?.heldOut?.correlation.toFixed(2)
  return `${agreement?.statistic} of ${agreement?.n} units, replay ${replay}`
}

/** Rounded; of the robust tier the conformal p, which cannot be smaller than its cohort allows. */
function chanceOf(by: Planted['by'], part: ComponentComparison): string {
  if (by === 'told') return '–'
  const robust = part.tests.find(({ test }) => test === 'robust_agreement')?.log10P
  return by === 'robust'
    ? `${robust?.toFixed(1)} (cohort)`.replace('-', '−')
    : `${Math.round(part.log10P ?? 0)}`.replace('-', '−')
}
