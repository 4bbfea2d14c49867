import { compareTimes, daysWithin } from '../docket/deadline.ts'
import type { Departure } from '../docket/departures.ts'
import { type Docket, decisionInForce } from '../docket/docket.ts'
import { actTime } from '../docket/entry-body.ts'
import {
  type ActOf,
  append,
  correctionDepartures,
  settle,
  standingOnly,
} from '../docket/standing.ts'
import type { Plan } from '../plan/plan.ts'
import type { RecruitmentOpened } from './decision-bodies.ts'

/** Files that places are offered to newcomers, on the equal terms of the plan. */
export function fileRecruitment(
  docket: Docket,
  act: ActOf<'recruitment.opened'>,
  plan: Plan,
): Docket {
  const { body } = act
  const decision = decisionInForce(docket)
  const open = decision?.body.openPlaces ?? null
  const departures: Departure[] = [
    ...correctionDepartures(docket.recruitments, body, 'single'),
    ...(plan.recruitment === null ? [{ code: 'no_recruitment_rule' } as const] : []),
    ...(decision ? [] : [{ code: 'no_decision' } as const]),
    ...placesDepartures(plan, body, open),
    ...termDepartures(plan, body),
  ]
  return { ...docket, recruitments: append(docket.recruitments, settle(act, departures)) }
}

function placesDepartures(plan: Plan, body: RecruitmentOpened, open: number | null): Departure[] {
  const allowed = plan.recruitment?.places === 'open_places' ? open : plan.recruitment?.places
  if (allowed === null || allowed === undefined || body.places <= allowed) return []
  return [{ code: 'too_many_places', places: body.places, open: allowed }]
}

/** Every equal term is answered once, and development time is equal or its difference agreed to. */
function termDepartures(plan: Plan, body: RecruitmentOpened): Departure[] {
  const planned = plan.recruitment?.equal_terms ?? []
  const answers = planned.map((_, term) => body.terms.filter((entry) => entry.term === term))
  const unanswered = answers.flatMap((found, term): Departure[] =>
    found.length === 1 ? [] : [{ code: 'term_missing', term }],
  )
  const unknown = body.terms.filter((entry) => entry.term >= planned.length)
  const unequal = body.terms.flatMap(({ term, windows, agreed }): Departure[] => {
    if (windows === null || agreed !== null) return []
    const [incumbentsDays, newcomerDays] = [
      daysWithin(windows.incumbents),
      daysWithin(windows.newcomer),
    ]
    if (incumbentsDays === newcomerDays) return []
    return [{ code: 'unequal_window', term, incumbentsDays, newcomerDays }]
  })
  return [
    ...unanswered,
    ...unknown.map(({ term }): Departure => ({ code: 'term_missing', term })),
    ...unequal,
  ]
}

export function fileRecruits(docket: Docket, act: ActOf<'recruitment.closed'>): Docket {
  const { body } = act
  const opened = standingOnly(docket.recruitments).find((item) => item.entry.digest === body.opened)
  const advancing = decisionInForce(docket)?.body.advances.map((entry) => entry.team) ?? []
  const again = body.selected.filter(({ team }) => advancing.includes(team))
  const departures: Departure[] = [
    ...correctionDepartures(docket.recruits, body, 'single'),
    ...(opened ? [] : [{ code: 'no_such_entry', what: 'the recruitment' } as const]),
    ...(opened && body.selected.length > opened.body.places
      ? [
          {
            code: 'too_many_places',
            places: body.selected.length,
            open: opened.body.places,
          } as const,
        ]
      : []),
    ...again.map(
      ({ team }): Departure => ({
        code: 'teams_do_not_add_up',
        what: `${team} advances already`,
      }),
    ),
  ]
  return { ...docket, recruits: append(docket.recruits, settle(act, departures)) }
}

/** The teams that the next stage begins with: those that advance, then those recruited. */
export function nextTeams(docket: Docket): { team: string; from: 'advanced' | 'recruited' }[] {
  const advanced = decisionInForce(docket)?.body.advances ?? []
  const recruited = standingOnly(docket.recruits).flatMap((item) => item.body.selected)
  return [
    ...advanced.map(({ team }) => ({ team, from: 'advanced' as const })),
    ...recruited.map(({ team }) => ({ team, from: 'recruited' as const })),
  ]
}

/** Files what is carried over, once the window is over and every objection in time is answered. */
export function fileCarrying(docket: Docket, act: ActOf<'stage.carried'>): Docket {
  const { body } = act
  const key = (teams: readonly { team: string; from: string }[]) =>
    teams.map(({ team, from }) => `${team} (${from})`).join(', ')
  const expected = nextTeams(docket)
  const until = decisionInForce(docket)?.body.objectionsUntil ?? null
  const carriedAt = actTime(act)
  const departures: Departure[] = [
    ...correctionDepartures(docket.carried, body, 'single'),
    ...(docket.decisions.length > 0 ? [] : [{ code: 'no_decision' } as const]),
    ...(key(body.teams) === key(expected)
      ? []
      : [{ code: 'teams_do_not_add_up', what: `by the record: ${key(expected)}` } as const]),
    ...(until !== null && carriedAt !== null && compareTimes(carriedAt, until) <= 0
      ? [{ code: 'objections_open', until } as const]
      : []),
    ...standingOnly(docket.objections)
      .filter((item) => item.timeliness !== 'late' && standingOnly(item.answers).length === 0)
      .map(
        (item): Departure => ({
          code: 'objection_unanswered',
          sequence: item.entry.sequence,
        }),
      ),
  ]
  return { ...docket, carried: append(docket.carried, settle(act, departures)) }
}
