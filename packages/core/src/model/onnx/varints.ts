export type DecodedVarints =
  | { readonly kind: 'decoded'; readonly bytes: Uint8Array }
  | { readonly kind: 'invalid'; readonly reason: string }

/**
 * Decodes exactly `count` protobuf varints into little-endian elements of `sizeBytes` (1, 2, 4, 8).
 * With bounds, the number, taken as a signed 64-bit integer, must lie in [lowest, highest];
 * what is stored are its low bytes (two's complement).
 */
export function decodeVarints(
  encoded: Uint8Array,
  count: number,
  element: {
    readonly sizeBytes: number
    readonly bounds: { readonly lowest: number; readonly highest: number } | undefined
  },
): DecodedVarints {
  const { sizeBytes, bounds } = element
  const bytes = new Uint8Array(count * sizeBytes)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (let i = 0; i < count; i++) {
    const end = varintEnd(encoded, at)
    if (end === undefined) return invalid(`has fewer than ${count} elements, or one too long`)
    const { low, high } = halves(encoded, at, end)
    at = end
    if (bounds !== undefined) {
      const value = (high | 0) * 2 ** 32 + low
      if (value < bounds.lowest || value > bounds.highest) {
        return invalid(`has the element ${value}, which its type cannot hold`)
      }
    }
    if (sizeBytes === 1) view.setUint8(i, low)
    else if (sizeBytes === 2) view.setUint16(i * 2, low, true)
    else view.setUint32(i * sizeBytes, low, true)
    if (sizeBytes === 8) view.setUint32(i * 8 + 4, high, true)
  }
  if (at !== encoded.length) return invalid(`has more than ${count} elements`)
  return { kind: 'decoded', bytes }
}

function varintEnd(encoded: Uint8Array, begin: number): number | undefined {
  for (let i = 0; i < 10; i++) {
    const byte = encoded[begin + i]
    if (byte === undefined) return undefined
    if (byte < 0x80) return i === 9 && byte > 1 ? undefined : begin + i + 1
  }
  return undefined
}

/** The two unsigned 32-bit halves of a varint. */
function halves(encoded: Uint8Array, begin: number, end: number): { low: number; high: number } {
  let low = 0
  let high = 0
  for (let at = begin, shift = 0; at < end; at++, shift += 7) {
    const bits = (encoded[at] ?? 0) & 0x7f
    if (shift < 32) low |= bits << shift
    if (shift === 28) high |= bits >>> 4
    else if (shift > 28) high |= bits << (shift - 32)
  }
  return { low: low >>> 0, high: high >>> 0 }
}

function invalid(reason: string): DecodedVarints {
  return { kind: 'invalid', reason }
}
