import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import { digestBytes, digestJson } from './digest.ts'
import { createRng, randomPermutation } from './rng.ts'

describe('seeded random numbers', () => {
  it('repeats a stream for the same seed and separates labels', () => {
    const a = createRng(7).fork('bootstrap')
    const b = createRng(7).fork('bootstrap')
    const c = createRng(7).fork('ties')
    const draws = [a, b, c].map((rng) => Array.from({ length: 8 }, () => rng.nextUint32()))
    expect(draws[0]).toEqual(draws[1])
    expect(draws[0]).not.toEqual(draws[2])
  })

  it('draws normals with mean 0 and variance 1', () => {
    const rng = createRng(11)
    const n = 50_000
    let sum = 0
    let squares = 0
    for (let i = 0; i < n; i++) {
      const x = rng.nextNormal()
      sum += x
      squares += x * x
    }
    // Four standard errors: 4/sqrt(n) for the mean, 4·sqrt(2/n) for the variance.
    expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n))
    expect(Math.abs(squares / n - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
  })

  it('permutes uniformly: the fixed points of random permutations average one', () => {
    const rng = createRng(3)
    let fixed = 0
    const rounds = 4000
    for (let r = 0; r < rounds; r++) {
      randomPermutation(rng, 50).forEach((value, index) => {
        if (value === index) fixed++
      })
    }
    expect(Math.abs(fixed / rounds - 1)).toBeLessThan(4 / Math.sqrt(rounds))
  })
})

describe('canonical JSON', () => {
  it('does not depend on key order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.integer()), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse())
        expect(canonicalJson(reversed)).toBe(canonicalJson(record))
      }),
    )
  })

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 53], ['\ud800']])(
    'refuses %s',
    (value) => {
      expect(() => canonicalJson({ value })).toThrow()
    },
  )

  it('knows the digest of the empty string and of an empty object', () => {
    expect(digestBytes(new Uint8Array())).toBe(
      'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    expect(digestJson({})).toBe(
      'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    )
  })
})
