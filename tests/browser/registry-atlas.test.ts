import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { fingerprintPlace } from '../../packages/core/node/registry/fingerprint-place.ts'
import { sketchKernel } from '../../packages/core/node/registry/sketch-kernel.ts'
import { type Atlas, buildAtlas } from '../../packages/core/src/audit/registry/atlas.ts'
import type { Fingerprint } from '../../packages/core/src/audit/registry/fingerprint.ts'
import { renderAtlasHtml } from '../../packages/core/src/render/registry/atlas-html.ts'
import { MODELS } from '../audit/models.ts'
import { openerOf, overflowOf, skipWithoutBrowser, violations } from './report-browser.ts'

let atlas: Atlas

/** A test model whose card names its parent, as a published fine-tune would. */
const claiming = (model: Fingerprint, baseModels: readonly string[]): Fingerprint => ({
  ...model,
  claims: { ...model.claims, baseModels },
})

beforeAll(async () => {
  const models: Fingerprint[] = []
  for (const entry of readdirSync(MODELS, { withFileTypes: true })) {
    if (!entry.isDirectory() || /^(calibration|training)$/.test(entry.name)) continue
    const place = join(MODELS, entry.name)
    const { fingerprint } = await fingerprintPlace(place, { date: '2026-01-15' })
    const isChild = ['sft1', 'cpt1', 'lora1'].includes(entry.name)
    models.push(isChild ? claiming(fingerprint, ['s1']) : fingerprint)
  }
  atlas = buildAtlas(models, sketchKernel())
}, 60_000)

const openPage = openerOf(() => ({ atlas: renderAtlasHtml(atlas, { language: 'ko' }) }))

const oneFamily = (further: number): Atlas => {
  const [family] = atlas.families
  if (!family) throw new Error('no family')
  const pairs = Array.from({ length: further }, () => family.tree).flat()
  return { ...atlas, families: [{ ...family, further: pairs.slice(0, further) }] }
}

describe('what the page says', () => {
  const pageOf = (one: Atlas) => renderAtlasHtml(one, { language: 'en' })

  it('of a registry without relatives is that there is nothing to draw, and explains no lines', () => {
    const none = { ...atlas, families: [], singles: [0, 1] }
    const two = pageOf({ ...none, models: atlas.models.slice(0, 2) })
    expect(two).toContain('Of 2 models no two depend on each other')
    const alone = pageOf({ ...none, models: atlas.models.slice(0, 1), singles: [0] })
    expect(alone).toContain('There is one model, and nothing to compare it with')
    for (const page of [two, alone]) expect(page).not.toMatch(/Solid:|<nav|A line says/)
  })

  it('of hundreds of pairs in one family is bounded, and says how many it leaves out', () => {
    const pairs = (page: string) => page.split('<details class="component"').length - 1
    const own = 2 * (oneFamily(0).families[0]?.tree.length ?? 0)
    expect(pairs(pageOf(oneFamily(40)))).toBe(own + 80)
    expect(pageOf(oneFamily(40))).not.toContain('prints all')
    expect(pairs(pageOf(oneFamily(900)))).toBe(own + 80)
    expect(pageOf(oneFamily(900))).toContain('The closest 40 are shown')
    expect(pageOf(oneFamily(900))).toContain('prints all 900')
  })
})

describe('the families of the test models', () => {
  const familyOf = (name: string): string[] => {
    const at = atlas.models.findIndex(({ source }) => source.id === name)
    const family = atlas.families.find(({ models }) => models.includes(at))
    return (family?.models ?? []).map((model) => atlas.models[model]?.source.id ?? '')
  }

  it('hold relatives together and strangers apart', () => {
    expect(familyOf('s1')).toEqual(expect.arrayContaining(['sft1', 'cpt1', 's1-int4', 'same1']))
    expect(familyOf('s1')).not.toContain('s2')
    expect(familyOf('s2')).toEqual(expect.arrayContaining(['canon-s2', 's2']))
    expect(familyOf('vlm-donor')).toEqual(
      expect.arrayContaining(['vlm-borrowed-tuned', 'vlm-borrowed-frozen']),
    )
    expect(familyOf('stranger')).toHaveLength(2)
    const singles = atlas.singles.map((model) => atlas.models[model]?.source.id)
    expect(singles).toEqual(expect.arrayContaining(['s3', 'd9', 'twin-untrained', 'vlm-honest']))
  })

  it('join all models of a family by one line fewer than there are models', () => {
    for (const { models, tree } of atlas.families) expect(tree).toHaveLength(models.length - 1)
  })

  it('point only where a card names the parent', () => {
    const claimed = atlas.families.flatMap(({ tree }) => tree).filter((e) => e.claimedParent)
    const parents = claimed.map(
      (edge) => atlas.models[edge.claimedParent === 'first' ? edge.first : edge.second]?.source.id,
    )
    expect(parents).toEqual(['s1', 's1', 's1'])
  })
})

