/**
 * Korean particles change with the sound before them: 모델을, 참조를. Names are often Latin or end
 * in a digit; digits are read in Sino-Korean, and for Latin letters, whose reading is not certain,
 * both forms are written as the official style does: 'Qwen은(는)'.
 */

const DIGITS_WITH_FINAL = '013678'

/** `pair` is [after a final consonant, after a vowel], such as ['을', '를'] or ['으로', '로']. */
export function particle(before: string, pair: readonly [string, string]): string {
  const final = finalConsonant(before)
  const [closed, open] = pair
  if (final === 'unknown') return `${closed}(${open})`
  // 으로 alone becomes 로 after ㄹ: 서울로.
  if (final === 'rieul' && closed === '으로') return open
  return final === 'none' ? open : closed
}

function finalConsonant(text: string): 'none' | 'rieul' | 'other' | 'unknown' {
  const last = text.replace(/[\s)\]}'"]+$/u, '').at(-1) ?? ''
  const code = last.codePointAt(0) ?? 0
  if (code >= 0xac00 && code <= 0xd7a3) {
    const index = (code - 0xac00) % 28
    if (index === 0) return 'none'
    return index === 8 ? 'rieul' : 'other'
  }
  // Per cent and the byte units are read 퍼센트 and 바이트.
  if (last === '%' || /[kMGTP]B$/.test(text)) return 'none'
  if (/\d/.test(last)) {
    if (!DIGITS_WITH_FINAL.includes(last)) return 'none'
    return '178'.includes(last) ? 'rieul' : 'other'
  }
  return 'unknown'
}
