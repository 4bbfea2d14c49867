import type {
  CertaintyWord,
  HeldFixed,
  Interval,
  PairCertainty,
  RankProbabilities,
  SensitivityNote,
} from '../../round/sensitivity/sensitivity.ts'
import { type Html, type HtmlValue, html, listOf } from '../html/markup.ts'
import { cardTable, chip, NO_VALUE, section, type TableColumn } from '../html/parts.ts'
import { type CERTAINTY_WORDS, certaintyWords } from './certainty-words.ts'
import {
  decimal,
  panelName,
  partName,
  percent,
  type RoundContext,
  simulatedTag,
  teamName,
} from './pieces.ts'

/** How sure the order is: rank probabilities, neighbours, and what could not be resampled. */
export function certaintySection(context: RoundContext): Html {
  const { language, view } = context
  const { sensitivity } = view
  const title = certaintyWords('title', language)
  const tag = view.simulated.length > 0 ? simulatedTag(context) : null
  const { rankProbabilities, pairs, draws } = sensitivity
  if (rankProbabilities.state !== 'shown' || pairs.state !== 'shown') {
    const body = html`<p>${certaintyWords('withheld', language)}</p>`
    return section({ ...context, id: 'certainty', title }, body)
  }
  const intro =
    draws.state === 'shown'
      ? certaintyWords('intro', language, { draws: draws.value.used, seed: draws.value.seed })
      : ''
  const body =
    rankProbabilities.value.length === 0
      ? html`<p>${certaintyWords('no_probabilities', language)}</p>`
      : html`<p class="lead">${tag} ${intro}</p>
${ranksTable(rankProbabilities.value, context)}
<p class="table-note">${thresholds(context)}</p>
<h3>${certaintyWords('pairs', language)} ${tag}</h3>
${pairsTable(pairs.value, context)}`
  return section(
    { ...context, id: 'certainty', title },
    html`${body}${listOf(noteLines(context), 'notes')}`,
  )
}

function thresholds({ plan, language }: RoundContext): string {
  if (!plan) return ''
  const { clear, likely } = plan.analysis
  return certaintyWords('words_mean', language, { clear: percent(clear), likely: percent(likely) })
}

function ranksTable(list: readonly RankProbabilities[], context: RoundContext): Html {
  const { language } = context
  const columns: readonly TableColumn[] = [
    { title: certaintyWords('by_score', language) },
    { title: certaintyWords('ranks_caption', language), kind: 'wide' },
    { title: certaintyWords('total_interval', language), kind: 'number' },
    { title: certaintyWords('word', language) },
  ]
  const rows = list.map((entry) => [
    html`${teamName(entry.team, context)}`,
    html`${percent(entry.advancesByScore)}`,
    rankBar(entry, context),
    intervalText(entry.total),
    wordChip(entry.words, context),
  ])
  return cardTable(
    {
      caption: certaintyWords('ranks_caption', language),
      columns: [{ title: certaintyWords('order', language) }, ...columns],
    },
    rows,
  )
}

/** Shades from the deepest for rank 1; ranks beyond share the palest. */
const BAR_STEPS = [7, 5, 3, 2] as const

/** One bar of a hundred: rank 1 deepest, each later rank paler. The same shares stand in words. */
function rankBar(entry: RankProbabilities, context: RoundContext): Html {
  const { language } = context
  const shares = entry.ranks
    .map((share, i) => ({ rank: i + 1, share }))
    .filter(({ share }) => share > 0)
  const said = shares
    .map(({ rank, share }) => `${certaintyWords('rank_n', language, { rank })} ${percent(share)}`)
    .join(', ')
  const title = certaintyWords('bar_title', language, {
    team: teamName(entry.team, context),
    shares: said,
  })
  let x = 0
  const pieces = shares.map(({ rank, share }) => {
    const width = share * 100
    const piece = html`<rect class="step-${BAR_STEPS[rank - 1] ?? 1}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="10"/>`
    x += width
    return piece
  })
  return html`<svg class="bars" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${title}">${pieces}</svg><span class="shares" aria-hidden="true">${said}</span>`
}

