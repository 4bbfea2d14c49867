import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readRows } from '../../../packages/core/src/audit/technical/read-rows.ts'
import { memoryModel } from '../../../packages/core/src/audit/testing/memory-model.ts'
import { AppError } from '../../../packages/core/src/base/errors.ts'
import { joinQuantised } from '../../../packages/core/src/model/quantised/join-quantised.ts'
import { quantisationFacts } from '../../../packages/core/src/model/quantised/quantisation-config.ts'
import { rowMajorView } from '../../../packages/core/src/model/roles/views.ts'
import {
  DTYPE_SIZE_BYTES,
  type Dtype,
  elementCount,
  type TensorInfo,
} from '../../../packages/core/src/model/tensor.ts'

const NAMES = [
  'a.qweight',
  'a.qzeros',
  'a.scales',
  'a.g_idx',
  'a.weight',
  'a.weight_scale',
  'a.weight_scale_inv',
  'a.weight_zero_point',
  'a.weight_scale_2',
  'a.weight_packed',
  'a.SCB',
  'w_blocks',
  'w_scales',
]
const DTYPES: readonly Dtype[] = ['I32', 'U8', 'I8', 'F16', 'F32', 'F8_E4M3']

// Shapes that fit each other, of which some are then replaced.
const FITTING: readonly (readonly (readonly [string, Dtype, readonly number[]])[])[] = [
  [
    ['a.qweight', 'I32', [4, 16]],
    ['a.qzeros', 'I32', [2, 2]],
    ['a.scales', 'F16', [2, 16]],
    ['a.g_idx', 'I32', [32]],
  ],
  [
    ['a.qweight', 'I32', [32, 2]],
    ['a.qzeros', 'I32', [2, 2]],
    ['a.scales', 'F16', [2, 16]],
  ],
  [
    ['a.weight', 'F8_E4M3', [8, 16]],
    ['a.weight_scale', 'F32', [8, 1]],
    ['a.weight_zero_point', 'I8', [8, 1]],
  ],
  [
    ['a.weight', 'I8', [8, 16]],
    ['a.SCB', 'F32', [8]],
  ],
  [
    ['a.weight', 'U8', [8, 16]],
    ['a.weight_scale', 'F8_E4M3', [8, 2]],
    ['a.weight_scale_2', 'F32', []],
  ],
  [
    ['w_blocks', 'U8', [2, 8, 2, 16]],
    ['w_scales', 'U8', [2, 8, 2]],
  ],
  [
    ['a.weight_packed', 'I32', [8, 2]],
    ['a.weight_scale', 'F16', [8, 1]],
    ['a.weight_zero_point', 'I32', [1, 1]],
  ],
]

it('weights joined from any parts can be read, or an AppError says why not', async () => {
  const sizes = fc.array(fc.constantFrom(0, 1, 2, 3, 8, 16, 32), { maxLength: 4 })
  const change = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...DTYPES), sizes)
  const facts = fc.constantFrom(
    {},
    { quantization_config: { bits: 4, group_size: 16 } },
    { quantization_config: { bits: 8, group_size: 3, weight_block_size: [4, 4] } },
  )
  let joinedCount = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...FITTING),
      fc.array(change, { maxLength: 2 }),
      fc.integer({ min: 0, max: 255 }),
      facts,
      async (fitting, changes, fill, config) => {
        const parts = new Map(fitting.map(([name, dtype, shape]) => [name, { dtype, shape }]))
        for (const [name, dtype, shape] of changes) parts.set(name, { dtype, shape })
        const tensors = [...parts].map(([name, { dtype, shape }]): TensorInfo => {
          const bytes = new Uint8Array(elementCount(shape) * DTYPE_SIZE_BYTES[dtype]).fill(fill)
          return { name, dtype, shape, storage: { kind: 'memory', bytes } }
        })
        try {
          const joined = await joinQuantised(tensors, {
            facts: quantisationFacts(config),
            readSmall: async ({ storage }) =>
              storage.kind === 'memory' ? storage.bytes : new Uint8Array(0),
          })
          const source = strictSource()
          for (const tensor of joined.tensors) {
            if (tensor.encoding === undefined) continue
            joinedCount++
            const view = rowMajorView(tensor.shape)
            await readRows(source, tensor, { view, ranges: [{ first: 0, count: view.rows }] })
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error
        }
      },
    ),
    { numRuns: 5000 },
  )
  expect(joinedCount).toBeGreaterThan(1000)
})

/** Refuses every read that leaves the storage of its tensor. */
function strictSource() {
  return {
    ...memoryModel('odd', {}),
    readBytes: async ({ name, storage }: TensorInfo, begin: number, end: number) => {
      const bytes = storage.kind === 'memory' ? storage.bytes : new Uint8Array(0)
      if (!(begin >= 0 && begin <= end && end <= bytes.length)) {
        throw new Error(`${name}: [${begin}, ${end}) of ${bytes.length}`)
      }
      return bytes.subarray(begin, end)
    },
  }
}
