import type { RoundView } from './view.ts'

/** A score that an audience is not shown and can work out from what it is shown. */
export type Derivable = { readonly part: string; readonly team: string; readonly from: 'mean' }

/**
 * Scores that the rules of disclosure withhold in vain: where the mean of a part is shown and one
 * team alone is not, its score is what is missing to the sum. The plan decides; the office is told
 * before it publishes.
 */
export function derivableScores(view: RoundView): Derivable[] {
  return view.aggregates.flatMap(({ part, mean, best, bestTeams }): Derivable[] => {
    if (mean.state !== 'shown' || mean.value.kind === 'unknown') return []
    const holders =
      best.state === 'shown' && best.value.kind !== 'unknown' && bestTeams.state === 'shown'
        ? bestTeams.value
        : []
    const hidden = view.teams.filter(
      (team) => !holders.includes(team.team) && !isShown(view, team.team, part),
    )
    const [only] = hidden
    return hidden.length === 1 && only ? [{ part, team: only.team, from: 'mean' }] : []
  })
}

function isShown(view: RoundView, team: string, part: string): boolean {
  const entry = view.teams.find((candidate) => candidate.team === team)
  if (!entry) return false
  if (part === 'total') return entry.total.state === 'shown'
  const find = (parts: RoundView['teams'][number]['parts']): boolean =>
    parts.some((one) => (one.part === part ? one.score.state === 'shown' : find(one.parts)))
  return find(entry.parts)
}
