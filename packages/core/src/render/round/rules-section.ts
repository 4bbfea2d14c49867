import type { Part } from '../../round/plan/measure.ts'
import type { Plan } from '../../round/plan/plan.ts'
import type { Step } from '../../round/plan/steps.ts'
import { basesOf } from '../../round/score/notes.ts'
import { type Html, type HtmlValue, html, listOf } from '../html/markup.ts'
import { cardTable, chip, NO_VALUE, section, type TableColumn } from '../html/parts.ts'
import { address, localText, panelName, partName, type RoundContext, textOf } from './pieces.ts'
import { roundWords } from './round-words.ts'
import { ruleWords } from './rule-words.ts'
import { koreanNote } from './sentences-ko.ts'

/** The sealed rules as a table, what they rest on, and what is to be known about them. */
export function rulesSection(context: RoundContext): Html {
  const { language, plan } = context
  const title = ruleWords('rules', language)
  if (!plan) {
    const body = html`<p>${ruleWords('rules_withheld', language)}</p>`
    return section({ ...context, id: 'rules', title }, body)
  }
  const columns: readonly TableColumn[] = [
    { title: roundWords('part', language) },
    { title: roundWords('points', language), kind: 'number' },
    { title: ruleWords('by', language) },
    { title: ruleWords('steps', language), kind: 'wide' },
  ]
  const rows = plan.parts.flatMap((part) => partRows(part, 0, context))
  const lines = [scoringLine(plan, context), advancementLine(plan, context), tieLine(plan, context)]
  return section(
    { ...context, id: 'rules', title },
    html`<p class="lead">${ruleWords('rules_intro', language)}</p>
${cardTable({ caption: ruleWords('rules_caption', language), columns }, rows)}
${listOf(
  lines.filter((line) => line !== null),
  'plain',
)}
${panelsBlock(plan, context)}
${notesBlock(context)}
${basisBlock(plan, context)}`,
  )
}

function partRows(part: Part, level: number, context: RoundContext): HtmlValue[][] {
  const { language } = context
  const { measure } = part
  const own: HtmlValue[] = [
    html`<span class="level-${level}">${textOf(part.name, language)}</span>`,
    String(part.points),
    measure ? localText(measure.by, language) : NO_VALUE,
    measure
      ? html`${measure.steps.map((step, i) => html`${i === 0 ? '' : ' → '}${stepText(step, context)}`)}`
      : html`<span class="who">${ruleWords('group', language)}</span>`,
  ]
  return [own, ...(part.parts ?? []).flatMap((child) => partRows(child, level + 1, context))]
}

const STEP_KEYS = {
  best_team: 'step_best_team',
  min_max: 'step_min_max',
  rank_points: 'step_rank_points',
  z_score: 'step_z_score',
  anchors: 'step_anchors',
  as_points: 'step_as_points',
} as const

/** One step of the path from rows to points, in words. */
function stepText(step: Step, { language }: RoundContext): string {
  switch (step.rule) {
    case 'mean':
    case 'median':
    case 'sum':
      return ruleWords(`step_${step.rule}`, language, {
        over: ruleWords(`over_${step.over}`, language),
      })
    case 'trimmed_mean':
      return ruleWords('step_trimmed', language, {
        over: ruleWords(`over_${step.over}`, language),
        drop: step.drop,
      })
    case 'weighted_mean':
      return ruleWords('step_weighted', language, {
        over: ruleWords(`over_${step.over}`, language),
      })
    case 'fraction_of_full_marks':
      return step.zero
        ? ruleWords('step_fraction_from', language, {
            full: String(step.full),
            zero: String(step.zero),
          })
        : ruleWords('step_fraction', language, { full: String(step.full) })
    case 'ratio_to_target':
      return step.cap === null
        ? ruleWords('step_target', language)
        : ruleWords('step_target_cap', language, { cap: String(step.cap) })
    default:
      return ruleWords(STEP_KEYS[step.rule], language)
  }
}

function scoringLine(plan: Plan, { language }: RoundContext): HtmlValue {
  const { scoring_starts: from, scoring_ends: to } = plan.stage
  if (from === null || to === null) return null
  return html`${ruleWords('scoring', language, { from, to })}`
}

function advancementLine(plan: Plan, { language }: RoundContext): HtmlValue {
  const { rule, next_stage_places: places } = plan.advancement
  const text =
    rule.rule === 'threshold'
      ? ruleWords('threshold', language, { points: String(rule.points) })
      : ruleWords(rule.rule, language, { n: rule.n })
  const open = places === null ? '' : `, ${ruleWords('places', language, { places })}`
  return html`${ruleWords('advancement', language)}: ${text}${open}`
}

function tieLine(plan: Plan, context: RoundContext): HtmlValue {
  const { language } = context
  const rules =
    plan.ties === null
      ? roundWords('not_published', language)
      : plan.ties
          .map((tie) =>
            tie.rule === 'lot'
              ? ruleWords('tie_lot', language)
              : ruleWords('tie_part', language, { part: partName(tie.part, context) }),
          )
          .join(' → ')
  return html`${ruleWords('ties', language)}: ${rules === '' ? roundWords('none', language) : rules}`
}

