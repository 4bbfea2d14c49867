import { describe, expect, it } from 'vitest'
import { openTrainingRecord } from '../../packages/core/node/training/read-record.ts'
import { checkLinks } from '../../packages/core/src/audit/technical/training/check-links.ts'
import { checkLog } from '../../packages/core/src/audit/technical/training/check-log.ts'
import {
  type Draw,
  replayDraws,
} from '../../packages/core/src/audit/technical/training/draw-plan.ts'
import { examineStart } from '../../packages/core/src/audit/technical/training/fresh-draw.ts'
import type { TrainingRecord } from '../../packages/core/src/audit/technical/training/record.ts'
import {
  declaredRate,
  rateSums,
} from '../../packages/core/src/audit/technical/training/schedule.ts'
import type { LogRow } from '../../packages/core/src/audit/technical/training/training-log.ts'
import { memoryModel } from '../../packages/core/src/audit/testing/memory-model.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { claimedRecord, codesOf, judgeStored, recordPath, reference, weightsOf } from './cases.ts'

const RUNS = ['run-a', 'run-b']

describe('two honest runs', () => {
  it.each(RUNS)('%s is consistent with training from its seed', async (run) => {
    const report = await judgeStored(run)
    expect(report.contradicts).toEqual([])
    expect(report.outcome).toBe('consistent')
    expect(codesOf(report)).toEqual(
      expect.arrayContaining([
        'init_replays',
        'start_contained',
        'links_dependent',
        'updates_turn',
        'steps_fit_rate',
        'log_fits',
        'commitments_missing',
        'losses_not_rerun',
      ]),
    )
    expect(report.isCommittedDuringTraining).toBe(false)
  })

  it('compares the optimiser’s moments with the updates', async () => {
    const report = await judgeStored('run-a')
    const found = report.consistent.find((entry) => entry.code === 'moments_fit')
    expect(found?.values['cosine']).toBeGreaterThan(0.3)
  })

  it('stays open without references, without a log, and without step 0', async () => {
    expect((await judgeStored('run-b', () => ({ references: [] }))).outcome).toBe(
      'not_determinable',
    )
    expect((await judgeStored('run-b', () => ({ log: null }))).outcome).toBe('not_determinable')
    const report = await judgeStored('run-b', ({ record, checkpoints }) => ({
      record: { ...record, checkpoints: record.checkpoints.slice(1) },
      checkpoints: checkpoints.slice(1),
    }))
    expect(report.outcome).toBe('not_determinable')
    expect(codesOf(report)).toContain('step_zero_missing')
  })
})

