import { readFile } from 'node:fs/promises'
import {
  AppError,
  type CompletedKind,
  completeDecision,
  completeDraft,
  type Docket,
  decisionTemplate,
  evidenceFilesOf,
  gateDecisionTemplate,
  makeDecision,
  openSealedPlan,
  type Plan,
  parseRecord,
  type RecordEntry,
  readDocket,
  readDraft,
  readRows,
  runRound,
  voterCheck,
  type Written,
  writeAct,
} from '@dokja/core'
import {
  appendToRecord,
  randomHex,
  readEvidence,
  readInputFiles,
  readPlan,
  readRecord,
  readRoundFolder,
} from '@dokja/core/node'
import type { Command } from 'commander'
import { reportEntry } from './entry-report.ts'
import { addWritingOptions, authorOf, timeOf, type WritingOptions } from './writing.ts'

type ActOptions = WritingOptions & { readonly json?: boolean; readonly template?: string | boolean }

type ActCommand = {
  readonly name: string
  readonly kind: CompletedKind
  readonly says: string
  readonly example: string
}

const GATE: readonly ActCommand[] = [
  {
    name: 'ask',
    kind: 'gate.asked',
    says: 'put to a team what stands against it, and open its window to reply',
    example: 'dokja round gate ask stage-1 question.yaml',
  },
  {
    name: 'decide',
    kind: 'gate.decided',
    says: 'record the judgement of the gate about one team',
    example: 'dokja round gate decide stage-1 judgement.yaml',
  },
]

const RECRUIT: readonly ActCommand[] = [
  {
    name: 'open',
    kind: 'recruitment.opened',
    says: 'offer open places to newcomers on the equal terms of the plan',
    example: 'dokja round recruit open stage-1 call.yaml',
  },
  {
    name: 'select',
    kind: 'recruitment.closed',
    says: 'record who was selected',
    example: 'dokja round recruit select stage-1 selection.yaml',
  },
]

const PLAIN: readonly ActCommand[] = [
  {
    name: 'reply',
    kind: 'gate.replied',
    says: 'record the reply of a team, before the gate is decided',
    example: 'dokja round reply stage-1 reply.yaml',
  },
  {
    name: 'object',
    kind: 'objection.filed',
    says: 'file an objection; after the deadline it is recorded as late',
    example: 'dokja round object stage-1 objection.yaml',
  },
  {
    name: 'answer',
    kind: 'objection.answered',
    says: 'answer an objection',
    example: 'dokja round answer stage-1 answer.yaml',
  },
  {
    name: 'close',
    kind: 'objections.closed',
    says: 'record that the objection window is over',
    example: 'dokja round close stage-1 closing.yaml',
  },
  {
    name: 'carry',
    kind: 'stage.carried',
    says: 'carry teams and conditions over to the next stage',
    example: 'dokja round carry stage-1 next.yaml',
  },
]

/** Every command that writes one docket entry from a file. */
export function registerActCommands(round: Command): void {
  const gate = round.command('gate').description('the independence gate: ask, then decide')
  for (const entry of GATE) registerAct(gate, entry)
  for (const entry of PLAIN) registerAct(round, entry)
  registerDecide(round)
  const recruit = round.command('recruit').description('additional recruitment: open, then select')
  for (const entry of RECRUIT) registerAct(recruit, entry)
}

function registerAct(parent: Command, { name, kind, says, example }: ActCommand): void {
  const command = addWritingOptions(parent.command(name))
    .description(says)
    .argument('<DIR>')
    .argument('[FILE]', 'YAML or JSON with what is recorded; docs/formats/docket.md')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', `\nExample:\n  ${example}\n`)
  if (kind === 'gate.decided') {
    command.option('--template <team>', 'print a file to fill in for this team')
  }
  command.action((folder: string, file: string | undefined, options: ActOptions) =>
    runAct(kind, { folder, file }, options),
  )
}

