import { basename } from 'node:path'
import {
  AppError,
  CHECK_WORDS,
  judgeTraining,
  renderTraining,
  renderTrainingHtml,
  type TrainingReport,
} from '@dokja/core'
import {
  commitCheckpoint,
  openModel,
  openTrainingRecord,
  reportNames,
  verifyCommitments,
} from '@dokja/core/node'
import type { Command } from 'commander'
import { exitStatusOfTraining } from '../output/exit-status.ts'
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
import { trainingJson } from '../output/training-report.ts'
import { PLACE_HELP } from './registry/registry-place.ts'
import { withTrainingRegistry } from './registry/training-registry.ts'
import { authorOf, timeOf } from './round/writing.ts'

type Options = {
  readonly json?: boolean
  readonly lang?: Language
  readonly out?: string
  readonly against?: readonly string[]
  readonly submitted?: string
  readonly registry?: string | true
  readonly own?: readonly string[]
  readonly allowPrivateHosts?: boolean
}

export function registerTraining(program: Command): void {
  const training = program
    .command('training')
    .description('is a training record consistent with its claim? or make commitments during a run')
    .argument('<RECORD>', 'a training record, YAML or JSON (docs/formats/training-record.md)')
    .option('--against <REF...>', 'known models that the checkpoints must not depend on')
    .option('--registry [place]', `search the fingerprints of this registry as well: ${PLACE_HELP}`)
    .option('--own <ID...>', 'names in the registry that are this model itself; not searched')
    .option('--submitted <MODEL>', 'the model that was handed in')
    .option('--allow-private-hosts', 'read from addresses of this machine or its network')
    .option('--json', 'print one JSON document and nothing else')
    .option('--out <dir>', 'write training.json, training.html and training.txt into this folder')
    .option('--lang <ko|en>', 'language of the report', parseLanguage)
    .addHelpText(
      'after',
      '\nExample:\n  dokja training ./record/training-record.yaml --against ./base-1 ./base-2 --registry ./known --out report\n',
    )
    .action(runTraining)
  registerCommit(training)
}

async function runTraining(path: string, options: Options): Promise<void> {
  await checkReportFolder(options.out)
  const progress = createProgress()
  const remote = { isPrivateAllowed: options.allowPrivateHosts === true }
  const references = [...new Set(options.against ?? [])]
  const names = reportNames(references)
  // Every reference is opened once before the work begins, so that a wrong name is told at once.
  for (const reference of references) await (await openModel(reference, remote)).close()
  const { input, close } = await openTrainingRecord(path, {
    ...remote,
    ...(options.submitted === undefined ? {} : { submitted: options.submitted }),
    onFile: (folder) => progress.show(`reading ${folder} …`),
  })
  try {
    const report = await withTrainingRegistry(path, input, {
      options,
      work: (registry) => {
        progress.show('testing …')
        return judgeTraining({
          ...input,
          onProgress: (check, done, of) => {
            const share = of > 1 ? ` ${done} of ${of}` : ''
            progress.show(`testing ${CHECK_WORDS[check].en.toLowerCase()}${share} …`)
          },
          references: references.map(
            (place) => () => openModel(place, { ...remote, name: names.get(place) }),
          ),
          ...(registry ? { registry } : {}),
        })
      },
    })
    progress.end()
    await printTraining(report, options)
    process.exitCode = exitStatusOfTraining(report.outcome)
  } finally {
    progress.end()
    await close()
  }
}

async function printTraining(report: TrainingReport, options: Options): Promise<void> {
  const language = chooseLanguage(options.lang)
  const document = trainingJson(report)
  if (options.json) printJson(document)
  else {
    const look = { language, color: usesColor(), width: terminalWidth() }
    process.stdout.write(renderTraining(report, look))
  }
  if (options.out === undefined) return
  await writeReport(options.out, 'training', {
    document,
    html: renderTrainingHtml(report, { language: chooseDocumentLanguage(options.lang) }),
    text: renderTraining(report, { language, color: false, width: 100 }),
  })
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
