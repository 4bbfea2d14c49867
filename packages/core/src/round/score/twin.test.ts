import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toNumber } from '../../base/rational.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import { type Dimension, isReducing, type Step } from '../plan/steps.ts'
import { readRows } from '../rows/read-rows.ts'
import { scorePlan } from './score-plan.ts'

// The slow, obvious twin of the scorer: rows as objects, groups as lists, numbers as doubles.

type Row = { readonly team: string; readonly score: number } & {
  readonly [dimension: string]: string | number
}
const TEAMS = ['a', 'b', 'c']

/** Value of one team: reduces from the innermost step outwards, each time over whole lists. */
function naive(rows: readonly Row[], steps: readonly Step[]): Map<string, number> {
  const dimensions = steps.filter(isReducing).map((step) => step.over)
  let values = rows.map((row) => ({ key: row, value: row.score }))
  const keyOf = (row: Row, left: readonly Dimension[]) =>
    [row.team, ...left.map((d) => row[d])].join('|')
  let left = [...dimensions]
  for (const step of steps) {
    if (isReducing(step)) {
      left = left.filter((dimension) => dimension !== step.over)
      const groups = new Map<string, typeof values>()
      for (const value of values) {
        const key = keyOf(value.key, left)
        groups.set(key, [...(groups.get(key) ?? []), value])
      }
      values = [...groups.values()].map((group) => ({
        key: group[0]!.key,
        value: reduce(
          step,
          group.map((entry) => entry.value),
        ),
      }))
    } else {
      const place = (row: Row) => left.map((dimension) => row[dimension]).join('|')
      values = values.map((entry) => {
        const peers = values.filter((other) => place(other.key) === place(entry.key))
        return {
          ...entry,
          value: scale(
            step,
            entry.value,
            peers.map((peer) => peer.value),
          ),
        }
      })
    }
  }
  return new Map(values.map((entry) => [entry.key.team, entry.value]))
}

function reduce(step: Step, values: readonly number[]): number {
  if (values.some(Number.isNaN)) return Number.NaN
  const sorted = [...values].sort((x, y) => x - y)
  const mean = (list: readonly number[]) => list.reduce((x, y) => x + y, 0) / list.length
  if (step.rule === 'sum') return mean(values) * values.length
  if (step.rule === 'median') {
    const half = Math.floor(sorted.length / 2)
    return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
  }
  if (step.rule === 'trimmed_mean') return mean(sorted.slice(step.drop, sorted.length - step.drop))
  return mean(values)
}

function scale(step: Step, value: number, field: readonly number[]): number {
  const highest = Math.max(...field)
  const lowest = Math.min(...field)
  if (step.rule === 'best_team') return value / highest
  if (step.rule === 'min_max') return (value - lowest) / (highest - lowest)
  if (step.rule === 'fraction_of_full_marks') return value / step.full
  if (step.rule === 'rank_points') {
    const ahead = field.filter((other) => other > value).length
    const tied = field.filter((other) => other === value).length
    return step.shares.slice(ahead, ahead + tied).reduce((x, y) => x + y, 0) / tied
  }
  throw new Error(step.rule)
}

/** One way to order the steps: a permutation of the dimensions and a place for the scaling. */
const pipeline = (dimensions: readonly Dimension[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...dimensions], { minLength: dimensions.length }),
      fc.array(fc.constantFrom('mean', 'median', 'trimmed_mean'), { minLength: 3, maxLength: 3 }),
      fc.nat(dimensions.length),
      fc.constantFrom<Step>(
        { rule: 'best_team' },
        { rule: 'min_max' },
        { rule: 'fraction_of_full_marks', full: 8192 },
        { rule: 'rank_points', shares: [1, 0.7, 0.1] },
      ),
    )
    .map(([order, rules, at, scaling]): Step[] => {
      const reducing = order
        .map((over, i): Step => ({ rule: rules[i]!, over, drop: 1 }) as Step)
        .map((step) =>
          step.rule === 'trimmed_mean'
            ? step
            : ({ rule: step.rule, over: 'over' in step ? step.over : 'raters' } as Step),
        )
      return [...reducing.slice(0, at), scaling, ...reducing.slice(at)]
    })

