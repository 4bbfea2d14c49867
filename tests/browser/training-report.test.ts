import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderTrainingHtml } from '../../packages/core/src/render/training/training-html.ts'
import { judgeStored } from '../training/cases.ts'
import { openerOf, overflowOf, skipWithoutBrowser, violations } from './report-browser.ts'

const openPage = openerOf(async () => {
  const honest = await judgeStored('run-b')
  const wrong = await judgeStored('run-b', ({ record }) => ({
    record: {
      ...record,
      model: '<b>bold</b> \u202ename',
      initialisation: { ...record.initialisation, seed: 5 },
    },
  }))
  return {
    honest: renderTrainingHtml(honest, { language: 'ko' }),
    wrong: renderTrainingHtml(wrong, { language: 'en' }),
  }
})

describe('the page of a training record', () => {
  skipWithoutBrowser()

  it.each([
    [1200, 'light'],
    [1200, 'dark'],
    [360, 'light'],
  ] as const)('has no accessibility fault at %i px, %s', async (width, colorScheme) => {
    for (const name of ['honest', 'wrong'] as const) {
      const { page, complaints, requests, address } = await openPage(name, {
        viewport: { width, height: 900 },
        colorScheme,
      })
      expect(await violations(page)).toEqual([])
      expect(complaints).toEqual([])
      expect(requests).toEqual([address])
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      const shot = process.env['DOKJA_SCREENSHOTS']
      const path = join(shot ?? '', `training-${name}-${width}-${colorScheme}.png`)
      if (shot) await page.screenshot({ path, fullPage: true })
      await page.close()
    }
  })

  it('puts what contradicts first and says everything in both languages', async () => {
    const { page } = await openPage('wrong')
    const rows = await page.evaluate(() =>
      ['ko', 'en'].map((language) => {
        const article = document.querySelector(`article[lang="${language}"]`)
        const sections = [...(article?.querySelectorAll('section[id]') ?? [])].map(({ id }) => id)
        return { sections, findings: article?.querySelectorAll('tbody tr').length }
      }),
    )
    const order = ['conclusion', 'contradicts', 'consistent', 'missing', 'checks', 'glossary']
    expect(rows[0]?.sections).toEqual(order.map((id) => `ko-${id}`))
    expect(rows[1]?.findings).toBe(rows[0]?.findings)
    expect(rows[1]?.findings).toBeGreaterThan(10)
    const english = await page.locator('article[lang="en"]').evaluate((node) => node.textContent)
    expect(english).not.toMatch(/[가-힣]/)
    expect(english).toContain('<b>bold</b>')
    await page.close()
  })
})
