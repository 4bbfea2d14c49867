import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { visible, visibleWithin } from './visible.ts'

describe('text from outside', () => {
  it.each([
    ['a\u001b[31mred', 'a[U+001B][31mred'],
    ['safe\u202egpj.exe', 'safe[U+202E]gpj.exe'],
    ['a\u200bb\ufeffc\u00add', 'a[U+200B]b[U+FEFF]c[U+00AD]d'],
    ['two\nlines\tand\r\0', 'two[U+000A]lines[U+0009]and[U+000D][U+0000]'],
    ['lone \ud800', 'lone [U+D800]'],
    ['fill\u3164er\u00a0x', 'fill[U+3164]er[U+00A0]x'],
    ['\u{e0041}tag', '[U+E0041]tag'],
    ['한글 모델 v2', '한글 모델 v2'],
  ])('%j is shown as %s', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  it('stops marks that climb over their neighbours', () => {
    expect(visible(`Z${'\u0315'.repeat(60)}a`)).toBe(`Z${'\u0315'.repeat(3)}[...]a`)
  })

  it('never holds a control, format or separator character, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      }),
    )
  })

  it('keeps both ends of a long name', () => {
    const shown = visibleWithin(`front/${'x'.repeat(500)}/end`, 40)
    expect(shown).toHaveLength(40)
    expect(shown).toMatch(/^front\/x+\.\.\.x+\/end$/)
    expect(visibleWithin('short', 40)).toBe('short')
  })
})
