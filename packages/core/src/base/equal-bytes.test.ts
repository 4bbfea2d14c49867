import { expect, test } from 'vitest'
import { areEqualBytes } from './equal-bytes.ts'

test('bytes are equal where every one is, wherever they begin', () => {
  for (const length of [0, 1, 3, 4, 5, 8, 11]) {
    const bytes = Uint8Array.from({ length }, (_, at) => at + 1)
    for (const begin of [0, 1, 4]) {
      const other = new Uint8Array(length + begin).subarray(begin)
      other.set(bytes)
      expect(areEqualBytes(bytes, other)).toBe(true)
      for (let at = 0; at < length; at++) {
        other[at] = 99
        expect(areEqualBytes(bytes, other)).toBe(false)
        other[at] = at + 1
      }
    }
    expect(areEqualBytes(bytes, new Uint8Array(length + 1))).toBe(false)
  }
})
