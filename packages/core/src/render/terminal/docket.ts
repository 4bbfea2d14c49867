import type { EntryRef } from '../../round/docket/acts.ts'
import { type Docket, decisionInForce, gateInForce } from '../../round/docket/docket.ts'
import { gateOutcome } from '../../round/gate/judgement.ts'
import { AXES } from '../../round/plan/conduct.ts'
import type { Plan } from '../../round/plan/plan.ts'
import type { Text } from '../../round/plan/words.ts'
import type { Language } from '../messages/language.ts'
import { departureText } from '../round/departure-words.ts'
import { docketWords } from '../round/docket-words.ts'
import { roundWords } from '../round/round-words.ts'
import { ENTRY_WORDS, entryWords } from '../round/rule-words.ts'
import { visibleWithin } from '../visible.ts'
import { styleFor } from './style.ts'
import { wrapToWidth } from './width.ts'

export type DocketLook = {
  readonly language: Language
  readonly color: boolean
  readonly width: number
}

/** What is on record about a stage, as text for a terminal, ending in a line feed. */
export function renderDocket(plan: Plan, docket: Docket, look: DocketLook): string {
  const style = styleFor(look.color)
  const { language } = look
  const title = (text: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [style.bold(text), ...lines]
  const blocks = [
    title(docketWords('gate', language), gateLines(plan, docket, look)),
    title(docketWords('decision', language), decisionLines(plan, docket, look)),
    title(docketWords('objections', language), objectionLines(docket, look)),
    title(docketWords('recruitment', language), recruitLines(docket, look)),
    docket.entries.map((entry) => entryLine(entry, look)),
  ]
  const shown = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'))
  return `${shown.join('\n\n')}\n`
}

const textOf = (text: Text, language: Language): string =>
  visibleWithin(typeof text === 'string' ? text : text[language], 400)

const nameOf = (plan: Plan, team: string, language: Language): string =>
  textOf(plan.teams.find((entry) => entry.id === team)?.name ?? team, language)

function bullet(text: string, { width }: DocketLook): string[] {
  return wrapToWidth(text, width - 2).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`))
}

function gateLines(plan: Plan, docket: Docket, look: DocketLook): string[] {
  const { language } = look
  if (plan.gate === null) return []
  return plan.teams.flatMap(({ id }) => {
    const decision = gateInForce(docket, id)
    const outcome = decision ? gateOutcome(plan.gate, decision.body) : 'undecided'
    const axes = AXES.flatMap((axis) => {
      const judged = decision?.body.axes[axis]
      return judged
        ? [`${docketWords(axis, language)} ${docketWords(judged.outcome, language)}`]
        : []
    })
    const replies = docket.gate.get(id)?.replies.length ?? 0
    const said = replies > 0 ? [`${docketWords('replies', language)} ${replies}`] : []
    const head = `${nameOf(plan, id, language)}: ${roundWords(`gate_${outcome}`, language)}`
    const departures = (decision?.departures ?? []).filter(({ code }) => code !== 'axis_missing')
    const silent =
      decision && axes.length === 0 ? [docketWords('axis_not_published', language)] : []
    const lacking = adverse(decision, axes)
    return [
      ...bullet([head, ...axes, ...silent, ...said].join(', '), look),
      ...departures.flatMap((departure) => inner(departureText(departure, language), look)),
      ...(lacking.length > 0 ? inner(`${docketWords('would_have', language)}:`, look) : []),
      ...lacking.flatMap((departure) => inner(`  ${departureText(departure, language)}`, look)),
    ]
  })
}

const inner = (text: string, { width }: DocketLook): string[] =>
  wrapToWidth(text, width - 4).map((line) => `    ${line}`)

/** What the usual right of reply would have asked for, where something was judged against a team. */
function adverse(decision: ReturnType<typeof gateInForce>, axes: readonly string[]) {
  const isAdverse = Object.values(decision?.body.axes ?? {}).some(
    (axis) => axis && axis.outcome !== 'met',
  )
  return isAdverse && axes.length > 0 ? (decision?.underStartingRule ?? []) : []
}

function decisionLines(plan: Plan, docket: Docket, look: DocketLook): string[] {
  const { language } = look
  const decision = decisionInForce(docket)
  if (!decision) return [docketWords('no_decision', language)]
  const { advances, leaves, dissent } = decision.body
  const names = advances.map(({ team }) => nameOf(plan, team, language)).join(', ')
  return [
    ...bullet(`${roundWords('advances', language)}: ${names}`, look),
    ...leaves.flatMap(({ team, ground, reasons }) =>
      bullet(
        `${roundWords('leaves', language)}: ${nameOf(plan, team, language)} (${docketWords(`ground_${ground}`, language)}). ${reasons.map((reason) => textOf(reason.says, language)).join(' ')}`,
        look,
      ),
    ),
    ...dissent.flatMap((voice) =>
      bullet(
        `${docketWords('dissent', language)}: ${textOf(voice.by, language)}: ${textOf(voice.says, language)}`,
        look,
      ),
    ),
  ]
}

function objectionLines(docket: Docket, look: DocketLook): string[] {
  const { language } = look
  const decision = decisionInForce(docket)
  if (!decision) return []
  const until = decision.body.objectionsUntil
  const window =
    until === null
      ? docketWords('window_unknown', language)
      : docketWords('window_until', language, { time: until })
  const words = { in_time: 'in_time', late: 'late', no_window: 'no_window_chip' } as const
  const list = docket.objections.flatMap((objection) => {
    const answer = objection.answers.at(-1)?.body
    const said = answer ? docketWords(answer.answer, language) : docketWords('unanswered', language)
    return bullet(
      `${objection.entry.sequence} ${textOf(objection.body.by, language)} (${docketWords(words[objection.timeliness], language)}): ${textOf(objection.body.says, language)} ${said}`,
      look,
    )
  })
  return [
    ...bullet(window, look),
    ...(list.length === 0 ? bullet(docketWords('no_objections', language), look) : list),
  ]
}

function recruitLines(docket: Docket, look: DocketLook): string[] {
  const { language } = look
  return docket.recruits.flatMap(({ body }) =>
    bullet(
      `${docketWords('selected', language)}: ${body.selected.map((entry) => textOf(entry.name, language)).join(', ') || docketWords('nobody_selected', language)}`,
      look,
    ),
  )
}

function entryLine(entry: EntryRef, { language }: DocketLook): string {
  const kind = Object.hasOwn(ENTRY_WORDS, entry.kind)
    ? entryWords(entry.kind as keyof typeof ENTRY_WORDS, language)
    : entry.kind
  return `${String(entry.sequence).padStart(3)}  ${entry.time}  ${kind}  ${entry.digest.slice(0, 19)}…`
}
