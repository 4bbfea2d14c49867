import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VERDICTS } from '../../audit/result.ts'
import { LANGUAGES } from '../messages/language.ts'
import { VERDICT_WORDS } from '../messages/verdicts.ts'
import * as cases from '../testing/audit-cases.ts'
import { comparison, component, model, report } from '../testing/audit-samples.ts'
import { renderAuditHtml, renderComparisonHtml } from './audit-html.ts'
import { escapeText, html } from './markup.ts'
import { powers } from './pieces.ts'

const documents: readonly (readonly [string, string])[] = [
  ['borrowed vision encoder', renderAuditHtml(cases.borrowedVisionReport(), { language: 'ko' })],
  ['all clear', renderAuditHtml(cases.allClearReport(), { language: 'en' })],
  ['not testable', renderAuditHtml(cases.notTestableReport(), { language: 'ko' })],
  ['hostile names', renderAuditHtml(cases.hostileReport(), { language: 'ko' })],
  ['rearranged', renderComparisonHtml(cases.rearrangedComparison(), { language: 'en' })],
  ['identical', renderComparisonHtml(cases.identicalComparison(), { language: 'ko' })],
  [
    'shared start',
    renderComparisonHtml(cases.sharedInitialisationComparison(), { language: 'en' }),
  ],
]

/** One language's article of a document. */
function articleOf(document: string, language: string): string {
  const from = document.indexOf(`<article class="report" lang="${language}">`)
  return document.slice(from, document.indexOf('</article>', from))
}

/** The tags alone, with the values of attributes emptied of what they quote. */
const tagsOf = (markup: string) =>
  [...markup.matchAll(/<[a-z][^>]*>/g)].map(([tag]) => tag.replace(/="[^"]*"/g, '=""')).join('\n')

const textOf = (markup: string) =>
  markup
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('\u00a0', ' ')
    .replace(/\s+/g, ' ')

describe.each(documents)('the document of %s', (_, document) => {
  it('asks for nothing from outside and lets nothing else run', () => {
    const tags = tagsOf(document)
    const body = tagsOf(document.slice(document.indexOf('<body>')))
    expect(tags).not.toMatch(/<(?:link|img|iframe|object|embed|form|base|audio|video|source)\b/)
    expect(tags).not.toMatch(/\s(?:src|srcset|action|background|poster)=/)
    expect(document).not.toMatch(/@import|url\(/)
    expect(body).not.toMatch(/\s(?:style|on\w+)=/i)
    for (const [, href] of document.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^#/)
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(document)?.[1] ?? ''
    expect(policy).toContain('default-src &#39;none&#39;')
    expect(policy).not.toContain('unsafe')
    expect(document.match(/<script\b/g)).toHaveLength(1)
  })

  it('links only to places that exist, and names every place once', () => {
    const ids = [...document.matchAll(/\bid="([^"]*)"/g)].map((match) => match[1])
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, target] of document.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target)
    for (const [, target] of document.matchAll(/(?:aria-labelledby|for)="([^"]*)"/g)) {
      expect(ids).toContain(target)
    }
  })

  it('closes every element that it opens', () => {
    const open: string[] = []
    const markup = document.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    for (const [, end, name = '', rest = ''] of markup.matchAll(
      /<(\/?)([a-z][a-z0-9]*)([^>]*)>/g,
    )) {
      if (/^(?:meta|input|br)$/.test(name) || rest.endsWith('/')) continue
      if (end) expect(open.pop()).toBe(name)
      else open.push(name)
    }
    expect(open).toEqual([])
  })

  it('holds Korean first and English complete, section by section', () => {
    expect(document.indexOf('lang="ko">')).toBeLessThan(
      document.indexOf('<article class="report" lang="en">'),
    )
    const sections = LANGUAGES.map((language) =>
      [...articleOf(document, language).matchAll(/<section id="(?:ko|en)-([\w-]+)"/g)].map(
        (m) => m[1],
      ),
    )
    expect(sections[0]?.length).toBeGreaterThan(4)
    expect(sections[1]).toEqual(sections[0])
    const english = articleOf(document, 'en')
    expect(english).not.toMatch(/[가-힣]/)
    expect(articleOf(document, 'ko').match(/[가-힣]/g)?.length).toBeGreaterThan(500)
  })

  it('leaves no place of a template open and shows no missing number', () => {
    for (const language of LANGUAGES) {
      const text = textOf(articleOf(document, language))
      expect(text).not.toMatch(/\bundefined\b|\bNaN\b(?!\))|\[object|not stated|기재 없음|\{\w+\}/)
    }
  })

  it('gives every table header a scope, and every table a name', () => {
    expect(document).not.toMatch(/<th(?![^>]*\bscope=)[\s>]/)
    expect(document.match(/<table\b/g)?.length).toBe(document.match(/<caption\b/g)?.length)
  })
})

