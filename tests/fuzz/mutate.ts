import type { Rng } from '../../packages/core/src/base/rng.ts'

/** Numbers at which parsers break: ends of ranges, signs, counts that would allocate too much. */
const WORDS = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x1fffffffffffffn,
  0x7fffffffffffffffn,
  0xffffffffffffffffn,
]
const TOKENS = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '\\u0000',
  '\\ud800',
  '-',
  '1e999',
  '9007199254740993',
  'null',
  '__proto__',
  '"dtype"',
  '"shape"',
  '"data_offsets"',
  '../',
  '\u0000',
  'é',
  ' ',
]
const encoder = new TextEncoder()

/** One to four random changes of a copy of one seed, or a splice of two. */
export function mutate(seeds: readonly Uint8Array[], rng: Rng): Uint8Array {
  let bytes = seeds[rng.nextInt(seeds.length)]!.slice()
  const changes = 1 + rng.nextInt(4)
  for (let i = 0; i < changes; i++) bytes = change(bytes, seeds, rng)
  return bytes
}

function change(bytes: Uint8Array<ArrayBuffer>, seeds: readonly Uint8Array[], rng: Rng) {
  if (bytes.length === 0) return new Uint8Array([rng.nextInt(256)])
  const at = rng.nextInt(bytes.length)
  switch (rng.nextInt(8)) {
    case 0:
      bytes[at] = bytes[at]! ^ (1 << rng.nextInt(8))
      return bytes
    case 1:
      bytes[at] = rng.nextInt(256)
      return bytes
    case 2: {
      const view = new DataView(bytes.buffer)
      const word = WORDS[rng.nextInt(WORDS.length)]!
      const size = [1, 2, 4, 8][rng.nextInt(4)]!
      for (let k = 0; k < size && at + k < bytes.length; k++) {
        view.setUint8(at + k, Number((word >> BigInt(8 * k)) & 0xffn))
      }
      return bytes
    }
    case 3:
      return bytes.slice(0, at)
    case 4: {
      const end = Math.min(bytes.length, at + 1 + rng.nextInt(32))
      return joined(bytes.subarray(0, at), bytes.subarray(end))
    }
    case 5: {
      const end = Math.min(bytes.length, at + 1 + rng.nextInt(64))
      return joined(bytes.subarray(0, end), bytes.subarray(at))
    }
    case 6: {
      const token = encoder.encode(TOKENS[rng.nextInt(TOKENS.length)])
      return joined(bytes.subarray(0, at), token, bytes.subarray(at))
    }
    default: {
      const other = seeds[rng.nextInt(seeds.length)]!
      return joined(bytes.subarray(0, at), other.subarray(rng.nextInt(other.length)))
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
