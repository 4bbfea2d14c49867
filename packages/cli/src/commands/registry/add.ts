import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError, isBundle } from '@dokja/core'
import { fingerprintPlace, openBundle, type RegistryStore, shownAddress } from '@dokja/core/node'
import type { Command } from 'commander'
import { remoteOptions } from '../../output/remote-options.ts'
import { createProgress, type Progress, printJson } from '../../output/terminal.ts'
import { REGISTRY_HELP, REGISTRY_OPTION, withRegistry } from './registry-place.ts'
import { today } from './search-for-audit.ts'
import { parseSigner, requireSigner } from './signer.ts'

type Options = {
  readonly registry?: string
  readonly as?: string
  readonly replace?: boolean
  readonly signer?: string
  readonly allowPrivateHosts?: boolean
  readonly json?: boolean
}

type Added = {
  readonly id: string
  readonly outcome: string
  readonly file: string
  readonly bytesRead: number
  readonly signedBy: string | null
}

export function registerAdd(registry: Command): void {
  registry
    .command('add')
    .description('fingerprint models, or merge the bundle of another registry')
    .argument('<MODEL...>', 'folders, files, org/name@commit on a hub, or .dokjareg bundles')
    .option(REGISTRY_OPTION, `${REGISTRY_HELP}; made if it does not exist`)
    .option('--as <name>', 'name of the model in the registry; for one model')
    .option('--replace', 'replace a model of the same name that has other weights')
    .option('--signer <keyid>', 'refuse bundles that this key did not sign', parseSigner)
    .option('--allow-private-hosts', 'read from addresses of this machine or its network')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', '\nExample:\n  dokja registry add ./base-1 --registry ./known\n')
    .action(runAdd)
}

async function runAdd(models: readonly string[], options: Options): Promise<void> {
  if (options.as !== undefined && models.length > 1) {
    throw new AppError('USAGE', `--as ${options.as} names one model, ${models.length} were given`)
  }
  const unsigned = models.find((model) => !isBundleFile(model))
  if (options.signer !== undefined && unsigned !== undefined) {
    throw new AppError('USAGE', `--signer asks for signed bundles, and ${unsigned} is none`, {
      hint: 'add models that lie here in a command of their own',
    })
  }
  const progress = createProgress()
  await withRegistry(options.registry, 'add', async (store) => {
    const added: Added[] = []
    try {
      for (const model of models) {
        progress.show(`${shownAddress(model)} …`)
        const one = isBundleFile(model)
          ? await merge(model, store, options)
          : [await add(model, store, { ...options, progress })]
        added.push(...one)
      }
    } finally {
      progress.end()
    }
    report(added, store, options)
  })
}

async function add(
  model: string,
  store: RegistryStore,
  options: Options & { readonly progress: Progress },
): Promise<Added> {
  const { fingerprint, bytesRead } = await fingerprintPlace(model, {
    date: today(),
    ...remoteOptions(options, options.progress),
    ...(options.as === undefined ? {} : { name: options.as }),
  })
  const place = existsSync(model) ? resolve(model) : shownAddress(model)
  const result = await store.add(fingerprint, { place, replace: options.replace === true })
  return { id: fingerprint.source.id, ...result, bytesRead, signedBy: null }
}

async function merge(bundle: string, store: RegistryStore, options: Options): Promise<Added[]> {
  const { fingerprints, signedBy, close } = await openBundle(bundle)
  const added: Added[] = []
  try {
    requireSigner(bundle, signedBy, options.signer)
    for await (const fingerprint of fingerprints()) {
      const replace = options.replace === true
      const result = await store.add(fingerprint, { replace, signedBy })
      added.push({ id: fingerprint.source.id, ...result, bytesRead: 0, signedBy })
    }
  } finally {
    await close()
  }
  return added
}

function report(added: readonly Added[], store: RegistryStore, options: Options): void {
  const conflicts = added.filter(({ outcome }) => outcome === 'conflict')
  if (options.json) printJson({ schemaVersion: 1, registry: store.place, models: added })
  else for (const one of added) process.stdout.write(lineOf(one))
  if (conflicts.length === 0) return
  process.stderr.write(
    `error: ${conflicts.length} of ${added.length} models have other weights than the registry holds under their name: ${conflicts.map(({ id }) => id).join(', ')}\n` +
      'hint: --replace takes the newer weights; one model, which no bundle is, can have another name with --as\n',
  )
  process.exitCode = 1
}

const lineOf = ({ id, outcome, signedBy }: Added): string =>
  `${[outcome, id, ...(signedBy === null ? [] : [`signed by ${signedBy}`])].join('\t')}\n`

/** By its first bytes, so that a bundle may have any name. */
function isBundleFile(path: string): boolean {
  if (!existsSync(path) || !statSync(path).isFile()) return false
  const file = openSync(path, 'r')
  try {
    const head = new Uint8Array(8)
    readSync(file, head, 0, 8, 0)
    return isBundle(head)
  } finally {
    closeSync(file)
  }
}
