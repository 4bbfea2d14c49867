import { existsSync } from 'node:fs'
import {
  architectureOf,
  type KnownArchitecture,
  type NearestArchitectures,
  nearestArchitectures,
  renderKin,
} from '@dokja/core'
import { type RegistryStore, readCatalogue, readConfig } from '@dokja/core/node'
import { type Command, InvalidArgumentError } from 'commander'
import {
  chooseLanguage,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
} from '../../output/terminal.ts'
import { liesIn } from './lies-in.ts'
import { PLACE_HELP, registryPlace, withRegistry } from './registry-place.ts'

type Options = {
  readonly list?: string
  readonly registry?: string | true
  readonly limit: number
  readonly allowPrivateHosts?: boolean
  readonly json?: boolean
  readonly lang?: Language
}

export function registerKin(registry: Command): void {
  registry
    .command('kin')
    .description('which known architectures does a configuration follow? from config.json alone')
    .argument(
      '<CONFIG>',
      'a config.json, a folder that holds one, org/name on a hub, or an address',
    )
    .option('--list <file>', 'another list of models (docs/formats/registry.md)')
    .option(
      '--registry [place]',
      `compare with the fingerprints of this registry as well: ${PLACE_HELP}`,
    )
    .option('--limit <n>', 'name this many of the nearest', parseLimit, 5)
    .option('--allow-private-hosts', 'read from addresses of this machine or its network')
    .option('--json', 'print one JSON document and nothing else')
    .option('--lang <ko|en>', 'language of the text', parseLanguage)
    .addHelpText(
      'after',
      '\nDescriptive: it decides nothing, and ends with 0 whatever it finds.\n\nExample:\n  dokja registry kin ./submission/config.json\n',
    )
    .action(runKin)
}

function parseLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('a number from 1')
  return limit
}

async function runKin(name: string, options: Options): Promise<void> {
  const { id, config } = await readConfig(name, {
    isPrivateAllowed: options.allowPrivateHosts === true,
  })
  const architecture = architectureOf(config)
  const { models } = await readCatalogue(options.list)
  const listed = models.filter((one) => !isItself(name, id, one))
  const held =
    options.registry === undefined
      ? null
      : await withRegistry(registryPlace(options.registry), 'read', (store) =>
          heldIn(store, name, models),
        )
  const near = (known: readonly KnownArchitecture[]): NearestArchitectures =>
    nearestArchitectures(architecture, known, options.limit)
  const report = {
    id,
    architecture,
    list: near(listed),
    registry: held && near(held.filter((one) => !isItself(name, id, one))),
  }
  if (options.json) {
    const { id: model, ...rest } = report
    printJson({ schemaVersion: 'dokja.kin/1', model, tier: 'descriptive', ...rest })
    return
  }
  const look = { language: chooseLanguage(options.lang), width: terminalWidth() }
  process.stdout.write(renderKin(report, look))
}

async function heldIn(
  store: RegistryStore,
  name: string,
  listed: readonly KnownArchitecture[],
): Promise<KnownArchitecture[]> {
  const developers = new Map(listed.map((one) => [one.id.toLowerCase(), one.developer]))
  const isOwn = liesIn([name])
  const held: KnownArchitecture[] = []
  for await (const { entry, place } of store.listed()) {
    if (isOwn(place)) continue
    const { source, model } = await store.load(entry)
    const developer = developers.get(source.id.toLowerCase()) ?? null
    held.push({ id: source.id, developer, architecture: model.config })
  }
  return held
}

/** A model on a hub is not its own relative; a folder of this machine may bear any name. */
const isItself = (name: string, id: string, known: KnownArchitecture): boolean =>
  !existsSync(name) && known.id.toLowerCase() === id.replace(/@[0-9a-f]{40}$/, '').toLowerCase()
