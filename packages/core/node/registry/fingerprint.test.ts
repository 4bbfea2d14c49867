import { join } from 'node:path'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isValid,
  SKETCH_BITS,
  sketchDirections,
  sketchRows,
} from '../../src/audit/registry/directions.ts'
import type { Fingerprint } from '../../src/audit/registry/fingerprint.ts'
import { decodeFingerprint, encodeFingerprint } from '../../src/audit/registry/fingerprint-file.ts'
import { fingerprintModel } from '../../src/audit/registry/fingerprint-model.ts'
import { layersOf, packRuns, unpackSketch } from '../../src/audit/registry/packed-sketches.ts'
import { plainScanner, scanRows } from '../../src/audit/registry/scan-rows.ts'
import { hamming, keyOf, type Sketch } from '../../src/audit/registry/sketch.ts'
import { sketchTokens, tokenOverlap } from '../../src/audit/registry/tokenizer-sketch.ts'
import { memoryModel } from '../../src/audit/testing/memory-model.ts'
import { AppError } from '../../src/base/errors.ts'
import { createRng } from '../../src/base/rng.ts'
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts'
import { sketchKernel } from './sketch-kernel.ts'

const MODELS = join(import.meta.dirname, '../../../../testdata/models')

async function fingerprintOf(name: string): Promise<Fingerprint> {
  const source = await openCheckpoint(join(MODELS, name))
  try {
    return await fingerprintModel(source, {
      source: { id: name, commit: null, files: [], date: '2026-01-15' },
    })
  } finally {
    await source.close()
  }
}

const randomRows = (rows: number, width: number, seed: string): Float32Array => {
  const rng = createRng(seed)
  return Float32Array.from({ length: rows * width }, () => rng.nextNormal())
}

describe('the sketch of rows', () => {
  it('keeps its directions for ever', () => {
    const directions = sketchDirections('up', 48)
    expect(directions).toHaveLength(SKETCH_BITS * 48)
    expect(new Set(directions)).toEqual(new Set([-1, 1]))
    // Written down once: a change here makes every published fingerprint worthless.
    const first = [...directions.slice(0, 16)].map((x) => (x > 0 ? '+' : '-')).join('')
    const other = [...sketchDirections('value', 48).slice(0, 16)].map((x) => (x > 0 ? '+' : '-'))
    expect(first).toBe('-+-+-+-++--+++--')
    expect(other.join('')).not.toBe(first)
  })

  it('complements all bits of a flipped row and keeps its mark', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 }), {
          minLength: 24,
          maxLength: 24,
        }),
        (row) => {
          const directions = sketchDirections('up', 24)
          const plain = sketchRows(Float32Array.from(row), 24, directions)
          const flipped = sketchRows(
            Float32Array.from(row, (x) => -x),
            24,
            directions,
          )
          expect(flipped.valid).toEqual(plain.valid)
          const distance = hamming(plain.bits, 0, flipped.bits, 0)
          expect(distance).toBe(isValid(plain.valid, 0) ? 64 : 0)
        },
      ),
    )
  })

  it('marks zero rows and rows with a projection of zero', () => {
    const directions = sketchDirections('up', 2)
    const rows = Float32Array.from([0, 0, 1, 1, 3, 1])
    const { valid } = sketchRows(rows, 2, directions)
    // (1, 1) is orthogonal to (1, -1), which is among 64 directions of two entries.
    expect([0, 1, 2].map((row) => isValid(valid, row))).toEqual([false, false, true])
  })

  it('agrees in about 64 + 128/π·asin ρ bits at correlation ρ', () => {
    const width = 512
    const a = randomRows(400, width, 'a')
    const noise = randomRows(400, width, 'noise')
    const b = a.map((x, i) => 0.6 * x + 0.8 * (noise[i] ?? 0))
    const directions = sketchDirections('value', width)
    const [x, y] = [sketchRows(a, width, directions), sketchRows(b, width, directions)]
    let sum = 0
    for (let row = 0; row < 400; row++) sum += 64 - 2 * hamming(x.bits, row, y.bits, row)
    const expected = 64 * (2 / Math.PI) * Math.asin(0.6)
    expect(Math.abs(sum / 400 - expected)).toBeLessThan(4 * (8 / Math.sqrt(400)))
  })
})

