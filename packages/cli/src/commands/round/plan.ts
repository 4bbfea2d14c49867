import { basename, resolve } from 'node:path'
import {
  AppError,
  amendPlan,
  diffPlans,
  digestBytes,
  type ExistingResult,
  formatChange,
  keyIdOf,
  openEntry,
  parsePlan,
  parseRecord,
  type RecordEntry,
  sealPlan,
  sealsOf,
} from '@dokja/core'
import {
  appendToRecord,
  createKeyFile,
  createRoundFolder,
  readInputFiles,
  readPlan,
  readRecord,
} from '@dokja/core/node'
import type { Command } from 'commander'
import { printJson } from '../../output/terminal.ts'
import { addWritingOptions, authorOf, keyOf, timeOf, type WritingOptions } from './writing.ts'

export function registerPlanCommands(round: Command): void {
  round
    .command('new')
    .description('make a folder with a commented plan')
    .argument('<DIR>')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', '\nExample:\n  dokja round new stage-1\n')
    .action(runNew)
  round
    .command('key')
    .description('make a signing key in a file of its own')
    .argument('<FILE>')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', '\nExample:\n  dokja round key ~/keys/office.json\n')
    .action(runKey)
  addWritingOptions(round.command('seal'))
    .description('fix the plan: digest, signature, time, and an entry in the record')
    .argument('<DIR>')
    .option('--key <file>', 'signing key; one is made for this account when left out')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', '\nExample:\n  dokja round seal stage-1 --author "Programme office"\n')
    .action(runSeal)
  addWritingOptions(round.command('amend'))
    .description('replace the sealed plan by the edited one, on record')
    .argument('<DIR>')
    .requiredOption('--reason <text>', 'why the rule changes')
    .option('--approved-by <name...>', 'who agreed')
    .option(
      '--seen-by <name...>',
      'who had seen the results that exist; nobody known when left out',
    )
    .option('--key <file>', 'signing key; that of this account when left out')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText(
      'after',
      '\nExample:\n  dokja round amend stage-1 --reason "A panellist withdrew" --seen-by "Programme office"\n',
    )
    .action(runAmend)
}

async function runNew(folder: string, options: { readonly json?: boolean }): Promise<void> {
  const stageId = stageIdOf(folder)
  const written = await createRoundFolder(folder, { stageId })
  if (options.json) printJson({ schemaVersion: 'dokja.round-new/1', stage: stageId, written })
  else {
    process.stdout.write(`→ ${written.join('\n→ ')}\n`)
    process.stdout.write(`next: edit the plan, then dokja round seal ${folder}\n`)
  }
}

/** The folder's name as an id, so that a new plan is valid whatever the folder is called. */
function stageIdOf(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, 40)
    .replace(/[._-]+$/, '')
  return name === '' ? 'stage-1' : name
}

async function runKey(path: string, options: { readonly json?: boolean }): Promise<void> {
  const key = await createKeyFile(path)
  const keyId = keyIdOf(key.public)
  if (options.json)
    printJson({ schemaVersion: 'dokja.round-key/1', path, keyId, public: key.public })
  else process.stdout.write(`→ ${path}\nkey ${keyId}\npublic ${key.public}\n`)
}

type SealOptions = WritingOptions & { readonly json?: boolean }

async function runSeal(folder: string, options: SealOptions): Promise<void> {
  const request = await sealRequest(folder, options, null)
  const entry = await appendToRecord(folder, (record) => sealPlan({ ...request, record }))
  report(entry, { options, existing: request.existingResults, changes: [] })
}

type AmendOptions = SealOptions & {
  readonly reason: string
  readonly approvedBy?: readonly string[]
  readonly seenBy?: readonly string[]
}

async function runAmend(folder: string, options: AmendOptions): Promise<void> {
  const request = await sealRequest(folder, options, options.seenBy ?? null)
  const { text, path } = await readRecord(folder)
  const before = sealsOf(parseRecord(text, path)).at(-1)
  const changes = before ? diffPlans(before.plan, request.parsed.plan).map(formatChange) : []
  const entry = await appendToRecord(folder, (record) =>
    amendPlan({
      ...request,
      record,
      reason: options.reason,
      approvedBy: options.approvedBy ?? [],
    }),
  )
  report(entry, { options, existing: request.existingResults, changes })
}

async function sealRequest(folder: string, options: SealOptions, seenBy: readonly string[] | null) {
  const plan = await readPlan(folder)
  const files = await readInputFiles(folder)
  const existingResults: ExistingResult[] = files
    .filter((file) => file.role !== 'panel')
    .map((file) => ({
      path: file.path,
      digest: digestBytes(file.bytes),
      seenBy: seenBy === null ? null : [...seenBy],
    }))
  return {
    parsed: parsePlan(plan.text, plan.path),
    time: timeOf(options),
    author: authorOf(options),
    key: await keyOf(options),
    existingResults,
  }
}

function report(
  entry: RecordEntry,
  context: {
    readonly options: SealOptions
    readonly existing: readonly ExistingResult[]
    readonly changes: readonly string[]
  },
): void {
  const { options, existing, changes } = context
  const seal = openEntry(entry)
  if (!seal) throw new AppError('LOG_INVALID', 'the entry just written is not a seal')
  const document = {
    schemaVersion: 'dokja.round-seal/1',
    planDigest: seal.planDigest,
    textDigest: seal.textDigest,
    time: entry.time,
    author: entry.author,
    keyId: keyIdOf(seal.publicKey),
    sequence: entry.sequence,
    entryDigest: entry.digest,
    existingResults: existing,
    changes,
  }
  if (options.json) {
    printJson(document)
    return
  }
  process.stdout.write(`sealed ${seal.planDigest}\n  at ${entry.time} by ${entry.author}\n`)
  process.stdout.write(
    `  key ${document.keyId}\n  record entry ${entry.sequence} ${entry.digest}\n`,
  )
  for (const change of changes) process.stdout.write(`  changed ${change}\n`)
  if (existing.length > 0) {
    process.stdout.write(
      `  results that existed already: ${existing.map((file) => file.path).join(', ')}\n`,
    )
  }
}
