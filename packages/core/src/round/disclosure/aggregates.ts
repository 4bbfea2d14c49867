import {
  compare,
  divide,
  formatDecimal,
  least,
  most,
  type Rational,
  rational,
  subtract,
  sum,
} from '../../base/rational.ts'
import { allParts, type Plan } from '../plan/plan.ts'
import type { Fact, FactStatistic } from '../rows/facts.ts'
import type { PartScore, Scoreboard, TeamScore } from '../score/scoreboard.ts'
import { exactFigure, type Figure, type Shown, showIf } from './figures.ts'
import type { Rights } from './rights.ts'

/** What all teams together give in one part, or in the total. */
export type Aggregates = {
  /** Part id, or `total`. */
  readonly part: string
  readonly best: Shown<Figure>
  readonly bestTeams: Shown<readonly string[]>
  readonly mean: Shown<Figure>
  readonly gap: Shown<Figure>
}

/**
 * Best, mean and gap of every part. From the scores where all are exact, else as published, else
 * unknown; a figure is never made from part of the teams. Where scores rest on simulated rows, what
 * was published comes first.
 */
export function aggregatesOf(
  plan: Plan,
  source: {
    readonly board: Scoreboard
    readonly facts: readonly Fact[]
    readonly simulated: readonly string[]
  },
  rights: Rights,
): Aggregates[] {
  const parts = allParts(plan.parts).map((part) => part.id)
  return [...parts, 'total'].map((part) => {
    const scores = exactScores(source.board.teams, part)
    const digits = part === 'total' ? plan.rounding.printed.total : plan.rounding.printed.score
    const isSimulated = source.simulated.includes(part)
    const figure = (value: (values: readonly Rational[]) => Rational, statistic: FactStatistic) => {
      const published = publishedFigure(source.facts, part, statistic)
      if (!scores || (isSimulated && published.kind === 'published')) return published
      return exactFigure(value(scores.map((score) => score.value)), digits, plan)
    }
    const own = part === 'total' ? rights.sees('totals') : rights.sees('all_scores')
    return {
      part,
      best: showIf(
        own || rights.sees('part_best'),
        figure((all) => all.reduce(most), 'best'),
      ),
      bestTeams: showIf(
        own || rights.sees('part_best_team'),
        holders(scores, { facts: source.facts, part, isSimulated }),
      ),
      mean: showIf(own || rights.sees('part_mean'), figure(meanOf, 'mean')),
      gap: showIf(own || rights.sees('part_gap'), figure(gapOf, 'gap')),
    }
  })
}

type TeamValue = { readonly team: string; readonly value: Rational }

const meanOf = (values: readonly Rational[]) => divide(sum(values), rational(values.length))
const gapOf = (values: readonly Rational[]) => subtract(values.reduce(most), values.reduce(least))

function publishedFigure(facts: readonly Fact[], part: string, statistic: FactStatistic): Figure {
  const found = facts.find((fact) => fact.part === part && fact.statistic === statistic)
  if (!found?.value) return { kind: 'unknown', reason: 'not published', range: null }
  return { kind: 'published', text: formatDecimal(found.value, found.digits) }
}

function holders(
  scores: readonly TeamValue[] | undefined,
  context: {
    readonly facts: readonly Fact[]
    readonly part: string
    readonly isSimulated: boolean
  },
): readonly string[] {
  const { facts, part, isSimulated } = context
  const found = facts.find((fact) => fact.part === part && fact.statistic === 'best')
  if (!scores || (isSimulated && found)) return found?.teams ?? []
  const best = scores.map((score) => score.value).reduce(most)
  return scores.filter((score) => compare(score.value, best) === 0).map((score) => score.team)
}

/** Scores of all teams in a part; undefined unless every one is exact. */
function exactScores(teams: readonly TeamScore[], part: string): TeamValue[] | undefined {
  const found = teams.flatMap((team): TeamValue[] => {
    const amount = part === 'total' ? team.total : findPart(team.parts, part)?.amount
    return amount?.kind === 'exact' ? [{ team: team.team, value: amount.value }] : []
  })
  return found.length === teams.length && found.length > 0 ? found : undefined
}

function findPart(parts: readonly PartScore[], id: string): PartScore | undefined {
  for (const entry of parts) {
    if (entry.part === id) return entry
    const below = findPart(entry.parts, id)
    if (below) return below
  }
  return undefined
}
