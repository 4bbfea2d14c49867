import type { Finding, List } from '../../audit/technical/training/finding.ts'
import type { TrainingReport } from '../../audit/technical/training/judge-training.ts'
import { NO_BREAK } from '../messages/quantity.ts'
import { plainText } from '../messages/template.ts'
import { TIER_WORDS } from '../messages/tests.ts'
import { styleFor } from '../terminal/style.ts'
import { wrapToWidth } from '../terminal/width.ts'
import type { TerminalOptions } from '../terminal.ts'
import { visibleWithin } from '../visible.ts'
import {
  CHECK_WORDS,
  COMMITTED_WORDS,
  checkpointWords,
  decisiveLines,
  LIST_WORDS,
  OUTCOME_STATEMENTS,
  TRAINING_LIMIT,
  TRAINING_TITLE,
  trainingFindingText,
} from './training-words.ts'

const WIDEST = 100
const NARROWEST = 32
const INDENT = '  '

/** A training report as text for a terminal, ending in a line feed. */
export function renderTraining(report: TrainingReport, options: TerminalOptions): string {
  const { language } = options
  const style = styleFor(options.color)
  const width = Math.max(NARROWEST, Math.min(WIDEST, Math.floor(options.width)))
  const { mark, text } = OUTCOME_STATEMENTS[report.outcome]
  const paint = {
    consistent: style.plain,
    contradicted: style.strong,
    not_determinable: style.caution,
  }[report.outcome]
  const committed = COMMITTED_WORDS[report.isCommittedDuringTraining ? 'yes' : 'no']
  const steps = checkpointWords(report.steps, language)
  const sections = [
    [style.bold(TRAINING_TITLE[language]), `${visibleWithin(report.model, 90)} (${steps})`],
    [
      ...wrapToWidth(`${mark} ${text[language]}`, width).map((line) => style.bold(paint(line))),
      ...decisiveLines(report, language).flatMap((line) => wrapToWidth(line, width)),
    ],
    wrapToWidth(committed[language], width),
    ...(['contradicts', 'consistent', 'missing'] as const).map((list) =>
      listLines(list, report[list], { ...options, width }),
    ),
    wrapToWidth(TRAINING_LIMIT[language], width).map(style.dim),
  ]
  const filled = sections.filter((lines) => lines.length > 0)
  return `${filled
    .map((lines) => lines.join('\n'))
    .join('\n\n')
    .replaceAll(NO_BREAK, ' ')}\n`
}

function listLines(
  list: List,
  findings: readonly Finding[],
  options: TerminalOptions,
): readonly string[] {
  if (findings.length === 0) return []
  const { language, width } = options
  const style = styleFor(options.color)
  const paint = { consistent: style.plain, contradicts: style.strong, missing: style.caution }[list]
  const lines = findings.flatMap((finding) => {
    const tier = finding.tier === null ? '' : ` [${TIER_WORDS[finding.tier].name[language]}]`
    const text = plainText(trainingFindingText(finding, language))
    const wrapped = wrapToWidth(
      `${CHECK_WORDS[finding.check][language]}: ${text}${tier}`,
      width - INDENT.length - 2,
    )
    return wrapped.map((line, at) => `${INDENT}${at === 0 ? '- ' : '  '}${line}`)
  })
  return [style.bold(paint(LIST_WORDS[list][language])), ...lines]
}
