import type { DecisionView, ObjectionView } from '../../round/disclosure/docket-view.ts'
import { compareTimes } from '../../round/docket/deadline.ts'
import { type Html, type HtmlValue, html, listOf } from '../html/markup.ts'
import { cardTable, chip, section, type TableColumn } from '../html/parts.ts'
import { departureText } from './departure-words.ts'
import { docketWords } from './docket-words.ts'
import { decisionOf } from './headline-section.ts'
import {
  entryLine,
  localText,
  type RoundContext,
  retoldSources,
  sources,
  teamName,
  textOf,
  timeText,
  voices,
} from './pieces.ts'
import { roundWords } from './round-words.ts'

/** Who goes on and who does not, with reasons and dissent. */
export function decisionSection(context: RoundContext): Html {
  const { language, view } = context
  const title = docketWords('decision', language)
  const { decisions } = view.docket
  if (decisions.state !== 'shown') {
    const body = html`<p>${docketWords('decision_withheld', language)}</p>`
    return section({ ...context, id: 'decision', title }, body)
  }
  const body =
    decisions.value.length === 0
      ? html`<p>${docketWords('no_decision', language)}</p>`
      : html`${[...decisions.value].reverse().map((one) => decisionBlock(one, context))}`
  return section({ ...context, id: 'decision', title }, body)
}

function decisionBlock(one: DecisionView, context: RoundContext): Html {
  const { language } = context
  const { body } = one
  const columns: readonly TableColumn[] = [
    { title: roundWords('team', language) },
    { title: roundWords('result', language) },
    { title: docketWords('reasons', language), kind: 'wide' },
  ]
  const reasons = (list: DecisionView['body']['leaves'][number]['reasons']): HtmlValue =>
    listOf(
      list.map(
        (reason) => html`${localText(reason.says, language)}${sources(reason.evidence, context)}`,
      ),
      'plain',
    ) ?? ''
  const rows = [
    ...body.advances.map((entry) => [
      teamName(entry.team, context),
      chip('none', roundWords('advances', language)),
      entry.reasons.length > 0
        ? reasons(entry.reasons)
        : html`<span class="who">${docketWords('by_rules', language)}</span>`,
    ]),
    ...body.leaves.map((entry) => [
      teamName(entry.team, context),
      html`${chip('strong', roundWords('leaves', language))}<small>${docketWords('ground', language)}: ${docketWords(`ground_${entry.ground}`, language)}</small>`,
      reasons(entry.reasons),
    ]),
  ]
  const replaced = one.replacedBy
    ? html`<p class="callout">${docketWords('corrected', language, { n: one.replacedBy.sequence })}</p>`
    : null
  const correction = body.corrects
    ? html`<p>${docketWords('correction', language)}: ${localText(body.corrects.reason, language)}</p>`
    : null
  const departures = [...one.departures, ...(one.replacedBy ? [] : one.againstBoard)]
  return html`${replaced}${cardTable({ caption: docketWords('decision_caption', language), columns }, rows)}
${correction}
<h3>${docketWords('dissent', language)}</h3>
${body.dissent.length > 0 ? voices(body.dissent, context) : html`<p>${docketWords('no_dissent', language)}</p>`}
${
  departures.length > 0
    ? html`<div class="callout"><h3>${docketWords('departures', language)}</h3>${listOf(
        departures.map((departure) => html`${departureText(departure, language)}`),
        'plain',
      )}</div>`
    : null
}
<p>${docketWords('decided_by', language)}: ${localText(body.decidedBy, language)}. ${entryLine(one, context)}</p>
${retoldSources(body, context)}`
}

/** The objection window, what came in, and what was answered. */
export function objectionsSection(context: RoundContext): Html | null {
  const { language, view, plan } = context
  const { objections, closed } = view.docket
  if (objections.state !== 'shown') return null
  const decision = decisionOf(view)
  const until = decision?.body.objectionsUntil ?? null
  const over = until !== null && compareTimes(view.asOf, until) > 0
  const window =
    plan && plan.objections === null
      ? html`<p>${docketWords('no_window', language)}</p>`
      : until === null
        ? html`<p>${docketWords(decision ? 'window_unknown' : 'no_decision', language)}</p>`
        : html`<p>${docketWords('window_until', language, { time: timeText(until, language) })} ${chip(over ? 'none' : 'caution', docketWords(over ? 'window_over' : 'window_open', language))}</p>`
  const list =
    objections.value.length === 0
      ? html`<p>${docketWords('no_objections', language)}</p>`
      : html`${objections.value.map((one) => objectionBlock(one, context))}`
  const closings =
    closed.state === 'shown'
      ? closed.value.map(
          (one) =>
            html`<div class="quote"><p>${localText(one.body.says, language)}</p>${entryLine(one, context)}${retoldSources(one.body, context)}</div>`,
        )
      : null
  return section(
    { ...context, id: 'objections', title: docketWords('objections', language) },
    html`${window}${list}${closings}`,
  )
}

const TIMELINESS = {
  in_time: ['none', 'in_time'],
  late: ['strong', 'late'],
  no_window: ['open', 'no_window_chip'],
} as const

function objectionBlock(one: ObjectionView, context: RoundContext): Html {
  const { language } = context
  const [tone, word] = TIMELINESS[one.timeliness]
  const answers = one.answers.map(
    (answer) =>
      html`<div class="quote"><p><b>${docketWords('answer', language)}: ${docketWords(answer.body.answer, language)}</b>. ${localText(answer.body.says, language)}</p>${sources(answer.body.evidence, context)}<p class="who">${localText(answer.body.answeredBy, language)}</p>${entryLine(answer, context)}</div>`,
  )
  return html`<h3>${docketWords('objection_by', language, { by: textOf(one.body.by, language) })} ${chip(tone, docketWords(word, language))}</h3>
<div class="quote"><p>${localText(one.body.says, language)}</p>${sources(one.body.evidence, context)}${entryLine(one, context)}</div>
${answers.length > 0 ? answers : html`<p class="who">${docketWords('unanswered', language)}</p>`}`
}