function planOf(rows: 'items' | 'rubric', steps: readonly Step[]): string {
  const scales = { min: 0, max: 10_000 }
  const measure =
    rows === 'items'
      ? {
          rows,
          by: 'x',
          source: 's',
          scale: scales,
          benchmarks: null,
          sets_per_team: 'same',
          epochs: 3,
          missing: null,
          steps,
        }
      : {
          rows,
          by: 'x',
          source: 's',
          panel: 'p',
          criteria: ['k', 'l', 'm'].map((id) => ({ id, name: id, scale: scales })),
          missing: null,
          steps,
        }
  const plan = {
    schemaVersion: 'dokja.plan/1',
    programme: { id: 'twin', name: 'Twin', owner: 'Nobody' },
    stage: { id: 'one', name: 'One', scoring_starts: null, scoring_ends: null },
    teams: TEAMS.map((id) => ({ id, name: id })),
    panels: [
      {
        id: 'p',
        name: 'P',
        kind: 'expert',
        planned: 4,
        selection: null,
        quorum: null,
        conflicts: null,
        blinding: null,
        session: null,
      },
    ],
    points: 20,
    parts: [{ id: 'only', name: 'Only', points: 20, measure }],
    rounding: {
      mode: 'half_up',
      carried: { leaf: null, group: null, total: null },
      printed: { score: 2, total: 2 },
    },
    ties: null,
    gate: null,
    advancement: {
      gate: 'after_ranking',
      relative_to: 'all_teams',
      rule: { rule: 'top', n: 1 },
      next_stage_places: 1,
    },
    recruitment: null,
    disclosure: [],
    objections: null,
    alternatives: [],
    analysis: { seed: 'x', draws: 10, clear: 0.95, likely: 0.8 },
  }
  return JSON.stringify(plan, null, 1)
}

function rowsOf(kind: 'items' | 'rubric', scores: Iterator<number>): Row[] {
  // Multiples of 8 · 27: means of three and medians of four stay whole, so that ties are ties.
  const next = () => (scores.next().value as number) * 216
  const labels = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`)
  return TEAMS.flatMap((team): Row[] =>
    kind === 'items'
      ? labels('set', 3).flatMap((benchmarks) =>
          labels('', 3).flatMap((items) =>
            labels('', 3).map((epochs) => ({ team, benchmarks, items, epochs, score: next() })),
          ),
        )
      : labels('r', 4).flatMap((raters) =>
          ['k', 'l', 'm'].map((criteria) => ({ team, raters, criteria, score: next() })),
        ),
  )
}

const CSV = {
  items: {
    header: 'team,benchmark,item,epoch,score',
    line: (r: Row) => [r.team, r['benchmarks'], r['items'], r['epochs'], r.score],
  },
  rubric: {
    header: 'panellist,team,criterion,score',
    line: (r: Row) => [r['raters'], r.team, r['criteria'], r.score],
  },
}

function scored(
  kind: 'items' | 'rubric',
  rows: readonly Row[],
  steps: readonly Step[],
): Map<string, number | string> {
  const { plan, planDigest } = parsePlan(planOf(kind, steps), 'plan.yaml')
  const text = [CSV[kind].header, ...rows.map((row) => CSV[kind].line(row).join(','))].join('\n')
  const encode = (content: string) => new TextEncoder().encode(content)
  const files = [
    { role: 'rows' as const, name: 's', path: 'rows/s.csv', bytes: encode(text) },
    {
      role: 'panel' as const,
      name: 'p',
      path: 'panels/p.csv',
      bytes: encode('panellist\nr1\nr2\nr3\nr4\n'),
    },
  ]
  const { board } = scorePlan(plan, { planDigest, rows: readRows(plan, files), gate: new Map() })
  return new Map(
    board.teams.map(({ team, total }) => [
      team,
      total.kind === 'exact' ? toNumber(total.value) : 'unknown',
    ]),
  )
}

describe('the scorer and its slow twin', () => {
  it.each([
    ['items', ['epochs', 'items', 'benchmarks']],
    ['rubric', ['criteria', 'raters']],
  ] as const)('agree for %s in every order of steps', (kind, dimensions) => {
    fc.assert(
      fc.property(
        pipeline(dimensions),
        fc.infiniteStream(fc.integer({ min: 0, max: 40 })),
        (steps, scores) => {
          // Items of a set belong to it: benchmarks are reduced after them, or items would be mixed.
          const order = steps.filter(isReducing).map((step) => step.over)
          fc.pre(kind !== 'items' || order.indexOf('items') < order.indexOf('benchmarks'))
          const rows = rowsOf(kind, scores[Symbol.iterator]())
          const expected = naive(rows, steps)
          const actual = scored(kind, rows, steps)
          for (const team of TEAMS) {
            const slow = expected.get(team)
            const fast = actual.get(team)
            if (fast === 'unknown') expect(Number.isFinite(slow)).toBe(false)
            else expect(fast).toBeCloseTo((slow ?? 0) * 20, 6)
          }
        },
      ),
      { numRuns: 120 },
    )
  })
})
