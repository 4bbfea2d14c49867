import { renderScoreboard, roundJson, runRound } from '@dokja/core'
import { readRoundFolder } from '@dokja/core/node'
import type { Command } from 'commander'
import {
  chooseLanguage,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
  usesColor,
} from '../../output/terminal.ts'

export function registerScoreCommand(round: Command): void {
  round
    .command('score')
    .description('score the rows of a round by its sealed plan')
    .argument('<DIR>')
    .option('--json', 'print one JSON document and nothing else')
    .option('--lang <ko|en>', 'language of the table', parseLanguage)
    .addHelpText('after', '\nExample:\n  dokja round score examples/korea-2026-stage1 --json\n')
    .action(runScore)
}

async function runScore(
  folder: string,
  options: { readonly json?: boolean; readonly lang?: Language },
): Promise<void> {
  const result = runRound(await readRoundFolder(folder))
  if (options.json) {
    printJson(roundJson(result))
    return
  }
  const look = {
    language: chooseLanguage(options.lang),
    color: usesColor(),
    width: terminalWidth(),
  }
  process.stdout.write(renderScoreboard(result, look))
}
