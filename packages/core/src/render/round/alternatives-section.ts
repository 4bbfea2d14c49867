import type { AlternativeView } from '../../round/disclosure/sensitivity-view.ts'
import type {
  Contestant,
  EffectiveWeight,
  LeaveOneOut,
  WeightSwap,
} from '../../round/sensitivity/sensitivity.ts'
import { type Html, type HtmlValue, html, listOf } from '../html/markup.ts'
import { cardTable, chip, NO_VALUE, section, type TableColumn } from '../html/parts.ts'
import { formatFraction } from '../messages/quantity.ts'
import { agreementBlock } from './certainty-section.ts'
import { certaintyWords } from './certainty-words.ts'
import {
  decimal,
  localText,
  panelName,
  partName,
  type RoundContext,
  simulatedTag,
  teamName,
} from './pieces.ts'
import { roundWords } from './round-words.ts'

/** What other rules, other points and one thing less would have given. */
export function alternativesSection(context: RoundContext): Html | null {
  const { language, view } = context
  const { alternatives } = view.sensitivity
  if (alternatives.state !== 'shown') return null
  const tag = view.simulated.length > 0 ? simulatedTag(context) : null
  return section(
    { ...context, id: 'alternatives', title: certaintyWords('alternatives', language) },
    html`<p class="lead">${tag} ${certaintyWords('alternatives_intro', language)}</p>
${alternativesTable(alternatives.value, context)}
${swapsBlock(context)}
${effectiveBlock(context)}
${leaveOneOutBlock(context)}
${agreementBlock(context)}`,
  )
}

function alternativesTable(list: readonly AlternativeView[], context: RoundContext): HtmlValue {
  const { language, plan } = context
  if (list.length === 0) return html`<p>${certaintyWords('no_alternatives', language)}</p>`
  const columns: readonly TableColumn[] = [
    { title: certaintyWords('rule', language) },
    { title: certaintyWords('effect', language) },
    { title: certaintyWords('order', language), kind: 'wide' },
  ]
  const rows = list.map((entry) => {
    const name = plan?.alternatives.find((one) => one.id === entry.rule)?.name ?? entry.rule
    return [localText(name, language), effectCell(entry, context), orderCell(entry, context)]
  })
  return cardTable({ caption: certaintyWords('alternatives_caption', language), columns }, rows)
}

function effectCell(entry: AlternativeView, context: RoundContext): Html {
  const { language } = context
  const { advances } = entry
  const isOpen = advances.state === 'shown' && advances.value.open.length > 0
  const word = entry.changesDecision ? 'other' : isOpen ? 'unknown_effect' : 'same'
  const tone = entry.changesDecision ? 'caution' : isOpen ? 'open' : 'none'
  if (advances.state !== 'shown') return chip(tone, certaintyWords(word, language))
  const { enters, leaves, open } = advances.value
  const names = (teams: readonly string[]) =>
    teams.map((team) => teamName(team, context)).join(', ')
  const lines = [
    enters.length > 0 ? certaintyWords('enters', language, { teams: names(enters) }) : null,
    leaves.length > 0 ? certaintyWords('leaves', language, { teams: names(leaves) }) : null,
    open.length > 0 ? certaintyWords('open_for', language, { teams: names(open) }) : null,
  ].filter((line) => line !== null)
  return html`${chip(tone, certaintyWords(word, language))}${lines.map((line) => html`<small>${line}</small>`)}`
}

function orderCell(entry: AlternativeView, context: RoundContext): HtmlValue {
  const { ranking, totals } = entry
  if (ranking.state !== 'shown' || ranking.value.length === 0) return NO_VALUE
  const known = totals.state === 'shown' ? totals.value : {}
  return html`${ranking.value.map((team, i) => {
    const total = known[team]
    const points = total ? html` <span class="who">${total}</span>` : null
    return html`${i === 0 ? '' : ' > '}${teamName(team, context)}${points}`
  })}`
}

const tagOf = (context: RoundContext): Html | null =>
  context.view.simulated.length > 0 ? simulatedTag(context) : null

function swapsBlock(context: RoundContext): Html | null {
  const { language, view } = context
  const { weightSwaps, weightSpace } = view.sensitivity
  if (weightSwaps.state !== 'shown') return null
  const spaces =
    weightSpace.state === 'shown'
      ? weightSpace.value.map(({ range, sameSet }) =>
          certaintyWords(range === 'any' ? 'space_any' : 'space_near', language, {
            share: sameSet,
          }),
        )
      : []
  const swaps = weightSwaps.value.filter((swap) => swap.kind !== 'none')
  // A change of more than half of all points is not a neighbouring rule but another evaluation.
  const near = swaps.filter((swap) => Math.abs(swap.points) <= view.points / 2)
  const list = near.map((swap) => {
    const place = certaintyWords(swap.at === 'cut' ? 'at_cut' : 'at_first', language)
    return html`${swapText(swap, context)} <span class="who">(${place})</span>`
  })
  const far = swaps.length - near.length
  const rest =
    far > 0 ? certaintyWords(near.length > 0 ? 'swaps_far' : 'swaps_only_far', language) : null
  const none = swaps.length === 0 ? certaintyWords('swaps_none', language) : null
  const lines = [...list, ...[rest, none, ...spaces].filter((line) => line !== null)]
  return html`<h3>${certaintyWords('swaps', language)} ${tagOf(context)}</h3>
<p class="lead">${certaintyWords('swaps_intro', language)}</p>
${listOf(lines, 'plain')}`
}

