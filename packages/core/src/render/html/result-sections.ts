import { type AuditReport, CRITERIA, type ModelIdentity } from '../../audit/result.ts'
import { type ComponentFinding, type Headline, isRelation } from '../headline.ts'
import { componentMeaning, componentName } from '../messages/components.ts'
import {
  CRITERION_WORDS,
  criterionReasonText,
  OUTCOME_WORDS,
  orderedReasons,
} from '../messages/criteria.ts'
import { pageWords } from '../messages/page-words.ts'
import { formatChance, formatDetectable, formatFraction } from '../messages/quantity.ts'
import { say } from '../messages/report-words.ts'
import { TIER_WORDS } from '../messages/tests.ts'
import { type Html, type HtmlValue, html, listOf } from './markup.ts'
import {
  cardTable,
  NO_VALUE,
  outcomeChip,
  type SectionContext,
  section,
  type TableColumn,
  verdictChip,
} from './parts.ts'
import { name, powers, sentence } from './pieces.ts'

/** What a conclusion states; `because` is a sentence under it. */
type Statement = Headline & { readonly because?: string }

/** The first block: what came out, in plain words, and what that does not say. */
export function conclusion(statement: Statement, tone: string, context: SectionContext): Html {
  const { language, prefix } = context
  const id = `${prefix}-conclusion`
  return html`<section class="conclusion ${tone}" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${pageWords('conclusion', language)}</h2>
<p class="statement">${sentence(statement.title)}</p>
${statement.because === undefined ? null : html`<p>${statement.because}</p>`}
${listOf(
  statement.lines.map(
    (line) => html`${verdictChip(line.verdict, language)} <span>${sentence(line.pieces)}</span>`,
  ),
  'findings',
)}
${
  statement.limits.length === 0
    ? null
    : html`<div class="limits"><h3>${pageWords('what_it_leaves_open', language)}</h3>
${statement.limits.map((pieces) => html`<p>${sentence(pieces)}</p>`)}</div>`
}
</section>
`
}

/** Format, architecture, size: one line about a model. */
export function identityText(model: ModelIdentity, context: SectionContext): string {
  return say('identity', context.language, {
    format: model.format,
    modelType: model.modelType ?? say('unknown_type', context.language),
    parameters: model.parameters,
    layers: model.layerCount,
  })
}

export function criteriaSection(
  criteria: AuditReport['criteria'],
  components: readonly ComponentFinding[],
  context: SectionContext,
): Html {
  const { language } = context
  const columns: readonly TableColumn[] = [
    { title: say('criterion', language) },
    { title: say('outcome', language) },
    { title: pageWords('reasons', language), kind: 'wide' },
  ]
  const rows = CRITERIA.map((criterion) => {
    const { outcome, reasons } = criteria[criterion]
    const words = CRITERION_WORDS[criterion]
    const why = orderedReasons(reasons).map(
      (reason) =>
        html`${sentence(criterionReasonText(reason, language))}${evidencePlace(reason.evidence, components, context)}`,
    )
    return [
      html`${words.name[language]}<small>${words.question[language]}</small>`,
      html`${outcomeChip(outcome, language)}`,
      listOf(why, 'plain') ?? html`<p>${OUTCOME_WORDS[outcome].meaning[language]}</p>`,
    ]
  })
  return section(
    { ...context, id: 'criteria', title: say('criteria', language) },
    html`<p class="lead">${say('never_summed', language)}</p>
${cardTable({ caption: pageWords('criteria_caption', language), columns }, rows)}`,
  )
}

/** Where the evidence stands; a link where it is a component of this page. */
function evidencePlace(
  evidence: string | null,
  components: readonly ComponentFinding[],
  context: SectionContext,
): Html | null {
  if (evidence === null) return null
  const component = /(?:^|\/)components\/(.+)$/.exec(evidence)?.[1]
  const at = components.findIndex((part) => part.component === component)
  const label = pageWords('evidence', context.language)
  const place = name(evidence)
  if (at < 0) return html` <span class="place">${label}: ${place}</span>`
  const id = `${context.prefix}-component-${at}`
  return html` <span class="place">${label}: <a href="#${id}">${place}</a></span>`
}

/** The table of verdicts with what its columns mean. */
export function componentsSection(
  components: readonly ComponentFinding[],
  options: { readonly nameReferences: boolean },
  context: SectionContext,
): Html {
  const { language } = context
  const notes = (['chance_note', 'detectable_note', 'share_note'] as const).map((key) =>
    say(key, language),
  )
  return section(
    { ...context, id: 'components', title: pageWords('components', language) },
    html`<p class="lead">${pageWords('components_intro', language)}</p>
${componentsTable(components, { ...options, link: true }, context)}
${listOf(notes, 'notes')}`,
  )
}

/** One row per component, in the order given; `link` leads to the details of the same order. */
export function componentsTable(
  components: readonly ComponentFinding[],
  options: { readonly nameReferences: boolean; readonly link: boolean },
  context: SectionContext,
): Html {
  const { language } = context
  const columns: readonly TableColumn[] = [
    { title: say('component', language) },
    { title: say('verdict', language) },
    { title: say('basis', language) },
    ...(options.nameReferences ? [{ title: say('reference', language) }] : []),
    { title: say('chance', language), kind: 'number' },
    { title: say('detectable', language), kind: 'number' },
    { title: say('share', language), kind: 'number' },
  ]
  const rows = components.map((part, at) => {
    const related = isRelation(part.verdict) && part.reference !== null
    const reference = related ? name(part.reference) : NO_VALUE
    return [
      options.link
        ? componentLink(part, at, context)
        : html`<bdi>${componentName(part.component, language)}</bdi>`,
      verdictChip(part.verdict, language),
      part.tier === null ? NO_VALUE : TIER_WORDS[part.tier].name[language],
      ...(options.nameReferences ? [reference] : []),
      ...figures(part, context),
    ]
  })
  return cardTable({ caption: pageWords('components_caption', language), columns }, rows)
}

function componentLink(part: ComponentFinding, at: number, context: SectionContext): Html {
  const { language, prefix } = context
  const meaning = componentMeaning(part.component, language)
  return html`<a href="#${prefix}-component-${at}"><bdi>${componentName(part.component, language)}</bdi></a>${
    meaning === null ? null : html`<small>${meaning}</small>`
  }`
}

function figures(part: ComponentFinding, context: SectionContext): readonly HtmlValue[] {
  const { language } = context
  const none = NO_VALUE
  const limit = part.minDetectableCorrelation
  return [
    part.log10P === null || part.tier === 'empirical'
      ? none
      : powers(formatChance(part.log10P, language)),
    limit === null ? none : formatDetectable(limit),
    formatFraction(part.parameterFraction),
  ]
}
