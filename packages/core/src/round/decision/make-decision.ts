import { AppError } from '../../base/errors.ts'
import { departureSentence } from '../docket/departures.ts'
import { type ActFields, actTime, type Reason, type Voice } from '../docket/entry-body.ts'
import { type Writing, type Written, writeAct } from '../docket/write-act.ts'
import type { Text } from '../plan/words.ts'
import type { RoundResult } from '../run-round.ts'
import { boardDepartures, groundOf } from './check-decision.ts'
import type { DecisionMade } from './decision-bodies.ts'
import { objectionsUntil } from './file-decision.ts'

export type DecisionGiven = Omit<ActFields, 'blind'> & {
  /** Reasons per team; every team that leaves needs one. */
  readonly reasons: Readonly<Record<string, readonly Reason[]>>
  readonly decidedBy: Text
  readonly dissent: readonly Voice[]
}

/**
 * Decides by the scoreboard as it stands: nobody chooses who advances. Throws AppError RULE_BROKEN
 * while rows, gate or ties leave the answer open, or when the record does not allow a decision.
 */
export function makeDecision(
  result: RoundResult,
  given: DecisionGiven,
  writing: Omit<Writing, 'record'>,
): Written {
  const { board, record } = result
  const { plan, planDigest } = result.sealed.current
  const unknown = Object.keys(given.reasons).filter(
    (team) => !plan.teams.some((entry) => entry.id === team),
  )
  if (unknown.length > 0) {
    const message = `reasons: the plan has no team "${unknown.join('", "')}"`
    throw new AppError('SCHEMA_INVALID', message)
  }
  const reasonsOf = (team: string) => [...(given.reasons[team] ?? [])]
  const body: Omit<DecisionMade, 'blind'> = {
    plan: planDigest,
    board: board.digest,
    rows: board.rowsDigest,
    advances: board.teams
      .filter(({ advances }) => advances.kind === 'known' && advances.value)
      .map(({ team }) => ({ team, reasons: reasonsOf(team) })),
    leaves: board.teams.flatMap((team) => {
      const ground = groundOf(team)
      return ground ? [{ team: team.team, ground, reasons: reasonsOf(team.team) }] : []
    }),
    openPlaces: board.openPlaces.kind === 'known' ? board.openPlaces.value : null,
    decidedBy: given.decidedBy,
    dissent: [...given.dissent],
    objectionsUntil: objectionsUntil(
      plan,
      actTime({ entry: { time: writing.time }, body: { retold: given.retold } }),
    ),
    retold: given.retold,
    corrects: given.corrects,
  }
  const departures = boardDepartures({ ...body, blind: writing.blind }, board)
  if (departures.length > 0) {
    const message = `decision.made is refused: ${departures.map(departureSentence).join('; ')}`
    throw new AppError('RULE_BROKEN', message, {
      hint: '`dokja round score DIR` shows what is open: rows, gate or ties',
    })
  }
  return writeAct('decision.made', body, { ...writing, record })
}
