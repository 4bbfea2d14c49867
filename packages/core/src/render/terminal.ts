import type { AuditReport, Comparison } from '../audit/result.ts'
import { fullReadLines } from './full-read/full-read-sections.ts'
import type { Language } from './messages/language.ts'
import { NO_BREAK } from './messages/quantity.ts'
import { say } from './messages/report-words.ts'
import { restsOnFingerprints } from './recheck.ts'
import { claimTexts, kinTexts } from './registry/registry-text.ts'
import { registryWords } from './registry/registry-words.ts'
import {
  registryTokenizerTitle,
  tokenizerLimit,
  tokenizerTexts,
  tokenizerTitle,
} from './registry/tokenizer-text.ts'
import { mergeText } from './structure/structure-texts.ts'
import { structureWords } from './structure/structure-words.ts'
import {
  checkAgain,
  criteriaLines,
  identityLines,
  noteLines,
  type Page,
  paragraph,
  resultSections,
  type Section,
  titled,
} from './terminal/sections.ts'
import { styleFor } from './terminal/style.ts'
import { visibleWithin } from './visible.ts'

export type TerminalOptions = {
  readonly language: Language
  /** ANSI colours; the text says the same without them. */
  readonly color: boolean
  /** Where the files of the report were written, if any were. */
  readonly folder?: string | undefined
  /** Columns of the terminal. Lines keep within it and within 100, commands excepted. */
  readonly width: number
}

const WIDEST = 100
const NARROWEST = 32

/** One comparison as text for a terminal, ending in a line feed. */
export function renderComparison(comparison: Comparison, options: TerminalOptions): string {
  const page = pageOf(options)
  const { language } = page
  const { candidate, reference, verdict } = comparison
  const findings = comparison.components.map((part) => ({ ...part, reference: reference.id }))
  const read = [
    ...paragraph(say('read_pair', language, comparison.bytesRead), page),
    ...paragraph(say('level', language, { log10Alpha: comparison.log10Alpha }), page),
  ]
  return joinSections([
    [page.style.bold(say('comparison_title', language))],
    [
      ...identityLines(say('candidate', language), candidate, page),
      ...identityLines(say('reference', language), reference, page),
    ],
    ...resultSections(findings, { verdict, referenceCount: 1, nameReferences: false }, page),
    overlapSection([comparison], page),
    titled(say('cautions', language), noteLines(comparison.notes, page), page),
    titled(say('read', language), read, page),
    fullReadLines(comparison, page),
    checkAgain([comparison], page),
  ])
}

/** An audit report as text for a terminal, ending in a line feed. */
export function renderAudit(report: AuditReport, options: TerminalOptions): string {
  const page = pageOf(options)
  const { language } = page
  const referenceCount = report.references.searched.length
  const { verdict } = report
  const read = [
    ...paragraph(
      say('read_total', language, { bytes: report.bytesRead, references: referenceCount }),
      page,
    ),
    ...report.comparisons
      .filter((one) => !restsOnFingerprints(one))
      .flatMap((one) => comparisonRead(one, page)),
  ]
  return joinSections([
    [page.style.bold(say('audit_title', language))],
    identityLines(say('candidate', language), report.candidate, page),
    titled(say('criteria', language), criteriaLines(report.criteria, page), page),
    ...resultSections(report.components, { verdict, referenceCount, nameReferences: true }, page),
    overlapSection(report.comparisons, page),
    titled(
      structureWords('merges', language),
      (report.merges ?? []).flatMap((merge) => paragraph(`- ${mergeText(merge, language)}`, page)),
      page,
    ),
    claimLines(report.claims, page),
    ...registrySections(report.registry, page),
    titled(say('read', language), read, page),
    ...report.comparisons.map((one) => fullReadLines(one, page)),
    checkAgain(report.comparisons, page),
  ])
}

/** How much of the tokenizer each reference has too, where both were read. */
function overlapSection(comparisons: readonly Comparison[], page: Page): Section {
  const { language } = page
  const lines = comparisons
    .filter((one) => !restsOnFingerprints(one))
    .flatMap(({ reference, components }) =>
      components
        .flatMap(({ tests }) => tests)
        .filter(
          ({ test, statistic, n }) => test === 'tokenizer_overlap' && statistic !== null && n > 0,
        )
        .flatMap(({ statistic, n }) => {
          const shared = statistic ?? 0
          const values = { reference: reference.id, shared, tokens: n, share: shared / n }
          return paragraph(`- ${say('tokenizer_overlap', language, values)}`, page)
        }),
    )
  const limit = lines.length > 0 ? paragraph(tokenizerLimit(language), page) : []
  return titled(tokenizerTitle(language), [...lines, ...limit], page)
}

/** What the model card says, held against what was compared. */
function claimLines(claims: AuditReport['claims'], page: Page): Section {
  const { language } = page
  const texts = claimTexts(claims ?? [], language)
  return titled(
    registryWords('claims', language),
    texts.flatMap((text) => paragraph(`- ${text}`, page)),
    page,
  )
}

/** The search of a registry, and whose architecture the configuration follows. */
function registrySections(registry: AuditReport['registry'], page: Page): readonly Section[] {
  if (!registry) return []
  const { language } = page
  const { models, compared, hypotheses } = registry
  const searched = registryWords('registry_searched', language, { models, compared, hypotheses })
  const listed = (texts: readonly string[]) => texts.flatMap((text) => paragraph(`- ${text}`, page))
  return [
    titled(registryWords('registry', language), paragraph(searched, page), page),
    titled(registryTokenizerTitle(language), listed(tokenizerTexts(registry, language)), page),
    titled(registryWords('kin', language), listed(kinTexts(registry, language)), page),
  ]
}

function comparisonRead(one: Comparison, page: Page): Section {
  const { language } = page
  const amounts = say('read_pair', language, one.bytesRead)
  return [
    ...paragraph(`${visibleWithin(one.reference.id, 120)}: ${amounts}`, page),
    ...noteLines(one.notes, page),
  ]
}

function pageOf(options: TerminalOptions): Page {
  const width = Math.max(NARROWEST, Math.min(WIDEST, Math.floor(options.width)))
  const { language, folder } = options
  return { language, style: styleFor(options.color), width, folder }
}

function joinSections(sections: readonly Section[]): string {
  const filled = sections.filter((lines) => lines.length > 0)
  const text = filled.map((lines) => lines.join('\n')).join('\n\n')
  return `${text.replaceAll(NO_BREAK, ' ')}\n`
}