describe('an honest run with one thing changed', () => {
  const contradictions = async (...given: Parameters<typeof judgeStored>): Promise<string[]> =>
    (await judgeStored(...given)).contradicts.map((entry) => entry.code)

  it('another seed', async () => {
    const codes = await contradictions('run-a', ({ record }) => ({
      record: { ...record, initialisation: { ...record.initialisation, seed: [72, 4242] } },
    }))
    expect(codes).toEqual(['init_differs'])
  })

  it('one checkpoint of another run', async () => {
    const other = await reference('training/run-a/step-0240')()
    const codes = await contradictions('run-b', (input) => ({
      checkpoints: input.checkpoints.map((found, i) =>
        i === 3 ? { ...found, source: other } : found,
      ),
    }))
    await other.close()
    expect(codes).toEqual(expect.arrayContaining(['link_independent', 'slope_off']))
  })

  it('biases drawn at random are no trace of training where the record says so', async () => {
    const bias = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i))
    const [drawn] = replayDraws({
      generator: 'numpy-pcg64',
      seed: [5n],
      draws: [{ law: 'uniform', low: -0.1, high: 0.1, tensor: 'fc.bias', shape: [64] }],
    })
    const { input, close } = await openTrainingRecord(recordPath('run-b'))
    await close()
    const name = 'model.layers.0.self_attn.q_proj.bias'
    const law = { law: 'uniform' as const, low: -0.1, high: 0.1, tensor: name, shape: [64] }
    const codes = async (values: Float32Array, draws: readonly Draw[]) => {
      const initialisation = { ...input.record.initialisation, draws: [...draws] }
      const start = memoryModel('start', { [name]: { shape: [64], values } })
      const found = await examineStart({ ...input.record, initialisation } as TrainingRecord, start)
      return found.filter((entry) => entry.list === 'contradicts').map((entry) => entry.code)
    }
    expect(await codes(drawn!.values, [law])).toEqual([])
    expect(await codes(bias, [law])).toEqual(['not_fresh'])
    expect(await codes(bias, [])).toEqual(['constants_moved'])
  })

  it('the optimiser state of an untrained step', async () => {
    const codes = await contradictions('run-a', (input) => {
      const state = input.checkpoints.find((found) => found.moments)!.moments
      return {
        checkpoints: input.checkpoints.map((found, i) => ({
          ...found,
          moments: i === 5 && state ? shuffled(state) : null,
        })),
      }
    })
    expect(codes).toEqual(['moments_impossible'])
  })

  it('a log with other rates, a loss that begins low, rows out of order, a claim that it denies', async () => {
    const { input, close } = await openTrainingRecord(recordPath('run-b'))
    await close()
    const { record } = input
    const check = (log: readonly LogRow[], claim = record): string[] =>
      checkLog(claim, log, { vocab_size: 32 })
        .filter((entry) => entry.list === 'contradicts')
        .map((entry) => entry.code)
    const log = (change: (row: LogRow) => Partial<LogRow>): string[] =>
      check(input.log!.map((row) => ({ ...row, ...change(row) })))
    expect(log(() => ({}))).toEqual([])
    expect(log(() => ({ rate: 0.01 }))).toEqual(['log_rate_differs'])
    expect(log((row) => ({ loss: 1.6 - row.step / 1000 }))).toEqual(['log_loss_start'])
    expect(log((row) => ({ step: row.step === 9 ? 8 : row.step }))).toEqual(['log_disordered'])
    expect(log(() => ({ loss: 3.4 }))).toEqual(['log_loss_rises'])
    const checkpoints = record.checkpoints.map((one) => ({ ...one, loss: 0.4 }))
    expect(new Set(check(input.log!, { ...record, checkpoints }))).toEqual(
      new Set(['log_claim_differs']),
    )
  })

  it('an optimiser state of zeros, and one whose tensors have other names', async () => {
    const renamed = (source: TensorSource): TensorSource => ({
      ...source,
      checkpoint: {
        ...source.checkpoint,
        tensors: source.checkpoint.tensors.map((tensor, i) => ({ ...tensor, name: `state.${i}` })),
      },
    })
    const zeros = (source: TensorSource): TensorSource => ({
      ...source,
      readBytes: async (tensor, begin, end) => (await source.readBytes(tensor, begin, end)).fill(0),
    })
    const judged = (change: (source: TensorSource) => TensorSource) =>
      judgeStored('run-a', (input) => ({
        checkpoints: input.checkpoints.map((found) => ({
          ...found,
          moments: found.moments && change(found.moments),
        })),
      }))
    expect((await judged(zeros)).contradicts.map((entry) => entry.code)).toEqual(['moments_zero'])
    const other = await judged(renamed)
    expect(other.contradicts).toEqual([])
    expect(other.missing.map((entry) => entry.code)).toContain('moments_unnamed')
  })

  it('a start whose law is not stated leaves the outcome open', async () => {
    const report = await judgeStored('run-a', ({ record }) => {
      const { draws: _draws, ...initialisation } = record.initialisation
      return {
        record: { ...record, initialisation: { ...initialisation, generator: 'megatron-cuda' } },
      }
    })
    expect(report.contradicts).toEqual([])
    expect(report.missing.map((entry) => entry.code)).toContain('law_unknown')
    expect(report.outcome).toBe('not_determinable')
  })

  it('a file that differs, dates out of order, a submission that is another model', async () => {
    const differs = await contradictions('run-b', ({ record }) => ({
      files: [{ path: 'x', state: 'differs' }],
      record: { ...record, declaredBy: { name: 'x', date: '2020-01-01T00:00:00Z' } },
    }))
    expect(differs).toEqual(['file_differs', 'dates_out_of_order'])
    const other = await reference('s3')()
    const submitted = await contradictions('run-b', () => ({ submitted: other }))
    await other.close()
    expect(submitted).toEqual(['submitted_differs'])
  })
})

