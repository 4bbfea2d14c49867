import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../base/rng.ts'
import { memoryModel } from '../../testing/memory-model.ts'
import type { Point } from './check-links.ts'
import { checkTrajectory, largestMove } from './check-trajectory.ts'
import { seedBits } from './draw-plan.ts'
import { measurePath } from './path.ts'
import type { TrainingRecord } from './record.ts'
import { leftOf, rateSums } from './schedule.ts'
import { parseTrainingLog } from './training-log.ts'
import { measureTrajectory, productOfSteps, sampleTensor, stepRms } from './trajectory.ts'

// Paths of random numbers: simulated, to test the geometry and not training.

const record = {
  optimiser: { name: 'adamw', beta1: 0.9, beta2: 0.95, weightDecay: 0.1, decays: 'matrices' },
  schedule: { steps: 300, peakRate: 0.01, warmupSteps: 0, decay: 'constant', finalRate: 0.01 },
} as unknown as TrainingRecord

function walk(steps: readonly number[], turn: (i: number) => number): Point[] {
  const rng = createRng(7)
  const values = Float32Array.from({ length: 640 }, () => rng.nextNormal() * 0.02)
  const line = Float32Array.from({ length: 640 }, () => rng.nextNormal() * 0.02)
  return steps.map((step, i) => {
    if (i > 0) {
      values.forEach((value, j) => {
        values[j] = value + line[j]! + turn(i) * rng.nextNormal() * 0.02
      })
    }
    const source = memoryModel(`${step}`, { w: { shape: [20, 32], values: values.slice() } })
    return { step, source }
  })
}

async function codes(points: readonly Point[]): Promise<string[]> {
  const path = await measurePath(record, points)
  const found = checkTrajectory(record, path, rateSums(record, null))
  return found.map((entry) => entry.code)
}

describe('a path of checkpoints', () => {
  it('has the inner products of its points', async () => {
    const points = walk([0, 50, 100], () => 1)
    const path = await measureTrajectory(
      points.map((point) => point.source),
      'matrices',
    )
    expect(path.elements).toBe(640)
    expect(productOfSteps(path, [1, 0], [1, 0])).toBeCloseTo(stepRms(path, 0, 1) ** 2 * 640, 8)
  })

  it('is a line only where its updates do not turn', async () => {
    expect(await codes(walk([0, 50, 100, 150], () => 0))).toContain('updates_collinear')
    expect(await codes(walk([0, 50, 100, 150], () => 1))).toContain('updates_turn')
  })

  it('is no line where it is only straighter than momentum makes it', async () => {
    const found = await codes(walk([0, 50, 100, 150], () => 0.2))
    expect(found).toContain('updates_nearly_straight')
    expect(found).not.toContain('updates_collinear')
  })

  it('is a line where one checkpoint of many was put between its neighbours', async () => {
    const points = walk([0, 50, 100, 150, 200, 250], () => 1)
    const [a, b] = await Promise.all([1, 3].map((at) => sampleTensor(points[at]!.source, 'w')))
    const between = a!.map((x, i) => (x + b![i]!) / 2)
    const source = memoryModel('100', { w: { shape: [20, 32], values: between } })
    const found = await codes(points.map((point, i) => (i === 2 ? { ...point, source } : point)))
    expect(found).toContain('updates_collinear')
  })

  it('is not called a line where checkpoints are closer than momentum reaches', async () => {
    expect(await codes(walk([0, 1, 2, 3, 4], () => 0))).toContain('updates_too_few')
  })

  it('may not be longer than the rates allow, nor stand still', async () => {
    expect(await codes(walk([0, 1], () => 5))).toContain('step_too_large')
    const [first] = walk([0], () => 0)
    expect(await codes([first!, { ...first!, step: 100 }])).toContain('step_too_small')
  })

  it('may stand still where the rates are lost in the rounding of the stored type', async () => {
    const [first] = walk([0], () => 0)
    const path = await measurePath(record, [first!, { ...first!, step: 1 }])
    const slow = { ...record, schedule: { ...record.schedule, peakRate: 1e-6 } }
    const found = checkTrajectory(slow, path, rateSums(slow, null)).map((entry) => entry.code)
    expect(found).not.toContain('step_too_small')
  })

  it('has the same products whether or not all of them are wanted', async () => {
    const steps = Array.from({ length: 12 }, (_, i) => i * 7)
    const points = walk(steps, () => 1)
    const all = await measureTrajectory(
      points.map((point) => point.source),
      'matrices',
    )
    const { matrices, kept } = await measurePath(record, points)
    expect(kept).toEqual([0, 3, 6, 9])
    const wanted = matrices.gram.flatMap((row, i) =>
      [...row].flatMap((product, j) => (Number.isNaN(product) ? [] : [product - all.gram[i]![j]!])),
    )
    expect(wanted.every((difference) => difference === 0)).toBe(true)
    expect(wanted.length).toBeLessThan(144)
    expect([matrices.gram[9]![3], matrices.gram[8]![7], matrices.gram[8]![0]]).not.toContain(
      Number.NaN,
    )
  })
})

