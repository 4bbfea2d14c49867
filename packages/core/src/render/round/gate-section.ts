import type { GateDecisionView, GateView, ShownEntry } from '../../round/disclosure/docket-view.ts'
import type { GateAsked, GateReplied } from '../../round/gate/gate-bodies.ts'
import { isCounted } from '../../round/gate/judgement.ts'
import { STARTING_REPLY_RULE } from '../../round/gate/reply-rule.ts'
import { AXES, type Axis } from '../../round/plan/conduct.ts'
import type { Plan } from '../../round/plan/plan.ts'
import { type Html, type HtmlValue, html, listOf } from '../html/markup.ts'
import { cardTable, NO_VALUE, section, type TableColumn } from '../html/parts.ts'
import { componentName } from '../messages/components.ts'
import type { Language } from '../messages/language.ts'
import { departureText } from './departure-words.ts'
import { DOCKET_WORDS, docketWords } from './docket-words.ts'
import {
  type AxisOutcome,
  entryLine,
  localText,
  outcomeChip,
  panelName,
  type RoundContext,
  retoldSources,
  sources,
  teamName,
  textOf,
  timeText,
  voices,
  withheld,
} from './pieces.ts'
import { roundWords } from './round-words.ts'
import { gateCell } from './score-sections.ts'

/** The gate: outcome of every team on every axis, and the file behind it. */
export function gateSection(context: RoundContext): Html | null {
  const { language, view, plan } = context
  if (view.teams.every((team) => team.gate.state === 'shown' && team.gate.value === 'none')) {
    return null
  }
  return section(
    { ...context, id: 'gate', title: docketWords('gate', language) },
    html`<p class="lead">${docketWords('gate_intro', language)}</p>
${plan ? ruleList(plan, context) : null}
${outcomeTable(context)}
${view.docket.gate.map((file) => teamFile(file, context))}`,
  )
}

function axesOf({ plan, view }: RoundContext): Axis[] {
  if (plan?.gate) return plan.gate.axes.map((axis) => axis.id)
  const seen = new Set(
    view.docket.gate.flatMap(({ axes }) => (axes.state === 'shown' ? Object.keys(axes.value) : [])),
  )
  return AXES.filter((axis) => seen.has(axis))
}

function outcomeTable(context: RoundContext): Html {
  const { language, view } = context
  const axes = axesOf(context)
  const columns: readonly TableColumn[] = [
    { title: roundWords('team', language) },
    { title: roundWords('gate', language) },
    ...axes.map((axis) => ({ title: docketWords(axis, language) })),
  ]
  const rows = view.teams.map((team) => {
    const file = view.docket.gate.find((entry) => entry.team === team.team)
    return [
      teamName(team.team, context),
      gateCell(team, context),
      ...axes.map((axis) => axisCell(file, axis, context)),
    ]
  })
  return cardTable({ caption: docketWords('gate_caption', language), columns }, rows)
}

function axisCell(file: GateView | undefined, axis: Axis, context: RoundContext): HtmlValue {
  const { language } = context
  if (file?.axes.state !== 'shown') return withheld(context)
  const outcome = file.axes.value[axis]
  if (outcome !== undefined) return outcomeChip(outcome as AxisOutcome, language)
  const decided = file.file.state === 'shown' && file.file.value.decisions.length > 0
  const word = decided
    ? docketWords('axis_not_published', language)
    : docketWords('axis_open', language)
  return html`<span class="unknown">${decided ? roundWords('not_published', language) : word}</span>`
}

/** What counts, who decides, what excludes: the sealed rule in a few lines. */
function ruleList(plan: Plan, context: RoundContext): Html | null {
  const { language } = context
  const { gate } = plan
  if (!gate) return null
  const counts = gate.counts.map(({ component, roles }) => {
    const what =
      component === 'any'
        ? docketWords('any_component', language)
        : componentName(component, language)
    return `${what} (${roles.map((role) => roleName(role, language)).join(', ')})`
  })
  const place = plan.advancement.gate
  const lines: HtmlValue[] = [
    html`${docketWords('what_counts', language)}: ${counts.join('; ')}`,
    html`${deciderText(plan, context)}, ${docketWords(place, language)}`,
    html`${replyText(plan, context)}`,
    ...gate.axes.map(({ id, criterion, excludes }) => {
      const outcomes = excludes.map((outcome) => docketWords(outcome, language)).join(', ')
      const rule =
        excludes.length === 0
          ? null
          : html` <span class="who">(${docketWords('excludes_when', language, { outcomes })})</span>`
      return html`<b>${docketWords(id, language)}</b>: ${localText(criterion, language)}${rule}`
    }),
  ]
  return listOf(lines, 'plain')
}