function registerDecide(round: Command): void {
  addWritingOptions(round.command('decide'))
    .description('decide by the scoreboard: who advances, who leaves and why')
    .argument('<DIR>')
    .argument('[FILE]', 'YAML or JSON with the reasons; docs/formats/docket.md')
    .option('--template', 'print a file to fill in')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', '\nExample:\n  dokja round decide stage-1 reasons.yaml\n')
    .action((folder: string, file: string | undefined, options: ActOptions) =>
      runDecide({ folder, file }, options),
    )
}

type Place = { readonly folder: string; readonly file: string | undefined }

async function runAct(kind: CompletedKind, place: Place, options: ActOptions): Promise<void> {
  const { folder } = place
  const plan = await readPlan(folder)
  if (typeof options.template === 'string') {
    const { plan: sealed, docket } = await openDocket(folder)
    process.stdout.write(gateDecisionTemplate(sealed, docket, teamOf(sealed, options.template)))
    return
  }
  const draft = readDraft(kind, await readGiven(place.file))
  const files = await readEvidence(folder, evidenceFilesOf(draft))
  const panels = (await readInputFiles(folder)).filter((file) => file.role === 'panel')
  const time = timeOf(options)
  const written: { docket?: Docket } = {}
  const entry = await appendToRecord(folder, (record) => {
    const sealed = openSealedPlan(record, plan).current.plan
    const mayVote = voterCheck(sealed.gate, readRows(sealed, panels).rosters)
    const docket = readDocket(record)
    const context = { plan: sealed, docket, time, files }
    // The draft was read for this kind; the compiler cannot follow the pair through the table.
    const body = completeDraft(kind as 'gate.asked', draft as never, context)
    const writing = { record, time, author: authorOf(options), blind: randomHex() }
    const done: Written = writeAct(kind as 'gate.asked', body, {
      ...writing,
      ...(mayVote ? { mayVote } : {}),
    })
    written.docket = done.docket
    return done.entry
  })
  reportEntry(entry, { docket: written.docket, json: options.json === true })
}

async function runDecide(place: Place, options: ActOptions): Promise<void> {
  const { folder } = place
  const result = runRound(await readRoundFolder(folder))
  if (options.template) {
    process.stdout.write(decisionTemplate(result))
    return
  }
  const draft = readDraft('decision.made', await readGiven(place.file))
  const files = await readEvidence(folder, evidenceFilesOf(draft))
  const time = timeOf(options)
  const { plan } = result.sealed.current
  const context = { plan, docket: readDocket(result.record), time, files }
  const given = completeDecision(draft, context)
  const writing = { time, author: authorOf(options), blind: randomHex() }
  const written = makeDecision(result, given, writing)
  const entry = await appendToRecord(folder, (record) => {
    refuseIfMoved(record, result.record)
    return written.entry
  })
  reportEntry(entry, { docket: written.docket, json: options.json === true })
}

/** The scoreboard was computed on the record as it was; another command may have written since. */
function refuseIfMoved(now: readonly RecordEntry[], before: readonly RecordEntry[]): void {
  if (now.at(-1)?.digest === before.at(-1)?.digest) return
  throw new AppError('USAGE', 'the record was written to while the scores were computed', {
    hint: 'run the command again',
  })
}

export async function openDocket(
  folder: string,
): Promise<{ readonly plan: Plan; readonly docket: Docket; readonly record: RecordEntry[] }> {
  const { text, path } = await readRecord(folder)
  const record = parseRecord(text, path)
  const { plan } = openSealedPlan(record, await readPlan(folder)).current
  return { plan, docket: readDocket(record), record }
}

function teamOf(plan: Plan, team: string): string {
  if (plan.teams.some((entry) => entry.id === team)) return team
  throw new AppError('USAGE', `the plan has no team "${team}"`, {
    hint: `its teams are ${plan.teams.map((entry) => entry.id).join(', ')}`,
  })
}

async function readGiven(path: string | undefined): Promise<{ text: string; path: string }> {
  if (path === undefined) {
    throw new AppError('USAGE', 'name the file that holds what is recorded', {
      hint: 'docs/formats/docket.md shows one for every act; some commands have --template',
    })
  }
  try {
    return { text: await readFile(path, 'utf8'), path }
  } catch (cause) {
    throw new AppError('NOT_FOUND', `cannot read ${path}`, { cause })
  }
}
