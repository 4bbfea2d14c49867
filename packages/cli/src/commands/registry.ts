import { renderRegistryList } from '@dokja/core'
import { readFilledRegistry, readSigners } from '@dokja/core/node'
import type { Command } from 'commander'
import {
  chooseLanguage,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
} from '../output/terminal.ts'
import { registerAdd } from './registry/add.ts'
import { registerAtlas } from './registry/atlas.ts'
import { registerExport } from './registry/export.ts'
import { registerFill } from './registry/fill.ts'
import { registerKin } from './registry/kin.ts'
import { registerSearch } from './registry/search.ts'
import { registerVerify } from './registry/verify.ts'

/** `dokja registry …`: fingerprints of models in one folder. */
export function registerRegistry(program: Command): void {
  const registry = program
    .command('registry')
    .description(
      'fingerprints of models: add, list, search, export, verify, fill, draw, compare configurations',
    )
    .addHelpText(
      'after',
      '\nExample:\n  dokja registry add ./base-1 ./base-2 --registry ./known\n  dokja registry search ./submission --registry ./known\n',
    )
  registerAdd(registry)
  registerList(registry)
  registerSearch(registry)
  registerExport(registry)
  registerFill(registry)
  registerAtlas(registry)
  registerKin(registry)
  registerVerify(registry)
}

function registerList(registry: Command): void {
  registry
    .command('list')
    .description('the models of a registry')
    .requiredOption('--registry <dir>', 'folder of the registry')
    .option('--json', 'print one JSON document and nothing else')
    .option('--lang <ko|en>', 'language of the table', parseLanguage)
    .addHelpText('after', '\nExample:\n  dokja registry list --registry ./known\n')
    .action(async (options: { registry: string; json?: boolean; lang?: Language }) => {
      const entries = await readFilledRegistry(options.registry)
      const signers = await readSigners(options.registry)
      if (options.json) {
        printJson({
          schemaVersion: 1,
          models: entries.map(({ file, place, fingerprint }) => ({
            ...fingerprint.source,
            ...fingerprint.model,
            file,
            place,
            signedBy: signers[file] ?? null,
            claims: fingerprint.claims,
            components: fingerprint.components.map(({ component, parameters, dtype }) => ({
              component,
              parameters,
              dtype,
            })),
          })),
        })
        return
      }
      const look = {
        language: chooseLanguage(options.lang),
        width: terminalWidth(),
        signers: entries.map(({ file }) => signers[file] ?? null),
      }
      process.stdout.write(
        renderRegistryList(
          entries.map((entry) => entry.fingerprint),
          look,
        ),
      )
    })
}
