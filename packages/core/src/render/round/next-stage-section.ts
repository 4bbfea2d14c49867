import type { RecruitmentOpened } from '../../round/decision/decision-bodies.ts'
import type { ShownEntry } from '../../round/disclosure/docket-view.ts'
import { daysWithin } from '../../round/docket/deadline.ts'
import { type Html, html, listOf } from '../html/markup.ts'
import { cardTable, chip, section, type TableColumn } from '../html/parts.ts'
import { docketWords } from './docket-words.ts'
import {
  entryLine,
  localText,
  type RoundContext,
  retoldSources,
  sources,
  textOf,
} from './pieces.ts'

/** Places offered to newcomers, and the terms. */
export function recruitmentSection(context: RoundContext): Html | null {
  const { language, view, plan } = context
  const { recruitments, recruits } = view.docket
  if (recruitments.state !== 'shown' || recruits.state !== 'shown') return null
  if (recruitments.value.length === 0 && plan?.recruitment === null) return null
  const selected = recruits.value.map((one) => {
    const list = one.body.selected.map(
      (entry) =>
        html`<b>${localText(entry.name, language)}</b>: ${entry.reasons.map((reason) => html`${localText(reason.says, language)}${sources(reason.evidence, context)}`)}`,
    )
    const n = one.body.applicants
    const applicants =
      n === null ? null : html`<p>${docketWords('applicants', language, { n })}</p>`
    return html`<h3>${docketWords('selected', language)}</h3>${applicants}${listOf(list, 'plain') ?? html`<p>${docketWords('nobody_selected', language)}</p>`}<p>${entryLine(one, context)}</p>${retoldSources(one.body, context)}`
  })
  const body =
    recruitments.value.length === 0
      ? html`<p>${docketWords('no_recruitment', language)}</p>`
      : html`${recruitments.value.map((one) => openingBlock(one, context))}${selected}`
  return section(
    { ...context, id: 'recruitment', title: docketWords('recruitment', language) },
    body,
  )
}

function openingBlock(one: ShownEntry<RecruitmentOpened>, context: RoundContext): Html {
  const { language, plan } = context
  const { body } = one
  const columns: readonly TableColumn[] = [
    { title: docketWords('term', language) },
    { title: docketWords('kept_how', language), kind: 'wide' },
  ]
  const rows = body.terms.map((entry) => {
    const term = plan?.recruitment?.equal_terms[entry.term]
    return [
      term ? localText(term, language) : String(entry.term + 1),
      html`<p>${localText(entry.says, language)}</p>${windowsLine(entry, context)}`,
    ]
  })
  const until = body.until
    ? html`, ${docketWords('apply_until', language, { day: body.until })}`
    : null
  return html`<p>${docketWords('places', language, { places: body.places })}${until}. ${entryLine(one, context)}</p>
<h3>${docketWords('equal_terms', language)}</h3>
${cardTable({ caption: docketWords('terms_caption', language), columns }, rows)}
${sources(body.evidence, context)}`
}

function windowsLine(
  entry: RecruitmentOpened['terms'][number],
  { language }: RoundContext,
): Html | null {
  if (entry.windows === null) return null
  const { incumbents, newcomer } = entry.windows
  const [own, other] = [daysWithin(incumbents), daysWithin(newcomer)]
  const text = docketWords('windows', language, {
    incumbents: own,
    newcomer: other,
    from: incumbents.from,
    to: incumbents.to,
    newFrom: newcomer.from,
    newTo: newcomer.to,
  })
  const agreed = entry.agreed
    ? html` ${docketWords('agreed_by', language, { by: entry.agreed.by.map((by) => textOf(by, language)).join(', ') })}`
    : null
  return html`<p>${text} ${chip(own === other ? 'none' : 'caution', docketWords(own === other ? 'equal' : 'unequal', language))}${agreed}</p>`
}

/** What the next stage begins with. */
export function nextStageSection(context: RoundContext): Html | null {
  const { language, view } = context
  const { carried } = view.docket
  if (carried.state !== 'shown') return null
  const one = carried.value.at(-1)
  if (!one) return null
  const teams = one.body.teams.map((entry) => {
    const conditions = entry.conditions.map(({ says, due }) => {
      const by = due ? ` (${docketWords('due', language, { day: due })})` : ''
      return html`<small>${docketWords('conditions', language)}: ${localText(says, language)}${by}</small>`
    })
    return html`${localText(entry.name, language)} <span class="who">(${docketWords(`from_${entry.from}`, language)})</span>${conditions}`
  })
  const inherits = one.body.inherits.map(
    (reason) => html`${localText(reason.says, language)}${sources(reason.evidence, context)}`,
  )
  return section(
    { ...context, id: 'next', title: docketWords('next_stage', language) },
    html`<p><b>${localText(one.body.stage.name, language)}</b></p>
<h3>${docketWords('next_teams', language)}</h3>${listOf(teams, 'plain')}
${inherits.length > 0 ? html`<h3>${docketWords('inherits', language)}</h3>${listOf(inherits, 'plain')}` : null}
<p>${entryLine(one, context)}</p>`,
  )
}