function panelsBlock(plan: Plan, context: RoundContext): Html | null {
  const { language, view } = context
  if (plan.panels.length === 0) return null
  const missing = roundWords('not_published', language)
  const columns: readonly TableColumn[] = [
    { title: ruleWords('panels', language) },
    { title: ruleWords('planned', language), kind: 'number' },
    { title: ruleWords('took_part', language), kind: 'number' },
    { title: ruleWords('quorum', language) },
    { title: ruleWords('conflicts', language) },
    { title: ruleWords('blinding', language) },
  ]
  const counted = view.panels.state === 'shown' ? view.panels.value : []
  const rows = plan.panels.map((panel) => {
    const present = counted.find((entry) => entry.panel === panel.id)?.counted
    const checked = panel.conflicts?.checked_by
    return [
      localText(panel.name, language),
      String(panel.planned),
      present === undefined ? NO_VALUE : String(present),
      panel.quorum === null ? missing : String(panel.quorum.least),
      panel.conflicts === null
        ? missing
        : checked
          ? localText(checked, language)
          : ruleWords(panel.conflicts.declared ? 'declared' : 'yes', language),
      panel.blinding === null ? missing : ruleWords(`names_${panel.blinding.team_names}`, language),
    ]
  })
  return html`<h3>${ruleWords('panels', language)}</h3>
${cardTable({ caption: ruleWords('panels_caption', language), columns }, rows)}`
}

/** Notes of the computation, alike ones on one line; assumptions stand with the bases below. */
function notesBlock(context: RoundContext): Html | null {
  const { view, language } = context
  if (view.notes.state !== 'shown') return null
  const notes = view.notes.value.filter((note) => !note.startsWith('assumption ('))
  const late = match(
    notes,
    /^the rule "(.+)" was published on (\S+), after scoring began on (\S+)$/,
  )
  const never = match(notes, /^the rule "(.+)" was never published$/)
  const quorums = match(notes, /^no quorum was published for the panel "(.+)"$/)
  const grouped = new Set([...late, ...never, ...quorums].map(([note]) => note))
  const rest = notes.filter((note) => !grouped.has(note))
  const names = (found: readonly string[][]) =>
    found.map(([, where = '']) => whereText(where, context)).join(', ')
  const lines: HtmlValue[] = [
    late.length > 0
      ? ruleWords('late_rules', language, {
          day: late[0]?.[3] ?? '',
          rules: late
            .map(([, where = '', on = '']) => `${whereText(where, context)} (${on})`)
            .join(', '),
        })
      : null,
    never.length > 0 ? ruleWords('never_rules', language, { rules: names(never) }) : null,
    quorums.length > 0
      ? ruleWords('no_quorums', language, {
          panels: quorums.map(([, panel = '']) => panelName(panel, context)).join(', '),
        })
      : null,
    ...rest.map((note) =>
      language === 'ko' ? localText(koreanNote(note) ?? note, 'ko') : html`${note}`,
    ),
  ].filter((line) => line !== null)
  if (lines.length === 0) return null
  return html`<h3>${ruleWords('notes', language)}</h3>${listOf(lines, 'plain')}`
}

const match = (notes: readonly string[], pattern: RegExp): string[][] =>
  notes.flatMap((note) => {
    const found = pattern.exec(note)
    return found ? [[...found]] : []
  })

const BASIS_TONES = { official: 'none', press: 'open', assumption: 'caution' } as const

function basisBlock(plan: Plan, context: RoundContext): Html | null {
  const { language } = context
  const bases = basesOf(plan)
  if (bases.length === 0) return null
  const lines = bases.map(({ where, basis }) => {
    const source =
      basis.source === null ? null : html` <span class="who">${address(basis.source)}</span>`
    return html`${chip(BASIS_TONES[basis.status], ruleWords(basis.status, language))} ${whereText(where, context)}: ${localText(basis.says, language)}${source}`
  })
  return html`<details class="numbers"><summary>${ruleWords('basis', language)}</summary><div class="basis">${listOf(lines, 'plain')}</div></details>`
}

const PLACES = {
  plan: 'place_plan',
  rounding: 'place_rounding',
  gate: 'place_gate',
  advancement: 'place_advancement',
  recruitment: 'place_recruitment',
  objections: 'place_objections',
  'disclosure to public': 'place_public',
  'disclosure to team': 'place_team',
  'disclosure to panel': 'place_panel',
} as const

/** A place of the plan by its name: a part, a panel, or one of the rules beside them. */
function whereText(where: string, context: RoundContext): string {
  if (Object.hasOwn(PLACES, where)) {
    return ruleWords(PLACES[where as keyof typeof PLACES], context.language)
  }
  const part = partName(where, context)
  return part === where ? panelName(where, context) : part
}
