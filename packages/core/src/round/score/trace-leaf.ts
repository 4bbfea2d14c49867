import {
  compare,
  equals,
  formatDecimal,
  formatFraction,
  fromNumber,
  type Rational,
  rational,
  roundTo,
} from '../../base/rational.ts'
import type { Leaf } from '../plan/plan.ts'
import { isReducing, type ReducingStep, type ScalingStep } from '../plan/steps.ts'
import type { LeafCells } from './cells.ts'
import { isNone, type Result } from './reduce.ts'
import type { LeafResult } from './run-steps.ts'
import type { RowReference, Trace } from './trace.ts'

/** A group larger than this is told as a whole, with the lines of its rows. */
const MAX_MEMBERS = 30
const MAX_RANGES = 40

/** The trace of one team in one measured part, from its points down to the lines of the files. */
export function traceLeaf(
  leaf: Leaf,
  context: {
    readonly cells: LeafCells
    readonly result: LeafResult
    readonly team: number
    readonly digits: number
  },
): Trace {
  const { cells, result, team, digits } = context
  const tracer = createTracer(cells, result, digits)
  const last = result.stages.length - 1
  const points = result.points[team] ?? { none: 'no value' }
  const below = tracer(last, team)
  if (isNone(points)) return none(leaf.id, points.none, [below])
  if (result.stages[last]?.step?.rule === 'as_points') return tracer(last - 1, team)
  if (leaf.measure.steps.some((step) => step.rule === 'as_points')) return below
  const scaling = result.stages[last]
  const value = formatDecimal(points, digits)
  const full = show(fromNumber(leaf.points), digits)
  // A share of full marks that is the last step reads best as one product: 72.03 × 20/100.
  if (scaling?.step?.rule === 'fraction_of_full_marks') {
    const raw = result.stages[last - 1]?.values[team]
    if (raw && !isNone(raw)) {
      const { full: top, zero = 0 } = scaling.step
      const shown = show(raw, digits + 2)
      const product =
        zero !== 0
          ? `(${shown} − ${zero}) × ${full}/(${top} − ${zero})`
          : `${shown} × ${full}${top === 1 ? '' : `/${top}`}`
      return known(points, {
        says: `${value} ${sign(points, digits)} ${product}`,
        rule: scaling.step.rule,
        from: [tracer(last - 1, team)],
        digits,
      })
    }
  }
  const share = scaling?.values[team]
  const factor = share && !isNone(share) ? show(share, 6) : '?'
  return known(points, {
    says: `${value} ${sign(points, digits)} ${factor} × ${full}`,
    rule: 'points',
    from: [below],
    digits,
  })
}

type Tracer = (stage: number, node: number) => Trace

function createTracer(cells: LeafCells, result: LeafResult, digits: number): Tracer {
  const raw = digits + 2
  const trace: Tracer = (at, node) => {
    const stage = result.stages[at]
    const value = stage?.values[node] ?? { none: 'no value' }
    if (!stage || stage.step === undefined) return cellTrace(cells, node, value)
    const { step } = stage
    if (!isReducing(step)) {
      const from = [trace(at - 1, node)]
      if (isNone(value)) return none(step.rule, value.none, from)
      const before = result.stages[at - 1]?.values[node]
      const says = scalingSentence(step, value, before ?? { none: 'no value' }, raw)
      return known(value, { says, rule: step.rule, from, digits: 6 })
    }
    const depth = stage.depth + 1
    const level = cells.levels[depth]
    const first = level?.starts[node] ?? 0
    const end = level?.starts[node + 1] ?? 0
    const members = result.stages[at - 1]?.values.slice(first, end) ?? []
    // The mean of one run is that run: a line of its own would say nothing.
    if (members.length === 1 && step.rule === 'mean') return trace(at - 1, first)
    const small = members.length <= MAX_MEMBERS
    const from = small
      ? members.map((_, i) =>
          named(level?.labels[level.label[first + i] ?? 0] ?? '', trace(at - 1, first + i)),
        )
      : []
    if (isNone(value)) return none(step.rule, value.none, from)
    const says = reducingSentence(step, { value, members, digits: raw })
    const rows = small ? [] : rowsUnder(cells, depth, [first, end])
    return { ...known(value, { says, rule: step.rule, from, digits: raw }), rows }
  }
  return trace
}

function cellTrace(cells: LeafCells, cell: number, value: Result): Trace {
  if (isNone(value)) return none('raw', value.none, [])
  const exact = show(value, 12)
  const rows = rowsUnder(cells, cells.levels.length - 1, [cell, cell + 1])
  const says = rows.length === 0 ? `${exact}: no row; counts as zero by the plan` : exact
  return {
    says,
    value: exact,
    exact: formatFraction(rational(value.n, value.d)),
    rule: 'raw',
    from: [],
    rows,
  }
}

const named = (label: string, trace: Trace): Trace => ({
  ...trace,
  says: `${label}: ${trace.says}`,
})

