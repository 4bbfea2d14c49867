import { renderRegistrySearch } from '@dokja/core'
import { openModel, shownAddress } from '@dokja/core/node'
import type { Command } from 'commander'
import { comparisonJson } from '../../output/audit-json.ts'
import { remoteOptions } from '../../output/remote-options.ts'
import {
  chooseLanguage,
  createProgress,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
} from '../../output/terminal.ts'
import { REGISTRY_HELP, REGISTRY_OPTION, withRegistry } from './registry-place.ts'
import { searchForAudit } from './search-for-audit.ts'

type Options = {
  readonly registry?: string
  readonly allowPrivateHosts?: boolean
  readonly json?: boolean
  readonly lang?: Language
}

export function registerSearch(registry: Command): void {
  registry
    .command('search')
    .description('which models of the registry does this one depend on? by fingerprints alone')
    .argument('<MODEL>', 'a folder, a weight file, org/name@revision on a hub, or an address')
    .option(REGISTRY_OPTION, REGISTRY_HELP)
    .option('--allow-private-hosts', 'read from addresses of this machine or its network')
    .option('--json', 'print one JSON document and nothing else')
    .option('--lang <ko|en>', 'language of the text', parseLanguage)
    .addHelpText('after', '\nExample:\n  dokja registry search ./submission --registry ./known\n')
    .action(runSearch)
}

/** Exit status 1: a relative was found. 0: none. 3: nothing could be compared. */
async function runSearch(model: string, options: Options): Promise<void> {
  const progress = createProgress()
  const source = await openModel(model, remoteOptions(options, progress))
  try {
    const { search, evidence } = await withRegistry(options.registry, 'read', (store) =>
      searchForAudit(source, store, {
        model,
        named: [],
        isListed: false,
        onProgress: (component) => progress.show(`${component} …`),
      }),
    )
    progress.end()
    const { findings, claims } = evidence
    if (options.json) {
      const { hits, silent, ...rest } = search
      printJson({
        schemaVersion: 1,
        model: shownAddress(model),
        ...rest,
        hits: hits.map(({ comparison }) => comparisonJson(comparison)),
        silent: silent ? comparisonJson(silent) : null,
        claims,
        kin: findings.kin,
        tokenizers: findings.tokenizers,
        bytesRead: source.bytesRead(),
      })
    } else {
      const look = { language: chooseLanguage(options.lang), width: terminalWidth() }
      process.stdout.write(renderRegistrySearch(search, { ...findings, claims }, look))
    }
    process.exitCode = search.hits.length > 0 ? 1 : search.silent?.verdict === 'no_evidence' ? 0 : 3
  } finally {
    progress.end()
    await source.close()
  }
}
