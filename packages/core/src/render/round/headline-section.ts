import type { RoundView } from '../../round/disclosure/view.ts'
import { type Html, type HtmlValue, html, listOf } from '../html/markup.ts'
import { certaintyWords } from './certainty-words.ts'
import { percent, type RoundContext, simulatedTag, teamList, teamName } from './pieces.ts'
import { roundWords } from './round-words.ts'

/** The first block: who goes on, who does not and why, in plain words. */
export function headlineSection(context: RoundContext): Html {
  const { language, prefix, view } = context
  const id = `${prefix}-conclusion`
  const limits = [
    view.sensitivity.advancingSet.state === 'shown' ? 'limit_certainty' : null,
    view.teams.some((team) => team.gate.state === 'shown' && team.gate.value !== 'none')
      ? 'limit_gate'
      : null,
  ] as const
  const shown = limits.filter((key) => key !== null)
  const limitsBlock =
    shown.length === 0
      ? null
      : html`<div class="limits"><h3>${roundWords('what_it_leaves_open', language)}</h3>${shown.map((key) => html`<p>${roundWords(key, language)}</p>`)}</div>`
  return html`<section class="conclusion ${toneOf(view)}" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${roundWords('conclusion', language)}</h2>
<p class="statement">${statement(context)}</p>
${listOf(lines(context), 'outcome')}
${limitsBlock}</section>
`
}

const toneOf = (view: RoundView): string =>
  view.teams.some((team) => team.gate.state === 'shown' && team.gate.value === 'excluded')
    ? 'strong'
    : 'none'

/** One sentence: who advances, by the decision on record or by the rules as they stand. */
export function statement(context: RoundContext): string {
  const { view, language } = context
  if (view.teams.every((team) => team.advances.state !== 'shown')) {
    return roundWords('result_withheld', language)
  }
  const decided = decisionOf(view)
  if (decided) {
    const teams = decided.body.advances.map((entry) => entry.team)
    if (teams.length === 0) return roundWords('nobody_advances', language)
    const key = teams.length === 1 ? 'advance_one' : 'advance'
    return roundWords(key, language, { teams: teamList(teams, context) })
  }
  const known = view.teams.every(
    ({ advances }) => advances.state === 'shown' && advances.value.kind === 'known',
  )
  if (!known) return roundWords('open_result', language)
  const teams = view.teams.filter(isAdvancing).map((team) => team.team)
  return teams.length === 0
    ? roundWords('nobody_advances', language)
    : roundWords('would_advance', language, { teams: teamList(teams, context) })
}

export const isAdvancing = ({ advances }: RoundView['teams'][number]): boolean =>
  advances.state === 'shown' && advances.value.kind === 'known' && advances.value.value

export function decisionOf(view: RoundView) {
  const { decisions } = view.docket
  return decisions.state === 'shown' ? decisions.value.at(-1) : undefined
}

function lines(context: RoundContext): HtmlValue[] {
  return [...leavingLines(context), ...placeLines(context), ...certaintyLine(context)]
}

/** Those who do not go on, and whether score or gate is the ground. */
function leavingLines(context: RoundContext): HtmlValue[] {
  const { view, language } = context
  return view.teams.flatMap((team): HtmlValue[] => {
    const { advances, advancesByScore, gate } = team
    if (advances.state !== 'shown' || advances.value.kind !== 'known' || advances.value.value)
      return []
    const isExcluded = gate.state === 'shown' && gate.value === 'excluded'
    const byScore =
      advancesByScore.state === 'shown' && advancesByScore.value.kind === 'known'
        ? advancesByScore.value.value
        : undefined
    const key = !isExcluded
      ? 'out_by_score'
      : byScore === undefined
        ? 'out_by_gate_only'
        : byScore
          ? 'out_by_gate'
          : 'out_by_both'
    return [html`${roundWords(key, language, { team: teamName(team.team, context) })}`]
  })
}

function placeLines(context: RoundContext): HtmlValue[] {
  const { view, language } = context
  const { openPlaces, docket } = view
  if (openPlaces.state !== 'shown' || openPlaces.value.kind !== 'known') return []
  const places = openPlaces.value.value
  if (places === 0) return []
  const recruits =
    docket.recruits.state === 'shown'
      ? docket.recruits.value
          .filter((item) => item.replacedBy === null)
          .flatMap((item) => item.body.selected.map((entry) => entry.team))
      : []
  const open = roundWords('places_open', language, { places })
  if (recruits.length === 0) return [html`${open}`]
  const filled = roundWords('places_filled', language, {
    teams: teamList(recruits, context),
    n: recruits.length,
  })
  return [html`${open} ${filled}`]
}

function certaintyLine(context: RoundContext): HtmlValue[] {
  const { view, language } = context
  const { advancingSet } = view.sensitivity
  if (advancingSet.state !== 'shown' || advancingSet.value.kind !== 'measured') return []
  const { words, probability } = advancingSet.value
  const key = words === 'not separable' ? 'not_separable' : words
  const line = roundWords('certainty_line', language, {
    word: certaintyWords(key, language),
    percent: percent(probability),
  })
  const simulated =
    view.simulated.length > 0
      ? html` ${simulatedTag(context)} <span class="who">${roundWords('certainty_simulated', language)}</span>`
      : null
  const { plan } = context
  const isCapped = words === 'likely' && plan !== undefined && probability >= plan.analysis.clear
  const capped = isCapped
    ? html` <span class="who">${roundWords('certainty_capped', language)}</span>`
    : null
  return [html`${line}${capped}${simulated}`]
}
