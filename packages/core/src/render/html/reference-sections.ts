import {
  type Comparison,
  type Outcome,
  TEST_NAMES,
  type TestName,
  type Tier,
  VERDICTS,
  type Verdict,
} from '../../audit/result.ts'
import { fullReadBlock } from '../full-read/full-read-sections.ts'
import { strongestFirst } from '../headline.ts'
import { OUTCOME_WORDS } from '../messages/criteria.ts'
import type { Language } from '../messages/language.ts'
import { noteText } from '../messages/notes.ts'
import { pageWords } from '../messages/page-words.ts'
import { formatBytes, formatCount, formatParameters } from '../messages/quantity.ts'
import { phrase, say } from '../messages/report-words.ts'
import { TEST_WORDS, TIER_WORDS } from '../messages/tests.ts'
import { VERDICT_WORDS } from '../messages/verdicts.ts'
import { recheckCommands } from '../recheck.ts'
import { type Html, type HtmlValue, html, listOf } from './markup.ts'
import {
  cardTable,
  outcomeChip,
  type SectionContext,
  section,
  type TableColumn,
  verdictChip,
} from './parts.ts'
import { name, sentence } from './pieces.ts'
import { componentsTable } from './result-sections.ts'

/** The references, what each comparison gave, and how much was read for it. */
export function comparisonsSection(
  comparisons: readonly Comparison[],
  context: SectionContext,
): Html {
  const { language } = context
  const title = pageWords('comparisons', language)
  if (comparisons.length === 0) {
    const none = html`<p>${pageWords('no_references', language)}</p>`
    return section({ ...context, id: 'read', title }, none)
  }
  const columns: readonly TableColumn[] = [
    { title: say('reference', language) },
    { title: pageWords('strongest', language) },
    { title: pageWords('parameters_heading', language), kind: 'number' },
    { title: pageWords('layers_heading', language), kind: 'number' },
    { title: pageWords('read_heading', language), kind: 'number' },
  ]
  const rows = comparisons.map(({ reference, verdict, bytesRead }) => [
    html`${name(reference.id)}<small><bdi>${reference.format}, ${reference.modelType ?? say('unknown_type', language)}</bdi></small>`,
    verdictChip(verdict, language),
    formatParameters(reference.parameters, language),
    formatCount(reference.layerCount),
    `${formatBytes(bytesRead.candidate, language)} / ${formatBytes(bytesRead.reference, language)}`,
  ])
  const level = commonLevel(comparisons)
  return section(
    { ...context, id: 'read', title },
    html`${cardTable({ caption: pageWords('comparisons_caption', language), columns }, rows)}
${level === undefined ? null : listOf([levelText(level, language)], 'notes')}
${comparisons.map((one) => comparisonNotes(one, { isOnly: comparisons.length === 1, level }, context))}`,
  )
}

/** The level that all comparisons were held to; undefined where they differ. */
const commonLevel = ([first, ...others]: readonly Comparison[]): number | undefined =>
  others.every(({ log10Alpha }) => log10Alpha === first?.log10Alpha) ? first?.log10Alpha : undefined

const levelText = (log10Alpha: number, language: Language): Html =>
  sentence(phrase('level', language, { log10Alpha }))

/** Where there is one comparison, its verdicts are those that the report began with. */
function comparisonNotes(
  one: Comparison,
  { isOnly, level }: { readonly isOnly: boolean; readonly level: number | undefined },
  context: SectionContext,
): Html {
  const { language } = context
  const notes: readonly HtmlValue[] = [
    ...one.notes.map((note) => sentence(noteText(note, language))),
    ...(level === undefined ? [levelText(one.log10Alpha, language)] : []),
  ]
  if (isOnly) return html`${listOf(notes, 'notes')}${fullReadBlock(one, context)}`
  const findings = strongestFirst(one.components).map((part) => ({
    ...part,
    reference: one.reference.id,
  }))
  return html`<details class="numbers"><summary><bdi>${pageWords('all_verdicts', language, { reference: one.reference.id })}</bdi></summary>
${componentsTable(findings, { nameReferences: false, link: false }, context)}
${listOf(notes, 'notes')}</details>
${fullReadBlock(one, context)}`
}

/** The exact commands that repeat the comparisons. */
export function recheckSection(comparisons: readonly Comparison[], context: SectionContext): Html {
  const { language } = context
  const title = say('check_again', language)
  const commands = recheckCommands(comparisons).map(
    (command) => html`<pre tabindex="0"><code>${command}</code></pre>`,
  )
  return section(
    { ...context, id: 'recheck', title },
    html`<p class="lead">${pageWords('check_intro', language)}</p>${commands}`,
  )
}

/** The tests that appear in the comparisons, each with its question and its page. */
export function methodsSection(
  comparisons: readonly Comparison[],
  context: SectionContext,
): Html | null {
  const { language } = context
  const used = new Set<TestName>(
    comparisons.flatMap((one) =>
      one.components.flatMap((part) => part.tests.map((test) => test.test)),
    ),
  )
  if (used.size === 0) return null
  const entries = TEST_NAMES.filter((test) => used.has(test)).map((test) => {
    const words = TEST_WORDS[test]
    return html`<dt>${words.name[language]}</dt><dd>${words.question[language]} <code>docs/methods/${words.page}</code></dd>`
  })
  return section(
    { ...context, id: 'methods', title: pageWords('methods', language) },
    html`<p class="lead">${pageWords('methods_intro', language)}</p><dl class="entries">${entries}</dl>`,
  )
}

/** The verdicts that appear in the report, every kind of evidence and outcome, with their meaning. */
export function glossarySection(
  options: { readonly outcomes: boolean; readonly verdicts: ReadonlySet<Verdict> },
  context: SectionContext,
): Html {
  const { language } = context
  const verdicts = VERDICTS.filter((verdict) => options.verdicts.has(verdict)).map((verdict) => {
    const { meaning, limit } = VERDICT_WORDS[verdict]
    return html`<dt>${verdictChip(verdict, language)} <code>${verdict}</code></dt><dd>${meaning[language]} ${limit[language]}</dd>`
  })
  const tiers = (Object.keys(TIER_WORDS) as Tier[]).map(
    (tier) =>
      html`<dt>${TIER_WORDS[tier].name[language]} <code>${tier}</code></dt><dd>${TIER_WORDS[tier].meaning[language]}</dd>`,
  )
  const outcomes = (Object.keys(OUTCOME_WORDS) as Outcome[]).map(
    (outcome) =>
      html`<dt>${outcomeChip(outcome, language)} <code>${outcome}</code></dt><dd>${OUTCOME_WORDS[outcome].meaning[language]}</dd>`,
  )
  return section(
    { ...context, id: 'glossary', title: pageWords('glossary', language) },
    html`<h3>${pageWords('glossary_verdicts', language)}</h3><dl class="entries">${verdicts}</dl>
<h3>${pageWords('glossary_tiers', language)}</h3><dl class="entries">${tiers}</dl>
${options.outcomes ? html`<h3>${pageWords('glossary_outcomes', language)}</h3><dl class="entries">${outcomes}</dl>` : null}`,
  )
}
