import { AppError } from '@dokja/core'
import { addFingerprint, fingerprintPlace, readCatalogue, readRegistry } from '@dokja/core/node'
import { type Command, InvalidArgumentError } from 'commander'
import { createProgress, printJson } from '../../output/terminal.ts'
import { today } from './search-for-audit.ts'

type Options = {
  readonly registry: string
  readonly list?: string
  readonly only?: string
  readonly limit?: number
  readonly dryRun?: boolean
  readonly allowPrivateHosts?: boolean
  readonly json?: boolean
}

type Filled = {
  readonly id: string
  readonly outcome: string
  readonly message: string | null
  readonly bytesRead: number
}

export function registerFill(registry: Command): void {
  registry
    .command('fill')
    .description('fingerprint the public models of the shipped list, on a connected machine')
    .requiredOption('--registry <dir>', 'folder of the registry; made if it does not exist')
    .option('--list <file>', 'another list of models (docs/formats/registry.md)')
    .option('--only <text>', 'models whose id contains this text')
    .option('--limit <n>', 'stop after this many new fingerprints', parseLimit)
    .option('--dry-run', 'name the models that are missing and read nothing')
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
  const missing = await missingModels(options)
  const progress = createProgress()
  const filled: Filled[] = []
  try {
    for (const [at, reference] of missing.entries()) {
      progress.show(`${at + 1}/${missing.length} ${reference} …`)
      const result = options.dryRun ? notYet(reference) : await fill(reference, options)
      filled.push(result)
      if (!options.json) {
        progress.end()
        const detail = result.message === null ? '' : `\t${result.message}`
        process.stdout.write(`${result.outcome}\t${result.id}${detail}\n`)
      }
    }
  } finally {
    progress.end()
  }
  if (options.json) printJson({ schemaVersion: 1, registry: options.registry, models: filled })
  if (filled.some(({ outcome }) => outcome === 'failed')) process.exitCode = 3
}

async function missingModels(options: Options): Promise<string[]> {
  const [catalogue, entries] = await Promise.all([
    readCatalogue(options.list),
    readRegistry(options.registry),
  ])
  const held = new Set(entries.map(({ fingerprint }) => fingerprint.source.id.toLowerCase()))
  const only = options.only?.toLowerCase() ?? ''
  return catalogue.models
    .filter(({ id }) => id.toLowerCase().includes(only) && !held.has(id.toLowerCase()))
    .map(({ id, commit }) => (commit === null ? id : `${id}@${commit}`))
    .slice(0, options.limit ?? Number.POSITIVE_INFINITY)
}

const notYet = (id: string): Filled => ({ id, outcome: 'missing', message: null, bytesRead: 0 })

/** One model that cannot be read must not stop the others. */
async function fill(reference: string, options: Options): Promise<Filled> {
  try {
    const { fingerprint, bytesRead } = await fingerprintPlace(reference, {
      date: today(),
      isPrivateAllowed: options.allowPrivateHosts === true,
    })
    const { id, commit } = fingerprint.source
    const { outcome } = await addFingerprint(options.registry, fingerprint, {
      place: commit === null ? reference : `${id}@${commit}`,
    })
    return { id, outcome, message: null, bytesRead }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { id: reference, outcome: 'failed', message: error.message, bytesRead: 0 }
  }
}