function swapText(swap: WeightSwap, context: RoundContext): string {
  const { language } = context
  const teams = {
    overtakes: contestant(swap.overtakes, context),
    passed: contestant(swap.passed, context),
  }
  if (swap.kind === 'none') return certaintyWords('swap_none', language, teams)
  const points = decimal(Math.abs(swap.points), 1)
  if (swap.kind === 'between') {
    const [from, to] = [partName(swap.from, context), partName(swap.to, context)]
    return certaintyWords('swap_between', language, { ...teams, from, to, points })
  }
  const key = swap.points < 0 ? 'swap_others_less' : 'swap_others_more'
  return certaintyWords(key, language, { ...teams, part: partName(swap.part, context), points })
}

function contestant(one: Contestant, context: RoundContext): string {
  if (one.kind === 'team') return teamName(one.team, context)
  return certaintyWords('threshold', context.language, { points: String(one.points) })
}

function effectiveBlock(context: RoundContext): Html | null {
  const { language, view } = context
  const { effectiveWeights } = view.sensitivity
  if (effectiveWeights.state !== 'shown' || effectiveWeights.value.length === 0) return null
  const columns: readonly TableColumn[] = [
    { title: roundWords('part', language) },
    { title: certaintyWords('nominal', language), kind: 'number' },
    { title: certaintyWords('effective_share', language), kind: 'number' },
  ]
  const row = (entry: EffectiveWeight) => [
    html`<span class="${entry.level === 'measured' ? 'level-1' : ''}">${partName(entry.part, context)}</span>`,
    formatFraction(entry.nominal),
    entry.effective === undefined ? NO_VALUE : formatFraction(entry.effective),
  ]
  const top = effectiveWeights.value.filter((entry) => entry.level === 'top')
  return html`<h3>${certaintyWords('effective', language)} ${tagOf(context)}</h3>
<p class="lead">${certaintyWords('effective_intro', language)}</p>
${cardTable({ caption: certaintyWords('effective_caption', language), columns }, top.map(row))}`
}

function leaveOneOutBlock(context: RoundContext): Html | null {
  const { language, view } = context
  const { leaveOneOut } = view.sensitivity
  if (leaveOneOut.state !== 'shown' || leaveOneOut.value.length === 0) return null
  const anyCase = leaveOneOut.value.some((entry) => entry.cases.some(changesAdvancing))
  const columns: readonly TableColumn[] = [
    { title: certaintyWords('kind', language) },
    { title: certaintyWords('tried', language), kind: 'number' },
    { title: certaintyWords('change_order', language), kind: 'number' },
    { title: certaintyWords('change_advancing', language), kind: 'number' },
    ...(anyCase ? [{ title: certaintyWords('cases', language), kind: 'wide' as const }] : []),
  ]
  const rows = leaveOneOut.value.map((entry) => [
    html`${certaintyWords(`kind_${entry.kind}`, language)}<small>${whereOf(entry, context)}</small>`,
    String(entry.tried),
    String(entry.changeRanking),
    String(entry.changeAdvancing),
    ...(anyCase ? [casesCell(entry, context)] : []),
  ])
  return html`<h3>${certaintyWords('left_out', language)} ${tagOf(context)}</h3>
${cardTable({ caption: certaintyWords('left_out_caption', language), columns }, rows)}`
}

function whereOf(entry: LeaveOneOut, context: RoundContext): string {
  if (entry.kind === 'part') return ''
  const ofPanel = entry.kind === 'panellist' || entry.kind === 'group'
  return ofPanel ? panelName(entry.of, context) : partName(entry.of, context)
}

const CASES_SHOWN = 3

const changesAdvancing = (one: LeaveOneOut['cases'][number]): boolean =>
  one.enters.length + one.leaves.length > 0

function casesCell(entry: LeaveOneOut, context: RoundContext): HtmlValue {
  const { language } = context
  const changing = entry.cases.filter(changesAdvancing)
  if (changing.length === 0) return NO_VALUE
  const names = (teams: readonly string[]) =>
    teams.map((team) => teamName(team, context)).join(', ')
  const lines = changing.slice(0, CASES_SHOWN).map((one) => {
    const label = entry.kind === 'part' ? partName(one.label, context) : one.label
    const parts = [
      one.enters.length > 0 ? certaintyWords('enters', language, { teams: names(one.enters) }) : '',
      one.leaves.length > 0 ? certaintyWords('leaves', language, { teams: names(one.leaves) }) : '',
    ].filter((text) => text !== '')
    return html`${label}: ${parts.join(', ')}`
  })
  const rest = changing.length - lines.length
  return html`${listOf(lines, 'plain')}${rest > 0 ? html`<small>+${rest}</small>` : null}`
}
