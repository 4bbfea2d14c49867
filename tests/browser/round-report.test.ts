import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { readRoundFolder } from '../../packages/core/node/round/round-folder.ts'
import { renderRoundHtml } from '../../packages/core/src/render/round/round-html.ts'
import { publishViews } from '../../packages/core/src/round/disclosure/publish-views.ts'
import { runRound } from '../../packages/core/src/round/run-round.ts'
import {
  DESKTOP,
  openerOf,
  overflowOf,
  PHONE,
  skipWithoutBrowser,
  type View,
  violations,
} from './report-browser.ts'

const STAGE = join(import.meta.dirname, '../../examples/korea-2026-stage1')

type Name = 'office' | 'public' | 'team' | 'facts'

/** The complete edition, the public one, one team's, and one from published figures alone. */
async function editions(): Promise<Record<Name, string>> {
  const input = await readRoundFolder(STAGE)
  const options = { secret: 'ab'.repeat(32), asOf: '2026-11-24T00:00:00Z' }
  const full = publishViews(runRound(input), options)
  const facts = input.files.filter((file) => file.role === 'facts')
  const bare = publishViews(runRound({ ...input, files: facts }), options)
  const edition = (name: string) => {
    const found = full.views.find((entry) => entry.folder === name)
    if (!found) throw new Error(name)
    return found.view
  }
  const page = (view: Parameters<typeof renderRoundHtml>[0]) =>
    renderRoundHtml(view, { language: 'ko' })
  return {
    office: page(full.office),
    public: page(edition('public')),
    team: page(edition('teams/naver-cloud')),
    facts: page(bare.office),
  }
}

const open = openerOf(editions)
skipWithoutBrowser()

const openAll = (page: Page) =>
  page.evaluate(() => {
    for (const part of document.querySelectorAll('details:not(.trace details)')) {
      ;(part as HTMLDetailsElement).open = true
    }
  })

const VIEWS: readonly (readonly [Name, View, 'ko' | 'en'])[] = [
  ['office', { viewport: DESKTOP, colorScheme: 'light' }, 'ko'],
  ['office', { viewport: PHONE, colorScheme: 'dark' }, 'en'],
  ['public', { viewport: PHONE, colorScheme: 'light' }, 'ko'],
  ['public', { viewport: DESKTOP, colorScheme: 'dark' }, 'en'],
  ['team', { viewport: PHONE, colorScheme: 'dark' }, 'ko'],
  ['facts', { viewport: DESKTOP, colorScheme: 'light' }, 'en'],
]

describe('the page of a stage in a browser', () => {
  it.each(VIEWS)('%s is accessible and fits, %o, %s', async (name, view, language) => {
    const { page } = await open(name, view)
    await page.check(`#show-${language}`)
    await openAll(page)
    expect(await violations(page)).toEqual([])
    const overflow = await overflowOf(page)
    expect(overflow).toBe(0)
    await page.close()
  })

  it('asks for nothing but itself, and its policy finds nothing to block', async () => {
    const { page, requests, complaints, address } = await open('office')
    expect(requests).toEqual([address])
    expect(complaints).toEqual([])
    await page.close()
  })

  it('says first who advances, who does not and why, in both languages', async () => {
    const { page } = await open('public')
    expect(await page.textContent('article[lang="ko"] .statement')).toBe(
      'LG AI연구원, SK텔레콤, 업스테이지가 다음 단계로 진출합니다.',
    )
    const lines = await page.locator('article[lang="ko"] .outcome li').allInnerTexts()
    expect(lines[0]).toBe('네이버클라우드: 점수로는 진출권이었으나 독자성 관문에서 배제')
    expect(lines[1]).toBe('NC AI: 점수로 탈락')
    await page.check('#show-en')
    expect(await page.textContent('article[lang="en"] .statement')).toBe(
      'LG AI Research, SK Telecom and Upstage advance to the next stage.',
    )
    await page.close()
  })

  it('follows every link of its contents', async () => {
    const { page } = await open('office')
    const missing = await page.evaluate(() =>
      [...document.querySelectorAll('.contents a')]
        .map((link) => link.getAttribute('href') ?? '')
        .filter((target) => document.querySelector(target) === null),
    )
    expect(missing).toEqual([])
    await page.close()
  })

  it('marks every simulated figure, wherever it stands', async () => {
    const { page } = await open('office')
    // A simulated figure is underlined; its column heading, its line or its table carries the mark.
    const unmarked = await page.evaluate(() =>
      [...document.querySelectorAll('article[lang="ko"] .simulated')]
        .filter((figure) => {
          const cell = figure.closest('td')
          const at = cell?.getAttribute('aria-colindex')
          const heading = cell
            ?.closest('table')
            ?.querySelectorAll('thead th')
            .item(Number(at) - 1)
          return !(heading?.querySelector('.tag') || cell?.querySelector('.tag'))
        })
        .map((figure) => figure.outerHTML),
    )
    expect(unmarked).toEqual([])
    for (const id of ['certainty', 'alternatives', 'traces']) {
      expect(await page.locator(`#ko-${id} .tag`).count(), id).toBeGreaterThan(0)
    }
    const facts = await open('facts')
    expect(await facts.page.locator('.tag').count()).toBe(0)
    expect(await facts.page.locator('#ko-totals .unknown').count()).toBeGreaterThan(10)
    await facts.page.close()
    await page.close()
  })

  it('shows what is withheld as withheld, and no number of another team', async () => {
    const { page } = await open('team')
    const rows = page.locator('#ko-totals table').first().locator('tbody tr')
    const texts = await rows.allInnerTexts()
    for (const text of texts.filter((one) => !one.includes('네이버클라우드'))) {
      expect(text).toContain('비공개')
      expect(text.match(/\d+\.\d/g)).toBeNull()
    }
    expect(texts.find((one) => one.includes('네이버클라우드'))).toMatch(
      /29\.3[\s\S]*27\.7[\s\S]*77\.1/,
    )
    await page.close()
  })

  it('leaves no English sentence in the Korean traces', async () => {
    const { page } = await open('office')
    const english = await page.evaluate(() =>
      [...document.querySelectorAll('article[lang="ko"] .trace [lang="en"]')].map(
        (part) => part.textContent,
      ),
    )
    expect(english).toEqual([])
    await page.close()
  })

  it('prints the files of the gate without its controls', async () => {
    const { page } = await open('public', { javaScriptEnabled: false })
    await page.emulateMedia({ media: 'print' })
    expect(await page.isVisible('.bar')).toBe(false)
    expect(await page.isVisible('#ko-gate-naver-cloud .inside')).toBe(true)
    await page.close()
  })
})