describe('the report', () => {
  const [, document = ''] = documents[0] ?? []

  it('states the conclusion, the criteria and each component in words', () => {
    const text = textOf(articleOf(document, 'en'))
    expect(text).toContain(
      'The weights of 1 of 5 components are not independent of a reference model.',
    )
    expect(text).toContain('they are never added into a score')
    expect(text).toMatch(/Vision encoder .*Derived .*qilin\/vl-7b-instruct .*1 in 10 \^ 12330/)
    expect(text).toContain('A mean correlation of 0.0043 or more would have been found')
    expect(text).toContain('npx dokja compare team-a/seed-32b-think qilin/vl-7b-instruct --json')
    expect(text).toContain('docs/methods/sign-flip-test.md')
  })

  it('draws one cell per layer and test, with the same numbers in a table', () => {
    const korean = articleOf(document, 'ko')
    const drawn = korean.match(/<rect class="step-\d"/g)?.length ?? 0
    const part = cases.borrowedVisionReport().components.flatMap((one) => one.cells)
    expect(drawn).toBe(part.length)
    expect(korean).toContain('비전 인코더, 3번 층, 부호 일치: MLP 은닉 단위: 평균 상관 0.99')
    const numbers = korean.slice(korean.indexOf('같은 수치를 표로 보기'))
    expect(numbers).toContain('<th scope="row">31</th>')
    // A test that skips a layer leaves its cell open and says so.
    expect(korean).toContain('<rect class="empty"')
    expect(numbers).toContain('비교하지 않음')
  })

  it('leads from a reason to its evidence', () => {
    expect(document).toMatch(
      /<a href="#en-component-0"><bdi class="name">components\/vision_encoder/,
    )
  })

  it('opens what was found and folds the rest', () => {
    const korean = articleOf(document, 'ko')
    expect(korean.match(/<details class="component"[^>]* open>/g)).toHaveLength(1)
    expect(korean.match(/<details class="component"/g)).toHaveLength(5)
  })

  it('keeps the verdicts in order of strength and gives each a shape and a word', () => {
    const parts = [...VERDICTS].reverse().map((verdict) => component(`p.${verdict}`, verdict))
    const page = renderAuditHtml(report([comparison(parts)]), { language: 'en' })
    const table = /<section id="en-components"[\s\S]*?<\/table>/.exec(page)?.[0] ?? ''
    const shown = [...table.matchAll(/<th role="rowheader"[^>]*>.*?<bdi>p\.(\w+)<\/bdi>/g)].map(
      (m) => m[1],
    )
    expect(shown).toEqual(VERDICTS)
    for (const verdict of VERDICTS) expect(table).toContain(VERDICT_WORDS[verdict].name.en)
    expect(table.match(/class="shape" aria-hidden="true">\S/g)).toHaveLength(VERDICTS.length)
  })

  it('shows single-layer tests apart and the time it was given', () => {
    const base = cases.borrowedVisionComparison()
    const [first] = base.components
    const test = first?.tests[0]
    if (!first || !test) throw new Error('the sample has tests')
    const layered = { ...first, tests: [...first.tests, { ...test, layer: 7 }] }
    const page = renderComparisonHtml(comparison([layered]), {
      language: 'en',
      generatedAt: '2026-01-15T09:30:00Z',
    })
    expect(page).toContain('1 test on single layers')
    expect(page).toContain('<small>Layer 7</small>')
    expect(page).toContain('<time datetime="2026-01-15T09:30:00Z">')
    expect(renderComparisonHtml(comparison([layered]), { language: 'en' })).not.toContain('<time')
  })

  it('is the same for the same input', () => {
    const render = () => renderAuditHtml(cases.borrowedVisionReport(), { language: 'ko' })
    expect(render()).toBe(render())
  })

  it('survives a report without components or references', () => {
    const page = renderAuditHtml(
      { ...report([]), candidate: model('x'), components: [], verdict: 'not_testable' },
      { language: 'ko' },
    )
    expect(textOf(articleOf(page, 'en'))).toContain('No reference was compared.')
  })
})

