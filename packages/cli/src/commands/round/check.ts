import { readFile } from 'node:fs/promises'
import { AppError, judgePlan, parseAssumptions, parsePlan, renderPlanCheck } from '@dokja/core'
import { readPlan } from '@dokja/core/node'
import type { Command } from 'commander'
import {
  chooseLanguage,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
  usesColor,
} from '../../output/terminal.ts'

type CheckOptions = {
  readonly json?: boolean
  readonly lang?: Language
  readonly assumptions?: string
  readonly rounds?: string
  readonly seed?: string
}

export function registerCheckCommand(round: Command): void {
  round
    .command('check')
    .description('judge the plan itself by simulated rounds, before it is sealed')
    .argument('<DIR>')
    .option('--assumptions <file>', 'YAML or JSON: what the simulation takes for granted')
    .option('--rounds <n>', 'simulated rounds', '2000')
    .option('--seed <text>', 'seed of the simulation; that of the plan when left out')
    .option('--json', 'print one JSON document and nothing else')
    .option('--lang <ko|en>', 'language of the report', parseLanguage)
    .addHelpText('after', '\nExample:\n  dokja round check examples/korea-2026-stage1\n')
    .action(runCheck)
}

async function runCheck(folder: string, options: CheckOptions): Promise<void> {
  const { text, path } = await readPlan(folder)
  const { plan } = parsePlan(text, path)
  const judgement = judgePlan(plan, {
    rounds: roundsOf(options.rounds ?? ''),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.assumptions === undefined
      ? {}
      : {
          assumptions: parseAssumptions(
            await readText(options.assumptions),
            options.assumptions,
            plan,
          ),
        }),
  })
  if (options.json) {
    printJson(judgement)
    return
  }
  const look = {
    language: chooseLanguage(options.lang),
    color: usesColor(),
    width: terminalWidth(),
  }
  process.stdout.write(renderPlanCheck(judgement, plan, look))
}

function roundsOf(text: string): number {
  const rounds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (rounds >= 100 && rounds <= 100_000) return rounds
  throw new AppError('USAGE', `--rounds ${text} is not a number from 100 to 100000`)
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    const isMissing = (error as { code?: string }).code === 'ENOENT'
    throw new AppError(
      isMissing ? 'NOT_FOUND' : 'UNREADABLE',
      isMissing ? `there is no ${path}` : `cannot read ${path} as UTF-8 text`,
      { cause: error, hint: 'docs/methods/plan-check.md shows what such a file holds' },
    )
  }
}
