/**
 * Columns that a text takes on a terminal. Hangul, Han and full-width forms take two (Unicode
 * UAX #11, East Asian Width W and F), combining marks and the vowels and finals of decomposed
 * Hangul take none. Characters of ambiguous width count one; our own words avoid them.
 */
export function displayWidth(text: string): number {
  let columns = 0
  for (const character of text) columns += characterWidth(character)
  return columns
}

export function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x300) return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : 1
  if (/\p{M}|\p{Cf}/u.test(character) || (code >= 0x1160 && code <= 0x11ff)) return 0
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}

const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
]

export function padToWidth(text: string, columns: number, align: 'left' | 'right'): string {
  const padding = ' '.repeat(Math.max(0, columns - displayWidth(text)))
  return align === 'left' ? text + padding : padding + text
}

/** Lines of at most `columns`, broken at spaces; a longer word is cut. At least one line. */
export function wrapToWidth(text: string, columns: number): readonly string[] {
  const limit = Math.max(2, columns)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (displayWidth(joined) <= limit) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    const parts = cutToWidth(word, limit)
    lines.push(...parts.slice(0, -1))
    line = parts.at(-1) ?? ''
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

function cutToWidth(word: string, limit: number): readonly string[] {
  const parts: string[] = []
  let part = ''
  let used = 0
  for (const character of word) {
    const width = characterWidth(character)
    if (used + width > limit && part !== '') {
      parts.push(part)
      part = ''
      used = 0
    }
    part += character
    used += width
  }
  return [...parts, part]
}
