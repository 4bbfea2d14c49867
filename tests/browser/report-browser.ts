import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const DESKTOP = { width: 1200, height: 900 }
export const PHONE = { width: 360, height: 780 }

export type View = {
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly colorScheme?: 'light' | 'dark'
  readonly javaScriptEnabled?: boolean
}

/** Says that the tests of this block are skipped where there is no browser. */
export function skipWithoutBrowser(): void {
  beforeEach((context) => {
    if (CHROMIUM === undefined) context.skip('chromium is not installed')
  })
}

/**
 * A browser for the tests of a file, on documents that are written as files once before them.
 * What it returns opens one and collects everything that it asks for and complains about.
 */
export function openerOf<Name extends string>(
  documents: () => Readonly<Record<Name, string>> | Promise<Readonly<Record<Name, string>>>,
) {
  let browser: Browser | undefined
  let folder = ''

  beforeAll(async () => {
    if (CHROMIUM === undefined) return
    folder = mkdtempSync(join(tmpdir(), 'dokja-page-'))
    for (const [name, text] of Object.entries<string>(await documents()))
      writeFileSync(join(folder, `${name}.html`), text)
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS })
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    if (folder !== '') rmSync(folder, { recursive: true })
  })

  return async (name: Name, view: View = {}) => {
    if (!browser) throw new Error('the browser was not started')
    const page = await browser.newPage({ viewport: DESKTOP, ...view })
    const requests: string[] = []
    const complaints: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    const address = pathToFileURL(join(folder, `${name}.html`)).href
    await page.goto(address)
    return { page, requests, complaints, address }
  }
}

/** The accessibility rules that an open page breaks, with the first place of each. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    type Axe = {
      run: (
        context: Document,
        options: object,
      ) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
    }
    const { axe } = globalThis as unknown as { axe: Axe }
    const result = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return result.violations.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 200) ?? ''}`)
  })
}

/** How far a page is wider than its window, px. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
