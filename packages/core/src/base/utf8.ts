/** Text, or the position of the first byte that is not UTF-8. A byte order mark stays in the text. */
export type DecodedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly atByte: number }

const newDecoder = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
let decoder = newDecoder()

export function decodeUtf8(bytes: Uint8Array): DecodedText {
  try {
    return { kind: 'text', text: decoder.decode(bytes) }
  } catch {
    // A decoder that has thrown may keep half a character: it is not used again.
    decoder = newDecoder()
    return { kind: 'invalid', atByte: firstInvalidByte(bytes) }
  }
}

/** How many bytes UTF-8 takes for the first `length` UTF-16 units of a well-formed text. */
export function utf8Length(text: string, length: number = text.length): number {
  let bytes = 0
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    // A surrogate pair is four bytes: two for each of its halves.
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) bytes += 2
    else bytes += 3
  }
  return bytes
}

/** The position of the first byte that is not UTF-8; the length where all are. */
export function firstInvalidByte(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length === 0) return at
    at += length
  }
  return at
}

/** Length of the well-formed sequence at `at` (Unicode 16, table 3-7), 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  let low = 0x80
  let high = 0xbf
  if (lead === 0xe0) low = 0xa0
  else if (lead === 0xed) high = 0x9f
  else if (lead === 0xf0) low = 0x90
  else if (lead === 0xf4) high = 0x8f
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0
    if (byte < low || byte > high) return 0
    low = 0x80
    high = 0xbf
  }
  return length
}
