import { basename } from 'node:path'
import { AppError, judgeTraining, renderTraining } from '@dokja/core'
import {
  commitCheckpoint,
  openCheckpoint,
  openTrainingRecord,
  verifyCommitments,
} from '@dokja/core/node'
import type { Command } from 'commander'
import { exitStatusOfTraining } from '../output/exit-status.ts'
import { checkReportFolder } from '../output/report-file.ts'
import {
  chooseLanguage,
  createProgress,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
  usesColor,
} from '../output/terminal.ts'
import { trainingJson, writeTrainingReport } from '../output/training-report.ts'
import { authorOf, timeOf } from './round/writing.ts'

type Options = {
  readonly json?: boolean
  readonly lang?: Language
  readonly out?: string
  readonly against?: readonly string[]
  readonly submitted?: string
}

export function registerTraining(program: Command): void {
  const training = program
    .command('training')
    .description('is a training record consistent with its claim? or make commitments during a run')
    .argument('<RECORD>', 'a training record, YAML or JSON (docs/formats/training-record.md)')
    .option('--against <REF...>', 'known models that the checkpoints must not depend on')
    .option('--submitted <MODEL>', 'the model that was handed in')
    .option('--json', 'print one JSON document and nothing else')
    .option('--out <dir>', 'write training.json and training.txt into this folder')
    .option('--lang <ko|en>', 'language of the report', parseLanguage)
    .addHelpText(
      'after',
      '\nExample:\n  dokja training ./record/training-record.yaml --against ./base-1 ./base-2\n',
    )
    .action(runTraining)
  registerCommit(training)
}

async function runTraining(path: string, options: Options): Promise<void> {
  await checkReportFolder(options.out)
  const progress = createProgress()
  const references = [...new Set(options.against ?? [])]
  // Every reference is opened once before the work begins, so that a wrong name is told at once.
  for (const reference of references) await (await openCheckpoint(reference)).close()
  const { input, close } = await openTrainingRecord(path, {
    ...(options.submitted === undefined ? {} : { submitted: options.submitted }),
    onFile: (folder) => progress.show(`reading ${folder} …`),
  })
  try {
    progress.show('testing …')
    const report = await judgeTraining({
      ...input,
      references: references.map((reference) => () => openCheckpoint(reference)),
    })
    progress.end()
    const look = { color: usesColor(), width: terminalWidth() }
    const language = chooseLanguage(options.lang)
    if (options.json) printJson(trainingJson(report))
    else process.stdout.write(renderTraining(report, { ...look, language }))
    if (options.out) await writeTrainingReport(options.out, report, language)
    process.exitCode = exitStatusOfTraining(report.outcome)
  } finally {
    progress.end()
    await close()
  }
}

type CommitOptions = {
  readonly checkpoint?: string
  readonly log: readonly string[]
  readonly order: readonly string[]
  readonly config: readonly string[]
  readonly file: string
  readonly openings: string
  readonly verify?: boolean
  readonly author?: string
  readonly time?: string
  readonly json?: boolean
}

function registerCommit(training: Command): void {
  training
    .command('commit')
    .description('fix a checkpoint, its log, data order and configuration while training runs')
    .option('--checkpoint <DIR>', 'folder of the checkpoint; every file in it is fixed')
    .option('--log <FILE...>', 'training logs as they are now', [])
    .option('--order <FILE...>', 'files that fix the order of the data', [])
    .option('--config <FILE...>', 'configuration and scripts', [])
    .option('--file <FILE>', 'append-only file, to be published', 'training-commitments.jsonl')
    .option('--openings <FILE>', 'what opens it; keep it back', 'training-openings.jsonl')
    .option('--verify', 'check the chain and its openings, and write nothing')
    .option('--author <name>', 'who records this; the account name when left out')
    .option('--time <iso>', 'time to record, for replays; now when left out')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText(
      'after',
      '\nExample:\n  dokja training commit --checkpoint ./step-01000 --log ./train.jsonl --order ./order.bin\n',
    )
    // --json is an option of both commands, and the outer one takes it.
    .action((_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommitOptions>()
      return options.verify ? runVerify(options) : runCommit(options)
    })
}

async function runCommit(options: CommitOptions): Promise<void> {
  if (options.checkpoint === undefined) {
    throw new AppError('USAGE', 'no checkpoint to commit to', {
      hint: 'name its folder with --checkpoint, or check with --verify',
    })
  }
  const entry = await commitCheckpoint({
    checkpoint: options.checkpoint,
    others: [...options.log, ...options.order, ...options.config],
    commitments: options.file,
    openings: options.openings,
    time: timeOf(options),
    author: authorOf(options),
  })
  const { time, sequence, digest } = entry
  if (options.json) {
    const schemaVersion = 'dokja.training-commit/1'
    printJson({ schemaVersion, time, sequence, digest, file: options.file })
    return
  }
  process.stdout.write(`committed at ${time}: entry ${sequence} ${digest}\n`)
  process.stdout.write(`publish ${options.file} now; keep ${basename(options.openings)} back\n`)
}

async function runVerify(options: CommitOptions): Promise<void> {
  const found = await verifyCommitments(options.file, options.openings)
  const isSound = found.faults.length === 0
  if (options.json) printJson({ schemaVersion: 'dokja.training-verify/1', isSound, ...found })
  else {
    const { entries, opened, unopened, faults } = found
    process.stdout.write(
      `${entries} commitments in one chain, ${opened} open, ${unopened} not yet\n`,
    )
    for (const fault of faults) process.stdout.write(`fault: ${fault}\n`)
  }
  process.exitCode = isSound ? 0 : 1
}