describe('honest logs of other habits', () => {
  const judged = async (
    change: (record: TrainingRecord) => TrainingRecord,
    rows: (log: readonly LogRow[]) => readonly LogRow[],
  ): Promise<string[]> => {
    const { input, close } = await openTrainingRecord(recordPath('run-b'))
    await close()
    const found = checkLog(change(input.record), rows(input.log!), { vocab_size: 32 })
    return found.map((entry) => entry.code)
  }
  const same = (record: TrainingRecord): TrainingRecord => record

  it('a warm-up that begins at rate 0, as most schedulers do', async () => {
    const { input, close } = await openTrainingRecord(recordPath('run-b'))
    await close()
    const rate = declaredRate(input.record.schedule)
    const found = await judged(same, (log) =>
      log.map((row) => ({ ...row, rate: row.step === 0 ? 0 : rate(row.step - 1) })),
    )
    expect(found).toContain('log_fits')
  })

  it('a stretch of a run, whose loss hardly falls and begins low', async () => {
    const found = await judged(
      (record) => ({ ...record, checkpoints: record.checkpoints.slice(2) }),
      (log) => log.slice(140).map((row) => ({ ...row, loss: 1.5 - row.step / 1e5 })),
    )
    expect(found).toContain('log_fits')
  })

  it('a loss that falls by little is no contradiction, and no support', async () => {
    const found = await judged(same, (log) =>
      log.map((row) => ({ ...row, loss: 3.5 - row.step / 1e4 })),
    )
    expect(found).toContain('log_loss_hardly_falls')
    expect(found).not.toContain('log_fits')
    expect(found).not.toContain('log_loss_rises')
  })

  it('losses of checkpoints beside rows that are far apart, or means over the steps before', async () => {
    const claims = (record: TrainingRecord): TrainingRecord => ({
      ...record,
      checkpoints: record.checkpoints.map((point) => ({
        ...point,
        loss: 3.5 * 0.995 ** point.step,
      })),
    })
    const loss = (step: number): number => 3.5 * 0.995 ** step
    const rows = (every: number, first: number) => (log: readonly LogRow[]) =>
      log
        .filter((row) => row.step % every === first % every && row.step >= first)
        .map((row) => ({
          ...row,
          loss: (loss(row.step) + loss(Math.max(0, row.step - every))) / 2,
        }))
    expect(await judged(claims, rows(50, 0))).toContain('log_fits')
    expect(await judged(claims, rows(10, 10))).toContain('log_fits')
    expect(
      await judged(
        (record) => claims(claims(record)),
        (log) => log.map((row) => ({ ...row, loss: loss(row.step) + 1 })),
      ),
    ).toContain('log_claim_differs')
  })
})

describe('links of honest runs that are far apart', () => {
  it('are open, not contradicted, where decay leaves little or is not known', async () => {
    const [from, to] = await Promise.all([reference('s1')(), reference('s2')()])
    const points = [
      { step: 0, source: from },
      { step: 300, source: to },
    ]
    const { input, close } = await openTrainingRecord(recordPath('run-b'))
    await close()
    const codes = async (optimiser: Partial<TrainingRecord['optimiser']>): Promise<string[]> => {
      const record = { ...input.record, optimiser: { ...input.record.optimiser, ...optimiser } }
      const found = await checkLinks(record, points, { sums: rateSums(record, input.log) })
      return [...new Set(found.map((entry) => entry.code))]
    }
    expect(await codes({ weightDecay: 0.1 })).toEqual(['link_independent'])
    expect(await codes({ weightDecay: 2 })).toEqual(['link_undecided'])
    expect(await codes({ name: 'adam', weightDecay: 0.1 })).toEqual(['link_undecided'])
    expect(await codes({ name: 'adam', weightDecay: 0 })).toEqual(['link_independent'])
    await from.close()
    await to.close()
  })
})

describe('step 0', () => {
  it('is not called trained for any matrix of 15 fresh draws', async () => {
    const like = await weightsOf('init-s1')
    const order = Object.keys(like).filter((name) => like[name]!.shape.length >= 2)
    for (let seed = 0; seed < 15; seed++) {
      const record = claimedRecord(like, order.slice(0, 6), { seed, steps: [0] })
      const draws = record.initialisation.draws!
      const drawn = replayDraws({ generator: 'numpy-pcg64', seed: [BigInt(seed)], draws })
      const tensors = Object.fromEntries(
        [...drawn].map(({ tensor, values }) => [tensor, { shape: like[tensor]!.shape, values }]),
      )
      const findings = await examineStart(record, memoryModel('fresh', tensors))
      expect(findings.filter((entry) => entry.list === 'contradicts')).toEqual([])
    }
  })
})

/** First and second moments exchanged: values that no gradients give. */
function shuffled<T extends { checkpoint: { tensors: readonly { name: string }[] } }>(
  source: T,
): T {
  const swap = (name: string): string =>
    name.startsWith('exp_avg_sq.')
      ? name.replace('exp_avg_sq.', 'exp_avg.')
      : name.replace('exp_avg.', 'exp_avg_sq.')
  const tensors = source.checkpoint.tensors.map((tensor) => ({
    ...tensor,
    name: swap(tensor.name),
  }))
  return { ...source, checkpoint: { ...source.checkpoint, tensors } }
}
