import type { RoundView } from '../../round/disclosure/view.ts'
import { type Html, type HtmlValue, html } from '../html/markup.ts'
import { renderPage } from '../html/page.ts'
import type { Language } from '../messages/language.ts'
import { visibleWithin } from '../visible.ts'
import { alternativesSection } from './alternatives-section.ts'
import { certaintySection } from './certainty-section.ts'
import { certaintyWords } from './certainty-words.ts'
import { decisionSection, objectionsSection } from './decision-section.ts'
import { docketWords } from './docket-words.ts'
import { gateSection } from './gate-section.ts'
import { headlineSection } from './headline-section.ts'
import { nextStageSection, recruitmentSection } from './next-stage-section.ts'
import { contextOf, localText, type RoundContext, teamName, textOf, time } from './pieces.ts'
import { checkSection } from './record-section.ts'
import { ROUND_STYLE } from './round-style.ts'
import { roundWords } from './round-words.ts'
import { ruleWords } from './rule-words.ts'
import { rulesSection } from './rules-section.ts'
import { figuresSection, scoresSection } from './score-sections.ts'
import { tracesSection } from './trace-section.ts'

export type RoundHtmlOptions = {
  /** The language shown first; the file holds both. */
  readonly language: Language
}

/**
 * One edition of a stage as one self-contained HTML document in both languages. It is made from a
 * view, so that nothing can stand on the page that the audience may not see.
 */
export function renderRoundHtml(view: RoundView, options: RoundHtmlOptions): string {
  const { language } = options
  const title = (['ko', 'en'] as const).map((one) =>
    visibleWithin(`${textOf(view.stage.name, one)} ${roundWords('title', one)}`, 90),
  )
  return renderPage({ language, title: title.join(' | '), style: ROUND_STYLE }, (shown) => {
    const context = contextOf(view, shown)
    const sections = bodySections(context)
    return html`${masthead(context)}
${simulatedBanner(context)}
${headlineSection(context)}
${contents(sections, context)}
${sections.map((entry) => entry.body)}
<p class="footer">${roundWords('footer', shown)}</p>`
  })
}

type Entry = { readonly id: string; readonly title: string; readonly body: HtmlValue }

/** The sections that this edition has, in reading order. */
function bodySections(context: RoundContext): Entry[] {
  const { language } = context
  const entry = (id: string, title: string, body: HtmlValue): Entry[] =>
    body === null ? [] : [{ id, title, body }]
  return [
    ...entry('totals', roundWords('totals', language), scoresSection(context)),
    ...entry('decision', docketWords('decision', language), decisionSection(context)),
    ...entry('gate', docketWords('gate', language), gateSection(context)),
    ...entry('objections', docketWords('objections', language), objectionsSection(context)),
    ...entry('recruitment', docketWords('recruitment', language), recruitmentSection(context)),
    ...entry('next', docketWords('next_stage', language), nextStageSection(context)),
    ...entry('certainty', certaintyWords('title', language), certaintySection(context)),
    ...entry(
      'alternatives',
      certaintyWords('alternatives', language),
      alternativesSection(context),
    ),
    ...entry('traces', ruleWords('traces', language), tracesSection(context)),
    ...entry('figures', roundWords('figures', language), figuresSection(context)),
    ...entry('rules', ruleWords('rules', language), rulesSection(context)),
    ...entry('recheck', ruleWords('check', language), checkSection(context)),
  ]
}

function masthead(context: RoundContext): Html {
  const { language, view } = context
  const seal = view.seals.at(-1)
  const facts: [string, HtmlValue][] = [
    [roundWords('owner', language), localText(view.programme.owner, language)],
    [roundWords('edition', language), edition(context)],
    [roundWords('as_of', language), time(view.asOf, language)],
    [
      roundWords('sealed_plan', language),
      html`<code class="digest">${view.commitment.planDigest}</code>${seal ? html`<small>${roundWords('sealed_on', language)} ${time(seal.time, language)}</small>` : null}`,
    ],
  ]
  return html`<header class="masthead"><p class="who">${localText(view.programme.name, language)}</p>
<h1>${localText(view.stage.name, language)} ${roundWords('title', language)}</h1>
<dl class="facts-list">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl></header>`
}

function edition(context: RoundContext): HtmlValue {
  const { language, view } = context
  const { audience } = view
  if (audience.kind === 'team') {
    return roundWords('page_for_team', language, { team: teamName(audience.team, context) })
  }
  return roundWords(`page_for_${audience.kind}`, language)
}

/** What is simulated and what is retold, before anything else is read. */
function simulatedBanner(context: RoundContext): HtmlValue {
  const { language, view, prefix } = context
  const decisions = view.docket.decisions
  const retold =
    decisions.state === 'shown' && decisions.value.some((one) => one.body.retold !== null)
      ? html`<p>${roundWords('retold_text', language)}</p>`
      : null
  if (view.simulated.length === 0) {
    return retold
      ? html`<aside class="banner" aria-label="${roundWords('retold', language)}">${retold}</aside>`
      : null
  }
  const id = `${prefix}-simulated`
  return html`<aside class="banner" aria-labelledby="${id}"><h2 id="${id}">${roundWords('simulated_title', language)}</h2><p>${roundWords('simulated_text', language)}</p>${retold}</aside>`
}

function contents(entries: readonly Entry[], { language, prefix }: RoundContext): Html {
  const label = roundWords('contents', language)
  return html`<nav class="contents" aria-label="${label}"><ol>${entries.map(
    (entry) => html`<li><a href="#${prefix}-${entry.id}">${entry.title}</a></li>`,
  )}</ol></nav>`
}