describe('the page', () => {
  skipWithoutBrowser()

  const open = (width: number, colorScheme: 'light' | 'dark' = 'light') =>
    openPage('atlas', { viewport: { width, height: 900 }, colorScheme })

  it.each([
    [1200, 'light'],
    [1200, 'dark'],
    [360, 'light'],
    [390, 'dark'],
  ] as const)('has no accessibility fault at %i px, %s', async (width, scheme) => {
    const { page, complaints } = await open(width, scheme)
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
    const overflow = await overflowOf(page)
    expect(overflow).toBeLessThanOrEqual(0)
    const shot = process.env['DOKJA_SCREENSHOTS']
    if (shot) await page.screenshot({ path: join(shot, `atlas-${width}-${scheme}.png`) })
    await page.close()
  })

  it('opens the evidence of a line from the keyboard', async () => {
    const { page } = await open(1200)
    const line = page.locator('article[lang="ko"] a.edge').first()
    const target = (await line.getAttribute('href')) ?? ''
    expect(await page.locator(target).evaluate((part) => (part as HTMLDetailsElement).open)).toBe(
      false,
    )
    await line.focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(
      (id) => (document.querySelector(id) as HTMLDetailsElement).open,
      target,
    )
    expect(await page.locator(`${target} table`).isVisible()).toBe(true)
    await page.close()
  })

  it('finds a model by a part of its name, and leads to its family', async () => {
    const { page } = await open(390)
    const index = page.locator('article[lang="ko"] .atlas-index')
    expect(await index.locator('.families a').count()).toBe(atlas.families.length)
    await index.locator('summary').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type('VLM-Borrowed-T')
    const shown = index.locator('.singles li:visible')
    expect(await shown.allTextContents()).toEqual(['vlm-borrowed-tuned'])
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const family = atlas.families.findIndex(({ models }) =>
      models.some((at) => atlas.models[at]?.source.id === 'vlm-borrowed-tuned'),
    )
    expect(new URL(page.url()).hash).toBe(`#ko-family-${family + 1}`)
    await index.locator('input').fill('no such model')
    expect(await shown.count()).toBe(0)
    expect(await index.locator('[role="status"]').isVisible()).toBe(true)
    await page.close()
  })

  it('becomes nested lists on a phone, with full names and a link to every evidence', async () => {
    const { page } = await open(390)
    const article = page.locator('article[lang="ko"]')
    expect(await article.locator('svg.tree').first().isVisible()).toBe(false)
    const lines = article.locator('.tree-list a.line')
    expect(await lines.count()).toBe(await article.locator('a.edge').count())
    const cut = await article.locator('.tree-list').evaluateAll((lists) =>
      lists
        .flatMap((list) => [...list.querySelectorAll('*')])
        .filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth)
        .map((part) => part.outerHTML),
    )
    expect(cut).toEqual([])
    const names = await article.locator('.tree-list .name').allTextContents()
    const related = atlas.families.flatMap(({ models }) => models)
    expect(names.toSorted()).toEqual(
      related.map((model) => atlas.models[model]?.source.id ?? '').toSorted(),
    )
    const target = (await lines.first().getAttribute('href')) ?? ''
    await lines.first().focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(
      (id) => (document.querySelector(id) as HTMLDetailsElement).open,
      target,
    )
    expect(await page.locator(`${target} table`).isVisible()).toBe(true)
    await page.close()
  })

  it('prints the drawing, whatever the width of the window', async () => {
    const { page } = await open(390)
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('article[lang="ko"] svg.tree').first().isVisible()).toBe(true)
    expect(await page.locator('article[lang="ko"] .tree-list').first().isVisible()).toBe(false)
    await page.close()
  })

  it('says where a drawing goes on sideways, and only there', async () => {
    const wide = await open(1200)
    await wide.page.evaluate(() => {
      ;(document.querySelector('main') as HTMLElement).style.maxWidth = '480px'
    })
    const hinted = wide.page.locator('article[lang="ko"] .tree-scroll[data-wide]')
    await hinted.first().waitFor({ timeout: 5000 })
    const cases = await wide.page
      .locator('article[lang="ko"] .tree-scroll')
      .evaluateAll((boxes) =>
        boxes.map((box) => [
          box.scrollWidth > box.clientWidth,
          box.hasAttribute('data-wide'),
          getComputedStyle(box, '::after').content.includes('옆으로'),
        ]),
      )
    for (const [isWide, isMarked, isHinted] of cases) {
      expect([isMarked, isHinted]).toEqual([isWide, isWide])
    }
    expect(cases.some(([isWide]) => !isWide)).toBe(true)
    expect(cases.some(([isWide]) => isWide)).toBe(true)
    await wide.page.close()
  })

  it('says everything in both languages', async () => {
    const { page } = await open(1200)
    const edges = await page.evaluate(() =>
      ['ko', 'en'].map(
        (language) => document.querySelectorAll(`article[lang="${language}"] a.edge`).length,
      ),
    )
    expect(edges[0]).toBeGreaterThan(15)
    expect(edges[1]).toBe(edges[0])
    const english = await page.locator('article[lang="en"]').evaluate((node) => node.textContent)
    expect(english).not.toMatch(/[가-힣]/)
    await page.close()
  })
})
