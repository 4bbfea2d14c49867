import { readFile } from 'node:fs/promises'
import {
  AppError,
  digestBytes,
  isDecisionStale,
  type PublishedView,
  publishViews,
  readView,
  renderDocket,
  renderRoundHtml,
  runRound,
  verifyView,
  writeAct,
} from '@dokja/core'
import {
  appendToRecord,
  defaultSecretPath,
  randomHex,
  readOrCreateSecret,
  readRoundFolder,
  replacePublished,
} from '@dokja/core/node'
import type { Command } from 'commander'
import { writeReport } from '../../output/report-file.ts'
import {
  chooseLanguage,
  type Language,
  parseLanguage,
  printJson,
  terminalWidth,
  usesColor,
} from '../../output/terminal.ts'
import { openDocket } from './acts.ts'
import { addWritingOptions, authorOf, timeOf, type WritingOptions } from './writing.ts'

type PublishOptions = WritingOptions & {
  readonly secret?: string
  readonly lang?: Language
  readonly json?: boolean
  readonly out?: string
}

/** Views per audience, the pages made from them, and proofs against the public root. */
export function registerPublishCommands(round: Command): void {
  addWritingOptions(round.command('publish'))
    .description('write the public, team and panel editions into DIR/published')
    .argument('<DIR>')
    .option('--secret <file>', 'secret of the salts; that of this account when left out')
    .option('--lang <ko|en>', 'language shown first', parseLanguage, 'ko')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText('after', '\nExample:\n  dokja round publish stage-1\n')
    .action(runPublish)
  addWritingOptions(round.command('report'))
    .description('write the complete, internal edition into a folder')
    .argument('<DIR>')
    .requiredOption('--out <dir>', 'where round.json and round.html go')
    .option('--secret <file>', 'secret of the salts; that of this account when left out')
    .option('--lang <ko|en>', 'language shown first', parseLanguage, 'ko')
    .addHelpText('after', '\nExample:\n  dokja round report stage-1 --out report\n')
    .action(runReport)
  round
    .command('docket')
    .description('show what is on record: gate, decision, objections, next stage')
    .argument('<DIR>')
    .option('--json', 'print one JSON document and nothing else')
    .option('--lang <ko|en>', 'language of the list', parseLanguage)
    .addHelpText('after', '\nExample:\n  dokja round docket examples/korea-2026-stage1\n')
    .action(runDocket)
  round
    .command('verify-view')
    .description('check that the numbers of a private view are inside the public root')
    .argument('<VIEW>', 'view.json of a team')
    .option('--against <view>', 'view.json of the public edition')
    .option('--root <digest>', 'the root as it was printed, instead of the public edition')
    .option('--json', 'print one JSON document and nothing else')
    .addHelpText(
      'after',
      '\nExample:\n  dokja round verify-view teams/lg/view.json --against public/view.json\n',
    )
    .action(runVerifyView)
}

async function secretOf(options: PublishOptions): Promise<string> {
  const path = options.secret ?? defaultSecretPath()
  const { secret, created } = await readOrCreateSecret(path)
  if (created)
    process.stderr.write(`a disclosure secret was made: ${path} (keep it, keep it secret)\n`)
  return secret
}

async function runPublish(folder: string, options: PublishOptions): Promise<void> {
  const result = runRound(await readRoundFolder(folder))
  const asOf = timeOf(options)
  const publication = publishViews(result, { secret: await secretOf(options), asOf })
  if (isDecisionStale(publication, result)) {
    throw new AppError('RULE_BROKEN', 'the decision stands on another scoreboard than this one', {
      hint: 'restore the rows, or correct the decision with `dokja round decide` first',
    })
  }
  const language = chooseLanguage(options.lang)
  const files = new Map(
    publication.views.flatMap(({ folder: place, view }) => [
      [`${place}/view.json`, `${JSON.stringify(view, null, 1)}\n`] as const,
      [`${place}/index.html`, renderRoundHtml(view, { language })] as const,
    ]),
  )
  const digests = [...files].map(([path, text]) => ({
    path,
    digest: digestBytes(new TextEncoder().encode(text)),
  }))
  const { commitment } = publication.office
  const written = await replacePublished(folder, files, async () => {
    await appendToRecord(folder, (record) => {
      const body = {
        root: commitment.root,
        leaves: commitment.leaves,
        board: result.board.digest,
        views: digests,
        retold: null,
        corrects: null,
      }
      const writing = { record, time: asOf, author: authorOf(options), blind: randomHex() }
      return writeAct('views.published', body, writing).entry
    })
  })
  report(
    { views: publication.views, written, root: commitment.root, leaves: commitment.leaves },
    options,
  )
}

