import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toNumber } from '../../base/rational.ts'
import { createRng } from '../../base/rng.ts'
import type { Measure } from '../plan/measure.ts'
import type { Plan } from '../plan/plan.ts'
import type { Step } from '../plan/steps.ts'
import type { InputFile } from '../rows/table.ts'
import { scoreSimulated } from '../testing/score-simulated.ts'
import { type SimulatedRound, simulateRound } from '../testing/simulated-round.ts'
import { buildRoundModel, EVERYBODY_ONCE, nearest, type RoundModel } from './round-model.ts'
import { lotTickets, standingOf } from './standing.ts'

// All rows here are simulated.

const mean = (over: 'epochs' | 'items' | 'benchmarks' | 'criteria' | 'raters'): Step => ({
  rule: 'mean',
  over,
})
const anchors = [
  { raw: 0, share: 0 },
  { raw: 0.6, share: 0.4 },
  { raw: 1, share: 1 },
]
const SHARES = [1, 0.7, 0.5, 0.2]

const BENCHMARK_STEPS: readonly (readonly Step[])[] = [
  [mean('epochs'), mean('items'), mean('benchmarks'), { rule: 'fraction_of_full_marks', full: 1 }],
  [mean('epochs'), mean('items'), mean('benchmarks'), { rule: 'anchors', anchors }],
  [mean('epochs'), mean('items'), { rule: 'best_team' }, mean('benchmarks')],
  [mean('epochs'), mean('items'), { rule: 'rank_points', shares: SHARES }, mean('benchmarks')],
  [
    mean('epochs'),
    { rule: 'trimmed_mean', over: 'items', drop: 2 },
    { rule: 'weighted_mean', over: 'benchmarks', weights: { 'set-1': 3, 'set-2': 1 } },
    { rule: 'fraction_of_full_marks', full: 0.9, zero: 0.1 },
  ],
  [
    mean('epochs'),
    mean('items'),
    { rule: 'ratio_to_target', targets: 'targets', cap: 1 },
    mean('benchmarks'),
  ],
  [mean('benchmarks'), mean('epochs'), { rule: 'median', over: 'items' }, { rule: 'best_team' }],
]
const EXPERT_STEPS: readonly (readonly Step[])[] = [
  [
    { rule: 'sum', over: 'criteria' },
    { rule: 'trimmed_mean', over: 'raters', drop: 1 },
    { rule: 'as_points' },
  ],
  [{ rule: 'median', over: 'raters' }, { rule: 'sum', over: 'criteria' }, { rule: 'as_points' }],
  [mean('raters'), { rule: 'min_max' }, mean('criteria')],
  [
    { rule: 'weighted_mean', over: 'criteria', weights: { c1: 1, c2: 2 } },
    mean('raters'),
    { rule: 'z_score', centre: 0.5, per_deviation: 0.2, digits: 20 },
  ],
]
const USER_STEPS: readonly (readonly Step[])[] = [
  [mean('raters'), { rule: 'fraction_of_full_marks', full: 5 }],
  [{ rule: 'sum', over: 'raters' }, { rule: 'best_team' }],
  [
    { rule: 'median', over: 'raters' },
    { rule: 'rank_points', shares: SHARES },
  ],
]

const SIZES = { teams: 4, benchmarks: 2, items: 8, epochs: 2, experts: 5, criteria: 2, users: 9 }

type Variant = {
  readonly seed: string
  readonly steps: readonly [readonly Step[], readonly Step[], readonly Step[]]
  readonly rounding?: Plan['rounding']
}

function variant({ seed, steps, rounding }: Variant): SimulatedRound {
  const withSteps = (plan: Plan): Plan => ({
    ...plan,
    ...(rounding ? { rounding } : {}),
    parts: plan.parts.map((part, i) => ({
      ...part,
      measure: { ...(part.measure as Measure), steps: [...(steps[i] ?? [])] },
    })),
  })
  const round = simulateRound({ seed, sizes: SIZES, change: withSteps })
  return steps[0].some((step) => step.rule === 'ratio_to_target')
    ? { ...round, files: [...round.files, targetFile()] }
    : round
}

function targetFile(): InputFile {
  const lines = ['team,benchmark,score']
  for (let t = 1; t <= 4; t++) {
    lines.push(`team-0${t},set-1,0.${60 + t}`, `team-0${t},set-2,0.${80 - t}`)
  }
  const bytes = new TextEncoder().encode(lines.join('\n'))
  return { role: 'rows', name: 'targets', path: 'rows/targets.csv', bytes }
}

function modelOf(round: SimulatedRound): {
  readonly model: RoundModel
  readonly scored: ReturnType<typeof scoreSimulated>['scored']
  readonly plan: Plan
} {
  const { plan, rows, scored } = scoreSimulated(round)
  const measured = [...scored.leaves.values()].flatMap((leaf) =>
    leaf.kind === 'cells' ? [{ leaf: leaf.leaf, cells: leaf.cells }] : [],
  )
  const model = buildRoundModel({ plan, scoreboard: scored.board, measured, targets: rows.tables })
  if (!model) throw new Error('no model')
  return { model, scored, plan }
}

