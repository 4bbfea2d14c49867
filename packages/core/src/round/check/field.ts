import type { Rng } from '../../base/rng.ts'
import type { Part } from '../plan/measure.ts'
import { allParts, leavesOf, type Plan } from '../plan/plan.ts'
import { isLevel } from '../sensitivity/double-steps.ts'
import { effectiveWeights } from '../sensitivity/effective-weights.ts'
import type { Assumptions } from './assumptions.ts'
import type { Outcome, Quality, Rig, World } from './scenario.ts'

/**
 * Fields of teams whose true qualities are drawn anew in every round. Arrays per part have one
 * entry per round and team, those of weights one per round.
 */
export type FieldRecord = {
  /** Rounds with an answer. */
  readonly answered: number
  readonly quality: ReadonlyMap<string, Float64Array>
  readonly points: ReadonlyMap<string, Float64Array>
  readonly weights: ReadonlyMap<string, Float64Array>
  readonly rightSet: number
  readonly rightFirst: number
  readonly wronglyDropped: number
  readonly openAtCut: number
  readonly levelAtCut: number
}

export type FieldWatch = {
  readonly record: () => FieldRecord
  readonly see: (rng: Rng, world: Pick<World, 'noise' | 'ticket'>) => void
}

export function watchField(rig: Rig, assumptions: Assumptions, rounds: number): FieldWatch {
  const { plan } = rig
  const teams = plan.teams.length
  const leaves = leavesOf(plan).map((leaf) => leaf.id)
  const arrays = (ids: readonly string[], size: number) =>
    new Map(ids.map((id) => [id, new Float64Array(size)]))
  const quality = arrays(leaves, rounds * teams)
  const points = arrays(leaves, rounds * teams)
  const weights = arrays(
    allParts(plan.parts).map((part) => part.id),
    rounds,
  )
  const count = {
    answered: 0,
    rightSet: 0,
    rightFirst: 0,
    wronglyDropped: 0,
    openAtCut: 0,
    levelAtCut: 0,
  }
  return {
    record: () => ({ ...count, quality, points, weights }),
    see: (rng, world) => {
      const drawn = drawQualities(plan, assumptions, rng)
      const outcome = rig.run({ ...world, quality: drawn })
      if (!outcome) return
      const at = count.answered++
      for (const part of leaves) {
        points.get(part)?.set(outcome.evaluation.parts.get(part) ?? [], at * teams)
        const own = Float64Array.from({ length: teams }, (_, t) => drawn(part, t))
        quality.get(part)?.set(own, at * teams)
      }
      for (const [part, weight] of weightsOf(plan, outcome)) {
        const own = weights.get(part)
        if (own) own[at] = weight
      }
      judge(count, plan, { outcome, quality: drawn })
    },
  }
}

/** Normal qualities: what a team is like in general, and what it is like in one part. */
function drawQualities(plan: Plan, assumptions: Assumptions, rng: Rng): Quality {
  const together = Math.sqrt(assumptions.qualityCorrelation)
  const apart = Math.sqrt(1 - assumptions.qualityCorrelation)
  const general = plan.teams.map(() => rng.nextNormal())
  const drawn = new Map(
    leavesOf(plan).map(({ id }): [string, number[]] => {
      const own = assumptions.parts[id]
      const values = general.map((g) => together * g + apart * rng.nextNormal())
      return [id, values.map((z) => (own?.level ?? 0) + (own?.teamSpread ?? 0) * z)]
    }),
  )
  return (part, t) => drawn.get(part)?.[t] ?? 0
}

/** Effective weights of the uppermost parts and of the measured parts, by part id. */
function weightsOf(plan: Plan, { evaluation }: Outcome): [string, number][] {
  const levels: (readonly Part[])[] = [leavesOf(plan), plan.parts]
  return levels.flatMap((parts) =>
    effectiveWeights(
      parts.map((part) => ({
        id: part.id,
        full: part.points,
        points: evaluation.parts.get(part.id) ?? new Float64Array(),
      })),
      'measured',
    ).map((entry): [string, number] => [entry.part, entry.effective ?? entry.nominal]),
  )
}

function judge(
  count: {
    rightSet: number
    rightFirst: number
    wronglyDropped: number
    openAtCut: number
    levelAtCut: number
  },
  plan: Plan,
  round: { readonly outcome: Outcome; readonly quality: Quality },
): void {
  const { evaluation, standing } = round.outcome
  const truth = plan.teams.map((_, t) =>
    leavesOf(plan).reduce((sum, leaf) => sum + leaf.points * round.quality(leaf.id, t), 0),
  )
  const order = truth.map((_, t) => t).sort((a, b) => (truth[b] ?? 0) - (truth[a] ?? 0))
  const advancing = standing.byScore.reduce((sum, side) => sum + (side === 1 ? 1 : 0), 0)
  const deserving = order.slice(0, advancing)
  const missed = deserving.filter((t) => standing.byScore[t] !== 1).length
  const isOpen = standing.byScore.includes(2)
  if (missed === 0 && !isOpen) count.rightSet++
  if (standing.rank[order[0] ?? 0] === 1) count.rightFirst++
  count.wronglyDropped += missed
  if (isOpen) count.openAtCut++
  if (isLevelAtCut(evaluation.total, advancing)) count.levelAtCut++
}

function isLevelAtCut(total: Float64Array, places: number): boolean {
  const sorted = total.slice().sort().reverse()
  const [last, next] = [sorted[places - 1], sorted[places]]
  return last !== undefined && next !== undefined && isLevel(last, next)
}
