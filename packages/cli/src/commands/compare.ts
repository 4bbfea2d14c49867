import { compareModels, renderComparison, renderComparisonHtml, transformFiles } from '@dokja/core'
import { openMatrixEngine, openModel, reportNames } from '@dokja/core/node'
import type { Command } from 'commander'
import { comparisonJson } from '../output/audit-json.ts'
import { exitStatusOf } from '../output/exit-status.ts'
import { comparisonProgress } from '../output/progress-text.ts'
import { remoteOptions } from '../output/remote-options.ts'
import { checkReportFolder, writeReport } from '../output/report-file.ts'
import {
  chooseDocumentLanguage,
  chooseLanguage,
  createProgress,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
  usesColor,
} from '../output/terminal.ts'
import { addReadingOptions, fullReadOf, type ReadingOptions } from './reading-options.ts'

type Options = ReadingOptions & {
  readonly json?: boolean
  readonly lang?: Language
  readonly out?: string
}

export function registerCompare(program: Command): void {
  const command = program
    .command('compare')
    .description('does model A descend from model B, component by component?')
    .argument(
      '<A>',
      'the suspect: a folder, a weight file, org/name@revision on a hub, or an address',
    )
    .argument('<B>', 'the reference')
    .option('--json', 'print one JSON document and nothing else')
    .option(
      '--out <dir>',
      'write comparison.json, comparison.html and recovered transforms into this folder',
    )
    .option('--lang <ko|en>', 'language of the report', parseLanguage)
  addReadingOptions(command)
    .addHelpText('after', '\nExample:\n  dokja compare ./suspect ./reference --json\n')
    .action(runCompare)
}

async function runCompare(candidate: string, reference: string, options: Options): Promise<void> {
  await checkReportFolder(options.out)
  const progress = createProgress()
  const remote = remoteOptions(options, progress)
  const names = reportNames([candidate, reference])
  const open = (place: string) => openModel(place, { ...remote, name: names.get(place) })
  const a = await open(candidate)
  const b = await open(reference)
  const engine = openMatrixEngine({ workers: options.workers })
  try {
    const found = await compareModels(a, b, {
      budgetBytes: options.budget,
      deep: options.deep ?? false,
      ...fullReadOf(options, progress),
      engine,
      onProgress: (step) => progress.show(comparisonProgress(step)),
    })
    progress.end()
    const { files, ofComparison } = transformFiles(options.out ? [found] : [])
    const comparison = ofComparison(found)
    const language = chooseLanguage(options.lang)
    const document = comparisonJson(comparison)
    if (options.json) printJson(document)
    else {
      const look = { language, color: usesColor(), width: terminalWidth(), folder: options.out }
      process.stdout.write(renderComparison(comparison, look))
    }
    if (options.out) {
      await writeReport(options.out, 'comparison', {
        document,
        html: renderComparisonHtml(comparison, { language: chooseDocumentLanguage(options.lang) }),
        transforms: files,
      })
    }
    process.exitCode = exitStatusOf(comparison.verdict)
  } finally {
    progress.end()
    await Promise.all([a.close(), b.close(), engine.close()])
  }
}
