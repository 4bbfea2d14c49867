import type { PublishedFigure, RoundView } from '../../round/disclosure/view.ts'
import { type Html, type HtmlValue, html, listOf } from '../html/markup.ts'
import { cardTable, chip, section, type TableColumn } from '../html/parts.ts'
import {
  address,
  figure,
  isSimulated,
  localText,
  partName,
  type RoundContext,
  reasonText,
  shownOr,
  tagIf,
  teamName,
  withheld,
} from './pieces.ts'
import { roundWords } from './round-words.ts'

type Team = RoundView['teams'][number]

/** The table of scores, or why there is none in this edition. */
export function scoresSection(context: RoundContext): Html {
  const { language, view } = context
  const anyScore = view.teams.some(
    (team) =>
      team.total.state === 'shown' || team.parts.some((part) => part.score.state === 'shown'),
  )
  const intro = roundWords('totals_intro', language, { points: String(view.points) })
  const isTraced = view.teams.some((team) => team.totalTrace.state === 'shown')
  const traced = isTraced ? html` ${roundWords('totals_traced', language)}` : null
  const order =
    view.ranking.state === 'shown' && view.ranking.value.length > 0
      ? null
      : html` ${roundWords('totals_order_plan', language)}`
  const body = anyScore
    ? html`<p class="lead">${intro}${traced}${order}</p>${scoreTable(context)}`
    : html`<p>${roundWords('withheld_all', language)}</p>${resultTable(context)}`
  return section(
    { ...context, id: 'totals', title: roundWords('totals', language) },
    html`${body}
${aggregates(context)}`,
  )
}

function inOrder(view: RoundView): readonly Team[] {
  if (view.ranking.state !== 'shown') return view.teams
  const order = view.ranking.value
  const place = (team: Team) => {
    const at = order.indexOf(team.team)
    return at < 0 ? order.length : at
  }
  return [...view.teams].sort((a, b) => place(a) - place(b))
}

function scoreTable(context: RoundContext): Html {
  const { language, view } = context
  const parts = view.teams[0]?.parts ?? []
  const columns: readonly TableColumn[] = [
    { title: roundWords('team', language) },
    { title: roundWords('rank', language) },
    ...parts.map((part) => ({
      title: html`${partName(part.part, context)} ${part.points}${tagIf(isSimulated(part.part, context), context)}`,
      kind: 'number' as const,
    })),
    {
      title: html`${roundWords('total', language)} ${view.points}${tagIf(isSimulated('total', context), context)}`,
      kind: 'number',
    },
    { title: roundWords('gate', language) },
    { title: roundWords('result', language) },
  ]
  const rows = inOrder(view).map((team) => [
    teamCell(team, context),
    rankCell(team, context),
    ...team.parts.map((part) =>
      shownOr(part.score, context, (value) => figure(value, part.part, context)),
    ),
    shownOr(team.total, context, (value) => html`<b>${figure(value, 'total', context)}</b>`),
    gateCell(team, context),
    resultCell(team, context),
  ])
  return cardTable({ caption: roundWords('totals_caption', language), columns }, rows)
}

/** Without scores: team, gate and result alone. */
function resultTable(context: RoundContext): Html {
  const { language, view } = context
  const columns: readonly TableColumn[] = [
    { title: roundWords('team', language) },
    { title: roundWords('total', language) },
    { title: roundWords('gate', language) },
    { title: roundWords('result', language) },
  ]
  const rows = view.teams.map((team) => [
    teamCell(team, context),
    withheld(context),
    gateCell(team, context),
    resultCell(team, context),
  ])
  return cardTable({ caption: roundWords('totals_caption', language), columns }, rows)
}

function teamCell(team: Team, context: RoundContext): Html {
  const model = team.model ? html`<small>${localText(team.model, context.language)}</small>` : null
  return html`${teamName(team.team, context)}${model}`
}

/** A rank, or the range that published figures leave open. */
const rankCell = (team: Team, context: RoundContext): HtmlValue =>
  shownOr(team.rank, context, (rank) => {
    if (rank.kind === 'known') return html`<span class="rank">${rank.value}</span>`
    const { language } = context
    const range = /^between (\d+) and (\d+):/.exec(rank.reason)
    if (!range) return html`<span class="unknown">${reasonText(rank.reason, language)}</span>`
    const between = roundWords('range', language, { least: range[1] ?? '', most: range[2] ?? '' })
    return html`<span class="unknown">${roundWords('not_published', language)}</span><small>${between}</small>`
  })

