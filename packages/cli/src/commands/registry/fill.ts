import { AppError } from '@dokja/core'
import { fingerprintPlace, type RegistryStore, readCatalogue } from '@dokja/core/node'
import { type Command, InvalidArgumentError } from 'commander'
import { remoteOptions } from '../../output/remote-options.ts'
import { createProgress, type Progress, printJson } from '../../output/terminal.ts'
import { REGISTRY_HELP, REGISTRY_OPTION, withRegistry } from './registry-place.ts'
import { today } from './search-for-audit.ts'

type Options = {
  readonly registry?: string
  readonly list?: string
  readonly only?: string
  readonly limit?: number
  readonly dryRun?: boolean
  readonly defaultBranch?: boolean
  readonly allowPrivateHosts?: boolean
  readonly json?: boolean
}

type Job = Options & { readonly progress: Progress }

type Listed = { readonly id: string; readonly commit: string | null }

type Filled = {
  readonly id: string
  /** What was read; in a failure and a dry run what the list names. */
  readonly commit: string | null
  readonly outcome: string
  readonly message: string | null
  readonly bytesRead: number
}

export function registerFill(registry: Command): void {
  registry
    .command('fill')
    .description('fingerprint the public models of the shipped list, on a connected machine')
    .option(REGISTRY_OPTION, `${REGISTRY_HELP}; made if it does not exist`)
    .option('--list <file>', 'another list of models (docs/formats/registry.md)')
    .option('--only <text>', 'models whose id contains this text')
    .option('--limit <n>', 'stop after this many new fingerprints', parseLimit)
    .option('--dry-run', 'name the models that are missing and read nothing')
    .option('--default-branch', 'read the default branch where the commit of the list is gone')
    .option('--allow-private-hosts', 'HF_ENDPOINT is a hub of this machine or its network')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText(
      'after',
      '\nRun it again to resume: models that are there are passed over, and so is what was read before an interruption.\nModels behind a licence need HF_TOKEN.\n\nExample:\n  dokja registry fill --registry ./known --only Qwen2.5\n',
    )
    .action(runFill)
}

function parseLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('a number from 1')
  return limit
}

/** Exit status 3: some models could not be read; they are named and tried again the next time. */
async function runFill(options: Options): Promise<void> {
  await withRegistry(options.registry, 'add', (store) => fillStore(store, options))
}

async function fillStore(store: RegistryStore, options: Options): Promise<void> {
  const missing = await missingModels(store, options)
  const progress = createProgress()
  const filled: Filled[] = []
  try {
    for (const [at, listed] of missing.entries()) {
      progress.show(`${at + 1}/${missing.length} ${listed.id} …`)
      const result = options.dryRun
        ? notYet(listed)
        : await fill(listed, store, { ...options, progress })
      filled.push(result)
      if (!options.json) {
        progress.end()
        process.stdout.write(`${lineOf(result)}\n`)
      }
    }
  } finally {
    progress.end()
  }
  if (options.json) printJson({ schemaVersion: 1, registry: store.place, models: filled })
  if (filled.some(({ outcome }) => outcome === 'failed')) process.exitCode = 3
}

async function missingModels(store: RegistryStore, options: Options): Promise<Listed[]> {
  const catalogue = await readCatalogue(options.list)
  const held = new Set<string>()
  for await (const { identity } of store.listed()) held.add(identity.id.toLowerCase())
  const only = options.only?.toLowerCase() ?? ''
  return catalogue.models
    .filter(({ id }) => id.toLowerCase().includes(only) && !held.has(id.toLowerCase()))
    .map(({ id, commit }) => ({ id, commit }))
    .slice(0, options.limit ?? Number.POSITIVE_INFINITY)
}

function lineOf({ outcome, id, commit, message }: Filled): string {
  const name = commit === null ? id : `${id}@${commit}`
  return [outcome, name, ...(message === null ? [] : [message])].join('\t')
}

const notYet = ({ id, commit }: Listed): Filled => ({
  id,
  commit,
  outcome: 'missing',
  message: commit === null ? NO_COMMIT : null,
  bytesRead: 0,
})

const NO_COMMIT = 'the list names no commit: the default branch'

/** One model that cannot be read must not stop the others; a registry that cannot be added to must. */
async function fill(listed: Listed, store: RegistryStore, options: Job): Promise<Filled> {
  const read = await readListed(listed, options)
  if (!('fingerprint' in read)) return read
  const { fingerprint, reference, message, bytesRead } = read
  const { id, commit } = fingerprint.source
  const place = commit === null ? reference : `${id}@${commit}`
  const { outcome } = await store.add(fingerprint, { place })
  return { id, commit, outcome, message, bytesRead }
}

type Read = Awaited<ReturnType<typeof fingerprintPlace>> &
  Pick<Filled, 'message'> & { readonly reference: string }

async function readListed(
  listed: Listed,
  options: Job,
  message: string | null = listed.commit === null ? NO_COMMIT : null,
): Promise<Read | Filled> {
  const reference = listed.commit === null ? listed.id : `${listed.id}@${listed.commit}`
  try {
    const read = await fingerprintPlace(reference, {
      date: today(),
      ...remoteOptions(options, options.progress),
    })
    return { ...read, reference, message }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const isGone = listed.commit !== null && error.code === 'NOT_FOUND'
    if (isGone && options.defaultBranch) {
      return readListed({ id: listed.id, commit: null }, options, `${error.message}, read instead`)
    }
    const remedy = isGone ? '; --default-branch reads what is there now' : ''
    return { ...listed, outcome: 'failed', message: `${error.message}${remedy}`, bytesRead: 0 }
  }
}
