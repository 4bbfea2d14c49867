import {
  type AuditReport,
  type Comparison,
  CRITERIA,
  type ModelIdentity,
  type Note,
} from '../../audit/result.ts'
import { type ComponentFinding, headline, isRelation, strongestFirst } from '../headline.ts'
import { componentName } from '../messages/components.ts'
import {
  CRITERION_WORDS,
  criterionReasonText,
  OUTCOME_WORDS,
  orderedReasons,
} from '../messages/criteria.ts'
import type { Language } from '../messages/language.ts'
import { cautionsOf, noteGroup, noteText, untestedOf } from '../messages/notes.ts'
import { say } from '../messages/report-words.ts'
import { plainText } from '../messages/template.ts'
import { VERDICT_WORDS } from '../messages/verdicts.ts'
import { recheckCommands } from '../recheck.ts'
import { structureTexts } from '../structure/structure-texts.ts'
import { visibleWithin } from '../visible.ts'
import { componentTable } from './component-table.ts'
import { outcomePaint, type Style, verdictPaint } from './style.ts'
import { padToWidth, wrapToWidth } from './width.ts'

export type Page = {
  readonly language: Language
  readonly style: Style
  readonly width: number
  /** Where the files of the report were written. */
  readonly folder?: string | undefined
}

/** Lines that belong together; an empty list is left out. */
export type Section = readonly string[]

const LABEL_COLUMNS = 12
const INDENT = '     '

/** The result: statement, table, reasons, what was not tested, what it does not say. */
export function resultSections(
  components: readonly ComponentFinding[],
  summary: {
    readonly verdict: Comparison['verdict']
    readonly referenceCount: number
    /** Name the reference beside each relation: needed where there are several. */
    readonly nameReferences: boolean
  },
  page: Page,
): readonly Section[] {
  const { language, style, width } = page
  const statement = headline(components, { ...summary, language })
  const ordered = strongestFirst(components)
  const untested = ordered.flatMap((part) => untestedLines(part, page))
  const why = ordered.flatMap((part) => whyLines(part, summary.nameReferences, page))
  const legend = (['chance_note', 'detectable_note', 'share_note'] as const).flatMap((key) =>
    wrapToWidth(say(key, language), width).map(style.dim),
  )
  const nothing = components.length === 0 ? 'none_recognised' : 'all_tested'
  return [
    wrapToWidth(plainText(statement.title), width).map(style.bold),
    componentTable(ordered, page),
    legend,
    titled(say('why', language), why, page),
    titled(
      say('not_tested', language),
      untested.length > 0 ? untested : paragraph(say(nothing, language), page),
      page,
    ),
    statement.limits.flatMap((pieces) => wrapToWidth(plainText(pieces), width)),
  ]
}

export function identityLines(label: string, model: ModelIdentity, page: Page): Section {
  const { language, style, width } = page
  const facts = say('identity', language, {
    format: model.format,
    modelType: model.modelType ?? say('unknown_type', language),
    parameters: model.parameters,
    layers: model.layerCount,
  })
  const name = wrapToWidth(visibleWithin(model.id, 240), width - LABEL_COLUMNS).map(style.bold)
  return [...name, ...wrapToWidth(facts, width - LABEL_COLUMNS)].map(
    (line, at) => padToWidth(at === 0 ? label : '', LABEL_COLUMNS, 'left') + line,
  )
}

export function criteriaLines(criteria: AuditReport['criteria'], page: Page): Section {
  const { language, style } = page
  const lines = CRITERIA.flatMap((criterion) => {
    const { outcome, reasons } = criteria[criterion]
    const { mark, name } = OUTCOME_WORDS[outcome]
    const title = `${CRITERION_WORDS[criterion].name[language]}: ${name[language]}`
    return [
      ...heading(mark, title, page).map(outcomePaint(outcome, style)),
      ...orderedReasons(reasons).flatMap((one) =>
        bullet(plainText(criterionReasonText(one, language)), page),
      ),
    ]
  })
  return [...lines, ...paragraph(say('never_summed', language), page).map(style.dim)]
}

function whyLines(part: ComponentFinding, nameReference: boolean, page: Page): Section {
  if (part.verdict === 'not_testable') return []
  const { language, style } = page
  const { mark, name, meaning } = VERDICT_WORDS[part.verdict]
  const title = `${componentName(part.component, language)}: ${name[language]}`
  const reasons = part.reasons.filter((note) => noteGroup(note.code) === 'reason')
  const named = nameReference && isRelation(part.verdict) && part.reference !== null
  return [
    ...heading(mark, title, page).map(verdictPaint(part.verdict, style)),
    ...(named
      ? bullet(say('matched_reference', language, { reference: part.reference }), page)
      : []),
    ...(reasons.length > 0 ? noteLines(reasons, page) : bullet(meaning[language], page)),
    ...structureTexts(part, language).flatMap((text) => bullet(text, page)),
    ...cautionsOf(part, language)
      .flatMap((pieces) => bullet(plainText(pieces), page))
      .map(style.dim),
  ]
}

function untestedLines(part: ComponentFinding, page: Page): Section {
  const name = componentName(part.component, page.language)
  const texts = untestedOf(part, page.language).map(plainText)
  if (texts.length === 0 && part.verdict === 'not_testable') {
    texts.push(say('no_reason', page.language))
  }
  return texts.flatMap((text) => bullet(`${name}: ${text}`, page))
}

export function noteLines(notes: readonly Note[], page: Page): Section {
  return notes.flatMap((note) => bullet(plainText(noteText(note, page.language)), page))
}

export function checkAgain(comparisons: readonly Comparison[], page: Page): Section {
  // A command is never wrapped: it has to survive being copied.
  const commands = recheckCommands(comparisons, page).map((command) => INDENT + command)
  return titled(say('check_again', page.language), commands, page)
}

function heading(mark: string, text: string, page: Page): Section {
  return wrapToWidth(text, page.width - INDENT.length).map(
    (line, at) => padToWidth(at === 0 ? mark : '', INDENT.length, 'left') + line,
  )
}

function bullet(text: string, page: Page): Section {
  return wrapToWidth(text, page.width - INDENT.length - 2).map(
    (line, at) => INDENT + (at === 0 ? '- ' : '  ') + line,
  )
}

export function paragraph(text: string, page: Page): Section {
  return wrapToWidth(text, page.width - INDENT.length).map((line) => INDENT + line)
}

export function titled(title: string, lines: Section, page: Page): Section {
  return lines.length === 0 ? [] : [page.style.bold(title), ...lines]
}
