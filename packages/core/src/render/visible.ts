/**
 * Names of files, tensors and models come from strangers. What could drive a terminal (escape
 * sequences), reorder a line (bidirectional controls, CVE-2021-42574) or hide in it (zero-width
 * and tag characters) is written out as its code point, so that two names that look alike are
 * alike. Joiners are written out too: they have no business in a tensor name.
 */
const INVISIBLE = /\u034f|[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu
// A base character with more marks than any living script writes climbs over its neighbours.
const PILED_MARKS = /(\p{M}{3})\p{M}+/gu
const SPACES = /[\p{Zs}]/gu

/** Text from outside as one line that shows everything it holds. */
export function visible(text: string): string {
  return text
    .replace(SPACES, (space) => (space === ' ' ? ' ' : codePoint(space)))
    .replace(INVISIBLE, codePoint)
    .replace(PILED_MARKS, '$1[...]')
}

/**
 * The same, with the middle left out when it has more than `limit` characters. Both ends stay,
 * because repositories differ in front and tensors at the end.
 */
export function visibleWithin(text: string, limit: number): string {
  const characters = [...visible(text)]
  if (characters.length <= limit) return characters.join('')
  const tail = Math.floor((limit - 3) / 2)
  const head = limit - 3 - tail
  return `${characters.slice(0, head).join('')}...${characters.slice(characters.length - tail).join('')}`
}

function codePoint(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return `[U+${hex}]`
}