const exactTotals = (scored: ReturnType<typeof scoreSimulated>['scored']) =>
  scored.board.teams.map(({ total }) => (total.kind === 'exact' ? toNumber(total.value) : -1))

const anyVariant: fc.Arbitrary<Variant> = fc.record({
  seed: fc
    .string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' })
    .map((s) => s.replace(/\W/g, 'x')),
  steps: fc.tuple(
    fc.constantFrom(...BENCHMARK_STEPS),
    fc.constantFrom(...EXPERT_STEPS),
    fc.constantFrom(...USER_STEPS),
  ),
  rounding: fc.record({
    mode: fc.constantFrom('half_up' as const, 'half_even' as const, 'down' as const, 'up' as const),
    carried: fc.record({
      leaf: fc.constantFrom(null, 1),
      group: fc.constant(null),
      total: fc.constantFrom(null, 0, 1),
    }),
    printed: fc.constant({ score: 2, total: 2 }),
  }),
})

describe('the round in doubles', () => {
  it('gives the totals, ranks and places of the exact fractions under every rule', () => {
    fc.assert(
      fc.property(anyVariant, (own) => {
        const { model, scored, plan } = modelOf(variant(own))
        const found = model.evaluate(EVERYBODY_ONCE)
        if (!found) throw new Error('no evaluation')
        exactTotals(scored).forEach((total, t) => {
          expect(found.total[t]).toBeCloseTo(total, 9)
        })
        const ticket = lotTickets(plan, model.teams, scored.board.rowsDigest)
        const standing = standingOf(found, plan, ticket)
        scored.board.teams.forEach(({ rank, advances }, t) => {
          expect(standing.rank[t]).toBe(rank.kind === 'known' ? rank.value : -1)
          const side = advances.kind === 'known' ? Number(advances.value) : 2
          expect(standing.byScore[t]).toBe(side)
        })
      }),
      { numRuns: 50 },
    )
  })

  it('counts a unit of weight k like k copies of its rows, exactly scored', () => {
    fc.assert(
      fc.property(anyVariant, fc.integer({ min: 1, max: 1e6 }), (own, seed) => {
        const round = variant(own)
        const { model } = modelOf(round)
        const rng = createRng(seed)
        const weights = new Map(
          [...model.populations].map(([key, { labels }]) => [
            key,
            // At least one copy of everybody, so that no rule runs out of values.
            Float64Array.from(labels, () => 1 + rng.nextInt(3)),
          ]),
        )
        const copied = exactTotals(scoreSimulated(withCopies(round, model, weights)).scored)
        const found = model.evaluate(weights)
        copied.forEach((total, t) => {
          expect(found?.total[t]).toBeCloseTo(total, 8)
        })
      }),
      { numRuns: 25 },
    )
  })

  it('rounds as the exact fractions do', () => {
    const modes = ['half_up', 'half_even', 'down', 'up'] as const
    const wanted = [
      [0.5, [1, 0, 0, 1]],
      [1.5, [2, 2, 1, 2]],
      [-2.5, [-3, -2, -2, -3]],
      [2.4999, [2, 2, 2, 3]],
      [3, [3, 3, 3, 3]],
      // 2.675 × 100 in doubles is 267.49999999999994: the half that was meant.
      [2.675 * 100, [268, 268, 267, 268]],
    ] as const
    for (const [value, results] of wanted) {
      expect(modes.map((mode) => nearest(value, mode))).toEqual(results)
    }
  })
})

/** Every panellist and item as often as its weight says, under names of their own. */
function withCopies(
  round: SimulatedRound,
  model: RoundModel,
  weights: ReadonlyMap<string, Float64Array>,
): SimulatedRound {
  const copies = (key: string, label: string) => {
    const place = model.populations.get(key)?.place.get(label) ?? -1
    return weights.get(key)?.[place] ?? 0
  }
  const files = round.files.map((file): InputFile => {
    const [header = '', ...lines] = new TextDecoder().decode(file.bytes).trim().split('\n')
    const copied = lines.flatMap((line) => {
      const fields = line.split(',')
      const [unit, count] =
        file.name === 'benchmark'
          ? [2, copies('items benchmark', `${fields[1]}/${fields[2]}`)]
          : [0, copies(`panel ${file.name.replace(/s?$/, 's')}`, fields[0] ?? '')]
      if (file.name === 'targets') return [line]
      return Array.from({ length: count }, (_, copy) =>
        fields.map((field, i) => (i === unit ? `${field}-copy-${copy}` : field)).join(','),
      )
    })
    return { ...file, bytes: new TextEncoder().encode([header, ...copied].join('\n')) }
  })
  return { ...round, files }
}
