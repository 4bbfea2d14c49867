import { type RegistryListing, renderRegistryList } from '@dokja/core'
import type { RegistryStore } from '@dokja/core/node'
import type { Command } from 'commander'
import {
  chooseLanguage,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
} from '../../output/terminal.ts'
import { REGISTRY_HELP, REGISTRY_OPTION, withRegistry } from './registry-place.ts'

type Options = { readonly registry?: string; readonly json?: boolean; readonly lang?: Language }

export function registerList(registry: Command): void {
  registry
    .command('list')
    .description('the models of a registry')
    .option(REGISTRY_OPTION, REGISTRY_HELP)
    .option('--json', 'print one JSON document and nothing else')
    .option('--lang <ko|en>', 'language of the table', parseLanguage)
    .addHelpText('after', '\nExample:\n  dokja registry list --registry ./known\n')
    .action(async (options: Options) => {
      const models = await withRegistry(options.registry, 'read', describeAll)
      if (options.json) {
        printJson({
          schemaVersion: 1,
          models: models.map(({ source, model, ...rest }) => ({ ...source, ...model, ...rest })),
        })
        return
      }
      const look = {
        language: chooseLanguage(options.lang),
        width: terminalWidth(),
        signers: models.map(({ signedBy }) => signedBy),
      }
      process.stdout.write(renderRegistryList(models, look))
    })
}

type Described = RegistryListing & {
  readonly file: string
  readonly place: string | null
  readonly signedBy: string | null
  readonly claims: object
  readonly components: readonly object[]
}

/** One fingerprint is open at a time; what is kept of it are its facts. */
async function describeAll(store: RegistryStore): Promise<Described[]> {
  const models: Described[] = []
  for await (const { entry, place, signedBy } of store.listed()) {
    const { source, model, claims, components } = await store.load(entry)
    models.push({
      source,
      model,
      file: entry,
      place,
      signedBy,
      claims,
      components: components.map(({ component, parameters, dtype }) => ({
        component,
        parameters,
        dtype,
      })),
    })
  }
  return models
}
