import type { Plan } from '../plan/plan.ts'
import type { Assumptions } from './assumptions.ts'
import type { Favour, Outcome, Quality, World } from './scenario.ts'

/** Two teams on either side of the cut: `better` is the last that should advance. */
export type CutPair = { readonly better: number; readonly other: number }

export function cutPair(plan: Plan): CutPair {
  const teams = plan.teams.length
  const { rule } = plan.advancement
  const places =
    rule.rule === 'top'
      ? rule.n
      : rule.rule === 'drop_lowest'
        ? teams - rule.n
        : Math.ceil(teams / 2)
  const better = Math.min(Math.max(1, places), teams - 1) - 1
  return { better, other: better + 1 }
}

/**
 * A field in which the pair at the cut differs by `gap` points of the stage, in every part by the
 * same share of its scale; the teams above stand two spreads higher, those below two lower.
 */
export function pairQuality(
  plan: Plan,
  gap: number,
  context: { readonly pair: CutPair; readonly assumptions: Assumptions },
): Quality {
  const { pair, assumptions } = context
  const half = gap / plan.points / 2
  return (part, t) => {
    const own = assumptions.parts[part]
    if (!own) return 0
    if (t === pair.better) return own.level + half
    if (t === pair.other) return own.level - half
    return own.level + (t < pair.better ? 2 : -2) * own.teamSpread
  }
}

/** What is recorded of the pair, one entry per simulated round. */
export type PairRecord = {
  /** Observed gap: the better team minus the other; NaN in a round without an answer. */
  readonly gap: Float64Array
  /** 1 where the better team is behind or level. */
  readonly behind: Uint8Array
  /** 1 where the other advances and the better team does not. */
  readonly dropped: Uint8Array
}

/** One variant of the world in which the pair is watched. */
export type PairVariant = {
  readonly run: (world: World) => Outcome | undefined
  readonly quality: Quality
  readonly favour?: Favour
  readonly zeroed?: NonNullable<World['zeroed']>
}

export type Watch = {
  readonly record: PairRecord
  readonly see: (round: number, world: Pick<World, 'noise' | 'ticket'>) => void
}

export function watchPair(variant: PairVariant, pair: CutPair, rounds: number): Watch {
  const gap = new Float64Array(rounds).fill(Number.NaN)
  const behind = new Uint8Array(rounds)
  const dropped = new Uint8Array(rounds)
  const { run, ...fixed } = variant
  return {
    record: { gap, behind, dropped },
    see: (round, world) => {
      const outcome = run({ ...fixed, ...world })
      if (!outcome) return
      const { total } = outcome.evaluation
      const { rank, byScore } = outcome.standing
      gap[round] = (total[pair.better] ?? 0) - (total[pair.other] ?? 0)
      behind[round] = (rank[pair.better] ?? 0) >= (rank[pair.other] ?? 0) ? 1 : 0
      dropped[round] = byScore[pair.better] !== 1 && byScore[pair.other] === 1 ? 1 : 0
    },
  }
}
