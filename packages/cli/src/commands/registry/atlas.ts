import { buildAtlas, type Fingerprint, renderAtlasHtml } from '@dokja/core'
import { type RegistryStore, sketchKernel, writeWhole } from '@dokja/core/node'
import type { Command } from 'commander'
import { comparisonJson } from '../../output/audit-json.ts'
import {
  chooseDocumentLanguage,
  createProgress,
  type Language,
  parseLanguage,
  printJson,
} from '../../output/terminal.ts'
import { REGISTRY_HELP, REGISTRY_OPTION, withRegistry } from './registry-place.ts'

type Options = {
  readonly registry?: string
  readonly out: string
  readonly json?: boolean
  readonly lang?: Language
}

export function registerAtlas(registry: Command): void {
  registry
    .command('atlas')
    .description('draw the family tree of a registry; every line opens its evidence')
    .option(REGISTRY_OPTION, REGISTRY_HELP)
    .requiredOption('--out <file>', 'the page to write')
    .option('--json', 'print families and pairs as one JSON document')
    .option('--lang <ko|en>', 'language shown first', parseLanguage)
    .addHelpText(
      'after',
      '\nExample:\n  dokja registry atlas --registry ./known --out atlas.html\n',
    )
    .action(async (options: Options) => {
      const models = await withRegistry(options.registry, 'read', allFingerprints)
      const progress = createProgress()
      progress.show(`${models.length} × ${models.length} …`)
      const atlas = buildAtlas(models, sketchKernel())
      progress.end()
      const language = chooseDocumentLanguage(options.lang)
      await writeWhole(options.out, new TextEncoder().encode(renderAtlasHtml(atlas, { language })))
      const names = (models: readonly number[]) =>
        models.map((model) => atlas.models[model]?.source.id)
      if (options.json) {
        printJson({
          schemaVersion: 1,
          hypotheses: atlas.hypotheses,
          log10Alpha: atlas.log10Alpha,
          families: atlas.families.map(({ models, tree, further }) => ({
            models: names(models),
            tree: tree.map(({ comparison }) => comparisonJson(comparison)),
            further: further.map(({ comparison }) => comparisonJson(comparison)),
          })),
          singles: names(atlas.singles),
        })
      } else {
        process.stdout.write(
          `${options.out}: ${atlas.models.length} models, ${atlas.families.length} families\n`,
        )
      }
    })
}

/** Every pair is compared, so all are held at once. */
async function allFingerprints(store: RegistryStore): Promise<Fingerprint[]> {
  const models: Fingerprint[] = []
  for await (const { entry } of store.listed()) models.push(await store.load(entry))
  return models
}
