import { describe, expect, it } from 'vitest'
import { createRng } from '../../base/rng.ts'
import type { Dtype } from '../../model/tensor.ts'
import { encodingRelation } from './reencoding.ts'

const COLS = 96
const ROWS = 24
const rng = createRng(1)
const original = Float32Array.from({ length: ROWS * COLS }, () => rng.nextNormal() * 0.02)

/** Round-to-nearest quantisation of each group, as deployment tools do it. */
function quantise(
  values: Float32Array,
  job: { group: number; levels: number; isAffine: boolean; storage: (x: number) => number },
): Float32Array {
  const out = new Float32Array(values.length)
  for (let row = 0; row < ROWS; row++) {
    for (let at = 0; at < COLS; at += job.group) {
      const from = row * COLS + at
      const part = values.subarray(from, Math.min(from + job.group, (row + 1) * COLS))
      const low = job.isAffine ? Math.min(...part) : 0
      const span = job.isAffine ? Math.max(...part) - low : Math.max(...part.map(Math.abs))
      const step = span / job.levels
      part.forEach((value, i) => {
        out[from + i] = job.storage(low + Math.round((value - low) / step) * step)
      })
    }
  }
  return out
}

const toBf16 = (x: number): number => {
  const word = new Uint32Array(new Float32Array([x]).buffer)
  word[0] = ((word[0]! + 0x7fff + ((word[0]! >>> 16) & 1)) >>> 16) << 16
  return new Float32Array(word.buffer)[0]!
}

const relation = (candidate: Float32Array, dtypes: readonly [Dtype, Dtype] = ['F32', 'F32']) =>
  encodingRelation(candidate, original, { cols: COLS, dtypes })

/** As Q8_0 is written: integers by the exact step, then the step is kept in 16 bits. */
function withStoredStep(values: Float32Array): Float32Array {
  const out = new Float32Array(values.length)
  for (let at = 0; at < values.length; at += 32) {
    const part = values.subarray(at, at + 32)
    const step = Math.max(...part.map(Math.abs)) / 127
    const unit = 2 ** (Math.floor(Math.log2(step)) - 10)
    const stored = Math.round(step / unit) * unit
    part.forEach((value, i) => {
      out[at + i] = Math.round(value / step) * stored
    })
  }
  return out
}

describe('same values in another form', () => {
  it('eight bits whose step was rounded after the integers were found', () => {
    expect(relation(withStoredStep(original))).toMatchObject({ kind: 'grid', rounded: 'candidate' })
    const step = 0.02 / 40
    const tuned = original.map((value) => value + 0.2 * step * rng.nextNormal())
    expect(relation(withStoredStep(tuned))).toEqual({ kind: 'none' })
  })

  it('a cast to bfloat16', () => {
    expect(relation(original.map(toBf16), ['BF16', 'F32'])).toEqual({
      kind: 'cast',
      from: 'F32',
      to: 'BF16',
      rounded: 'candidate',
    })
    expect(
      encodingRelation(original, original.map(toBf16), { cols: COLS, dtypes: ['F32', 'BF16'] }),
    ).toMatchObject({ kind: 'cast', rounded: 'reference' })
  })

  it.each([
    { group: COLS, levels: 127, isAffine: false, storage: (x: number) => x },
    { group: COLS, levels: 7, isAffine: false, storage: (x: number) => x },
    { group: 32, levels: 7, isAffine: false, storage: (x: number) => x },
    { group: 64, levels: 15, isAffine: true, storage: (x: number) => x },
    { group: COLS, levels: 255, isAffine: true, storage: (x: number) => x },
    { group: 32, levels: 7, isAffine: false, storage: toBf16 },
  ])('rounded to a grid: %o', (job) => {
    const dtype = job.storage === toBf16 ? 'BF16' : 'F32'
    const found = relation(quantise(original, job), [dtype, 'F32'])
    const { levels, group } = job
    expect(found).toMatchObject({ kind: 'grid', levels, group, rounded: 'candidate' })
    const back = encodingRelation(original, quantise(original, job), {
      cols: COLS,
      dtypes: ['F32', dtype],
    })
    expect(back).toMatchObject({ kind: 'grid', levels, group, rounded: 'reference' })
  })

  it('one grid for a whole tensor, of which a block sees a part', () => {
    const step = 0.16 / 255
    const tensorWide = original.map((x) => Math.round((x + 0.08) / step) * step - 0.08)
    expect(relation(tensorWide)).toMatchObject({ kind: 'grid', group: ROWS * COLS })
    const near = original.map((x, i) => x + (i % 2 === 0 ? 1 : -1) * 2 * step)
    expect(encodingRelation(tensorWide, near, { cols: COLS, dtypes: ['F32', 'F32'] })).toEqual({
      kind: 'none',
    })
  })

  it('eight bits stored in bfloat16 blur their own grid: not claimed', () => {
    const job = { group: COLS, levels: 127, isAffine: false, storage: toBf16 }
    expect(relation(quantise(original, job), ['BF16', 'F32'])).toEqual({ kind: 'none' })
  })

  it('light noise is close, and on no grid', () => {
    const noise = createRng(2)
    const near = original.map((x) => x + noise.nextNormal() * 1e-5)
    expect(relation(near)).toEqual({ kind: 'none' })
    expect(relation(near.map(toBf16), ['BF16', 'F32'])).toEqual({ kind: 'none' })
  })

  it('somebody else’s quantised weights are on a grid, and not near', () => {
    const other = createRng(3)
    const foreign = Float32Array.from({ length: ROWS * COLS }, () => other.nextNormal() * 0.02)
    const job = { group: 32, levels: 7, isAffine: false, storage: (x: number) => x }
    expect(relation(quantise(foreign, job))).toEqual({ kind: 'none' })
  })

  it('a handful of numbers is never a grid', () => {
    const few = original.slice(0, 8)
    expect(encodingRelation(few, few, { cols: 1, dtypes: ['F32', 'F32'] })).toEqual({
      kind: 'none',
    })
  })
})
