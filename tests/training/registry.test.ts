import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { fingerprintPlace } from '../../packages/core/node/registry/fingerprint-place.ts'
import { sketchKernel } from '../../packages/core/node/registry/sketch-kernel.ts'
import type { Fingerprint } from '../../packages/core/src/audit/registry/fingerprint.ts'
import {
  memoryEntry,
  memoryRegistry,
} from '../../packages/core/src/audit/registry/memory-registry.ts'
import type { TrainingReport } from '../../packages/core/src/audit/technical/training/judge-training.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import {
  claimedRecord,
  codesOf,
  configOf,
  drawnStart,
  judgeClaim,
  judgeStored,
  MODELS,
  mix,
  type Weights,
  weightsOf,
} from './cases.ts'

const known = new Map<string, Fingerprint>()
let config: TensorSource['checkpoint']['config']
let [s1, sft1]: Weights[] = []

beforeAll(async () => {
  for (const name of ['s1', 's2', 'd9', 'init-s1']) {
    const { fingerprint } = await fingerprintPlace(join(MODELS, name), { date: '2026-01-15' })
    known.set(name, fingerprint)
  }
  config = await configOf('s1')
  s1 = await weightsOf('s1')
  sft1 = await weightsOf('sft1')
})

const registryOf = (...names: string[]) => ({
  registry: memoryRegistry(names.map((name) => known.get(name)!)),
  without: new Set<string>(),
  leftOut: [],
  scanner: sketchKernel(),
})

const place = (report: TrainingReport, code: string) =>
  [...report.contradicts, ...report.missing]
    .filter((entry) => entry.code === code)
    .map(({ values }) => `${values['reference']} at ${values['step']}`)

describe('a training record beside a registry', () => {
  it('is consistent where fingerprints are all it is held against, and says what they could see', async () => {
    const report = await judgeStored('run-a', () => ({
      references: [],
      registry: registryOf('s1', 's2', 'd9'),
    }))
    expect(report.contradicts).toEqual([])
    expect(report.outcome).toBe('consistent')
    const clear = report.consistent.find((entry) => entry.code === 'registry_clear')!
    expect(clear.values).toMatchObject({ component: 'language_model', models: 3, compared: 3 })
    expect(clear.values['limit']).toBeGreaterThan(0.1)
    expect(clear.values['limit']).toBeLessThan(0.7)
    expect(codesOf(report)).not.toContain('no_references')
  })

  it('is contradicted where step 0 is somebody’s trained model', async () => {
    const record = claimedRecord(s1!, ['model.embed_tokens.weight'], { seed: 7, steps: [0, 500] })
    const report = await judgeClaim(record, [s1!, sft1!], {
      config,
      registry: registryOf('s1', 's2'),
    })
    expect(report.outcome).toBe('contradicted')
    expect(place(report, 'registry_matches')).toEqual(['s1 at 0', 's1 at 500'])
    const found = report.contradicts.find((entry) => entry.code === 'registry_matches')!
    expect(found.values['log10P']).toBeLessThan(-9)
    expect(found.tier).toBe('exact')
  })

  it('is contradicted where a true start was mixed into a stolen model', async () => {
    const order = Object.keys(s1!).filter((name) => s1![name]!.shape.length >= 2)
    const record = claimedRecord(s1!, order, { seed: 7, steps: [0, 500] })
    const start = drawnStart(record, s1!)
    const end = mix([1, sft1!], [0.2, start])
    const report = await judgeClaim(record, [start, end], {
      config,
      registry: registryOf('s1', 's2'),
    })
    expect(codesOf(report)).toContain('init_replays')
    expect(place(report, 'registry_matches')).toEqual(['s1 at 500'])
  })

  it('stays open where somebody began at the same seed', async () => {
    const [init, same1] = [await weightsOf('init-s1'), await weightsOf('same1')]
    const order = ['q', 'k', 'v', 'o'].map((name) => `self_attn.${name}`)
    const mlp = ['gate', 'up', 'down'].map((name) => `mlp.${name}`)
    const names = [0, 1, 2].flatMap((layer) =>
      [...order, ...mlp].map((name) => `model.layers.${layer}.${name}_proj.weight`),
    )
    const drawn = ['model.embed_tokens.weight', ...names, 'lm_head.weight']
    const record = claimedRecord(s1!, drawn, { seed: 1, steps: [0, 500] })
    const registry = registryOf('init-s1', 's1', 's2')
    const report = await judgeClaim(record, [init, same1], { config, registry })
    expect(codesOf(report)).toContain('init_replays')
    expect(place(report, 'registry_shares_start')).toEqual(
      expect.arrayContaining(['init-s1 at 0', 's1 at 0', 'init-s1 at 500', 's1 at 500']),
    )
    expect(report.contradicts).toEqual([])
    expect(report.outcome).toBe('not_determinable')
  })

  it('names what it was told to leave out, and says that nothing was left', async () => {
    const registry = {
      ...registryOf('s1', 's2'),
      without: new Set([0, 1].map(memoryEntry)),
      leftOut: ['own-1', 'own-2'],
    }
    const report = await judgeStored('run-b', () => ({ references: [], registry }))
    expect(report.outcome).toBe('not_determinable')
    expect(codesOf(report)).toEqual(expect.arrayContaining(['registry_empty', 'registry_left_out']))
  })
})
