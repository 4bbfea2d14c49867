import type { Act, EntryRef } from './acts.ts'
import { refuse } from './acts.ts'
import { type Departure, departureSentence } from './departures.ts'
import type { Filed, Standing } from './docket.ts'
import type { ActFields } from './entry-body.ts'

/** Departures that break the record itself; being retold does not excuse them. */
const BROKEN: ReadonlySet<Departure['code']> = new Set([
  'no_gate',
  'unknown_team',
  'unknown_axis',
  'no_such_entry',
  'correction_unnamed',
  'corrects_nothing',
  'teams_do_not_add_up',
  'voter_twice',
])

/**
 * The entry with its departures, if it may stand. Throws AppError LOG_INVALID naming the entry
 * when an act of the office departs from the plan, or when an entry breaks the record.
 */
export function settle<Body extends ActFields>(
  act: { readonly entry: EntryRef; readonly body: Body },
  departures: readonly Departure[],
): Filed<Body> {
  const grave = departures.filter(
    (departure) => act.body.retold === null || BROKEN.has(departure.code),
  )
  if (grave.length > 0) {
    throw refuse(act.entry, grave.map(departureSentence).join('; '))
  }
  return { entry: act.entry, body: act.body, departures }
}

/** Whether an entry may take the place of another. `single`: there is at most one in force. */
export function correctionDepartures(
  list: readonly Standing<ActFields>[],
  body: ActFields,
  kind: 'single' | 'many',
): Departure[] {
  const inForce = list.filter((standing) => standing.replacedBy === null)
  if (body.corrects === null) {
    const first = kind === 'single' ? inForce[0] : undefined
    return first ? [{ code: 'correction_unnamed', sequence: first.entry.sequence }] : []
  }
  const { entry } = body.corrects
  const isKnown = inForce.some((standing) => standing.entry.digest === entry)
  return isKnown ? [] : [{ code: 'corrects_nothing' }]
}

/** The list with a new entry at its end, and with the one that it corrects marked. */
export function append<Item extends Standing<ActFields>>(
  list: readonly Item[],
  item: Omit<Item, 'replacedBy'>,
): Item[] {
  const corrected = item.body.corrects?.entry
  return [
    ...list.map((standing) =>
      standing.entry.digest === corrected ? { ...standing, replacedBy: item.entry } : standing,
    ),
    { ...item, replacedBy: null } as Item,
  ]
}

export const standingOnly = <Item extends Standing<ActFields>>(list: readonly Item[]): Item[] =>
  list.filter((item) => item.replacedBy === null)

/** An act of one kind. */
export type ActOf<K extends Act['kind']> = Extract<Act, { readonly kind: K }>