describe('the file of a fingerprint', () => {
  it('reads back what was written, with the same bytes every time', async () => {
    for (const name of ['s1', 'qvl-donor', 'moe-own1', 'gpt2-a']) {
      const fingerprint = await fingerprintOf(name)
      const bytes = encodeFingerprint(fingerprint)
      expect(decodeFingerprint(bytes, name)).toEqual(fingerprint)
      // Node's own kind of bytes, at an odd place in a larger memory.
      const inside = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3)
      expect(decodeFingerprint(inside, name)).toEqual(fingerprint)
      expect(encodeFingerprint(await fingerprintOf(name))).toEqual(bytes)
    }
  })

  it('refuses any altered, cut or lengthened file', async () => {
    const bytes = encodeFingerprint(await fingerprintOf('s1'))
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = bytes.slice()
        altered[at] = (altered[at] ?? 0) ^ change
        expect(() => decodeFingerprint(altered, 'x')).toThrow(/x: /)
      }),
      { numRuns: 50 },
    )
    expect(() => decodeFingerprint(bytes.subarray(0, -1), 'x')).toThrow('x: ')
    expect(() => decodeFingerprint(new Uint8Array(0), 'x')).toThrow('not a fingerprint')
  })

  it('refuses headers that lie about sizes, whatever they say', async () => {
    const bytes = encodeFingerprint(await fingerprintOf('s1'))
    const length = new DataView(bytes.buffer).getUint32(8, true)
    const text = new TextDecoder().decode(bytes.subarray(12, 12 + length))
    const rest = bytes.subarray(12 + length, bytes.length - 32)
    const rebuilt = (header: string) => {
      const head = new TextEncoder().encode(header)
      const body = new Uint8Array(12 + head.length + rest.length)
      body.set(bytes.subarray(0, 8))
      new DataView(body.buffer).setUint32(8, head.length, true)
      body.set(head, 12)
      body.set(rest, 12 + head.length)
      return new Uint8Array([...body, ...sha256(body)])
    }
    expect(decodeFingerprint(rebuilt(text), 'x')).toEqual(decodeFingerprint(bytes, 'x'))
    const numbers = [...text.matchAll(/(?<=[:,[])\d+(?=[,\]}])/g)]
    fc.assert(
      fc.property(
        fc.nat(numbers.length - 1),
        fc.oneof(fc.nat(), fc.constant(2 ** 31), fc.constant(2 ** 52), fc.constant(-1)),
        (at, value) => {
          const match = numbers[at]!
          const changed =
            text.slice(0, match.index) + String(value) + text.slice(match.index + match[0].length)
          try {
            decodeFingerprint(rebuilt(changed), 'x')
          } catch (error) {
            expect(error).toBeInstanceOf(AppError)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is about 0.65 MB for the shape of a 7B model', () => {
    const sketch = (role: 'up' | 'value'): Sketch => ({
      role,
      width: 4096,
      layers: 32,
      rowsPerLayer: 64,
      bits: new Uint8Array(32 * 64 * 8),
      valid: new Uint8Array(32 * 8),
      signs: { units: 2048, positiveFirst: 1024, positiveLargest: 1024, positiveSum: 1024 },
    })
    const bytes = encodeFingerprint({
      source: { id: 'org/seven', commit: null, files: [], date: '2026-01-15' },
      model: {
        format: 'safetensors',
        modelType: 'llama',
        licence: null,
        parameters: 7e9,
        layerCount: 32,
        tensorCount: 291,
        inventoryDigest: `sha256:${'0'.repeat(64)}`,
        config: {},
      },
      claims: { baseModels: [], saysFromScratch: false, licence: null },
      tokenizer: { tokens: 32_000, buckets: new Uint32Array(256) },
      components: [
        {
          component: 'language_model',
          parameters: 7e9,
          dtype: 'BF16',
          sketches: [sketch('up'), sketch('value')],
          content: Array.from({ length: 289 }, (_, at) => ({
            label: `${at}/gate`,
            rows: 11_008,
            cols: 4096,
            hashes: new Uint8Array(16 * 16),
          })),
          norms: {
            dims: 4096,
            places: Array.from({ length: 65 }, (_, at) => `${at}/norm/pre_mlp`),
            scales: new Float32Array(65),
            values: new Int8Array(65 * 4096),
          },
        },
      ],
    })
    expect(bytes.length).toBeLessThan(650_000)
  })
})

describe('the kernel', () => {
  const randomSketch = (layers: number, seed: string, holes: number): Sketch => {
    const rng = createRng(seed)
    const rows = layers * 64
    const sketch = {
      role: 'up' as const,
      width: 96,
      layers,
      rowsPerLayer: 64,
      bits: Uint8Array.from({ length: rows * 8 }, () => rng.nextInt(256)),
      valid: new Uint8Array(rows / 8).fill(255),
      signs: { units: rows, positiveFirst: 0, positiveLargest: 0, positiveSum: 0 },
    }
    for (let k = 0; k < holes; k++) {
      const row = rng.nextInt(rows)
      sketch.bits.fill(0, row * 8, row * 8 + 8)
      sketch.valid[row >> 3] = (sketch.valid[row >> 3] ?? 0) & ~(1 << (row & 7))
    }
    return sketch
  }

  const runsOf = (sketches: readonly Sketch[]) =>
    packRuns(sketches.map((sketch, position) => ({ owner: { entry: 'a', position }, sketch })))

  it('counts what the plain loop counts, for all depths and invalid rows', () => {
    const references = [3, 1, 5, 3, 3, 2].map((layers, at) =>
      randomSketch(layers, `reference ${at}`, at % 3 === 0 ? 7 : 0),
    )
    const wide = { ...randomSketch(3, 'wide', 0), width: 128 }
    const runs = runsOf([...references, wide])
    expect(runs.map(({ owners }) => owners.length)).toEqual([3, 1, 1, 1, 1])
    const kernel = sketchKernel()
    const queries = [
      randomSketch(3, 'query', 0),
      randomSketch(8, 'long', 20),
      randomSketch(1, 'short', 3),
      wide,
      references[0]!,
    ]
    let counted = 0
    for (const run of [...runs, ...runs.map(layersOf)]) {
      const [scan, plain] = [kernel(run), plainScanner(run)]
      for (const query of queries.filter((one) => keyOf(one) === keyOf(run.shape))) {
        expect(scan(query)).toEqual(plain(query))
        counted += run.owners.length
      }
    }
    // Four queries of six sketches with 17 layers, one query of the wide one with 3.
    expect(counted).toBe(4 * (6 + 17) + 1 + 3)
  })

  it('packs rows and takes them apart again', () => {
    for (const sketch of [randomSketch(3, 'a', 5), randomSketch(1, 'b', 0)]) {
      const { signs: _, ...rows } = sketch
      expect(unpackSketch(runsOf([sketch, sketch])[0]!, 1)).toEqual(rows)
    }
  })

  it('scans the run that was taken in last, and no other', () => {
    const [first, second] = runsOf([randomSketch(2, 'a', 0), randomSketch(3, 'b', 0)])
    const kernel = sketchKernel()
    const early = kernel(first!)
    kernel(second!)
    expect(() => early(randomSketch(2, 'c', 0))).toThrow('after the next one was taken in')
  })

  it('keeps sketches with other numbers of rows per layer apart', () => {
    const one = randomSketch(2, 'one', 0)
    const coarse = { ...one, layers: 4, rowsPerLayer: 32 }
    expect(keyOf(coarse)).not.toBe(keyOf(one))
    expect(runsOf([one, coarse])).toHaveLength(2)
  })

  it('sees extremes: equal and complementary sketches', () => {
    const one = randomSketch(2, 'one', 0)
    const flipped = { ...one, bits: one.bits.map((byte) => ~byte) }
    const [same, opposite] = sketchKernel()(runsOf([one, flipped])[0]!)(one)
    expect(same).toEqual(scanRows(one, one))
    expect(same).toMatchObject({ rows: 128, sum: 0, below: 128 })
    expect(opposite).toMatchObject({ rows: 128, sum: 128 * 64, squares: 128 * 4096, below: 0 })
    expect(keyOf(one)).toBe('up/96')
  })
})

describe('the tokenizer sketch', () => {
  it('estimates the overlap of two vocabularies', () => {
    const tokens = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => `token ${from + at}`)
    const overlap = tokenOverlap(sketchTokens(tokens(0, 6000)), sketchTokens(tokens(2000, 8000)))
    expect(Math.abs(overlap - 0.5)).toBeLessThan(0.13)
    expect(tokenOverlap(sketchTokens(tokens(0, 500)), sketchTokens(tokens(0, 500)))).toBe(1)
  })
})

describe('claims of the card', () => {
  it('reads base models and "from scratch" from README.md', async () => {
    const card =
      '---\nbase_model:\n- org/base\nlicense: apache-2.0\n---\n# Model\nTrained from scratch.'
    const source = memoryModel('m', {
      'a.weight': { shape: [8, 8], values: randomRows(8, 8, 'm') },
    })
    const texts = new Map([['README.md', card]])
    const { claims } = await fingerprintModel(
      { ...source, checkpoint: { ...source.checkpoint, texts } },
      { source: { id: 'm', commit: null, files: [], date: '2026-01-15' } },
    )
    expect(claims).toEqual({
      baseModels: ['org/base'],
      saysFromScratch: true,
      licence: 'apache-2.0',
    })
  })
})
