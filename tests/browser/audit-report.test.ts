import { describe, expect, it } from 'vitest'
import {
  renderAuditHtml,
  renderComparisonHtml,
} from '../../packages/core/src/render/html/audit-html.ts'
import * as cases from '../../packages/core/src/render/testing/audit-cases.ts'
import {
  DESKTOP,
  openerOf,
  overflowOf,
  PHONE,
  skipWithoutBrowser,
  violations,
} from './report-browser.ts'

const DOCUMENTS = {
  audit: renderAuditHtml(cases.borrowedVisionReport(), {
    language: 'ko',
    generatedAt: '2026-01-15T09:30:00Z',
  }),
  shared: renderComparisonHtml(cases.sharedInitialisationComparison(), { language: 'ko' }),
  rearranged: renderComparisonHtml(cases.rearrangedComparison(), { language: 'ko' }),
  hostile: renderAuditHtml(cases.hostileReport(), { language: 'ko' }),
}

const open = openerOf(() => DOCUMENTS)
skipWithoutBrowser()

const views = [DESKTOP, PHONE].flatMap((viewport) =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    (['ko', 'en'] as const).map((language) => ({ viewport, colorScheme, language })),
  ),
)

describe('the audit report in a browser', () => {
  it.each(views)(
    'is accessible and fits at $viewport.width px, $colorScheme, $language',
    async ({ viewport, colorScheme, language }) => {
      // The other documents differ in content, not in form: two views of them are enough.
      const isExtreme = (viewport === PHONE) === (colorScheme === 'dark') && language === 'ko'
      const names = isExtreme
        ? (['audit', 'shared', 'rearranged', 'hostile'] as const)
        : (['audit'] as const)
      for (const name of names) {
        const { page } = await open(name, { viewport, colorScheme })
        await page.check(`#show-${language}`)
        await page.evaluate(() => {
          for (const part of document.querySelectorAll('details')) part.open = true
        })
        expect(await violations(page), name).toEqual([])
        const overflow = await overflowOf(page)
        expect(overflow, name).toBe(0)
        await page.close()
      }
    },
  )

  it('says on a phone where a table goes on sideways, and lets the keyboard move it', async () => {
    const { page } = await open('audit', { viewport: PHONE })
    const box = page.locator('article[lang="ko"] details.component .scroll[data-wide]').first()
    await box.waitFor({ timeout: 5000 })
    const seen = await box.evaluate((part) => ({
      hint: getComputedStyle(part, '::before').content,
      shadows: getComputedStyle(part).backgroundImage.split('linear-gradient').length - 1,
      label: part.getAttribute('aria-label'),
      heading: part.querySelector('tbody th')?.getBoundingClientRect().width,
    }))
    expect(seen.hint).toContain('옆으로 넘겨 보세요')
    expect(seen.shadows).toBe(4)
    expect(seen.label).toMatch(/비전 인코더/)
    // The names of the rows stay in sight and leave most of the width to the figures.
    expect(seen.heading).toBeLessThan(PHONE.width / 2)
    await box.focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForFunction(
      (part) => (part as HTMLElement).scrollLeft > 0,
      await box.elementHandle(),
    )
    const row = box.locator('tbody th').first()
    const left = async (part: typeof row) => (await part.boundingBox())?.x
    expect(await left(row)).toBe(await left(box))
    await page.close()
  })

  it('asks for nothing but itself, and its policy finds nothing to block', async () => {
    for (const name of ['audit', 'hostile'] as const) {
      const { page, requests, complaints, address } = await open(name)
      expect(requests).toEqual([address])
      expect(complaints).toEqual([])
      await page.close()
    }
  })

  it('switches the language by keyboard, and the document language with it', async () => {
    const { page } = await open('audit')
    await page.focus('#show-ko')
    await page.keyboard.press('ArrowRight')
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    expect(await page.isVisible('article[lang="en"]')).toBe(true)
    expect(await page.isVisible('article[lang="ko"]')).toBe(false)
    await page.close()
  })

  it('opens and closes details by keyboard, with a focus that can be seen', async () => {
    const { page } = await open('audit')
    const second = page.locator('article[lang="ko"] details.component').nth(1)
    await second.locator('> summary').focus()
    await page.keyboard.press('Enter')
    expect(await second.getAttribute('open')).not.toBeNull()
    const outline = await second
      .locator('> summary')
      .evaluate((summary) => getComputedStyle(summary).outlineStyle)
    expect(outline).toBe('solid')
    await page.keyboard.press('Space')
    expect(await second.getAttribute('open')).toBeNull()
    await page.close()
  })

  it('begins with a link that skips to the report', async () => {
    const { page } = await open('audit')
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('href'))
    expect(focused).toBe('#report')
    expect(await page.locator('.skip').boundingBox()).toMatchObject({ y: 8 })
    await page.close()
  })

  it('follows a link into folded details and into the other language', async () => {
    const { page, address } = await open('audit')
    await page.goto(`${address}#en-component-2`)
    expect(await page.isVisible('#en-component-2 .inside')).toBe(true)
    expect(await page.isVisible('article[lang="ko"]')).toBe(false)
    await page.close()
  })

  it('can be read and switched without scripts', async () => {
    const { page } = await open('audit', { javaScriptEnabled: false })
    expect(await page.isVisible('text=구성 요소 5개 가운데 1개의 가중치가')).toBe(true)
    await page.click('label[for="show-en"]')
    expect(await page.isVisible('article[lang="en"] h1')).toBe(true)
    expect(await page.isVisible('article[lang="ko"] h1')).toBe(false)
    await page.locator('#en-component-1 > summary').click()
    expect(await page.isVisible('#en-component-1 .inside')).toBe(true)
    expect(await page.isVisible('button')).toBe(false)
    await page.close()
  })

  it('prints with every detail open and without its controls', async () => {
    const { page } = await open('audit', { javaScriptEnabled: false })
    await page.emulateMedia({ media: 'print' })
    expect(await page.isVisible('.bar')).toBe(false)
    const height = await page
      .locator('#ko-component-1 .inside')
      .evaluate((part) => part.getBoundingClientRect().height)
    expect(height).toBeGreaterThan(100)
    await page.close()
  })
})
