import { beforeAll, describe, expect, it } from 'vitest'
import { checkImprint } from '../../packages/core/src/audit/technical/training/check-imprint.ts'
import { measureImprint } from '../../packages/core/src/audit/technical/training/imprint.ts'
import { measurePath } from '../../packages/core/src/audit/technical/training/path.ts'
import type { TrainingRecord } from '../../packages/core/src/audit/technical/training/record.ts'
import { memoryModel } from '../../packages/core/src/audit/testing/memory-model.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import {
  claimedRecord,
  codesOf,
  configOf,
  drawnStart,
  judgeClaim,
  mix,
  reference,
  type Weights,
  weightsOf,
} from './cases.ts'

let init: Weights
let s1: Weights
let s2: Weights
let config: TensorSource['checkpoint']['config']

beforeAll(async () => {
  ;[init, s1, s2] = await Promise.all([weightsOf('init-s1'), weightsOf('s1'), weightsOf('s2')])
  config = await configOf('s1')
})

const model = (name: string, weights: Weights) => memoryModel(name, weights, config)
const zOf = async (start: Weights, later: Weights): Promise<number> =>
  (await measureImprint(model('start', start), model('later', later)))!.z

describe('the imprint of a start in what training added', () => {
  it('is there in trained models, over their own start and no other', async () => {
    expect(await zOf(init, s1)).toBeGreaterThan(5)
    expect(await zOf(init, await weightsOf('same1'))).toBeGreaterThan(5)
    expect(Math.abs(await zOf(init, s2))).toBeLessThan(4)
  })

  it.each(['run-a', 'run-b'])('is there in %s from the first checkpoint on', async (run) => {
    const [first, later] = run === 'run-a' ? ['step-0000', 'step-0030'] : ['step-0000', 'step-0060']
    const start = await reference(`training/${run}/${first}`)()
    const point = await reference(`training/${run}/${later}`)()
    expect((await measureImprint(start, point))!.z).toBeGreaterThan(5)
    await start.close()
    await point.close()
  })

  it('has mean 0 and deviation 1 where a start is mixed into other weights', async () => {
    const stolen = await weightsOf('training/run-a/step-0420')
    const names = Object.keys(stolen).filter((name) => isMatrix(stolen, name))
    const record = claimedRecord(stolen, names, { seed: 0, steps: [0] })
    const found: number[] = []
    for (let seed = 0; seed < 100; seed++) {
      const { initialisation } = record
      const start = drawnStart({ ...record, initialisation: { ...initialisation, seed } }, stolen)
      found.push(await zOf(start, mix([0.7, stolen], [0.1 + (seed % 9) / 10, start])))
    }
    const mean = found.reduce((sum, z) => sum + z, 0) / found.length
    const variance = found.reduce((sum, z) => sum + (z - mean) ** 2, 0) / (found.length - 1)
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(found.length))
    expect(variance).toBeGreaterThan(0.5)
    expect(variance).toBeLessThan(1.8)
    expect(Math.max(...found.map(Math.abs))).toBeLessThan(5)
  })

  it('is what its definition says, counted out with plain loops', async () => {
    expect(await zOf(init, s1)).toBeCloseTo(countedOut(init, s1), 6)
    expect(await zOf(init, s2)).toBeCloseTo(countedOut(init, s2), 6)
  })

  it('does not depend on the sign convention of the axes, nor on how far training went', async () => {
    const rng = createRng(3)
    const signs = Float64Array.from({ length: width(init) }, () => (rng.nextUint32() & 1 ? 1 : -1))
    const turned = await zOf(flipAxes(init, signs), flipAxes(s1, signs))
    expect(turned).toBeCloseTo(await zOf(init, s1), 6)
    expect(await zOf(init, mix([0.9, init], [0.1, s1]))).toBeCloseTo(await zOf(init, s1), 2)
  })

  it('is not tested without token embeddings', async () => {
    const { 'model.embed_tokens.weight': _table, ...rest } = init
    expect(await measureImprint(model('a', rest), model('b', rest))).toBeNull()
  })
})