function report(
  done: {
    readonly views: readonly PublishedView[]
    readonly written: readonly string[]
    readonly root: string
    readonly leaves: number
  },
  options: PublishOptions,
): void {
  const derivable = done.views.flatMap(({ folder, derivable: found }) =>
    found.map((entry) => ({ view: folder, ...entry })),
  )
  if (options.json) {
    const { root, leaves, written } = done
    printJson({ schemaVersion: 'dokja.round-publish/1', root, leaves, written, derivable })
    return
  }
  process.stdout.write(`root ${done.root} (${done.leaves} leaves)\n`)
  for (const path of done.written) process.stdout.write(`→ ${path}\n`)
  for (const { view, part, team } of derivable) {
    process.stdout.write(
      `note: ${view} does not show ${team} in ${part}, but the mean and the other scores give it away\n`,
    )
  }
}

async function runReport(folder: string, options: PublishOptions): Promise<void> {
  const result = runRound(await readRoundFolder(folder))
  const secret = await secretOf(options)
  const { office } = publishViews(result, { secret, asOf: timeOf(options) })
  const written = await writeReport(options.out ?? '.', 'round', {
    document: office,
    html: renderRoundHtml(office, { language: chooseLanguage(options.lang) }),
  })
  for (const path of written) process.stdout.write(`→ ${path}\n`)
}

async function runDocket(
  folder: string,
  options: { readonly json?: boolean; readonly lang?: Language },
): Promise<void> {
  const { plan, docket } = await openDocket(folder)
  if (options.json) {
    const { gate, ...rest } = docket
    printJson({
      schemaVersion: 'dokja.docket/1',
      stage: plan.stage.id,
      gate: [...gate.values()],
      ...rest,
    })
    return
  }
  const look = {
    language: chooseLanguage(options.lang),
    color: usesColor(),
    width: terminalWidth(),
  }
  process.stdout.write(renderDocket(plan, docket, look))
}

async function runVerifyView(
  path: string,
  options: { readonly against?: string; readonly root?: string; readonly json?: boolean },
): Promise<void> {
  const view = await openView(path)
  const result = verifyView(view, await expected(options))
  process.exitCode = result.kind === 'verified' ? 0 : 1
  if (options.json) {
    printJson({ schemaVersion: 'dokja.round-verify-view/1', ...result })
    return
  }
  if (result.kind === 'verified') {
    process.stdout.write(`verified: ${result.proven} values are inside ${result.root}\n`)
    return
  }
  process.stdout.write(`not verified against ${result.root}\n`)
  for (const failure of result.failures) process.stdout.write(`- ${failure}\n`)
}

async function expected(options: { readonly against?: string; readonly root?: string }) {
  if (options.against !== undefined) {
    const { commitment } = await openView(options.against)
    return {
      root: commitment.root,
      planDigest: commitment.planDigest,
      leaves: commitment.leaves,
    }
  }
  if (options.root !== undefined && /^sha256:[0-9a-f]{64}$/.test(options.root)) {
    return { root: options.root }
  }
  throw new AppError('USAGE', 'name what to check against', {
    hint: '--against public/view.json, or --root sha256:…',
  })
}

async function openView(path: string) {
  try {
    return readView(new Uint8Array(await readFile(path)), path)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('NOT_FOUND', `cannot read ${path}`, { cause: error })
  }
}
