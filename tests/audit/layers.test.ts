import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { JsonValue } from '../../packages/core/src/base/canonical-json.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { componentOf, MODELS } from './models.ts'

// Depth pruning, up-scaling and reordering: the layers of a descendant stand elsewhere.

/** A view of a model whose layer k is layer order[k] of the stored one. */
async function rearranged(name: string, order: readonly number[]): Promise<TensorSource> {
  const source = await openCheckpoint(join(MODELS, name))
  const tensors = source.checkpoint.tensors.flatMap((tensor) => {
    const layer = /\.layers\.(\d+)\./.exec(tensor.name)?.[1]
    if (layer === undefined) return [tensor]
    return order.flatMap((from, to) =>
      from === Number(layer)
        ? [{ ...tensor, name: tensor.name.replace(`.layers.${layer}.`, `.layers.${to}.`) }]
        : [],
    )
  })
  const config = { ...(source.checkpoint.config as object), num_hidden_layers: order.length }
  return {
    ...source,
    checkpoint: { ...source.checkpoint, tensors, config: config as JsonValue },
  }
}

async function compareRearranged(
  candidate: readonly [string, readonly number[]],
  reference: readonly [string, readonly number[]],
) {
  const [a, b] = [await rearranged(...candidate), await rearranged(...reference)]
  try {
    return componentOf(await compareModels(a, b), 'language_model')
  } finally {
    await Promise.all([a.close(), b.close()])
  }
}

const WHOLE = [0, 1, 2] as const

describe('layers at other places', () => {
  it.each([
    ['pruned: the middle layer dropped', [0, 2]],
    ['pruned: the first layer dropped', [1, 2]],
    ['reordered', [2, 0, 1]],
    ['up-scaled: layers doubled', [0, 1, 1, 2, 0]],
  ])('%s', async (_, order) => {
    const body = await compareRearranged(['cpt1', order], ['s1', WHOLE])
    expect(body.verdict).toBe('derived')
    expect(body.log10P).toBeLessThan(-9)
    expect(body.layerMap?.map((entry) => [entry.candidate, entry.reference])).toEqual(
      order.map((from, to) => [to, from]),
    )
  })

  it.each([
    ['s2', [2, 0, 1]],
    ['s3', [0, 1, 1, 2, 0]],
    ['d9', [0, 2]],
  ] as const)('independent %s, rearranged, stays silent', async (name, order) => {
    const body = await compareRearranged([name, order], ['s1', WHOLE])
    expect(body.verdict).toBe('no_evidence')
    expect(body.layerMap).toBeUndefined()
  })
})
