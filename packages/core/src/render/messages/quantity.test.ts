import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LANGUAGES } from './language.ts'
import { particle } from './particle.ts'
import {
  formatBytes,
  formatChance,
  formatCorrelation,
  formatCount,
  formatDetectable,
  formatFraction,
  formatLog10,
  formatParameters,
  NO_BREAK,
} from './quantity.ts'

const plain = (text: string) => text.replaceAll(NO_BREAK, ' ')

describe('chances', () => {
  it.each([
    [-231.2, '1 in 10^231', '10^231분의 1'],
    [-12_330.4, '1 in 10^12330', '10^12330분의 1'],
    [-6, '1 in 10^6', '10^6분의 1'],
    [-5.5, '1 in 316,000', '316,000분의 1'],
    [-3, '1 in 1,000', '1,000분의 1'],
    [Math.log10(0.001), '1 in 1,000', '1,000분의 1'],
    [-2, '1 in 100', '100분의 1'],
    [Math.log10(0.4), '40 in 100', '100분의 40'],
    [Math.log10(0.401), '41 in 100', '100분의 41'],
    [0, '100 in 100', '100분의 100'],
    [0.2, '100 in 100', '100분의 100'],
  ])('log10 p = %f reads "%s" and "%s"', (log10P, en, ko) => {
    expect(plain(formatChance(log10P, 'en'))).toBe(en)
    expect(plain(formatChance(log10P, 'ko'))).toBe(ko)
  })

  it('are never made smaller by rounding', () => {
    fc.assert(
      fc.property(fc.double({ min: -400, max: 0, noNaN: true }), (log10P) => {
        expect(shownLog10(plain(formatChance(log10P, 'en')))).toBeGreaterThanOrEqual(log10P - 1e-8)
      }),
    )
  })
})

/** log10 of the chance that a reader takes from the text. */
function shownLog10(text: string): number {
  const power = /^1 in 10\^(\d+)$/.exec(text)
  if (power) return -Number(power[1])
  const [part = '', whole = ''] = text.split(' in ').map((side) => side.replaceAll(',', ''))
  return Math.log10(Number(part) / Number(whole))
}

describe('other numbers', () => {
  it.each([
    [0, '0%'],
    [0.0004, '<0.1%'],
    [0.0206, '2.1%'],
    [0.93, '93%'],
    [0.99999, '>99.9%'],
    [1, '100%'],
  ])('the fraction %f reads %s', (fraction, text) => {
    expect(formatFraction(fraction)).toBe(text)
  })

  it('shows nothing but a whole as 100% and nothing but zero as 0%', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (fraction) => {
        expect(formatFraction(fraction) === '100%').toBe(fraction === 1)
        expect(formatFraction(fraction) === '0%').toBe(fraction === 0)
      }),
    )
  })

  it.each([
    [0.00431, '0.0044'],
    [0.0043, '0.0043'],
    [0.041, '0.041'],
    [0.5, '0.50'],
    [0.000012, '0.000012'],
  ])('the detection limit %f is rounded up to %s', (value, text) => {
    expect(formatDetectable(value)).toBe(text)
  })

  it('never shows a detection limit smaller than it is', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), (value) => {
        expect(Number(formatDetectable(value))).toBeGreaterThanOrEqual(value - 1e-9)
      }),
    )
  })

  it('keeps 1 for equality', () => {
    expect([1, 0.99999, -0.99999, 0.5, -0.00001].map(formatCorrelation)).toEqual([
      '1.0000',
      '0.9999',
      '-0.9999',
      '0.5000',
      '0.0000',
    ])
  })

  it('writes logarithms, counts, bytes and parameters', () => {
    expect([-231.29, -0.04, -12_330.4, -3].map(formatLog10)).toEqual([
      '-231.2',
      '0.0',
      '-12330.4',
      '-3.0',
    ])
    expect([0, 999, 1000, 1_234_567, 0.123456].map(formatCount)).toEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
      '0.1235',
    ])
    expect([0, 1, 999, 1000, 412_876_800, 1.6e9].map((b) => plain(formatBytes(b, 'en')))).toEqual([
      '0 bytes',
      '1 bytes',
      '999 bytes',
      '1 kB',
      '413 MB',
      '1.6 GB',
    ])
    expect(formatBytes(12, 'ko')).toBe('12바이트')
    expect(formatParameters(32_812_345_600, 'ko')).toBe('328억')
    expect(plain(formatParameters(32_812_345_600, 'en'))).toBe('32.8 billion')
    expect(formatParameters(1_020_000_000_000, 'ko')).toBe('1.02조')
    expect(formatParameters(100_000_000, 'ko')).toBe('1억')
    expect(formatParameters(9_000, 'en')).toBe('9,000')
  })

  it.each([
    ['모델', '을'],
    ['참조', '를'],
    ['2.1%', '를'],
    ['1.6 GB', '를'],
    ['7', '을'],
    ['32', '를'],
    ['Qilin', '을(를)'],
    ['기본값)', '을'],
    ['', '을(를)'],
  ])('the particle after "%s" is %s', (text, expected) => {
    expect(particle(text, ['을', '를'])).toBe(expected)
  })

  it('drops the vowel of 으로 after ㄹ', () => {
    expect(['모델', '참조', '값', '7'].map((text) => particle(text, ['으로', '로']))).toEqual([
      '로',
      '로',
      '으로',
      '로',
    ])
  })

  it('has a form for every language', () => {
    for (const language of LANGUAGES) {
      expect(formatChance(-40, language)).not.toBe('')
      expect(formatBytes(5e9, language)).not.toBe('')
      expect(formatParameters(5e9, language)).not.toBe('')
    }
  })
})