function roleName(role: string, language: Language): string {
  const key = `role_${role}`
  return Object.hasOwn(DOCKET_WORDS, key)
    ? docketWords(key as keyof typeof DOCKET_WORDS, language)
    : role
}

function deciderText(plan: Plan, context: RoundContext): string {
  const { language } = context
  const gate = plan.gate
  if (!gate) return ''
  if (gate.decision.rule === 'authority') {
    return docketWords('authority_rule', language, { by: textOf(gate.decided_by, language) })
  }
  const { panel, quorum, majority } = gate.decision
  const missing = roundWords('not_published', language)
  return docketWords('vote_rule', language, {
    panel: panelName(panel, context),
    quorum: quorum === null ? missing : String(quorum),
    majority:
      majority === null ? missing : docketWords('majority_over', language, { share: majority }),
  })
}

function replyText(plan: Plan, { language }: RoundContext): string {
  const reply = plan.gate?.reply
  if (!reply) return docketWords('reply_rule_none', language)
  return reply.days === null
    ? docketWords('reply_rule_open', language)
    : docketWords('reply_rule', language, { days: reply.days })
}

/** One team's file, folded; open where the team was excluded or spoke. */
function teamFile(view: GateView, context: RoundContext): Html | null {
  const { language, prefix } = context
  const title = docketWords('file_of', language, { team: teamName(view.team, context) })
  if (view.file.state !== 'shown') return null
  const { questions, replies, decisions, withheld: hidden } = view.file.value
  if (questions.length + replies.length + decisions.length + hidden === 0) return null
  const adverse = decisions.some(({ body }) =>
    Object.values(body.axes).some((axis) => axis && axis.outcome !== 'met'),
  )
  const open = adverse || replies.length > 0
  const body = html`${questions.length > 0 ? html`<h3>${docketWords('questions', language)}</h3>${questions.map((one) => question(one, context))}` : null}
${replies.length > 0 || adverse ? html`<h3>${docketWords('replies', language)}</h3>${repliesBlock(replies, decisions, context)}` : null}
${decisions.map((one) => decisionBlock(one, context))}
${hidden > 0 ? html`<p class="withheld">${docketWords('hidden_entries', language, { n: hidden })}</p>` : null}`
  const id = `${prefix}-gate-${view.team}`
  return open
    ? html`<details class="component" id="${id}" open><summary><span class="summary-name">${title}</span></summary><div class="inside">${body}</div></details>`
    : html`<details class="component" id="${id}"><summary><span class="summary-name">${title}</span></summary><div class="inside">${body}</div></details>`
}

function question(one: ShownEntry<GateAsked>, context: RoundContext): Html {
  const { language } = context
  const until = one.body.until
    ? html`<p class="who">${docketWords('reply_until', language, { time: timeText(one.body.until, language) })}</p>`
    : null
  return html`<div class="quote"><p>${localText(one.body.says, language)}</p>${sources(one.body.evidence, context)}${until}${entryLine(one, context)}</div>`
}

function repliesBlock(
  replies: readonly ShownEntry<GateReplied>[],
  decisions: readonly GateDecisionView[],
  context: RoundContext,
): HtmlValue {
  const { language } = context
  if (replies.length === 0) return html`<p>${docketWords('no_reply', language)}</p>`
  const answers = decisions.at(-1)?.body.replies ?? []
  return replies.map((reply) => {
    const answer = answers.find((entry) => entry.reply === reply.entry.digest)
    const weighed = answer
      ? html`<p><b>${docketWords(answer.considered ? 'reply_considered' : 'reply_not_considered', language)}</b>: ${localText(answer.says, language)}</p>`
      : null
    const unasked =
      reply.body.asked === null
        ? html`<p class="who">${docketWords('reply_unasked', language)}</p>`
        : null
    return html`<div class="quote"><p>${localText(reply.body.says, language)}</p>${sources(reply.body.evidence, context)}${weighed}${unasked}${entryLine(reply, context)}</div>`
  })
}

