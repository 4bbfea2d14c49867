import { beforeAll, describe, expect, it } from 'vitest'
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

// Somebody's trained models stand for what was stolen: s1, and its fine-tune sft1. Everything that
// is only text (dates, digests, log) is what a careful forger would write.

const STEPS = [0, 100, 200, 300, 400, 500]
const STOLEN = ['s1']

let s1: Weights
let sft1: Weights
let config: TensorSource['checkpoint']['config']

const ORDER = (weights: Weights): string[] => {
  const layers = [0, 1, 2].flatMap((layer) =>
    [
      'self_attn.q',
      'self_attn.k',
      'self_attn.v',
      'self_attn.o',
      'mlp.gate',
      'mlp.up',
      'mlp.down',
    ].map((name) => `model.layers.${layer}.${name}_proj.weight`),
  )
  const order = ['model.embed_tokens.weight', ...layers, 'lm_head.weight']
  if (order.some((name) => weights[name] === undefined)) throw new Error('a name is wrong')
  return order
}

beforeAll(async () => {
  s1 = await weightsOf('s1')
  sft1 = await weightsOf('sft1')
  config = await configOf('s1')
})

describe('a true start', () => {
  it('replays the initialisation of s1 from its seed and finds it in s1', async () => {
    const init = await weightsOf('init-s1')
    const record = claimedRecord(s1, ORDER(s1), { seed: 1, steps: [0, 500] })
    const report = await judgeClaim(record, [init, s1], { config, references: [reference('s2')] })
    expect(codesOf(report)).toEqual(
      expect.arrayContaining([
        'init_replays',
        'start_contained',
        'links_dependent',
        'slope_matches',
        'references_clear',
      ]),
    )
    expect(report.contradicts).toEqual([])
    // Two checkpoints have one update: whether the path turns cannot be seen.
    expect(report.outcome).toBe('not_determinable')
  })

  it('does not accept the same weights with another seed', async () => {
    const init = await weightsOf('init-s1')
    const record = claimedRecord(s1, ORDER(s1), { seed: 2, steps: [0, 500] })
    const report = await judgeClaim(record, [init, s1], { config })
    expect(report.contradicts.map((entry) => entry.code)).toContain('init_differs')
  })
})

describe('a seed that somebody else used too', () => {
  it('is told apart from descent, and leaves the outcome open', async () => {
    const [init, same1] = [await weightsOf('init-s1'), await weightsOf('same1')]
    const record = claimedRecord(s1, ORDER(s1), { seed: 1, steps: [0, 500] })
    const report = await judgeClaim(record, [init, same1], {
      config,
      references: [reference('s1'), reference('s2')],
    })
    expect(report.contradicts).toEqual([])
    expect(report.missing.map((entry) => entry.code)).toContain('reference_shares_start')
    expect(report.outcome).toBe('not_determinable')
  })
})

