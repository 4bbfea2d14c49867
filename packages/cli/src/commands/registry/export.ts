import { type RegistryStore, readKeyFile, writeBundle } from '@dokja/core/node'
import type { Command } from 'commander'
import { printJson } from '../../output/terminal.ts'
import { REGISTRY_HELP, REGISTRY_OPTION, withRegistry } from './registry-place.ts'

type Options = {
  readonly registry?: string
  readonly out: string
  readonly key?: string
  readonly json?: boolean
}

export function registerExport(registry: Command): void {
  registry
    .command('export')
    .description('write all fingerprints as one file, for others to add')
    .option(REGISTRY_OPTION, REGISTRY_HELP)
    .requiredOption('--out <file>', 'the bundle, usually NAME.dokjareg')
    .option('--key <file>', 'sign it with this key (dokja round key makes one)')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText(
      'after',
      '\nExample:\n  dokja registry export --registry ./known --out known.dokjareg --key office.json\n',
    )
    .action(async (options: Options) => {
      const key = options.key === undefined ? null : await readKeyFile(options.key)
      const written = await withRegistry(options.registry, 'read', (store) =>
        writeBundle(options.out, { entries: entriesOf(store), load: store.load }, key),
      )
      if (options.json) printJson({ schemaVersion: 1, file: options.out, ...written })
      else {
        const signed = written.keyId === null ? 'unsigned' : `signed by ${written.keyId}`
        process.stdout.write(
          `${options.out}: ${written.models} models, ${written.sizeBytes} bytes, ${signed}\n`,
        )
      }
    })
}

async function* entriesOf(store: RegistryStore): AsyncGenerator<string> {
  for await (const { entry } of store.listed()) yield entry
}