function reducingSentence(
  step: ReducingStep,
  group: { readonly value: Rational; readonly members: readonly Result[]; readonly digits: number },
): string {
  const { value, members, digits } = group
  const head = `${show(value, digits)} ${sign(value, digits)}`
  const over = `${members.length} ${step.over}`
  const values = members.filter((member): member is Rational => !isNone(member))
  if (step.rule === 'trimmed_mean') {
    const sorted = [...values].sort(compare).map((member) => show(member, digits))
    const lowest = sorted.slice(0, step.drop).join(', ')
    const highest = sorted.slice(-step.drop).join(', ')
    return `${head} mean of ${values.length - 2 * step.drop} of ${over}, without ${highest} (highest) and ${lowest} (lowest)`
  }
  const terms = values.map((member) => show(member, digits))
  const name = step.rule === 'weighted_mean' ? 'weighted mean' : step.rule
  if (step.rule === 'sum' && terms.length <= 12) return `${head} ${terms.join(' + ')}`
  if (step.rule === 'mean' && terms.length === 1) return `${head} ${terms[0]}`
  if (step.rule === 'mean' && terms.length <= 6)
    return `${head} (${terms.join(' + ')}) / ${terms.length}`
  const counts = tally(terms)
  return counts ? `${head} ${name} of ${over}: ${counts}` : `${head} ${name} of ${over}`
}

/** `1 (×3), 4 (×20)` when few different values occur. */
function tally(terms: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  if (counts.size > 10) return undefined
  return [...counts]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([term, count]) => `${term} (×${count})`)
    .join(', ')
}

function scalingSentence(
  step: ScalingStep,
  value: Rational,
  before: Result,
  digits: number,
): string {
  const raw = isNone(before) ? '?' : show(before, digits)
  const head = `${show(value, 6)} ${sign(value, 6)}`
  switch (step.rule) {
    case 'as_points':
      return `${raw} points as scored`
    case 'fraction_of_full_marks':
      return step.zero
        ? `${head} (${raw} − ${step.zero}) / (${step.full} − ${step.zero})`
        : `${head} ${raw} / ${step.full}`
    case 'ratio_to_target':
      return isNone(before) || value.n === 0n
        ? `${head} ${raw} / target`
        : ratioSentence(head, { raw, value, before, digits, cap: step.cap })
    case 'best_team':
      return isNone(before) || value.n === 0n
        ? `${head} ${raw} / best`
        : `${head} ${raw} / ${show(quotient(before, value), digits)} (best team)`
    default:
      return `${head} ${step.rule} of ${raw}`
  }
}

function ratioSentence(
  head: string,
  ratio: {
    readonly raw: string
    readonly value: Rational
    readonly before: Rational
    readonly digits: number
    readonly cap: number | null
  },
): string {
  if (ratio.cap !== null && equals(ratio.value, fromNumber(ratio.cap))) {
    return `${head} ${ratio.raw} / target, not above the cap ${ratio.cap}`
  }
  return `${head} ${ratio.raw} / ${show(quotient(ratio.before, ratio.value), ratio.digits)} (target)`
}

const quotient = (a: Rational, b: Rational): Rational => {
  const top = a.n * b.d
  const bottom = a.d * b.n
  return bottom < 0n ? { n: -top, d: -bottom } : { n: top, d: bottom }
}

/** All rows below a range of nodes, as lines per file. */
function rowsUnder(cells: LeafCells, depth: number, [from, to]: [number, number]): RowReference[] {
  let first = from
  let end = to
  for (const level of cells.levels.slice(depth + 1)) {
    first = level.starts[first] ?? 0
    end = level.starts[end] ?? 0
  }
  const perFile = new Map<number, number[]>()
  for (let c = first; c < end; c++) {
    const row = cells.row[c] ?? -1
    if (row < 0) continue
    const file = cells.table.file[row] ?? 0
    const lines = perFile.get(file)
    if (lines) lines.push(cells.table.line[row] ?? 0)
    else perFile.set(file, [cells.table.line[row] ?? 0])
  }
  return [...perFile]
    .sort(([a], [b]) => a - b)
    .map(([file, lines]) => ({
      path: cells.table.files[file]?.path ?? cells.table.source,
      lines: ranges(lines.sort((a, b) => a - b)),
      count: lines.length,
    }))
}

function ranges(lines: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < lines.length; ) {
    let end = i
    while (end + 1 < lines.length && lines[end + 1] === (lines[end] ?? 0) + 1) end += 1
    if (parts.length === MAX_RANGES) return `${parts.join(',')},…`
    parts.push(end === i ? String(lines[i]) : `${lines[i]}-${lines[end]}`)
    i = end + 1
  }
  return parts.join(',')
}

export function none(rule: string, reason: string, from: readonly Trace[]): Trace {
  return { says: `unknown: ${reason}`, value: null, exact: null, rule, from, rows: [] }
}

export function known(
  value: Rational,
  rest: {
    readonly says: string
    readonly rule: string
    readonly from: readonly Trace[]
    readonly digits: number
  },
): Trace {
  return {
    says: rest.says,
    value: formatDecimal(value, rest.digits),
    exact: formatFraction(value),
    rule: rest.rule,
    from: rest.from,
    rows: [],
  }
}

/** Decimal text with at most so many digits and no trailing zeros. */
export function show(value: Rational, digits: number): string {
  const text = formatDecimal(value, digits)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** `=` when the printed figure is the value itself. */
export const sign = (value: Rational, digits: number) =>
  equals(roundTo(value, digits, 'half_up'), value) ? '=' : '≈'
