import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { fingerprintModel } from '../../packages/core/src/audit/registry/fingerprint-model.ts'
import type { JsonValue } from '../../packages/core/src/base/canonical-json.ts'
import { AppError } from '../../packages/core/src/base/errors.ts'
import { createRng, type Rng } from '../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { elementCount, type TensorInfo } from '../../packages/core/src/model/tensor.ts'
import { renderComparisonHtml } from '../../packages/core/src/render/html/audit-html.ts'
import { renderComparison } from '../../packages/core/src/render/terminal.ts'
import { MODELS } from '../audit/models.ts'

// Whole models whose names, shapes, types and configuration a stranger has twisted, compared with models as
// they are: every one ends in a report or an AppError. FUZZ_MODELS sets how many (default 40).

const COUNT = Number(process.env['FUZZ_MODELS'] ?? 40)
const BASES = ['s1', 'cpt1', 'gpt2-a', 'qvl-donor', 'vlm-donor', 'moe-own1', 's1-int8', 'stranger']
const ODD_NAMES = [
  'model.layers.99999.mlp.up_proj.weight',
  'model.layers.-1.x',
  '',
  '__proto__',
  'a',
]
const ODD_VALUES: readonly JsonValue[] = [
  ...[0, -1, 1, 2, 3, 7, 1.5, 1e9, 2 ** 31],
  ...[null, true, 'x', '', 'odd', [], [0], {}],
]

type Twisted = { tensors: Mutable<TensorInfo>[]; config: JsonValue | undefined }
type Mutable<T> = { -readonly [key in keyof T]: T[key] }

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.nextInt(list.length)] as T

const TWISTS: Readonly<Record<string, (model: Twisted, rng: Rng) => void>> = {
  reshape: ({ tensors }, rng) => {
    const tensor = pick(rng, tensors)
    const n = elementCount(tensor.shape)
    const part = pick(
      rng,
      [1, 2, 3, 4, 6, 8, 12, 16, 24, 48, n].filter((size) => n % size === 0),
    )
    const shapes = [[n], [part, n / part], [n / part, part], [part, n / part, 1], [1, 1, n]]
    tensor.shape = pick(rng, shapes)
  },
  drop: ({ tensors }, rng) => {
    tensors.splice(rng.nextInt(tensors.length), 1)
  },
  'swap names': ({ tensors }, rng) => {
    const [a, b] = [pick(rng, tensors), pick(rng, tensors)]
    ;[a.name, b.name] = [b.name, a.name]
  },
  rename: ({ tensors }, rng) => {
    const tensor = pick(rng, tensors)
    const own = [`${tensor.name}.weight`, tensor.name.replace(/\d+/, '7'), `${tensor.name}x`]
    tensor.name = pick(rng, [...ODD_NAMES, ...own])
  },
  'another type': ({ tensors }, rng) => {
    const tensor = pick(rng, tensors)
    if (tensor.dtype === 'BF16') tensor.dtype = pick(rng, ['F16', 'I16', 'U16'] as const)
  },
  'odd configuration': (model, rng) => {
    const { config } = model
    if (config === null || typeof config !== 'object' || Array.isArray(config)) return
    const key = pick(rng, Object.keys(config))
    model.config = { ...config, [key]: pick(rng, ODD_VALUES) }
  },
  'no configuration': (model, rng) => {
    model.config = pick<JsonValue | undefined>(rng, [undefined, null, [], 'x', {}])
  },
  'first tensors alone': ({ tensors }, rng) => {
    tensors.splice(1 + rng.nextInt(6))
  },
}

function twist(source: TensorSource, rng: Rng): { twisted: TensorSource; how: string } {
  const { checkpoint } = source
  const model: Twisted = {
    tensors: checkpoint.tensors.map((tensor) => ({ ...tensor })),
    config: structuredClone(checkpoint.config),
  }
  const names = Array.from({ length: 1 + rng.nextInt(3) }, () => pick(rng, Object.keys(TWISTS)))
  for (const name of names) if (model.tensors.length > 0) TWISTS[name]?.(model, rng)
  const byName = new Map(model.tensors.map((tensor) => [tensor.name, tensor]))
  const tensors = [...byName.values()].sort((x, y) => (x.name < y.name ? -1 : 1))
  return {
    twisted: {
      ...source,
      checkpoint: { ...checkpoint, id: 'twisted', tensors, config: model.config },
    },
    how: names.join(', '),
  }
}

describe('twisted models', () => {
  it(`${COUNT} of them end in a report or in an error of input`, async () => {
    const sources = new Map<string, TensorSource>()
    for (const name of BASES) sources.set(name, await openCheckpoint(join(MODELS, name)))
    const rng = createRng('twisted models')
    let reports = 0
    for (let i = 0; i < COUNT; i++) {
      const name = pick(rng, BASES)
      const { twisted, how } = twist(sources.get(name)!, rng)
      const other = sources.get(pick(rng, [name, 's1', pick(rng, BASES)]))!
      const pair = rng.nextInt(2) === 0 ? ([twisted, other] as const) : ([other, twisted] as const)
      try {
        const comparison = await compareModels(...pair)
        for (const language of ['ko', 'en'] as const) {
          renderComparison(comparison, { language, color: false, width: 100 })
          expect(renderComparisonHtml(comparison, { language })).not.toContain('NaN')
        }
        await fingerprintModel(twisted, {
          source: { id: 'twisted', commit: null, files: [], date: '2026-01-15' },
        })
        reports++
      } catch (error) {
        if (!(error instanceof AppError)) throw new Error(`${i}: ${name}: ${how}`, { cause: error })
      }
    }
    expect(reports).toBeGreaterThan(COUNT / 2)
    for (const source of sources.values()) await source.close()
  }, 600_000)
})