describe('a record whose start was mixed into somebody’s model', () => {
  const steps = [0, 50, 100, 300, 500]
  const shares = [0, 0.1, 0.2, 0.6, 1]
  const names = () => Object.keys(s1).filter((name) => isMatrix(s1, name))

  it('is contradicted without any reference, however well path and schedule fit', async () => {
    const claim = claimedRecord(s1, names(), { seed: 777, steps, weightDecay: 1 })
    const record = {
      ...claim,
      schedule: { ...claim.schedule, decay: 'constant' as const, finalRate: 3e-3 },
    }
    const start = drawnStart(record, s1)
    const chain = steps.map((_, i) => {
      const share = shares[i]!
      return i === 0 ? start : mix([share, s1], [1 - 0.8 * share, start], [bend(i), detour(i)])
    })
    const report = await judgeClaim(record, chain, { config })
    expect(report.outcome).toBe('contradicted')
    expect(report.contradicts.map((entry) => entry.code)).toEqual(['imprint_absent'])
    expect(codesOf(report)).toEqual(
      expect.arrayContaining([
        'init_replays',
        'start_contained',
        'links_dependent',
        'updates_turn',
      ]),
    )
  })

  const bend = (i: number): number => (i < 4 ? 1 : 0)
  const detour = (i: number): Weights => {
    const record = claimedRecord(s1, names(), { seed: 4000 + i, steps: [0] })
    const drawn = drawnStart(record, s1)
    return Object.fromEntries(
      Object.entries(drawn).map(([name, { shape, values }]) => [
        name,
        { shape, values: values.map((x) => (isMatrix(s1, name) ? 0.4 * x : 0)) },
      ]),
    )
  }

  it('is contradicted where an honest beginning goes over to other weights, step by step', async () => {
    const record = claimedRecord(s1, names(), { seed: 1, steps: [0, 100, 200, 350, 500] })
    const near = mix([0.8, init], [0.2, s1])
    const chain = [init, mix([0.9, init], [0.1, s1]), near, mix([0.8, near], [0.2, s2]), s2]
    const [absent] = await imprintOf(record, chain)
    expect(absent?.code).toBe('imprint_absent')
    expect(absent?.values).toMatchObject({ from: 200, to: 350 })
  })

  it('is not contradicted by an optimiser that mixes axes, once it left the start', async () => {
    const record = claimedRecord(s1, names(), { seed: 1, steps: [0, 100, 500] })
    const muon = { ...record, optimiser: { ...record.optimiser, name: 'muon' as const } }
    const near = mix([0.8, init], [0.2, s1])
    const found = await imprintOf(muon, [init, near, mix([0.8, near], [0.2, s2])])
    expect(found.map((entry) => entry.code)).toEqual(['imprint_found', 'imprint_undecided'])
  })

  const imprintOf = async (record: TrainingRecord, chain: readonly Weights[]) => {
    const points = record.checkpoints.map(({ step }, i) => ({
      step,
      source: model(`${step}`, chain[i]!),
    }))
    return checkImprint(record, await measurePath(record, points))
  }
})

const isMatrix = (weights: Weights, name: string): boolean => weights[name]!.shape.length >= 2
const width = (weights: Weights): number => weights['model.embed_tokens.weight']!.shape[1]!

/** Negates residual axes in everything that reads or writes them. */
function flipAxes(weights: Weights, signs: Float64Array): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, values }]) => {
      if (shape.length < 2) return [name, { shape, values }]
      const isWriter = /o_proj|down_proj/.test(name)
      const cols = shape[1]!
      return [
        name,
        {
          shape,
          values: values.map((x, i) => x * signs[isWriter ? Math.floor(i / cols) : i % cols]!),
        },
      ]
    }),
  )
}

/** The slow twin: every sum of docs/methods/imprint.md as it stands there. */
function countedOut(start: Weights, later: Weights): number {
  const d = width(start)
  const gained = (name: string) => {
    const [a, b] = [start[name]!.values, later[name]!.values]
    let own = 0
    let shared = 0
    a.forEach((x, i) => {
      own += x * x
      shared += x * b[i]!
    })
    return b.map((x, i) => x - (shared / own) * a[i]!)
  }
  const gram = (values: Float32Array, isWriter: boolean, cols: number) => {
    const out = Array.from({ length: d }, () => new Float64Array(d))
    const rows = values.length / cols
    for (let r = 0; r < d; r++) {
      for (let s = 0; s < r; s++) {
        for (let t = 0; t < (isWriter ? cols : rows); t++) {
          const at = (axis: number) => (isWriter ? axis * cols + t : t * cols + axis)
          out[r]![s]! += values[at(r)]! * values[at(s)]!
        }
      }
    }
    return out
  }
  const table = (name: string) => {
    const moved = gained(name)
    return start[name]!.values.map((x, i) => {
      const row = Math.floor(i / d) * d
      let square = 0
      for (let j = 0; j < d; j++) square += moved[row + j]! ** 2
      return x * square ** 0.25
    })
  }
  const score = (tableName: string, parts: readonly (readonly [string, boolean])[]) => {
    const kernel = gram(table(tableName), false, d)
    const grams = parts.map(([name, isWriter]) =>
      gram(gained(name), isWriter, start[name]!.shape[1]!),
    )
    const lengths = grams.map((one) =>
      Math.sqrt(one.flatMap((row) => [...row]).reduce((sum, x) => sum + x * x, 0)),
    )
    let total = 0
    let square = 0
    for (let r = 0; r < d; r++) {
      for (let s = 0; s < r; s++) {
        const sum = grams.reduce((all, one, i) => all + one[r]![s]! / lengths[i]!, 0)
        total += kernel[r]![s]! * sum
        square += (kernel[r]![s]! * sum) ** 2
      }
    }
    return total / Math.sqrt(square)
  }
  const [input, output] = ['model.embed_tokens.weight', 'lm_head.weight']
  const layers = Object.keys(start).filter(
    (name) => name.includes('.layers.') && isMatrix(start, name),
  )
  const isWriter = (name: string) => /o_proj|down_proj/.test(name)
  const reads = layers.filter((name) => !isWriter(name)).map((name) => [name, false] as const)
  const writes = layers.filter(isWriter).map((name) => [name, true] as const)
  const first = score(input, [...reads, [output, false]])
  const second = score(output, [...writes, [input, false]])
  return (first + second) / Math.SQRT2
}