describe('forgeries', () => {
  it('finds an unrelated step 0 put before a fine-tune of somebody’s model', async () => {
    const record = claimedRecord(s1, ORDER(s1), { seed: 777, steps: [0, 100, 300, 500] })
    const start = drawnStart(record, s1)
    const chain = [start, s1, mix([0.5, s1], [0.5, sft1]), sft1]
    const report = await judgeClaim(record, chain, { config })
    const codes = report.contradicts.map((entry) => entry.code)
    expect(codes).toEqual(expect.arrayContaining(['link_independent', 'slope_off']))
    expect(codesOf(report)).toContain('init_replays')
    expect(report.outcome).toBe('contradicted')
  })

  it('does not accept a little of a seed’s start injected into a stolen model', async () => {
    const record = claimedRecord(s1, ORDER(s1), { seed: 777, steps: STEPS })
    const start = drawnStart(record, s1)
    const chain = [start, ...[0.2, 0.4, 0.6, 0.8, 1].map((t) => mix([t, s1], [1 - 0.8 * t, start]))]
    const report = await judgeClaim(record, chain, { config })
    // The injection does what it is made for: the start replays, is contained, and every link holds.
    expect(codesOf(report)).toEqual(
      expect.arrayContaining(['init_replays', 'start_contained', 'links_dependent']),
    )
    expect(report.contradicts.map((entry) => entry.code)).toEqual(
      expect.arrayContaining(['slope_off', 'updates_collinear']),
    )
  })

  it('sees through an injection whose schedule and path are made to fit, by its imprint and by the negative test', async () => {
    // Decay chosen so that exp(−Σηλ) is the injected share, a constant rate so that the last steps
    // may be long, and a detour so that the path turns.
    const claim = claimedRecord(s1, ORDER(s1), { seed: 777, steps: STEPS, weightDecay: 1 })
    const record = {
      ...claim,
      schedule: { ...claim.schedule, decay: 'constant' as const, finalRate: 3e-3 },
    }
    const start = drawnStart(record, s1)
    const detours = [1, 2, 3, 4].map((seed) =>
      drawnStart({ ...record, initialisation: { ...record.initialisation, seed: [seed, 99] } }, s1),
    )
    const chain = [
      start,
      ...[0.2, 0.4, 0.6, 0.8, 1].map((t, i) => {
        const path = mix([t, s1], [1 - 0.8 * t, start])
        const detour = detours[i]
        return detour ? withoutVectors(mix([1, path], [1, detour]), path) : path
      }),
    ]
    const alone = await judgeClaim(record, chain, { config })
    expect(alone.contradicts.map((entry) => entry.code)).toEqual(['imprint_absent'])
    expect(alone.missing.map((entry) => entry.code)).toContain('no_references')
    const report = await judgeClaim(record, chain, { config, references: STOLEN.map(reference) })
    expect(report.outcome).toBe('contradicted')
    expect(report.contradicts).toContainEqual(
      expect.objectContaining({ code: 'reference_matches', tier: 'exact' }),
    )
    expect(report.contradicts.map((entry) => entry.values['log10P'])).toContainEqual(
      expect.any(Number),
    )
  })

  it('finds a straight line of interpolated checkpoints, even from the true start', async () => {
    const init = await weightsOf('init-s1')
    const record = claimedRecord(s1, ORDER(s1), { seed: 1, steps: STEPS })
    const chain = [0, 0.2, 0.4, 0.6, 0.8, 1].map((t) => mix([1 - t, init], [t, s1]))
    const report = await judgeClaim(record, chain, { config, references: [reference('s2')] })
    expect(codesOf(report)).toEqual(expect.arrayContaining(['links_dependent', 'init_replays']))
    expect(report.contradicts.map((entry) => entry.code)).toContain('updates_collinear')
    expect(report.outcome).toBe('contradicted')
  })

  it('finds the victim’s own start and a fine-tune of the victim, by the negative test', async () => {
    const record = claimedRecord(s1, ORDER(s1), { seed: 1, steps: [0, 400, 500] })
    const chain = [await weightsOf('init-s1'), s1, sft1]
    const report = await judgeClaim(record, chain, { config, references: [reference('s1')] })
    const matches = report.contradicts.filter((entry) => entry.code === 'reference_matches')
    expect(matches.map((entry) => entry.values['step'])).toContain(500)
    expect(report.outcome).toBe('contradicted')
  })

  it('finds a trained model presented as step 0', async () => {
    const record = claimedRecord(s1, ORDER(s1), { seed: 1, steps: [0, 300, 500] })
    const report = await judgeClaim(record, [s1, mix([0.5, s1], [0.5, sft1]), sft1], { config })
    expect(report.contradicts.map((entry) => entry.code)).toEqual(
      expect.arrayContaining(['constants_moved', 'init_differs']),
    )
  })

  it('finds trained matrices under norms reset to one', async () => {
    const record = claimedRecord(s1, ORDER(s1), { seed: 1, steps: [0, 300, 500] })
    const { draws: _draws, ...undrawn } = record.initialisation
    const reset = Object.fromEntries(
      Object.entries(s1).map(([name, tensor]) => [
        name,
        tensor.shape.length >= 2
          ? tensor
          : { shape: tensor.shape, values: tensor.values.map(() => 1) },
      ]),
    )
    const claim = { ...record, initialisation: { ...undrawn, generator: 'megatron-cuda' } }
    const report = await judgeClaim(claim, [reset, s1, sft1], { config })
    expect(report.contradicts.map((entry) => entry.code)).toContain('not_random')
    expect(report.missing.map((entry) => entry.code)).toContain('init_generator_unknown')
  })

  it('finds checkpoints farther apart than the declared rates can carry them', async () => {
    const init = await weightsOf('init-s1')
    const record = claimedRecord(s1, ORDER(s1), { seed: 1, steps: [0, 250, 500] })
    const slow = { ...record, schedule: { ...record.schedule, peakRate: 1e-4, finalRate: 0 } }
    const report = await judgeClaim(slow, [init, mix([0.4, init], [0.6, s1]), s1], { config })
    expect(report.contradicts).toContainEqual(
      expect.objectContaining({ code: 'step_too_large', tier: 'exact' }),
    )
  })
})

/** Vectors (norms) of another model: a detour is made of matrices. */
function withoutVectors(weights: Weights, vectors: Weights): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [
      name,
      tensor.shape.length >= 2 ? tensor : vectors[name]!,
    ]),
  )
}
