import type { Tier } from '../../audit/result.ts'
import type { Finding, List } from '../../audit/technical/training/finding.ts'
import { TRAINING_CHECKS } from '../../audit/technical/training/finding.ts'
import type {
  TrainingOutcome,
  TrainingReport,
} from '../../audit/technical/training/judge-training.ts'
import { type Html, html } from '../html/markup.ts'
import { contentsList, type Fact, masthead } from '../html/masthead.ts'
import { renderPage } from '../html/page.ts'
import { cardTable, NO_VALUE, type SectionContext, section, type Tone } from '../html/parts.ts'
import { name, sentence } from '../html/pieces.ts'
import { conclusion } from '../html/result-sections.ts'
import type { Language } from '../messages/language.ts'
import { pageWords } from '../messages/page-words.ts'
import { say } from '../messages/report-words.ts'
import type { Piece } from '../messages/template.ts'
import { TIER_WORDS } from '../messages/tests.ts'
import { visibleWithin } from '../visible.ts'
import {
  CHECK_QUESTIONS,
  CHECK_WORDS,
  COMMITTED_WORDS,
  checkpointWords,
  decisiveLines,
  LIST_WORDS,
  OUTCOME_STATEMENTS,
  TRAINING_LIMIT,
  TRAINING_TITLE,
  trainingFindingText,
  trainingPageWords,
} from './training-words.ts'

const OUTCOME_TONES: Readonly<Record<TrainingOutcome, Tone>> = {
  consistent: 'none',
  contradicted: 'strong',
  not_determinable: 'open',
}

/** What speaks against the claim stands first. */
const ORDER = ['contradicts', 'consistent', 'missing'] as const satisfies readonly List[]

/** A training report as one self-contained HTML document in both languages. */
export function renderTrainingHtml(
  report: TrainingReport,
  options: { readonly language: Language },
): string {
  const { ko, en } = TRAINING_TITLE
  const title = `${visibleWithin(report.model, 80)} | ${ko} | ${en}`
  return renderPage({ language: options.language, title }, (language) => {
    const context = { language, prefix: language }
    const [because] = decisiveLines(report, language)
    const statement = {
      title: text(OUTCOME_STATEMENTS[report.outcome].text[language]),
      lines: [],
      ...(because === undefined ? {} : { because }),
      limits: [text(TRAINING_LIMIT[language])],
    }
    const sections = [
      ...ORDER.map((list) => [list, LIST_WORDS[list][language]] as const),
      ['checks', trainingPageWords('checks', language)] as const,
      ['glossary', pageWords('glossary_tiers', language)] as const,
    ]
    return html`${masthead(TRAINING_TITLE[language], factsOf(report, context))}
${conclusion(statement, OUTCOME_TONES[report.outcome], context)}
${contentsList(sections, context)}
${ORDER.map((list) => findingsSection(list, report[list], context))}
${checksSection(context)}
${tiersSection(context)}
<p class="footer">${pageWords('footer', language)}</p>`
  })
}

const text = (words: string): readonly Piece[] => [{ kind: 'text', text: words }]

const sentenceAfterColon = (line: string): string =>
  line.replace(/^[^:]*:\s*(.)/, (_, first: string) => first.toUpperCase())

function factsOf(report: TrainingReport, { language }: SectionContext): readonly Fact[] {
  const { declaredBy, steps, contradicts, consistent, missing } = report
  const committed = COMMITTED_WORDS[report.isCommittedDuringTraining ? 'yes' : 'no'][language]
  const counts = {
    contradicts: contradicts.length,
    consistent: consistent.length,
    missing: missing.length,
  }
  return [
    [say('candidate', language), name(report.model)],
    [
      trainingPageWords('declared_by', language),
      html`${name(declaredBy.name)}<small><time datetime="${declaredBy.date}">${declaredBy.date}</time></small>`,
    ],
    [trainingPageWords('checkpoints', language), checkpointWords(steps, language)],
    [
      trainingPageWords('findings', language),
      trainingPageWords('finding_counts', language, counts),
    ],
    [trainingPageWords('made_when', language), sentenceAfterColon(committed)],
  ]
}

function findingsSection(list: List, findings: readonly Finding[], context: SectionContext): Html {
  const { language } = context
  const title = LIST_WORDS[list][language]
  const lead = html`<p class="lead">${trainingPageWords(`lead_${list}`, language)}</p>`
  if (findings.length === 0) {
    const none = trainingPageWords('none_of_list', language)
    return section({ ...context, id: list, title }, html`${lead}<p>${none}</p>`)
  }
  const columns = [
    { title: trainingPageWords('check', language) },
    { title: trainingPageWords('finding', language), kind: 'wide' as const },
    { title: pageWords('tier', language) },
  ]
  const rows = findings.map((finding) => [
    CHECK_WORDS[finding.check][language],
    sentence(trainingFindingText(finding, language)),
    finding.tier === null ? NO_VALUE : TIER_WORDS[finding.tier].name[language],
  ])
  return section(
    { ...context, id: list, title },
    html`${lead}${cardTable({ caption: title, columns }, rows)}`,
  )
}

function checksSection(context: SectionContext): Html {
  const { language } = context
  const entries = TRAINING_CHECKS.map(
    (check) =>
      html`<dt>${CHECK_WORDS[check][language]} <code>${check}</code></dt><dd>${CHECK_QUESTIONS[check][language]}</dd>`,
  )
  return section(
    { ...context, id: 'checks', title: trainingPageWords('checks', language) },
    html`<p class="lead">${trainingPageWords('checks_intro', language)}</p><dl class="entries">${entries}</dl>`,
  )
}

function tiersSection(context: SectionContext): Html {
  const { language } = context
  const entries = (Object.keys(TIER_WORDS) as Tier[]).map(
    (tier) =>
      html`<dt>${TIER_WORDS[tier].name[language]} <code>${tier}</code></dt><dd>${TIER_WORDS[tier].meaning[language]}</dd>`,
  )
  return section(
    { ...context, id: 'glossary', title: pageWords('glossary_tiers', language) },
    html`<dl class="entries">${entries}</dl>`,
  )
}
