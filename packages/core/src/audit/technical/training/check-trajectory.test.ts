import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../base/rng.ts'
import { memoryModel } from '../../testing/memory-model.ts'
import type { Point } from './check-links.ts'
import { checkTrajectory } from './check-trajectory.ts'
import { seedBits } from './draw-plan.ts'
import type { TrainingRecord } from './record.ts'
import { rateSums } from './schedule.ts'
import { parseTrainingLog } from './training-log.ts'
import { measureTrajectory, productOfSteps, stepRms } from './trajectory.ts'

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
  const found = await checkTrajectory(record, points, rateSums(record, null))
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

  it('is not called a line where checkpoints are closer than momentum reaches', async () => {
    expect(await codes(walk([0, 1, 2, 3, 4], () => 0))).toContain('updates_too_few')
  })

  it('may not be longer than the rates allow, nor stand still', async () => {
    expect(await codes(walk([0, 1], () => 5))).toContain('step_too_large')
    const [first] = walk([0], () => 0)
    expect(await codes([first!, { ...first!, step: 100 }])).toContain('step_too_small')
  })
})

describe('a schedule', () => {
  it('adds up its rates and decays the start by exp(−λΣη)', () => {
    const sums = rateSums(record, null)!
    expect(sums.rateSum(0, 300)).toBeCloseTo(3, 10)
    expect(sums.rateSum(100, 150)).toBeCloseTo(0.5, 10)
    expect(sums.decayFactor(0, 300)).toBeCloseTo(Math.exp(-0.3), 10)
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
