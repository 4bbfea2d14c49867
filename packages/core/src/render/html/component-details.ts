import type { Note, NoteCode, TestResult } from '../../audit/result.ts'
import { type ComponentFinding, isRelation } from '../headline.ts'
import { componentName } from '../messages/components.ts'
import { cautionsOf, noteGroup, noteText, untestedOf } from '../messages/notes.ts'
import { pageWords } from '../messages/page-words.ts'
import {
  formatChance,
  formatCorrelation,
  formatDetectable,
  formatLog10,
} from '../messages/quantity.ts'
import { say } from '../messages/report-words.ts'
import { type Piece, plainText } from '../messages/template.ts'
import { alignmentOf } from '../messages/terms.ts'
import { TEST_WORDS, TIER_WORDS } from '../messages/tests.ts'
import { VERDICT_WORDS } from '../messages/verdicts.ts'
import { structureBlock } from '../structure/structure-sections.ts'
import { type Html, type HtmlValue, html, listOf } from './markup.ts'
import { type SectionContext, scrollBox, section, verdictChip } from './parts.ts'
import { name, powers, sentence } from './pieces.ts'

const EXCLUDED: ReadonlySet<NoteCode> = new Set<NoteCode>([
  'deterministic_tensor_excluded',
  'constant_tensors_excluded',
])

/** Everything about each component, folded; those with a relation stand open. */
export function detailsSection(
  components: readonly ComponentFinding[],
  context: SectionContext,
): Html {
  const { language } = context
  const button = (action: 'open' | 'close') =>
    html`<button type="button" data-details="${action}" hidden>${pageWords(`${action}_all`, language)}</button>`
  return section(
    { ...context, id: 'details', title: pageWords('details', language) },
    html`<div class="buttons">${button('open')}${button('close')}</div>
${components.map((part, at) => componentDetails(part, at, context))}`,
  )
}

function componentDetails(part: ComponentFinding, at: number, context: SectionContext): Html {
  const { language, prefix } = context
  const words = VERDICT_WORDS[part.verdict]
  const related = isRelation(part.verdict) && part.reference !== null
  const summary = html`<summary><span class="summary-name"><bdi>${componentName(part.component, language)}</bdi></span> ${verdictChip(part.verdict, language)}</summary>`
  const body = html`<p class="facts">${pageWords('parameters', language, {
    parameters: part.parameters,
    parameterFraction: part.parameterFraction,
  })}${related ? html`<br>${say('reference', language)}: ${name(part.reference)}` : null}</p>
<dl class="meaning"><dt>${pageWords('verdict_says', language)}</dt><dd>${words.meaning[language]}</dd>
<dt>${pageWords('verdict_leaves', language)}</dt><dd>${words.limit[language]}</dd></dl>
${noteLists(part, context)}
${structureBlock(part, context)}
${testsOf(part, context)}`
  const id = `${prefix}-component-${at}`
  if (isRelation(part.verdict)) {
    return html`<details class="component" id="${id}" open>${summary}<div class="inside">${body}</div></details>\n`
  }
  return html`<details class="component" id="${id}">${summary}<div class="inside">${body}</div></details>\n`
}

function noteLists(part: ComponentFinding, context: SectionContext): HtmlValue {
  const { language } = context
  const of = (notes: readonly Note[]) => notes.map((note) => noteText(note, language))
  const reasons = of(part.reasons.filter((note) => noteGroup(note.code) === 'reason'))
  const excluded = part.reasons.filter((note) => EXCLUDED.has(note.code))
  const left = new Set(of(excluded).map(plainText))
  const cautions = cautionsOf(part, language).filter((pieces) => !left.has(plainText(pieces)))
  return [
    titledList(say('why', language), reasons),
    titledList(say('cautions', language), cautions),
    titledList(say('not_tested', language), untestedOf(part, language)),
    titledList(pageWords('excluded', language), of(excluded)),
  ]
}

function titledList(title: string, items: readonly (readonly Piece[])[]): HtmlValue {
  if (items.length === 0) return null
  return html`<h3>${title}</h3>${listOf(items.map(sentence), 'plain')}`
}

function testsOf(part: ComponentFinding, context: SectionContext): Html {
  const { language } = context
  const heading = html`<h3>${pageWords('tests', language)}</h3>`
  const pooled = part.tests.filter((test) => test.layer === null)
  const single = part.tests.filter((test) => test.layer !== null)
  if (part.tests.length === 0) return html`${heading}<p>${pageWords('no_tests', language)}</p>`
  return html`${heading}${pooled.length === 0 ? null : testTable(pooled, part, context)}
${
  single.length === 0
    ? null
    : html`<details class="numbers"><summary>${pageWords('layer_tests', language, { count: single.length })}</summary>${testTable(single, part, context)}</details>`
}`
}

function testTable(
  tests: readonly TestResult[],
  part: ComponentFinding,
  context: SectionContext,
): Html {
  const { language } = context
  const caption = pageWords('tests_caption', language, { component: part.component })
  const columns = [
    { title: pageWords('tier', language), kind: 'text' },
    { title: pageWords('result', language), kind: 'text' },
    ...[
      pageWords('mean_correlation', language),
      pageWords('raw_p', language),
      pageWords('adjusted_p', language),
      pageWords('adjusted_chance', language),
      say('detectable', language),
    ].map((title) => ({ title, kind: 'number' })),
  ]
  return scrollBox(
    { label: caption, language },
    html`<table class="dense"><caption class="unseen">${caption}</caption>
<thead><tr><th scope="col">${pageWords('test', language)}</th>${columns.map(({ title, kind }) => html`<th scope="col" class="${kind}">${title}</th>`)}</tr></thead>
<tbody>${tests.map((test) => testRow(test, context))}</tbody></table>`,
  )
}

function testRow(test: TestResult, context: SectionContext): Html {
  const { language } = context
  const layer =
    test.layer === null ? null : html`<small>${pageWords('layer', language)} ${test.layer}</small>`
  const alignment = alignmentOf(test, language)
  const aligned = alignment === null ? null : html`<small>${alignment}</small>`
  const cells: readonly HtmlValue[] = [
    TIER_WORDS[test.tier].name[language],
    resultOf(test, context),
    orNone(test.meanCorrelation, formatCorrelation, context),
    orNone(test.log10P, formatLog10, context),
    orNone(test.log10PAdjusted, formatLog10, context),
    orNone(test.log10PAdjusted, (value) => powers(formatChance(value, language)), context),
    orNone(test.minDetectableCorrelation, formatDetectable, context),
  ]
  return html`<tr><th scope="row">${TEST_WORDS[test.test].name[language]}${aligned}${layer}</th>${cells.map(
    (cell, at) => html`<td class="${at < 2 ? 'text' : 'number'}">${cell}</td>`,
  )}</tr>\n`
}

function orNone(
  value: number | null,
  write: (value: number) => HtmlValue,
  context: SectionContext,
): HtmlValue {
  return value === null ? say('none', context.language) : write(value)
}

function resultOf(test: TestResult, context: SectionContext): HtmlValue {
  const { language } = context
  const { statistic, statisticKind } = TEST_WORDS[test.test]
  if (test.statistic === null) return pageWords('not_run', language)
  const figure =
    statisticKind === 'correlation'
      ? formatCorrelation(test.statistic)
      : pageWords('of_total', language, { statistic: test.statistic, n: test.n })
  return html`${figure}<small>${statistic[language]}</small>`
}
