const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUE = new Map([...ALPHABET].map((letter, value) => [letter, value]))

/** Base64 of RFC 4648 §4, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]]
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    parts.push(
      ALPHABET.charAt(word >> 18),
      ALPHABET.charAt((word >> 12) & 63),
      b === undefined ? '=' : ALPHABET.charAt((word >> 6) & 63),
      c === undefined ? '=' : ALPHABET.charAt(word & 63),
    )
  }
  return parts.join('')
}

/** The bytes, or undefined unless the text is exactly what `encodeBase64` would write for them. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  const letters = text.length - padding
  let word = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = i < letters ? VALUE.get(text.charAt(i)) : 0
    if (value === undefined) return undefined
    word = (word << 6) | value
    if (i % 4 !== 3) continue
    for (const byte of [(word >> 16) & 255, (word >> 8) & 255, word & 255]) {
      if (at < bytes.length) bytes[at++] = byte
      else if (byte !== 0) return undefined
    }
    word = 0
  }
  return bytes
}
