import { beforeAll, describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { runAudit } from '../../packages/core/src/audit/run-audit.ts'
import { printedTransform } from '../../packages/core/src/audit/technical/aligned/transform.ts'
import { readTransform } from '../../packages/core/src/audit/technical/replay/read-transform.ts'
import type { Replay, ReplayedKind } from '../../packages/core/src/audit/technical/replay/replay.ts'
import { replayTransform } from '../../packages/core/src/audit/technical/replay/replay-transform.ts'
import {
  type StoredTransform,
  transformBytes,
} from '../../packages/core/src/audit/technical/replay/stored-transform.ts'
import { transformFiles } from '../../packages/core/src/audit/technical/replay/transform-files.ts'
import { type Digest, digestBytes } from '../../packages/core/src/base/digest.ts'
import { createRng, randomPermutation } from '../../packages/core/src/base/rng.ts'
import { memoryReader } from '../../packages/core/src/model/byte-reader.ts'
import { renderReplay } from '../../packages/core/src/render/replay/replay-text.ts'
import { pickLayers } from './layer-order.ts'
import { componentOf } from './models.ts'
import * as change from './transforms.ts'
import { everySymmetry } from './unit-tricks.ts'

// A recovered transform is written, read again and replayed. All models are simulated.

const models = new Map<string, change.Loaded>()
beforeAll(async () => {
  for (const name of ['s1', 'sft1', 'cpt1', 's2']) models.set(name, await change.load(name))
})
const held = (name: string) => models.get(name)!
const source = (name: string, model: change.Loaded) => change.asSource(name, model)

/** Compares, writes the transform of the body and reads it again. */
async function recover(candidate: change.Loaded, reference = held('s1')) {
  const comparison = await compareModels(
    source('org/candidate', candidate),
    source('org/reference', reference),
  )
  const { files, ofComparison } = transformFiles([comparison])
  const body = componentOf(ofComparison(comparison), 'language_model')
  const file = files.find(({ name }) => name === body.transform?.file?.name)!
  const bytes = file.bytes()
  expect(digestBytes(bytes)).toBe(body.transform!.file!.digest)
  expect(bytes.length).toBe(body.transform!.file!.sizeBytes)
  return { body, bytes, stored: await readTransform(memoryReader(file.name, bytes)) }
}

const replay = (
  candidate: change.Loaded,
  stored: StoredTransform,
  options: { readonly reference?: change.Loaded; readonly budgetBytes?: number } = {},
) =>
  replayTransform(
    {
      candidate: source('org/candidate', candidate),
      reference: source('org/reference', options.reference ?? held('s1')),
    },
    stored,
    options.budgetBytes === undefined ? {} : { budgetBytes: options.budgetBytes },
  )

const kindOf = (done: Replay, kind: ReplayedKind) => done.kinds.find((one) => one.kind === kind)!
const RECOVERED = ['down', 'gate', 'up', 'qk', 'vo', 'embedding', 'head'] as const

const HIDING: Record<string, change.Transform> = {
  'axes and units reordered': change.allOf(change.permuteResidual, change.permuteUnits),
  'rotated with new norms, units rescaled': change.allOf(
    change.rotateResidual,
    change.permuteUnits,
    change.scaleUnits,
  ),
  'every symmetry at once': everySymmetry,
  'the same, rounded to 4 bits': change.allOf(everySymmetry, change.toInt4),
}

describe('a recovered transform', () => {
  it.each(Object.entries(HIDING))(
    'replays from its file with the figures of the report: %s',
    async (name, hide) => {
      for (const child of ['sft1', 'cpt1']) {
        const candidate = hide(held(child), createRng(name))
        const { body, stored } = await recover(candidate)
        const done = await replay(candidate, stored)
        expect(done.outcome, child).toBe('reproduced')
        expect(done.replayed).toEqual(body.transform!.heldOut)
        expect(done.stated).toEqual(body.transform!.heldOut)
        expect(stored.digest).toBe(body.transform!.digest)
        expect(done.leftOut).toEqual([])
        // Head products are of fourth order, and heavy training leaves less of them than of rows.
        const least = child === 'sft1' ? 0.95 : 0.5
        for (const kind of RECOVERED) {
          expect(kindOf(done, kind).correlation, kind).toBeGreaterThan(least)
        }
      }
    },
    30_000,
  )

  it('carries whole matrices over where nothing else was changed', async () => {
    for (const [name, hide] of Object.entries(HIDING).slice(0, 2)) {
      const candidate = hide(held('s1'), createRng(name))
      const { stored } = await recover(candidate)
      const done = await replay(candidate, stored)
      for (const one of done.kinds) {
        expect(one.correlation, `${name} ${one.kind}`).toBeGreaterThan(0.99999)
        expect(one.error).toBeLessThan(2e-3)
      }
      expect(done.layers).toHaveLength(3 * 9 + 2)
      expect(kindOf(done, 'down').values).toBe(3 * 96 * 48)
      expect(kindOf(done, 'head').values).toBe(271 * 48)
    }
  }, 30_000)

  it('says what stood in its way: heads were scrambled, and products over them are not', async () => {
    const candidate = everySymmetry(held('sft1'), createRng('heads'))
    const done = await replay(candidate, (await recover(candidate)).stored)
    for (const kind of ['v', 'o'] as const) {
      expect(kindOf(done, kind).basis).toBe('as_stored')
      expect(Math.abs(kindOf(done, kind).correlation!)).toBeLessThan(0.2)
    }
    expect(kindOf(done, 'vo')).toMatchObject({ basis: 'invariant', heldOut: false })
    expect(kindOf(done, 'vo').correlation).toBeGreaterThan(0.98)
    const unseen = done.kinds.filter(({ heldOut }) => heldOut).map(({ kind }) => kind)
    expect(unseen).toEqual(['down', 'q', 'k', 'o', 'qk', 'head'])
  })

  it('carries over the attention of layers that it does not name, at their own places', async () => {
    const candidate = change.rotateResidual(held('sft1'), createRng('places'))
    const { stored } = await recover(candidate)
    const [first] = stored.parts.layers
    const one = { ...stored, parts: { ...stored.parts, layers: [first!] } }
    const done = await replay(candidate, one)
    const named = (isMapped: boolean) => done.layers.filter((entry) => entry.isMapped === isMapped)
    expect(new Set(named(true).map(({ layer }) => layer))).toEqual(new Set([0, null]))
    expect(named(false).map(({ kind, layer }) => `${layer} ${kind}`)).toEqual(
      [1, 2]
        .flatMap((layer) => ['q', 'k', 'v', 'o'].map((kind) => `${layer} ${kind}`))
        .concat([1, 2].flatMap((layer) => ['qk', 'vo'].map((kind) => `${layer} ${kind}`))),
    )
    for (const { correlation } of named(false)) expect(correlation).toBeGreaterThan(0.98)
    // Layers that were moved say nothing of where the others went.
    const moved = { ...first!, reference: 1 }
    const apart = await replay(candidate, { ...one, parts: { ...one.parts, layers: [moved] } })
    expect(apart.layers.every(({ isMapped }) => isMapped)).toBe(true)
  })

  it('of a pruned model keeps to the units and axes that are left', async () => {
    const hide = change.allOf(change.pruneUnits(64), change.pruneResidual(36))
    const candidate = hide(held('sft1'), createRng('pruned'))
    const { stored, body } = await recover(candidate)
    const done = await replay(candidate, stored)
    expect(stored.parts.width).toEqual({ candidate: 36, reference: 48 })
    expect(done.outcome).toBe('reproduced')
    expect(done.replayed).toEqual(body.transform!.heldOut)
    // Twelve axes of 48 are gone: √(36/48) is the most that a correlation can be.
    expect(kindOf(done, 'gate').correlation).toBeGreaterThan(0.8)
    expect(kindOf(done, 'gate').correlation).toBeLessThan(0.9)
    expect(kindOf(done, 'down').values).toBe(3 * 64 * 48)
  })
})

describe('a wrong transform', () => {
  it('of another pair of models does not replay', async () => {
    const hide = HIDING['rotated with new norms, units rescaled']!
    const { stored } = await recover(hide(held('sft1'), createRng('a')))
    for (const other of [hide(held('sft1'), createRng('b')), hide(held('s2'), createRng('a'))]) {
      const done = await replay(other, stored)
      expect(done.outcome).toBe('not_reproduced')
      for (const kind of ['down', 'gate', 'up', 'qk', 'vo'] as const) {
        expect(Math.abs(kindOf(done, kind).correlation!), kind).toBeLessThan(0.15)
      }
    }
  })

  it('whose units or axes are shuffled and whose digest was made anew does not either', async () => {
    const candidate = HIDING['axes and units reordered']!(held('sft1'), createRng('shuffled'))
    const { stored } = await recover(candidate)
    const { parts } = stored
    if (parts.map.kind !== 'signed_permutation') throw new Error('another map was recovered')
    const order = randomPermutation(createRng('order'), 48)
    const { source, sign } = parts.map
    const axes = { source: source.map((_, at) => source[order[at]!]!), sign }
    const units = randomPermutation(createRng('units'), 96)
    const forged = [
      { ...parts, map: { ...parts.map, ...axes } },
      {
        ...parts,
        layers: parts.layers.map((layer) => ({
          ...layer,
          match: layer.match.map((_, at) => layer.match[units[at]!]!),
        })),
      },
    ]
    for (const wrong of forged) {
      const { digest } = printedTransform(wrong, stored.heldOut)
      const bytes = transformBytes({ ...stored, parts: wrong, digest: digest as Digest })!
      const read = await readTransform(memoryReader('t', bytes))
      const done = await replay(candidate, read)
      expect(done.outcome).toBe('not_reproduced')
      expect(Math.abs(done.replayed!.correlation)).toBeLessThan(0.15)
    }
  })

  it('that is no rotation says so: a linear map could be fitted to anything', async () => {
    const hide = HIDING['rotated with new norms, units rescaled']!
    const candidate = hide(held('sft1'), createRng('gap'))
    const { stored } = await recover(candidate)
    expect((await replay(candidate, stored)).rotationGap).toBeLessThan(1e-5)
    const { map } = stored.parts
    if (map.kind !== 'rotation') throw new Error('another map was recovered')
    const data = map.rotation.data.map((x, at) => (at < 48 ? 2 * x : x))
    const rotation = { ...map.rotation, data }
    const bent = { ...stored, parts: { ...stored.parts, map: { ...map, rotation } } }
    expect((await replay(candidate, bent)).rotationGap).toBeGreaterThan(0.1)
  })

  it('of models of another size is refused with the place', async () => {
    const candidate = everySymmetry(held('sft1'), createRng('size'))
    const { stored } = await recover(candidate)
    const narrow = change.pruneUnits(64)(candidate, createRng('size'))
    const thin = change.pruneResidual(36)(candidate, createRng('size'))
    for (const other of [narrow, thin]) {
      const refused = replay(other, stored)
      await expect(refused).rejects.toMatchObject({ code: 'USAGE' })
      await expect(refused).rejects.toThrow(/layer 0: the transform is of 96 units on 48 axes/)
    }
    await expect(replay(candidate, { ...stored, component: 'decoder' })).rejects.toThrow(
      /has no component "decoder"/,
    )
  })
})

describe('a replay within a budget', () => {
  it('reads the down projections whole, some of the rest, and says of what', async () => {
    const candidate = everySymmetry(held('sft1'), createRng('budget'))
    const { stored } = await recover(candidate)
    const whole = await replay(candidate, stored)
    const part = await replay(candidate, stored, { budgetBytes: 100_000 })
    expect(part.replayed).toEqual(whole.replayed)
    expect(part.bytesRead.candidate).toBeLessThan(whole.bytesRead.candidate)
    expect(part.bytesRead.candidate).toBeLessThan(100_000 + 3 * 96 * 48 * 4 + 5000)
    const gate = part.layers.find(({ kind }) => kind === 'gate')!
    expect(gate.compared).toBeLessThan(gate.of)
    expect(gate.compared).toBeGreaterThanOrEqual(16)
    expect(part.leftOut.every(({ why }) => why === 'over_budget')).toBe(true)
    expect(part.leftOut.map(({ kind }) => kind)).toContain('vo')
    for (const { kind, correlation, basis } of part.kinds) {
      if (basis === 'recovered') expect(correlation, kind).toBeGreaterThan(0.9)
    }
  })
})

describe('the files of an audit', () => {
  it('are one for each reference that answers, named in the report and without a path', async () => {
    const hide = HIDING['rotated with new norms, units rescaled']!
    const candidate = hide(held('sft1'), createRng('audit'))
    const references = ['s2', 's1', 'cpt1'].map(
      (name) => async () => source(`org/../${name}`, held(name)),
    )
    const report = await runAudit(source('org/candidate', candidate), references)
    const { files, ofAudit } = transformFiles(report.comparisons)
    const named = ofAudit(report)
    expect(files.map(({ name }) => name)).toEqual([
      'transform-2-language_model.safetensors',
      'transform-3-language_model.safetensors',
    ])
    const body = named.components.find(({ component }) => component === 'language_model')!
    expect(body.reference).toBe('org/../s1')
    expect(body.transform!.file!.name).toBe(files[0]!.name)
    const again = named.comparisons[1]!.components.find((one) => one.transform)!
    expect(again.transform!.file).toEqual(body.transform!.file)
    expect(report.components.every(({ transform }) => transform?.file === undefined)).toBe(true)
  }, 30_000)
})

describe('a transform of another shape', () => {
  it.each([
    [
      'layers moved and made into experts',
      change.allOf(pickLayers([1, 2, 0]), everySymmetry, change.upcycle(2, 0.3)),
      { rows: 6, kind: 'rotation' },
    ],
    [
      'axes dropped and the rest mixed',
      change.allOf(change.pruneUnits(64), change.pruneResidual(36), everySymmetry),
      { rows: 3, kind: 'rotation' },
    ],
  ] as const)('replays as well: %s', async (name, hide, { rows, kind }) => {
    const candidate = hide(held('cpt1'), createRng(name))
    const { body, stored } = await recover(candidate)
    expect(stored.parts.layers).toHaveLength(rows)
    expect(stored.parts.map.kind).toBe(kind)
    const done = await replay(candidate, stored)
    expect(done.outcome).toBe('reproduced')
    expect(done.replayed).toEqual(body.transform!.heldOut)
    expect(done.rotationGap).toBeLessThan(1e-3)
    for (const of of ['down', 'gate', 'up'] as const) {
      expect(kindOf(done, of).correlation).toBeGreaterThan(0.4)
    }
    const text = renderReplay(done, { language: 'en', color: false, width: 100 })
    expect(text).toContain(rows === 6 ? '0/1 → 1' : '0 → 0')
    const other = await replay(hide(held('s2'), createRng(name)), stored)
    expect(other.outcome).toBe('not_reproduced')
  })
})