const GATE_TONES = { passes: 'none', excluded: 'strong', undecided: 'open', none: 'open' } as const

export const gateCell = (team: Team, context: RoundContext): HtmlValue =>
  shownOr(team.gate, context, (gate) =>
    chip(GATE_TONES[gate], roundWords(`gate_${gate}`, context.language)),
  )

export const resultCell = (team: Team, context: RoundContext): HtmlValue =>
  shownOr(team.advances, context, (advances) => {
    const { language } = context
    if (advances.kind === 'open') {
      return html`${chip('open', roundWords('undecided', language))}<small>${reasonText(advances.reason, language)}</small>`
    }
    return advances.value
      ? chip('none', roundWords('advances', language))
      : chip('strong', roundWords('leaves', language))
  })

/** Best, mean and gap where this edition shows any of them. */
function aggregates(context: RoundContext): Html | null {
  const { language, view } = context
  const shown = view.aggregates.filter((entry) =>
    [entry.best, entry.mean, entry.gap].some((value) => value.state === 'shown'),
  )
  if (shown.length === 0) return null
  const has = (key: 'best' | 'mean' | 'gap') => shown.some((entry) => entry[key].state === 'shown')
  const columns: readonly TableColumn[] = [
    { title: roundWords('part', language) },
    ...(['best', 'mean', 'gap'] as const)
      .filter(has)
      .map((key) => ({ title: roundWords(key, language), kind: 'number' as const })),
  ]
  const rows = shown.map((entry) => {
    const holders = entry.bestTeams.state === 'shown' ? entry.bestTeams.value : []
    const who =
      holders.length === 0
        ? null
        : html`<small>${holders.map((team) => teamName(team, context)).join(', ')}</small>`
    return [
      partName(entry.part, context),
      ...(['best', 'mean', 'gap'] as const).filter(has).map((key) =>
        shownOr(entry[key], context, (value) => {
          const known = value.kind !== 'unknown'
          const shown = figure(value, entry.part, { ...context, tagged: true })
          return html`${shown}${key === 'best' && known ? who : null}`
        }),
      ),
    ]
  })
  return html`<h3>${roundWords('aggregates', language)}</h3>
${cardTable({ caption: roundWords('aggregates_caption', language), columns }, rows)}`
}

/** Every published figure beside what this computation gives. */
export function figuresSection(context: RoundContext): Html | null {
  const { language, view } = context
  if (view.figures.length === 0) return null
  const columns: readonly TableColumn[] = [
    { title: roundWords('part', language) },
    { title: roundWords('statistic', language) },
    { title: roundWords('published_value', language), kind: 'number' },
    { title: roundWords('agreement', language) },
    { title: roundWords('source', language), kind: 'wide' },
  ]
  const rows = view.figures.map((entry) => figureRow(entry, context))
  const clash = view.contradiction
    ? html`<p class="callout">${roundWords('contradiction', language)} ${view.contradiction.map((entry) => `${partName(entry.part, context)} ${roundWords(`stat_${entry.statistic}`, language)}`).join(', ')}</p>`
    : null
  return section(
    { ...context, id: 'figures', title: roundWords('figures', language) },
    html`<p class="lead">${roundWords('figures_intro', language)}</p>${clash}
${cardTable({ caption: roundWords('figures_caption', language), columns }, rows)}`,
  )
}

const FIGURE_TONES = { agrees: 'none', contradicts: 'strong', not_checkable: 'open' } as const

function figureRow(entry: PublishedFigure, context: RoundContext): HtmlValue[] {
  const { language } = context
  const teams = entry.teams.map((team) => teamName(team, context)).join(', ')
  const computed =
    entry.computed.state === 'shown' && entry.computed.value && entry.verdict === 'contradicts'
      ? html`<small>${entry.computed.value}</small>`
      : null
  return [
    partName(entry.part, context),
    html`${roundWords(`stat_${entry.statistic}`, language)}${teams === '' ? null : html`<small>${teams}</small>`}`,
    entry.value ?? '-',
    html`${chip(FIGURE_TONES[entry.verdict], roundWords(entry.verdict, language))}${computed}`,
    address(entry.source),
  ]
}

export const plainList = (items: readonly HtmlValue[]): Html | null => listOf(items, 'plain')
