import { renderAudit, renderAuditHtml, runAudit, transformFiles } from '@dokja/core'
import { openMatrixEngine, openModel, reportNames } from '@dokja/core/node'
import type { Command } from 'commander'
import { auditJson } from '../output/audit-json.ts'
import { exitStatusOfAudit } from '../output/exit-status.ts'
import { auditProgress } from '../output/progress-text.ts'
import { remoteOptions } from '../output/remote-options.ts'
import { checkReportFolder, writeReport } from '../output/report-file.ts'
import {
  chooseDocumentLanguage,
  chooseLanguage,
  createProgress,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
  usesColor,
} from '../output/terminal.ts'
import { addReadingOptions, fullReadOf, type ReadingOptions } from './reading-options.ts'
import { PLACE_HELP, registryPlace, withRegistry } from './registry/registry-place.ts'
import { searchForAudit } from './registry/search-for-audit.ts'

type Options = ReadingOptions & {
  readonly against: readonly string[]
  readonly own: readonly string[]
  readonly registry?: string | true
  readonly json?: boolean
  readonly lang?: Language
  readonly out?: string
}

const collect = (value: string, held: readonly string[]): readonly string[] => [...held, value]

export function registerAudit(program: Command): void {
  const command = program
    .command('audit')
    .description('audit the independence of one model against named references')
    .argument('<MODEL>', 'a folder, a weight file, org/name@revision on a hub, or an address')
    .option('--against <REF...>', 'references to search; may be repeated')
    .option('--own <REF>', 'a reference that is the team’s own declared ancestor', collect, [])
    .option('--registry [place]', `search the fingerprints of this registry first: ${PLACE_HELP}`)
    .option('--json', 'print one JSON document and nothing else')
    .option('--out <dir>', 'write audit.json, audit.html and recovered transforms into this folder')
    .option('--lang <ko|en>', 'language of the report', parseLanguage)
  addReadingOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  dokja audit ./submission --against ./base-1 ./base-2 --out report\n',
    )
    .action((model: string, options: Options) => runAuditCommand(model, options))
}

async function runAuditCommand(model: string, options: Options): Promise<void> {
  await checkReportFolder(options.out)
  const progress = createProgress()
  const full = await fullReadOf(options, progress)
  const remote = remoteOptions(options, progress)
  const paths = [...new Set([...(options.against ?? []), ...options.own])]
  // Every reference is opened once before the work begins, so that a wrong name is told at once.
  const named = reportNames([model, ...paths])
  const ids = new Map<string, string>()
  for (const path of paths) {
    const reference = await openModel(path, { ...remote, name: named.get(path) })
    ids.set(path, reference.checkpoint.id)
    await reference.close()
  }
  const source = await openModel(model, { ...remote, name: named.get(model) })
  const engine = openMatrixEngine({ workers: options.workers })
  try {
    const found =
      options.registry === undefined
        ? null
        : await withRegistry(registryPlace(options.registry), 'read', (store) =>
            searchForAudit(source, store, {
              model,
              named: paths.map((path) => ({ path, open: () => openModel(path, remote) })),
              isListed: true,
              onProgress: (component) => progress.show(`fingerprint · ${component} …`),
            }),
          )
    const places = [...paths, ...(found?.places ?? [])]
    const names = reportNames([model, ...places])
    const audited = await runAudit(
      source,
      places.map((path) => () => openModel(path, { ...remote, name: names.get(path) })),
      {
        ...(found ? { registry: found.evidence } : {}),
        budgetBytes: options.budget,
        deep: options.deep ?? false,
        engine,
        ...full,
        // As the report names them: pinned to a commit, or without the secrets of an address.
        ownAncestors: options.own.map((path) => ids.get(path) ?? path),
        onProgress: (step) => progress.show(auditProgress(step)),
      },
    )
    progress.end()
    const { files, ofAudit } = transformFiles(options.out ? audited.comparisons : [])
    const report = ofAudit(audited)
    const language = chooseLanguage(options.lang)
    const document = auditJson(report)
    if (options.json) printJson(document)
    else {
      const look = { language, color: usesColor(), width: terminalWidth(), folder: options.out }
      process.stdout.write(renderAudit(report, look))
    }
    if (options.out) {
      const html = renderAuditHtml(report, { language: chooseDocumentLanguage(options.lang) })
      await writeReport(options.out, 'audit', { document, html, transforms: files })
    }
    process.exitCode = exitStatusOfAudit(report)
  } finally {
    progress.end()
    await Promise.all([source.close(), engine.close()])
  }
}