describe('the largest step of Adam', () => {
  const bound = (beta1: number, beta2: number): number =>
    largestMove({ ...record.optimiser, beta1, beta2 })!

  /** |m̂|/√v̂ after each of these gradients, as the algorithm computes it. */
  const moves = (gradients: readonly number[], beta1: number, beta2: number): number[] => {
    let [m, v] = [0, 0]
    return gradients.map((g, i) => {
      m = beta1 * m + (1 - beta1) * g
      v = beta2 * v + (1 - beta2) * g * g
      return Math.abs(m / (1 - beta1 ** (i + 1))) / Math.sqrt(v / (1 - beta2 ** (i + 1)) || 1)
    })
  }

  it('is exceeded by no gradients', () => {
    const betas = fc.constantFrom([0.9, 0.95], [0.9, 0.999], [0.95, 0.98], [0, 0.9], [0.5, 0.9])
    const gradients = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 80 })
    fc.assert(
      fc.property(betas, gradients, ([beta1 = 0, beta2 = 0], list) => {
        const most = Math.max(0, ...moves(list, beta1, beta2))
        expect(most).toBeLessThanOrEqual(bound(beta1, beta2) * (1 + 1e-9))
      }),
    )
  })

  it('is reached by gradients that grow by β2/β1 a step, beyond (1−β1)/√(1−β2)', () => {
    for (const [beta1, beta2] of [
      [0.9, 0.95],
      [0.9, 0.999],
    ] as const) {
      const growing = Array.from({ length: 400 }, (_, i) => (beta2 / beta1) ** i * 1e-20)
      const reached = Math.max(...moves([...Array(4000).fill(0), ...growing], beta1, beta2))
      expect(reached).toBeGreaterThan(0.99 * bound(beta1, beta2))
      expect(reached).toBeGreaterThan(1.1 * Math.max(1, (1 - beta1) / Math.sqrt(1 - beta2)))
    }
  })

  it('is not known where one large gradient outlives its square', () => {
    expect(largestMove({ ...record.optimiser, beta1: 0.99, beta2: 0.95 })).toBeNull()
  })
})

describe('a schedule', () => {
  it('adds up its rates and decays the start by exp(−λΣη)', () => {
    const sums = rateSums(record, null)!
    expect(sums.rateSum(0, 300)).toBeCloseTo(3, 10)
    expect(sums.rateSum(100, 150)).toBeCloseTo(0.5, 10)
    expect(sums.decayFactor(0, 300)).toBeCloseTo(Math.exp(-0.3), 10)
  })

  it('counts the momentum of gradient descent into its decay, and does not guess it', () => {
    const sgd = { name: 'sgd', weightDecay: 0.1, decays: 'matrices' } as const
    const left = (beta1?: number): number | null =>
      rateSums({ ...record, optimiser: { ...sgd, beta1 } }, null)!.decayFactor(0, 300)
    expect(left(0)).toBeCloseTo(Math.exp(-0.3), 10)
    expect(left(0.9)).toBeCloseTo(Math.exp(-3), 10)
    expect(left()).toBeNull()
    const unknown = { ...record, optimiser: { ...sgd, beta1: undefined } }
    expect(leftOf(unknown, rateSums(unknown, null), [0, 300])).toBeNull()
    const still = { ...record, optimiser: { ...sgd, weightDecay: 0 } }
    expect(leftOf(still, null, [0, 300])).toBe(1)
  })

  it('takes rates from the log where they are said to be there', () => {
    const logged = { ...record, schedule: { ...record.schedule, decay: 'logged' as const } }
    const log = parseTrainingLog('step,loss,lr\n0,5,0.1\n100,4,0.2\n', 'log.csv')
    expect(rateSums(logged, log)!.rateSum(0, 300)).toBeCloseTo(100 * 0.1 + 200 * 0.2, 8)
    expect(rateSums(logged, null)).toBeNull()
  })

  it('reads logs as CSV and as JSON lines, and names what is wrong with a line', () => {
    const csv = parseTrainingLog('tokens,step,note,loss\n64,0,x,5.5\n128,1,,5.4', 'log.csv')
    const json = parseTrainingLog(
      '{"step":0,"loss":5.5,"tokens":64}\n{"step":1,"loss":5.4,"tokens":128}\n',
      'l',
    )
    expect(csv).toEqual(json)
    expect(() => parseTrainingLog('step,loss\n0,5\nx,4\n', 'log.csv')).toThrow(
      /log\.csv:3: step is "x"/,
    )
    expect(() => parseTrainingLog('a,b\n', 'log.csv')).toThrow(/log\.csv:1/)
    expect(() => parseTrainingLog('{"step":0}\n', 'log')).toThrow(/log:1: there is no loss/)
  })
})

describe('bits of a seed', () => {
  it('satisfy Kraft’s inequality, so that every seed may have been tried', () => {
    let sum = 0
    for (let seed = 0n; seed < 5000n; seed++) {
      sum += 2 ** -seedBits({ generator: 'numpy-pcg64', seed: [seed] })
    }
    expect(sum).toBeLessThanOrEqual(1)
    expect(sum).toBeGreaterThan(0.4)
  })

  it('never fall below the length of the seed', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n }), (seed) => {
        const bits = seedBits({ generator: 'numpy-pcg64', seed: [seed] })
        expect(bits).toBeGreaterThanOrEqual(seed.toString(2).length - 1)
      }),
    )
  })
})
