import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VERDICTS } from '../audit/result.ts'
import { LANGUAGES } from './messages/language.ts'
import { VERDICT_WORDS } from './messages/verdicts.ts'
import { renderTable } from './terminal/table.ts'
import { displayWidth, padToWidth, wrapToWidth } from './terminal/width.ts'
import { renderAudit, renderComparison, type TerminalOptions } from './terminal.ts'
import * as cases from './testing/audit-cases.ts'
import { comparison, component } from './testing/audit-samples.ts'

const options = (over: Partial<TerminalOptions> = {}): TerminalOptions => ({
  language: 'en',
  color: false,
  width: 80,
  ...over,
})

describe('display width', () => {
  it.each([
    ['abc', 3],
    ['비전 인코더', 11],
    ['漢字', 4],
    ['e\u0301', 1],
    ['\u1112\u1161\u11ab', 2], // decomposed 한
    ['🦙', 2],
    ['ｆ', 2],
  ])('%s takes %i columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns)
  })

  it('pads and wraps by columns, losing nothing', () => {
    expect(padToWidth('모델', 6, 'right')).toBe('  모델')
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z가-힣]{1,30}$/), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 2, max: 60 }),
        (parts, width) => {
          const lines = wrapToWidth(parts.join(' '), width)
          for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
          expect(lines.join('').replaceAll(' ', '')).toBe(parts.join(''))
        },
      ),
    )
  })
})

describe('the table', () => {
  const columns = [
    { title: '', align: 'left' },
    { title: '구성 요소', align: 'left' },
    { title: '확률', align: 'right' },
  ] as const
  const rows = [
    { cells: ['[!!]', '비전 인코더', '10^231'], paint: (text: string) => text },
    { cells: ['[ ]', 'decoder', '1'], paint: (text: string) => text },
  ]

  it('aligns columns by display width, Hangul beside Latin', () => {
    const lines = renderTable(columns, rows, { width: 60, head: (text) => text })
    expect(lines).toEqual([
      '      구성 요소      확률',
      '----  -----------  ------',
      '[!!]  비전 인코더  10^231',
      '[ ]   decoder           1',
    ])
  })

  it('wraps cells at words before it gives up its columns', () => {
    const lines = renderTable(columns, rows, { width: 24, head: (text) => text })
    expect(lines[0]).toBe('      구성 요소     확률')
    expect(lines.every((line) => displayWidth(line) <= 24)).toBe(true)
    expect(lines).toContain('[!!]  비전        10^231')
    expect(lines).toContain('      인코더')
  })

  it('becomes a list where columns cannot fit', () => {
    const lines = renderTable(columns, rows, { width: 16, head: (text) => text })
    expect(lines).toEqual([
      '[!!] 비전 인코더',
      '     확률:',
      '     10^231',
      '[ ]  decoder',
      '     확률: 1',
    ])
  })
})

/** Sentences without the line breaks of the layout. */
const flowing = (text: string) => text.replace(/\s+/g, ' ')

describe('a file without any component', () => {
  it('is not said to have been tested', () => {
    const empty = { ...comparison([]), verdict: 'not_testable' as const }
    const text = renderComparison(empty, options())
    expect(text).toContain('No component that holds trained weights was recognised')
    expect(text).toContain('no test was made')
    expect(text).not.toContain('At least one test')
    expect(text).not.toContain('None of the 0')
  })
})

describe('a comparison on the terminal', () => {
  it.each(LANGUAGES)('keeps within every width in %s, commands excepted', (language) => {
    for (const width of [40, 60, 80, 100, 200]) {
      for (const make of [
        cases.borrowedVisionReport,
        cases.hostileReport,
        cases.notTestableReport,
      ]) {
        const text = renderAudit(make(), options({ language, width }))
        const long = text
          .split('\n')
          .filter((line) => displayWidth(line) > Math.min(width, 100))
          .filter((line) => !line.includes('npx dokja'))
        expect(long).toEqual([])
      }
    }
  })

  it('puts the strongest verdict first and the reasons after the table', () => {
    const text = renderComparison(cases.borrowedVisionComparison(), options({ width: 100 }))
    const order = [
      '[!!]  Vision encoder  Derived',
      '[ ]   Language model  No evidence',
      '[?]   Tokenizer       Not testable',
      'Why',
      'Not tested',
      'What was read',
      'npx dokja compare team-a/seed-32b-think qilin/vl-7b-instruct --json',
    ].map((part) => text.indexOf(part))
    expect(order.every((at) => at >= 0)).toBe(true)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(text).toContain('1 in 10^12330')
    expect(text).toContain('2.1%')
  })

  it('orders every verdict by strength, however the components come', () => {
    const parts = [...VERDICTS].reverse().map((verdict) => component(`p.${verdict}`, verdict))
    const text = renderComparison(comparison(parts), options({ width: 100 }))
    const found = VERDICTS.map((verdict) => text.indexOf(`${VERDICT_WORDS[verdict].mark} `))
    expect(found.every((at) => at >= 0)).toBe(true)
    const rows = VERDICTS.map((verdict) => text.indexOf(`p.${verdict}`))
    expect(rows).toEqual([...rows].sort((a, b) => a - b))
  })

  it('says the same without colour', () => {
    const make = (color: boolean) =>
      renderComparison(cases.borrowedVisionComparison(), options({ color, language: 'ko' }))
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')
    expect(make(true)).toMatch(escapes)
    expect(make(true).replaceAll(escapes, '')).toBe(make(false))
  })

  it('lets no escape sequence from a name through', () => {
    for (const language of LANGUAGES) {
      const text = renderAudit(cases.hostileReport(), options({ language }))
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }
  })

  it('always says what "no evidence" could have missed and what a relation leaves open', () => {
    const clear = flowing(renderAudit(cases.allClearReport(), options()))
    expect(clear).toContain('not proof of independence')
    expect(clear).toContain('A mean correlation of 0.0043 or more would have been')
    const shared = flowing(renderComparison(cases.sharedInitialisationComparison(), options()))
    expect(shared).toContain('empirical judgement')
    expect(shared).toContain('It does not say who used whose')
  })

  it('gives reasons and needs where nothing could be tested', () => {
    const text = flowing(renderAudit(cases.notTestableReport(), options()))
    expect(text).toContain('None of the 2 components could be tested.')
    expect(text).toContain('A copy stored as bf16, f16 or f32 is')
    expect(text).toContain('Only 12 units can be compared')
  })

  it('names the three criteria and that they are never summed', () => {
    const text = flowing(renderAudit(cases.borrowedVisionReport(), options({ language: 'ko' })))
    for (const part of ['기술적 독자성: 미충족', '정책적 독자성: 판단 불가', '합하지 않습니다']) {
      expect(text).toContain(part)
    }
  })
})
