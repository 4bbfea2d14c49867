import { renderReplay, replayTransform } from '@dokja/core'
import { openMatrixEngine, openTransform } from '@dokja/core/node'
import type { Command } from 'commander'
import { exitStatusOfReplay } from '../output/exit-status.ts'
import { replayProgress } from '../output/progress-text.ts'
import {
  chooseLanguage,
  createProgress,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
  usesColor,
} from '../output/terminal.ts'
import { openPair } from './open-pair.ts'
import { addWorkOptions, type WorkOptions } from './reading-options.ts'

type Options = WorkOptions & {
  readonly json?: boolean
  readonly lang?: Language
}

export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('does a recovered transform carry model A over into model B? matrix by matrix')
    .argument('<A>', 'the candidate of the report that the transform comes from')
    .argument('<B>', 'its reference')
    .argument('<TRANSFORM>', 'a file that compare or audit wrote with --out')
    .option('--json', 'print one JSON document and nothing else')
    .option('--lang <ko|en>', 'language of the text', parseLanguage)
  addWorkOptions(command, 'read at most this much of each model beside its down projections')
    .addHelpText(
      'after',
      '\nExample:\n  dokja replay ./suspect ./reference report/transform-language_model.safetensors\n',
    )
    .action(runReplay)
}

/** Exit status 0: as stated. 1: not as stated. 3: the file states nothing. */
async function runReplay(
  candidate: string,
  reference: string,
  path: string,
  options: Options,
): Promise<void> {
  const { transform, digest } = await openTransform(path)
  const progress = createProgress()
  const [a, b] = await openPair([candidate, reference], options, progress)
  const engine = openMatrixEngine({ workers: options.workers })
  try {
    const models = { candidate: a, reference: b }
    const replay = await replayTransform(models, transform, {
      budgetBytes: options.budget,
      engine,
      onProgress: (step) => progress.show(replayProgress(step)),
    })
    progress.end()
    if (options.json) {
      printJson({ ...replay, transform: { ...replay.transform, fileDigest: digest } })
    } else {
      const look = { language: chooseLanguage(options.lang), color: usesColor() }
      process.stdout.write(renderReplay(replay, { ...look, width: terminalWidth() }))
    }
    process.exitCode = exitStatusOfReplay(replay.outcome)
  } finally {
    progress.end()
    await Promise.all([a.close(), b.close(), engine.close()])
  }
}
