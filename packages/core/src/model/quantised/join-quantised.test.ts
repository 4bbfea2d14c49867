import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dtype } from '../../base/dtype.ts'
import { AppError } from '../../base/errors.ts'
import { elementCount, type TensorInfo } from '../tensor.ts'
import { joinQuantised } from './join-quantised.ts'
import { quantisationFacts } from './quantisation-config.ts'

const tensor = (name: string, dtype: Dtype, shape: readonly number[], text = ''): TensorInfo => ({
  name,
  dtype,
  shape,
  storage: { kind: 'memory', bytes: new TextEncoder().encode(text) },
})

const join = (tensors: readonly TensorInfo[], config?: Parameters<typeof quantisationFacts>[0]) =>
  joinQuantised(tensors, {
    facts: quantisationFacts(config),
    readSmall: async ({ storage }) => {
      if (storage.kind !== 'memory') throw new Error('not in memory')
      return storage.bytes
    },
  })

const GPTQ = [
  tensor('a.qweight', 'I32', [8, 24]),
  tensor('a.qzeros', 'I32', [4, 3]),
  tensor('a.scales', 'F16', [4, 24]),
  tensor('a.g_idx', 'I32', [64]),
]
const STATE = '{"quant_type":"nf4","blocksize":64,"dtype":"bfloat16","shape":[8,16]}'
const FOUR_BIT = (state: string) => [
  tensor('w', 'U8', [64, 1]),
  tensor('w.absmax', 'F32', [2]),
  tensor('w.quant_map', 'F32', [16]),
  tensor('w.quant_state.bitsandbytes__nf4', 'U8', [state.length], state),
]

describe('groups of tensors', () => {
  test('become one weight under its usual name; everything else stays', async () => {
    const { tensors, notes } = await join([...GPTQ, tensor('a.bias', 'F16', [24])])
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['a.bias', [24]],
      ['a.weight', [24, 64]],
    ])
    expect(notes).toEqual(['quantised weights, dequantised when they are read: 1 in GPTQ 4-bit'])
  })

  test('the width of packed words is read where the configuration leaves it open', async () => {
    const sizes = new Uint8Array(BigInt64Array.of(8n, 19n).buffer)
    const shape: TensorInfo = {
      ...tensor('a.weight_shape', 'I64', [2]),
      storage: { kind: 'memory', bytes: sizes },
    }
    const packed = tensor('a.weight_packed', 'I32', [8, 3])
    const { tensors } = await join([packed, tensor('a.weight_scale', 'F16', [8, 1]), shape])
    expect(tensors).toMatchObject([{ name: 'a.weight', shape: [8, 19] }])
  })

  test('expert stacks of gpt-oss keep their axes', async () => {
    const { tensors } = await join([
      tensor('mlp.experts.down_proj_blocks', 'U8', [4, 64, 2, 16]),
      tensor('mlp.experts.down_proj_scales', 'U8', [4, 64, 2]),
    ])
    expect(tensors).toMatchObject([{ name: 'mlp.experts.down_proj', shape: [4, 64, 64] }])
  })

  test('a weight that is there twice is refused', async () => {
    await expect(join([...GPTQ, tensor('a.weight', 'F16', [24, 64])])).rejects.toThrow(
      /"a.weight" lies in both the quantised weights and the plain weights/,
    )
  })
})

describe('parts that do not fit together are left as they are, with the reason', () => {
  const cases: readonly (readonly [string, readonly TensorInfo[], RegExp])[] = [
    ['no scales', GPTQ.slice(0, 2), /scales or zero points are missing/],
    [
      'codes of bytes',
      [tensor('a.qweight', 'U8', [8, 24]), ...GPTQ.slice(1)],
      /not matrices of 32-bit words/,
    ],
    ['other groups', [...GPTQ.slice(0, 2), tensor('a.scales', 'F16', [5, 24])], /different groups/],
    [
      '5 bits',
      [GPTQ[0]!, tensor('a.qzeros', 'I32', [4, 4]), GPTQ[2]!],
      /4 words of zero points for 24/,
    ],
    [
      'short g_idx',
      [...GPTQ.slice(0, 3), tensor('a.g_idx', 'I32', [63])],
      /does not list the 64 inputs/,
    ],
    [
      'scales of no shape',
      [tensor('w', 'F8_E4M3', [64, 64]), tensor('w_scale', 'F32', [7, 3])],
      /scales of shape \[7,3\] for \[64,64\]/,
    ],
    [
      'SCB of another length',
      [tensor('weight', 'I8', [8, 8]), tensor('SCB', 'F32', [9])],
      /SCB does not have 8 entries/,
    ],
    [
      'blocks of 15 bytes',
      [tensor('w_blocks', 'U8', [8, 2, 15]), tensor('w_scales', 'U8', [8, 2])],
      /not of 16 bytes/,
    ],
    [
      'a state of other sizes',
      FOUR_BIT(STATE.replace('[8,16]', '[8,17]')),
      /\[8,17\] in other bytes/,
    ],
    ['a state that is no JSON', FOUR_BIT('{"shape"'), /quant_state is not a JSON object/],
    [
      'a state with a huge shape',
      FOUR_BIT(STATE.replace('8,16', '9007199254740991,9007199254740991')),
      /lacks sizes/,
    ],
    [
      'packed words without a width',
      [tensor('weight_packed', 'I32', [8, 3]), tensor('weight_scale', 'F16', [8, 1])],
      /width cannot be told/,
    ],
  ]
  test.each(cases)('%s', async (_, parts, reason) => {
    const { tensors, notes } = await join(parts)
    expect(tensors).toEqual(parts)
    expect(notes).toEqual([expect.stringMatching(reason)])
  })

  test('4-bit weights of bitsandbytes are joined if all fits', async () => {
    const { tensors } = await join(FOUR_BIT(STATE))
    expect(tensors).toMatchObject([{ name: 'w', shape: [8, 16], dtype: 'F32' }])
  })
})

test('any shapes and types give weights whose codes lie inside their storage, or notes', async () => {
  const names = [
    'a.qweight',
    'a.qzeros',
    'a.scales',
    'a.g_idx',
    'a.weight',
    'a.weight_scale',
    'a.weight_scale_inv',
    'a.weight_packed',
    'a.weight_zero_point',
    'a.weight_scale_2',
    'a.SCB',
    'w_blocks',
    'w_scales',
  ]
  const dtypes: Dtype[] = ['I32', 'U8', 'I8', 'F16', 'F32', 'F8_E4M3', 'I64']
  const any = fc.record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.constantFrom(0, 1, 2, 3, 8, 16, 24, 64), { maxLength: 4 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...names)),
      fc.array(any, { minLength: 13, maxLength: 13 }),
      async (chosen, facts) => {
        const parts = chosen.map((name, i) => tensor(name, facts[i]!.dtype, facts[i]!.shape))
        try {
          const { tensors } = await join(parts)
          for (const { encoding, shape } of tensors) {
            expect(Number.isInteger(elementCount(shape))).toBe(true)
            if (encoding?.kind === 'affine') expect(encoding.scales.colBlock).not.toBeNaN()
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error
        }
      },
    ),
    { numRuns: 3000 },
  )
})
