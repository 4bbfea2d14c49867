import { describe, expect, it } from 'vitest'
import {
  checkpointOf,
  describeTensor,
  example,
  faultsOf,
  mismatches,
  tensorOf,
} from './example-checkpoints.ts'
import { mapRoles } from './map-roles.ts'

const sizes = { L: 3, V: 60, d: 12, h: 20 }

/** Sizes of a Llama-like decoder in order; `perLayer` is one block. */
function flat(perLayer: readonly (readonly number[])[], rename: (at: number) => string) {
  const shapes = [[60, 12], ...Array.from({ length: 3 }, () => perLayer).flat(), [12], [60, 12]]
  return checkpointOf(shapes.map((shape, at) => tensorOf(rename(at), shape)))
}

const gatedBlock = [[12], [16, 12], [8, 12], [8, 12], [12, 16], [12], [20, 12], [20, 12], [12, 20]]
const plainBlock = [[12], [36, 12], [12, 12], [12], [48, 12], [48], [12, 48]]

describe('models whose names say nothing', () => {
  it('finds blocks, hidden units and token tables where tensors are only counted', () => {
    const checkpoint = flat(gatedBlock, (at) => `tensor_${String(at).padStart(4, '0')}`)
    const map = mapRoles(checkpoint)
    expect(faultsOf(checkpoint, map)).toEqual([])
    expect(
      map.channelGroups.map(({ size, rowsOf, component }) => [component, size, rowsOf.length]),
    ).toEqual([
      ['language_model', 20, 2],
      ['language_model', 20, 2],
      ['language_model', 20, 2],
    ])
    const tables = map.roles.filter(({ kind }) => kind === 'embedding')
    expect(tables.map(({ component, tensor, basis }) => [component, tensor, basis])).toEqual([
      ['embeddings', 'tensor_0000', 'shape'],
      ['embeddings', 'tensor_0029', 'shape'],
    ])
    expect(new Set(map.roles.map(({ layer }) => layer))).toEqual(new Set([null, 0, 1, 2]))
    expect(map.structures.find(({ component }) => component === 'language_model')).toMatchObject({
      hiddenSize: 12,
      attention: undefined,
      mlp: 'unknown',
    })
  })

  it('calls a single pair per block fc1 and fc2', () => {
    const map = mapRoles(flat(plainBlock, (at) => `w.${at}`))
    const kinds = map.roles.filter(({ basis }) => basis === 'shape').map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'fc1')).toHaveLength(3)
    expect(kinds.filter((kind) => kind === 'fc2')).toHaveLength(3)
    expect(map.channelGroups).toEqual([])
  })

  it('lets the way back stand for the hidden units where layers cannot be told', () => {
    // Names like digests: no order, no blocks.
    const digest = (at: number): string =>
      `k${((at * 7919 + 13) % 99991).toString(36)}x${'qz'[at % 2]}`
    const checkpoint = flat(gatedBlock, digest)
    const map = mapRoles(checkpoint)
    expect(faultsOf(checkpoint, map)).toEqual([])
    expect(map.channelGroups).toHaveLength(3)
    for (const { size, rowsOf } of map.channelGroups) {
      expect(size).toBe(20)
      // Stored [12, 20], read by columns: one row per hidden unit.
      expect(rowsOf.map(({ view }) => view)).toEqual([
        {
          rows: 20,
          cols: 12,
          offset: 0,
          rowStep: 1,
          colStep: 20,
          segments: [{ first: 0, count: 20 }],
        },
      ])
    }
  })

  it('sees from the counts that matrices are stored [in, out]', () => {
    const turned = gatedBlock.map((shape) => [...shape].reverse())
    const map = mapRoles(flat(turned, (at) => `tensor_${at}`))
    for (const { size, rowsOf } of map.channelGroups) {
      expect(size).toBe(20)
      expect(rowsOf.map(({ view }) => [view.rows, view.cols, view.rowStep])).toEqual([
        [20, 12, 1],
        [20, 12, 1],
      ])
    }
    expect(map.channelGroups).toHaveLength(3)
  })

  it('reads unknown words inside known blocks by their sizes', () => {
    const odd = example(
      `
      trunk.layers.{L}.attention.wq | 16,d | model q
      trunk.layers.{L}.attention.wo | d,16 | model o
      trunk.layers.{L}.zork.alpha | h,d | model linear:zork.alpha
      trunk.layers.{L}.zork.beta_ | h,d | model linear:zork.beta_
      trunk.layers.{L}.zork.gamma_ | d,h | model down
      trunk.vocab | V,d
      `.replaceAll('| model', '| language_model'),
      sizes,
    )
    expect(mismatches(odd)).toEqual([])
    const map = mapRoles(odd.checkpoint)
    expect(map.channelGroups.map(({ size, rowsOf }) => [size, rowsOf.length])).toEqual([
      [20, 2],
      [20, 2],
      [20, 2],
    ])
    expect(describeTensor(map, 'trunk.vocab')).toBe('embeddings embedding')
  })

  it('takes nothing for an MLP in blocks that hold no matching pair', () => {
    const mamba = example(
      `
      layers.{L}.in_proj | 40,d | language_model linear:in_proj
      layers.{L}.out_proj | d,20
      embedding.weight | V,d | embeddings embedding
      `,
      sizes,
      { model_type: 'mamba' },
    )
    expect(mapRoles(mamba.checkpoint).channelGroups).toEqual([])
    expect(mismatches(mamba)).toEqual([])
  })

  it('takes a time that grows with the number of tensors, and not with its square', () => {
    const all = (count: number) =>
      checkpointOf(Array.from({ length: count }, (_, at) => tensorOf(`w${at}`, [8, 8])))
    const timeOf = (count: number) => {
      const before = process.cpuUsage()
      expect(mapRoles(all(count)).roles).toHaveLength(count)
      return process.cpuUsage(before).user
    }
    timeOf(2000)
    // Eight times as many took sixty times as long.
    expect(timeOf(16_000)).toBeLessThan(20 * timeOf(2000))
  })
})
