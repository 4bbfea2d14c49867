import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  AppError,
  publishViews,
  renderAudit,
  renderAuditHtml,
  renderRoundHtml,
  renderScoreboard,
  runAudit,
  runRound,
} from '@dokja/core'
import { openCheckpoint, randomHex, readRoundFolder } from '@dokja/core/node'
import type { Command } from 'commander'
import { auditJson } from '../output/audit-json.ts'
import { auditProgress } from '../output/progress-text.ts'
import { writeReport } from '../output/report-file.ts'
import {
  chooseDocumentLanguage,
  chooseLanguage,
  createProgress,
  type Language,
  parseLanguage,
  terminalWidth,
  usesColor,
} from '../output/terminal.ts'

/** The suspect, and every model it is searched in: the case of January 2026 in miniature. */
const SUSPECT = 'vlm-borrowed-tuned'
const REFERENCES = ['vlm-donor', 'vlm-honest', 'qvl-donor', 's1']

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('audit the tiny simulated models of this checkout and replay a real round')
    .option('--out <dir>', 'where the reports are written', 'out/demo')
    .option('--lang <ko|en>', 'language of the reports', parseLanguage)
    .addHelpText('after', '\nExample:\n  dokja demo --lang ko\n')
    .action(runDemo)
}

type DemoOptions = { readonly out: string; readonly lang?: Language }

async function runDemo(options: DemoOptions): Promise<void> {
  const language = chooseLanguage(options.lang)
  const root = checkoutRoot()
  say(language, {
    ko: `1. 감사: 모의(시뮬레이션) 소형 모델 ${SUSPECT}을(를) 참조 모델 ${REFERENCES.length}개와 대조합니다.`,
    en: `1. Audit: ${SUSPECT}, a tiny simulated model, against ${REFERENCES.length} references.`,
  })
  const files = await auditSuspect(join(root, 'testdata', 'models'), options)
  say(language, {
    ko: '\n2. 평가: 2026년 1월 1차 단계평가를 공표된 규칙과 집계값으로 재연합니다. 원자료는 모의 자료입니다.',
    en: '\n2. Round: the stage of January 2026 from its published rules and figures; raw rows are simulated.',
  })
  const pages = await replayRound(join(root, 'examples', 'korea-2026-stage1'), options)
  const written = [...files, ...pages]
  process.stdout.write(`\n${written.map((file) => `→ ${file}`).join('\n')}\n`)
}

async function replayRound(folder: string, options: DemoOptions): Promise<readonly string[]> {
  const result = runRound(await readRoundFolder(relative(process.cwd(), folder) || '.'))
  const language = chooseLanguage(options.lang)
  const look = { language, color: usesColor(), width: terminalWidth() }
  process.stdout.write(renderScoreboard(result, look))
  // Nobody will check a private view of a demonstration: the secret is thrown away.
  const asOf = result.record.at(-1)?.time ?? ''
  const { office } = publishViews(result, { secret: randomHex(), asOf })
  return writeReport(options.out, 'round', {
    document: office,
    html: renderRoundHtml(office, { language: chooseDocumentLanguage(options.lang) }),
  })
}

async function auditSuspect(models: string, options: DemoOptions): Promise<readonly string[]> {
  const language = chooseLanguage(options.lang)
  const place = (name: string) => relative(process.cwd(), join(models, name))
  const progress = createProgress()
  const source = await openCheckpoint(place(SUSPECT))
  try {
    const report = await runAudit(
      source,
      REFERENCES.map((name) => () => openCheckpoint(place(name))),
      {
        onProgress: (step) => progress.show(auditProgress(step)),
      },
    )
    progress.end()
    const look = { language, color: usesColor(), width: terminalWidth() }
    process.stdout.write(renderAudit(report, look))
    return await writeReport(options.out, 'audit', {
      document: auditJson(report),
      html: renderAuditHtml(report, { language: chooseDocumentLanguage(options.lang) }),
    })
  } finally {
    progress.end()
    await source.close()
  }
}

function say(language: 'ko' | 'en', text: { readonly ko: string; readonly en: string }): void {
  process.stdout.write(`${text[language]}\n\n`)
}

/** The folder that holds testdata; a published package has none. */
function checkoutRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'testdata', 'models', 'lineage.json'))) return folder
    if (folder === dirname(folder)) {
      throw new AppError('NOT_FOUND', 'the example models are not beside this installation', {
        hint: 'run the demo from a checkout of the repository',
      })
    }
  }
}
