import type { AuditReport, Comparison, ModelIdentity, Verdict } from '../../audit/result.ts'
import { type ComponentFinding, headline, strongestFirst } from '../headline.ts'
import type { Language } from '../messages/language.ts'
import { pageWords } from '../messages/page-words.ts'
import { say } from '../messages/report-words.ts'
import { claimsSection, registrySection } from '../registry/registry-section.ts'
import { mergesSection } from '../structure/structure-sections.ts'
import { visibleWithin } from '../visible.ts'
import { detailsSection } from './component-details.ts'
import { type Html, type HtmlValue, html } from './markup.ts'
import { contentsList, type Fact, masthead } from './masthead.ts'
import { renderPage } from './page.ts'
import { type SectionContext, section, verdictTone } from './parts.ts'
import { layerPicture } from './picture.ts'
import { name } from './pieces.ts'
import {
  comparisonsSection,
  glossarySection,
  methodsSection,
  recheckSection,
} from './reference-sections.ts'
import { componentsSection, conclusion, criteriaSection, identityText } from './result-sections.ts'

export type ReportHtmlOptions = {
  /** The language shown first; the file holds both. */
  readonly language: Language
  /** Time of writing, ISO 8601. Left out of the page when it is not given. */
  readonly generatedAt?: string
}

/** An audit report as one self-contained HTML document in both languages. */
export function renderAuditHtml(report: AuditReport, options: ReportHtmlOptions): string {
  const { language } = options
  return renderPage({ language, title: titleOf(report.candidate, 'audit_title') }, (shown) => {
    const context = { language: shown, prefix: shown }
    const components = strongestFirst(report.components)
    const referenceCount = report.references.searched.length
    const statement = headline(components, {
      verdict: report.verdict,
      referenceCount,
      language: shown,
    })
    const facts: readonly Fact[] = [
      modelFact('candidate', report.candidate, context),
      [pageWords('references_searched', shown), String(referenceCount)],
      [pageWords('references_matched', shown), namesOrNone(report.references.matched, context)],
      ...readFacts(report, options, context),
    ]
    return html`${masthead(say('audit_title', shown), facts)}
${conclusion(statement, verdictTone(report.verdict), context)}
${contents(['criteria', ...RESULT_PARTS], components, context)}
${criteriaSection(report.criteria, components, context)}
${resultParts(components, report.comparisons, { nameReferences: true, outcomes: true, registry: [mergesSection(report.merges, context), claimsSection(report.claims, context), registrySection(report.registry, context)] }, context)}`
  })
}

/** One comparison as one self-contained HTML document in both languages. */
export function renderComparisonHtml(comparison: Comparison, options: ReportHtmlOptions): string {
  const { language } = options
  const title = titleOf(comparison.candidate, 'comparison_title')
  return renderPage({ language, title }, (shown) => {
    const context = { language: shown, prefix: shown }
    const reference = comparison.reference.id
    const components = strongestFirst(comparison.components).map((part) => ({ ...part, reference }))
    const { verdict } = comparison
    const statement = headline(components, { verdict, referenceCount: 1, language: shown })
    const facts: readonly Fact[] = [
      modelFact('candidate', comparison.candidate, context),
      modelFact('reference', comparison.reference, context),
      [say('read', shown), say('read_pair', shown, comparison.bytesRead)],
      ...timeFact(options, context),
    ]
    return html`${masthead(say('comparison_title', shown), facts)}
${conclusion(statement, verdictTone(verdict), context)}
${contents(RESULT_PARTS, components, context)}
${resultParts(components, [comparison], { nameReferences: false, outcomes: false }, context)}`
  })
}

const RESULT_PARTS = [
  'components',
  'picture',
  'details',
  'read',
  'recheck',
  'methods',
  'glossary',
] as const

type PartId = (typeof RESULT_PARTS)[number] | 'criteria'

function resultParts(
  components: readonly ComponentFinding[],
  comparisons: readonly Comparison[],
  options: {
    readonly nameReferences: boolean
    readonly outcomes: boolean
    readonly registry?: HtmlValue
  },
  context: SectionContext,
): HtmlValue {
  return [
    componentsSection(components, options, context),
    pictureSection(components, context),
    detailsSection(components, context),
    options.registry,
    comparisonsSection(comparisons, context),
    recheckSection(comparisons, context),
    methodsSection(comparisons, context),
    glossarySection(
      { outcomes: options.outcomes, verdicts: verdictsOf(components, comparisons) },
      context,
    ),
    html`<p class="footer">${pageWords('footer', context.language)}</p>`,
  ]
}

const verdictsOf = (
  components: readonly ComponentFinding[],
  comparisons: readonly Comparison[],
): ReadonlySet<Verdict> =>
  new Set(
    [...components, ...comparisons.flatMap((one) => one.components)].map(({ verdict }) => verdict),
  )

function pictureSection(
  components: readonly ComponentFinding[],
  context: SectionContext,
): HtmlValue {
  const picture = layerPicture(components, context)
  if (!picture) return null
  const { language } = context
  return section(
    { ...context, id: 'picture', title: pageWords('picture', language) },
    html`<p class="lead">${pageWords('picture_intro', language)}</p>${picture}`,
  )
}

function contents(
  ids: readonly PartId[],
  components: readonly ComponentFinding[],
  context: SectionContext,
): Html {
  const { language } = context
  const isEmpty: Partial<Record<PartId, boolean>> = {
    picture: components.every((part) => part.cells.length === 0),
    methods: components.every((part) => part.tests.length === 0),
  }
  const shown = ids.filter((id) => !isEmpty[id])
  return contentsList(
    shown.map((id) => [id, partTitle(id, language)] as const),
    context,
  )
}

function partTitle(id: PartId, language: Language): string {
  if (id === 'criteria') return say('criteria', language)
  if (id === 'recheck') return say('check_again', language)
  return pageWords(id === 'read' ? 'comparisons' : id, language)
}

function modelFact(
  label: 'candidate' | 'reference',
  model: ModelIdentity,
  context: SectionContext,
): Fact {
  return [
    say(label, context.language),
    html`${name(model.id)}<small>${identityText(model, context)}</small>`,
  ]
}

function readFacts(
  report: AuditReport,
  options: ReportHtmlOptions,
  context: SectionContext,
): readonly Fact[] {
  const { language } = context
  const references = report.references.searched.length
  return [
    [say('read', language), say('read_total', language, { bytes: report.bytesRead, references })],
    ...timeFact(options, context),
  ]
}

function timeFact(options: ReportHtmlOptions, context: SectionContext): readonly Fact[] {
  if (options.generatedAt === undefined) return []
  const label = pageWords('generated_at', context.language)
  return [[label, html`<time datetime="${options.generatedAt}">${options.generatedAt}</time>`]]
}

function namesOrNone(names: readonly string[], context: SectionContext): HtmlValue {
  if (names.length === 0) return say('none', context.language)
  return names.map((one, at) => html`${at === 0 ? '' : ', '}${name(one)}`)
}

function titleOf(candidate: ModelIdentity, key: 'audit_title' | 'comparison_title'): string {
  return `${visibleWithin(candidate.id, 80)} | ${say(key, 'ko')} | ${say(key, 'en')}`
}
