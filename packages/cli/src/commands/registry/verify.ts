import { openBundle } from '@dokja/core/node'
import type { Command } from 'commander'
import { printJson } from '../../output/terminal.ts'
import { parseSigner, requireSigner } from './signer.ts'

type Options = { readonly signer?: string; readonly json?: boolean }

export function registerVerify(registry: Command): void {
  registry
    .command('verify')
    .description('check every digest of a bundle and its signature, and add nothing')
    .argument('<BUNDLE>', 'a .dokjareg file')
    .option('--signer <keyid>', 'the key that must have signed it', parseSigner)
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText(
      'after',
      '\nExit status 0: whole, and signed by the key that was asked for. 1: another signature or none. 2: altered.\n\nExample:\n  dokja registry verify known.dokjareg --signer sha256:…\n',
    )
    .action(runVerify)
}

async function runVerify(bundle: string, options: Options): Promise<void> {
  const { fingerprints, signedBy, close } = await openBundle(bundle)
  const models: { readonly id: string; readonly commit: string | null }[] = []
  try {
    requireSigner(bundle, signedBy, options.signer)
    for await (const { source } of fingerprints()) {
      models.push({ id: source.id, commit: source.commit })
    }
  } finally {
    await close()
  }
  if (options.json) {
    printJson({ schemaVersion: 'dokja.registry-verify/1', bundle, signedBy, models })
    return
  }
  const signed =
    signedBy === null ? 'not signed: anybody could have made it' : `signed by ${signedBy}`
  process.stdout.write(`${bundle}: ${models.length} models, every digest holds\n${signed}\n`)
}
