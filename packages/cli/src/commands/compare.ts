import { compareModels, renderComparison, renderComparisonHtml } from '@dokja/core'
import { openModel } from '@dokja/core/node'
import { type Command, InvalidArgumentError } from 'commander'
import { comparisonJson } from '../output/audit-json.ts'
import { exitStatusOf } from '../output/exit-status.ts'
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

type Options = {
  readonly json?: boolean
  readonly allowPrivateHosts?: boolean
  readonly lang?: Language
  readonly out?: string
  readonly budget: number
  readonly deep?: boolean
}

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('does model A descend from model B, component by component?')
    .argument(
      '<A>',
      'the suspect: a folder, a weight file, org/name@revision on a hub, or an address',
    )
    .argument('<B>', 'the reference')
    .option('--allow-private-hosts', 'read from addresses of this machine or its network')
    .option('--json', 'print one JSON document and nothing else')
    .option('--out <dir>', 'write comparison.json and comparison.html into this folder')
    .option('--lang <ko|en>', 'language of the report', parseLanguage)
    .option('--deep', 'undo reordering and rotation in a few layers of large models; reads more')
    .option('--budget <bytes>', 'read at most this much of each model', parseBytes, 40_000_000)
    .addHelpText('after', '\nExample:\n  dokja compare ./suspect ./reference --json\n')
    .action(runCompare)
}

/** '64MB', '1.5GB' or plain bytes. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(B|kB|KB|MB|GB)?$/.exec(text)
  const unit = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 }[match?.[2] ?? 'B'] ?? 1
  const bytes = Number(match?.[1]) * unit
  if (!match || !(bytes >= 1e5)) {
    throw new InvalidArgumentError('a size of at least 100 kB, such as 64MB')
  }
  return Math.round(bytes)
}

async function runCompare(candidate: string, reference: string, options: Options): Promise<void> {
  await checkReportFolder(options.out)
  const progress = createProgress()
  const remote = remoteOptions(options, progress)
  const a = await openModel(candidate, remote)
  const b = await openModel(reference, remote)
  try {
    const comparison = await compareModels(a, b, {
      budgetBytes: options.budget,
      deep: options.deep ?? false,
      onProgress: (component, done, total) => progress.show(`${done + 1}/${total} ${component} …`),
    })
    progress.end()
    const language = chooseLanguage(options.lang)
    const document = comparisonJson(comparison)
    if (options.json) printJson(document)
    else {
      const look = { language, color: usesColor(), width: terminalWidth() }
      process.stdout.write(renderComparison(comparison, look))
    }
    if (options.out) {
      await writeReport(options.out, 'comparison', {
        document,
        html: renderComparisonHtml(comparison, { language: chooseDocumentLanguage(options.lang) }),
      })
    }
    process.exitCode = exitStatusOf(comparison.verdict)
  } finally {
    progress.end()
    await Promise.all([a.close(), b.close()])
  }
}
