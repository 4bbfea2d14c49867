/** Compares four bytes at a time where both begin on a boundary of four. */
export function areEqualBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  const words = (a.byteOffset | b.byteOffset) % 4 === 0 ? a.length >>> 2 : 0
  if (words > 0) {
    const x = new Int32Array(a.buffer, a.byteOffset, words)
    const y = new Int32Array(b.buffer, b.byteOffset, words)
    for (let at = 0; at < words; at++) if (x[at] !== y[at]) return false
  }
  for (let at = 4 * words; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
