import type { PlanJudgement } from '../../round/check/judgement.ts'
import { leavesOf, type Plan } from '../../round/plan/plan.ts'
import type { Language } from '../messages/language.ts'
import { formatFraction } from '../messages/quantity.ts'
import { type Style, styleFor } from '../terminal/style.ts'
import { type Column, renderTable } from '../terminal/table.ts'
import { wrapToWidth } from '../terminal/width.ts'
import { visibleWithin } from '../visible.ts'
import { CHECK_WORDS, type CheckWords } from './check-page-words.ts'
import {
  findingText,
  formatPoints,
  GRAVITY_WORDS,
  localised,
  panelName,
  partName,
} from './check-words.ts'

export type PlanCheckLook = {
  readonly language: Language
  readonly color: boolean
  readonly width: number
}

type Context = PlanCheckLook & {
  readonly judgement: PlanJudgement
  readonly plan: Plan
  readonly words: CheckWords
  readonly style: Style
}

/** The judgement of a plan as text for a terminal, ending in a line feed. */
export function renderPlanCheck(judgement: PlanJudgement, plan: Plan, look: PlanCheckLook): string {
  const words = CHECK_WORDS[look.language]
  const context: Context = { ...look, judgement, plan, words, style: styleFor(look.color) }
  const blocks = [
    heading(context),
    findings(context),
    partsTable(context),
    separation(context),
    panelsTable(context),
    reducersTable(context),
    assumptions(context),
  ]
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`
}

function heading({ judgement, plan, words, style, language, width }: Context): string[] {
  const names = [plan.programme.name, plan.stage.name].map((name) => localised(name, language))
  const simulated = words.simulated(judgement.rounds, judgement.seed)
  return [
    style.bold(`${words.title}: ${visibleWithin(names.join(' · '), 160)}`),
    ...wrapToWidth(simulated, width),
  ]
}

function findings({ judgement, plan, style, language, width, words }: Context): string[] {
  if (judgement.findings.length === 0) return [words.noFindings]
  const paint = { serious: style.strong, caution: style.caution, note: style.dim }
  return (['serious', 'caution', 'note'] as const).flatMap((gravity) => {
    const own = judgement.findings.filter((finding) => finding.gravity === gravity)
    if (own.length === 0) return []
    const { mark, name } = GRAVITY_WORDS[gravity]
    const lines = own.flatMap((finding) =>
      hanging(`${mark} `, findingText(finding, plan, language), width),
    )
    return [style.bold(`${name[language]} (${own.length})`), ...lines.map(paint[gravity])]
  })
}

function hanging(mark: string, text: string, width: number): string[] {
  const indent = ' '.repeat(mark.length)
  return wrapToWidth(text, width - mark.length).map((line, i) => (i === 0 ? mark : indent) + line)
}

const right = (title: string): Column => ({ title, align: 'right' })
const left = (title: string): Column => ({ title, align: 'left' })
const range = (low: string, high: string) => `${low}–${high}`

function table(context: Context, columns: readonly Column[], rows: readonly string[][]): string[] {
  const look = { width: context.width, head: context.style.bold }
  return [
    ...renderTable(
      columns,
      rows.map((cells) => ({ cells, paint: (text) => text })),
      look,
    ),
  ]
}

function partsTable(context: Context): string[] {
  const { judgement, plan, words, style, language } = context
  const rows = judgement.parts.map((part) => [
    visibleWithin(partName(plan, part.part, language), 60),
    formatPoints(part.points),
    formatFraction(part.nominal),
    formatFraction(part.effective),
    range(formatFraction(part.low), formatFraction(part.high)),
    range(formatPoints(part.lowest), formatPoints(part.highest)),
    formatFraction(part.reliability),
  ])
  const columns = [
    left(words.part),
    right(words.points),
    right(words.nominal),
    right(words.effective),
    right(words.effectiveRange),
    right(words.reached),
    right(words.reliability),
  ]
  return [
    style.bold(words.weights),
    ...table(context, columns, rows),
    ...wrapToWidth(words.weightsNote, context.width).map(style.dim),
  ]
}

/** True gaps that the terminal shows; the document has them all. */
const SHOWN_GAPS = [0.5, 1, 2, 3, 4, 6, 8, 12]

function separation(context: Context): string[] {
  const { judgement, words, style } = context
  const { noise, detectable, curve } = judgement.separation
  const points = formatPoints(detectable.points)
  const found = detectable.kind === 'found' ? words.detectable(points) : words.beyond(points)
  const rows = curve
    .filter((point) => SHOWN_GAPS.includes(point.gap))
    .map((point) => [
      formatPoints(point.gap),
      formatPoints(point.observed),
      formatFraction(point.behind),
      formatFraction(point.dropped),
      formatFraction(point.power),
    ])
  const { field } = judgement
  return [
    style.bold(words.separation),
    ...wrapToWidth(`${words.noise(formatPoints(noise))} ${found}`, context.width),
    ...table(
      context,
      [words.gap, words.observed, words.behind, words.dropped, words.power].map(right),
      rows,
    ),
    ...wrapToWidth(
      words.field(formatFraction(field.rightSet), formatFraction(field.rightFirst)),
      context.width,
    ),
  ]
}

function panelsTable(context: Context): string[] {
  const { judgement, plan, words, style, language } = context
  if (judgement.conflicts.length === 0) return []
  const rows = judgement.conflicts.map((conflict) => {
    const absence = judgement.absences.find((entry) => entry.panel === conflict.panel)
    const forOne = absence?.forOneTeam
    return [
      visibleWithin(panelName(plan, conflict.panel, language), 60),
      formatPoints(conflict.shift),
      `${formatFraction(conflict.before)} → ${formatFraction(conflict.after)}`,
      absence
        ? `${formatPoints(absence.forAll.noiseBefore)} → ${formatPoints(absence.forAll.noiseAfter)}`
        : words.notSimulated,
      forOne?.kind === 'counted'
        ? `${formatPoints(forOne.shift)}; ${formatFraction(forOne.before)} → ${formatFraction(forOne.after)}`
        : absence
          ? words.refused
          : words.notSimulated,
    ]
  })
  const { favour, referenceGap } = judgement.assumptions
  return [
    style.bold(words.panels),
    ...table(
      context,
      [
        left(words.panel),
        right(words.partialShift),
        right(words.partialDropped),
        right(words.absentAll),
        right(words.absentOne),
      ],
      rows,
    ),
    ...wrapToWidth(
      words.panelsNote(formatFraction(favour), formatPoints(referenceGap)),
      context.width,
    ).map(style.dim),
  ]
}

function reducersTable(context: Context): string[] {
  const { judgement, plan, words, style, language } = context
  if (judgement.reducers.length === 0) return []
  const rows = judgement.reducers.map((entry) => [
    visibleWithin(partName(plan, entry.part, language), 60),
    `${words.rules[entry.rule]}${entry.isPlan ? ` ${words.thePlan}` : ''}`,
    formatPoints(entry.noise),
    formatPoints(entry.shift),
  ])
  return [
    style.bold(words.reducers),
    ...table(
      context,
      [left(words.part), left(words.rule), right(words.reducerNoise), right(words.partialShift)],
      rows,
    ),
  ]
}

function assumptions(context: Context): string[] {
  const { judgement, plan, words, style, language, width } = context
  const { assumptions: all } = judgement
  const parts = leavesOf(plan).flatMap(({ id, measure }) => {
    const own = all.parts[id]
    if (!own) return []
    const text = `${partName(plan, id, language)}: ${words.partAssumptions(own, measure.rows)}`
    return hanging('- ', text, width)
  })
  return [
    style.bold(words.assumptions),
    ...wrapToWidth(words.assumptionsNote, width),
    ...hanging('- ', words.allAssumptions(all), width),
    ...parts,
  ].map((line, i) => (i === 0 ? line : style.dim(line)))
}