describe('escaping', () => {
  it('lets no name become markup, an attribute or a direction', () => {
    const hostile = [
      cases.HOSTILE_NAME,
      '</script><script>alert(1)</script>',
      '<!-- --><svg onload=alert(1)>',
      '" onmouseover="alert(1)',
      "' autofocus onfocus='alert(1)",
      '</style>',
      '&lt;b&gt;',
      '\u2067rtl\u2069\u202d',
      '{reference}',
    ]
    for (const name of hostile) {
      const built = comparison([component(name, 'derived')], {
        candidate: model(name, { format: name, modelType: name }),
        reference: model(name),
      })
      const page = renderAuditHtml(report([built]), { language: 'ko', generatedAt: name })
      expect(page.match(/<script\b/g)).toHaveLength(1)
      expect(page.match(/<\/style>/g)).toHaveLength(1)
      expect(tagsOf(page)).not.toMatch(/\son\w+=/)
      expect(page).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
    }
  })

  it('undoes to the visible text, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const markup = escapeText(text)
        expect(markup).not.toMatch(/[<>"']/)
        expect(markup).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/)
      }),
    )
  })

  it('keeps markup that it made itself and nothing else', () => {
    expect(html`<p title="${'"'}">${html`<b>${'<i>'}</b>`}${[1, null, 'x']}</p>`.markup).toBe(
      '<p title="&quot;"><b>&lt;i&gt;</b>1x</p>',
    )
    // An object that only looks like markup, as JSON could bring it, is refused.
    expect(() => html`${{ markup: '<script>' } as never}`).toThrow()
  })

  it('raises the exponent of a power and nothing in other text', () => {
    expect(powers('1 in 10^231').markup).toBe('1 in 10<span class="caret">^</span><sup>231</sup>')
    expect(powers('40 in 100').markup).toBe('40 in 100')
  })
})

describe('what a report says once', () => {
  const times = (document: string, language: string, words: string) =>
    textOf(articleOf(document, language)).split(words).length - 1

  it('the verdicts of a single comparison, which stand at its head', () => {
    const one = cases.borrowedVisionComparison()
    const single = articleOf(renderComparisonHtml(one, { language: 'en' }), 'en')
    expect(single.match(/<caption[^>]*>Verdict, basis, chance/g)).toHaveLength(1)
    const audit = articleOf(renderAuditHtml(cases.borrowedVisionReport(), { language: 'en' }), 'en')
    const compared = cases.borrowedVisionReport().comparisons.length
    expect(compared).toBeGreaterThan(1)
    expect(audit.match(/<caption[^>]*>Verdict, basis, chance/g)).toHaveLength(1 + compared)
  })

  it('the level, unless comparisons were held to different ones', () => {
    const audit = cases.borrowedVisionReport()
    const words = 'The chance of wrongly finding a relation'
    expect(times(renderAuditHtml(audit, { language: 'en' }), 'en', words)).toBe(1)
    const [first, ...others] = audit.comparisons
    const mixed = { ...audit, comparisons: [{ ...first!, log10Alpha: -4 }, ...others] }
    expect(times(renderAuditHtml(mixed, { language: 'en' }), 'en', words)).toBe(1 + others.length)
  })

  it('that tests were made after alignment, with every way', () => {
    const note = (alignment: string) => ({ code: 'aligned_by', values: { alignment } }) as const
    const reasons = [note('identity'), note('rotation'), note('identity')]
    const part = component('language_model', 'no_evidence', { reasons })
    const document = renderComparisonHtml(comparison([part]), { language: 'en' })
    expect(times(document, 'en', 'Some tests were made after alignment')).toBe(1)
    expect(textOf(articleOf(document, 'en'))).toMatch(
      /after alignment: order of hidden units; rotation[^.;]+\./,
    )
  })
})

describe('the digests of a full read', () => {
  it('stand under the name of the model that they belong to', () => {
    const files = (digest: string) => [
      { path: 'model.safetensors', sizeBytes: 10, digest: `sha256:${digest.repeat(64)}` as const },
    ]
    const read = {
      files: { candidate: files('a'), reference: files('b') },
      components: [],
      tensors: [],
      unpairedOfReference: 0,
      bytesRead: { candidate: 10, reference: 10 },
    }
    const one = { ...cases.identicalComparison(), fullRead: read }
    const text = textOf(articleOf(renderComparisonHtml(one, { language: 'en' }), 'en'))
    for (const [side, id, digest] of [
      ['Candidate', one.candidate.id, 'a'],
      ['Reference', one.reference.id, 'b'],
    ] as const) {
      expect(text.indexOf(`${side}: ${id}`)).toBeGreaterThan(0)
      const after = text.slice(text.lastIndexOf(`${side}: ${id} `))
      expect(/[ab]{64}/.exec(after)?.[0]).toBe(digest.repeat(64))
    }
  })
})
