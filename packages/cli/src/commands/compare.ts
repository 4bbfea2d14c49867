import { compareModels } from '@dokja/core'
import { openMatrixEngine } from '@dokja/core/node'
import type { Command } from 'commander'
import { comparisonJson } from '../output/audit-json.ts'
import { exitStatusOf } from '../output/exit-status.ts'
import { comparisonProgress } from '../output/progress-text.ts'
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
import { openPair } from './open-pair.ts'
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
  // Before the work, which may take long: what is installed may be another version after it.
  const text = options.json ? undefined : await import('../output/comparison-text.ts')
  const folder = options.out ? await import('../output/comparison-folder.ts') : undefined
  const full = await fullReadOf(options, progress)
  const [a, b] = await openPair([candidate, reference], options, progress)
  const engine = openMatrixEngine({ workers: options.workers })
  try {
    const found = await compareModels(a, b, {
      budgetBytes: options.budget,
      deep: options.deep ?? false,
      ...full,
      engine,
      onProgress: (step) => progress.show(comparisonProgress(step)),
    })
    progress.end()
    const transforms = folder?.transformFiles([found])
    const comparison = transforms?.ofComparison(found) ?? found
    const document = comparisonJson(comparison)
    if (text) {
      const language = chooseLanguage(options.lang)
      const look = { language, color: usesColor(), width: terminalWidth(), folder: options.out }
      process.stdout.write(text.renderComparison(comparison, look))
    } else printJson(document)
    if (folder && options.out) {
      const language = chooseDocumentLanguage(options.lang)
      await writeReport(options.out, 'comparison', {
        document,
        html: folder.renderComparisonHtml(comparison, { language }),
        transforms: transforms?.files ?? [],
      })
    }
    process.exitCode = exitStatusOf(comparison.verdict)
  } finally {
    progress.end()
    await Promise.all([a.close(), b.close(), engine.close()])
  }
}