function decisionBlock(one: GateDecisionView, context: RoundContext): Html {
  const { language } = context
  const { body } = one
  const replaced = one.replacedBy
    ? html`<p class="callout">${docketWords('corrected', language, { n: one.replacedBy.sequence })}</p>`
    : null
  const axes = AXES.filter((axis) => body.axes[axis] !== undefined)
  const none =
    axes.length === 0
      ? html`<p class="unknown">${docketWords('axis_not_published', language)}</p>`
      : null
  return html`${replaced}${none}${axes.map((axis) => axisBlock(one, axis, context))}
${votesBlock(one, context)}
${body.advice.length > 0 ? html`<h3>${docketWords('advice', language)}</h3>${voices(body.advice, context)}` : null}
${body.dissent.length > 0 ? html`<h3>${docketWords('dissent', language)}</h3>${voices(body.dissent, context)}` : null}
${departuresBlock(one, context)}
<p>${docketWords('decided_by', language)}: ${localText(body.decidedBy, language)}. ${entryLine(one, context)}</p>
${retoldSources(body, context)}`
}

function axisBlock(one: GateDecisionView, axis: Axis, context: RoundContext): Html | null {
  const { language, plan } = context
  const judgement = one.body.axes[axis]
  if (!judgement) return null
  const reasons = judgement.reasons.map(
    (reason) => html`${localText(reason.says, language)}${sources(reason.evidence, context)}`,
  )
  const columns: readonly TableColumn[] = [
    { title: docketWords('component', language) },
    { title: docketWords('outcome', language) },
    { title: docketWords('says', language), kind: 'wide' },
  ]
  const rows = judgement.findings.map((finding) => {
    const counted =
      !plan?.gate || isCounted(plan.gate, finding)
        ? null
        : html`<small>${docketWords('not_counted', language)}</small>`
    return [
      html`${componentName(finding.component, language)}<small>${roleName(finding.role, language)}</small>${counted}`,
      outcomeChip(finding.outcome, language),
      html`<p>${localText(finding.says, language)}</p>${sources(finding.evidence, context)}`,
    ]
  })
  const findings =
    rows.length === 0
      ? null
      : html`<h4>${docketWords('findings', language)}</h4>${cardTable({ caption: docketWords('findings_caption', language), columns }, rows)}`
  const conditions = judgement.conditions.map(({ says, due }) => {
    const by = due
      ? html` <span class="who">${docketWords('due', language, { day: due })}</span>`
      : null
    return html`${localText(says, language)}${by}`
  })
  return html`<h3>${docketWords(axis, language)} ${outcomeChip(judgement.outcome, language)}</h3>
${listOf(reasons, 'plain')}${findings}
${conditions.length > 0 ? html`<h4>${docketWords('conditions', language)}</h4>${listOf(conditions, 'plain')}` : null}`
}

function votesBlock(one: GateDecisionView, context: RoundContext): Html | null {
  const { language } = context
  if (one.body.votes === null) return null
  const votes = ['met', 'conditional', 'not_met', 'not_determinable', 'abstain'] as const
  const columns: readonly TableColumn[] = [
    { title: docketWords('votes', language) },
    ...votes.map((vote) => ({ title: docketWords(vote, language), kind: 'number' as const })),
  ]
  const rows = AXES.flatMap((axis) => {
    const tally = one.tallies[axis]
    if (!tally) return []
    return [[docketWords(axis, language), ...votes.map((vote) => String(tally[vote]))]]
  })
  if (rows.length === 0) return html`<p>${NO_VALUE}</p>`
  return html`<h3>${docketWords('votes', language)}</h3>${cardTable({ caption: docketWords('votes_caption', language), columns }, rows)}`
}

/** Where a retold decision did not keep to the plan, or to the rule that the plan lacked. */
function departuresBlock(one: GateDecisionView, context: RoundContext): HtmlValue {
  const { language } = context
  const list = (departures: GateDecisionView['departures']) =>
    listOf(
      departures.map((departure) => html`${departureText(departure, language)}`),
      'plain',
    )
  // That no axis was published stands above already.
  const departures = one.departures.filter(({ code }) => code !== 'axis_missing')
  const own =
    departures.length === 0
      ? null
      : html`<div class="callout"><h3>${docketWords('departures', language)}</h3><p>${docketWords('departures_retold', language)}</p>${list(departures)}</div>`
  const adverse = Object.values(one.body.axes).some((axis) => axis && axis.outcome !== 'met')
  if (one.underStartingRule === null || !adverse) return own
  const { days } = STARTING_REPLY_RULE
  const key = one.underStartingRule.length === 0 ? 'would_have_kept' : 'would_have_text'
  return html`${own}<div class="callout"><h3>${docketWords('would_have', language)}</h3><p>${docketWords(key, language, { days: days ?? 0 })}</p>${list(one.underStartingRule)}</div>`
}
