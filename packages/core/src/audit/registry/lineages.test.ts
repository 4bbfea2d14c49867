import { describe, expect, it } from 'vitest'
import { createRng } from '../../base/rng.ts'
import { hashesOf } from './compare-content.ts'
import { deviationOf } from './compare-sketches.ts'
import type { ComponentFingerprint, Fingerprint } from './fingerprint.ts'
import { lineageParts, lineagesOf } from './lineages.ts'
import { plainScanner, scanRows } from './scan-rows.ts'
import type { Sketch } from './sketch.ts'

// Simulated fingerprints: random rows and random blocks, of which some models share a few.

const rng = createRng('lineages')
const bytes = (count: number) => Uint8Array.from({ length: count }, () => rng.nextUint32() & 255)

const sketchOf = (bits: Uint8Array): Sketch => ({
  role: 'up',
  width: 64,
  layers: 2,
  rowsPerLayer: 64,
  bits,
  valid: new Uint8Array(16).fill(255),
  signs: { units: 128, positiveFirst: 64, positiveLargest: 64, positiveSum: 64 },
})

const modelOf = (bits: Uint8Array, ...blocks: readonly Uint8Array[]): Fingerprint => {
  const hashes = new Uint8Array(Buffer.concat([...blocks, bytes(160)]))
  const component: ComponentFingerprint = {
    component: 'language_model',
    parameters: 1,
    dtype: 'F32',
    sketches: [sketchOf(bits)],
    content: [{ label: '0/gate', rows: 1, cols: 1, hashes }],
    norms: null,
  }
  // What else a fingerprint holds tells no lineage.
  return { components: [component] } as unknown as Fingerprint
}

/** Every pair, one by one, until nothing changes. */
function slowLineages(models: readonly Fingerprint[]): number[] {
  const part = (model: number) => models[model]!.components[0]!
  const isPair = (x: number, y: number) =>
    deviationOf(scanRows(part(x).sketches[0]!, part(y).sketches[0]!)) >= 7 ||
    hashesOf(part(x)).some((hash) => hashesOf(part(y)).includes(hash))
  const lineage = models.map((_, model) => model)
  for (let isChanged = true; isChanged; ) {
    isChanged = false
    for (let x = 0; x < models.length; x++) {
      for (let y = 0; y < x; y++) {
        const least = Math.min(lineage[x]!, lineage[y]!)
        if (lineage[x] === lineage[y] || !isPair(x, y)) continue
        lineage[x] = lineage[y] = least
        isChanged = true
      }
    }
  }
  return lineage
}

describe('lineages', () => {
  it('join models by signs and by blocks, through others, and nobody by blocks that say nothing', () => {
    const [base, block, nothing] = [bytes(2 * 64 * 8), bytes(16), new Uint8Array(16)]
    const tuned = base.map((byte, at) => (at % 16 === 0 ? byte ^ 1 : byte))
    const models = [
      modelOf(bytes(1024), nothing),
      modelOf(base, nothing),
      modelOf(bytes(1024), block),
      modelOf(bytes(1024)),
      modelOf(tuned, block),
      modelOf(bytes(1024), nothing, nothing),
    ]
    const expected = [0, 1, 1, 3, 1, 5]
    expect(slowLineages(models)).toEqual(expected)
    expect(lineagesOf(models.map(lineageParts), plainScanner)).toEqual(expected)
  })
})