function pairsTable(pairs: readonly PairCertainty[], context: RoundContext): Html {
  const { language } = context
  const columns: readonly TableColumn[] = [
    { title: certaintyWords('pairs', language) },
    { title: certaintyWords('difference', language), kind: 'number' },
    { title: certaintyWords('interval', language), kind: 'number' },
    { title: certaintyWords('probability', language), kind: 'number' },
    { title: certaintyWords('word', language) },
  ]
  const rows = pairs.map((pair) => {
    const names = certaintyWords('pair', language, {
      ahead: teamName(pair.ahead, context),
      behind: teamName(pair.behind, context),
    })
    const cut = pair.isCut ? html`<small>${certaintyWords('cut_here', language)}</small>` : null
    return [
      html`${names}${cut}`,
      decimal(pair.gap, 1),
      intervalText(pair.gapInterval),
      percent(pair.probability),
      wordChip(pair.words, context),
    ]
  })
  return cardTable({ caption: certaintyWords('pairs_caption', language), columns }, rows)
}

const intervalText = (interval: Interval): HtmlValue =>
  interval.kind === 'interval'
    ? `${decimal(interval.low, 1)} – ${decimal(interval.high, 1)}`
    : NO_VALUE

const WORD_TONES = { clear: 'none', likely: 'caution', 'not separable': 'open' } as const

export function wordChip(word: CertaintyWord, { language }: RoundContext): Html {
  const key = word === 'not separable' ? 'not_separable' : word
  return chip(WORD_TONES[word], certaintyWords(key, language))
}

function noteLines(context: RoundContext): HtmlValue[] {
  const { notes } = context.view.sensitivity
  if (notes.state !== 'shown') return []
  return [...new Set(notes.value.map((note) => noteText(note, context)))].map(
    (text) => html`${text}`,
  )
}

const heldKey = (reason: HeldFixed): keyof typeof CERTAINTY_WORDS => `held_${reason}`

function noteText(note: SensitivityNote, context: RoundContext): string {
  const { language } = context
  switch (note.code) {
    case 'held_fixed':
      return certaintyWords('note_held_fixed', language, {
        part: partName(note.part, context),
        why: certaintyWords(heldKey(note.reason), language),
      })
    case 'some_strata_fixed':
      return certaintyWords('note_some_strata_fixed', language, {
        part: partName(note.part, context),
        strata: note.strata,
      })
    case 'few_units':
      return certaintyWords('note_few_units', language, {
        part: partName(note.part, context),
        units: note.units,
      })
    case 'capped_at_likely':
      return certaintyWords('note_capped_at_likely', language, { points: note.points })
    case 'gate_undecided_taken_as_passed':
      return certaintyWords('note_gate_taken', language, { team: teamName(note.team, context) })
    case 'no_rank_probabilities':
      return `${certaintyWords('no_probabilities', language)} ${certaintyWords(`gap_${note.reason}`, language)}`
    case 'draws_discarded':
      return certaintyWords('note_discarded', language, { share: note.share })
    case 'panellists_too_many_to_leave_out':
      return certaintyWords('note_too_many', language, { panel: panelName(note.panel, context) })
    case 'swap_before_rounding':
      return certaintyWords('note_before_rounding', language)
  }
}

/** Agreement of each panel, where this edition shows it. */
export function agreementBlock(context: RoundContext): Html | null {
  const { language, view } = context
  const { panels } = view.sensitivity
  if (panels.state !== 'shown' || panels.value.length === 0) return null
  const columns: readonly TableColumn[] = [
    { title: certaintyWords('agreement', language) },
    { title: certaintyWords('panellists', language), kind: 'number' },
    { title: certaintyWords('alpha', language), kind: 'number' },
    { title: certaintyWords('interval', language), kind: 'number' },
  ]
  const rows = panels.value.flatMap((panel) => {
    const whole = panel.agreement.find((entry) => entry.criterion === undefined)
    const measured = whole?.result.kind === 'measured' ? whole.result : undefined
    return [
      [
        html`${panelName(panel.panel, context)}<small>${partName(panel.part, context)}</small>`,
        String(panel.panellists),
        measured ? decimal(measured.alpha, 2) : NO_VALUE,
        measured?.interval
          ? `${decimal(measured.interval.low, 2)} – ${decimal(measured.interval.high, 2)}`
          : NO_VALUE,
      ],
    ]
  })
  return html`<h3>${certaintyWords('agreement', language)}${view.simulated.length > 0 ? simulatedTag(context) : null}</h3>
${cardTable({ caption: certaintyWords('agreement_caption', language), columns }, rows)}
<p class="table-note">${certaintyWords('alpha_note', language)}</p>`
}
