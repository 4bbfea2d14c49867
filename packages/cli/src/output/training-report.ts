import {
  plainText,
  renderTraining,
  type TrainingFinding,
  type TrainingReport,
  trainingFindingText,
} from '@dokja/core'
import { writeReportFiles } from './report-file.ts'
import type { Language } from './terminal.ts'

/** The report as published: every finding with its English sentence. */
export function trainingJson(report: TrainingReport): unknown {
  const worded = (findings: readonly TrainingFinding[]) =>
    findings.map((finding) => ({ ...finding, text: plainText(trainingFindingText(finding, 'en')) }))
  return {
    ...report,
    statement:
      report.outcome === 'consistent'
        ? 'consistent with training from the claimed initialisation'
        : report.outcome,
    consistent: worded(report.consistent),
    contradicts: worded(report.contradicts),
    missing: worded(report.missing),
  }
}

/** Writes training.json and training.txt so that a reader never finds half a file. */
export async function writeTrainingReport(
  folder: string,
  report: TrainingReport,
  language: Language,
): Promise<void> {
  await writeReportFiles(folder, [
    ['training.json', `${JSON.stringify(trainingJson(report), null, 2)}\n`],
    ['training.txt', renderTraining(report, { language, color: false, width: 100 })],
  ])
}
