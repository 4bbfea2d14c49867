import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../base/errors.ts'
import { memoryReader } from '../byte-reader.ts'
import { configFromGguf, tokenizerFromGguf } from './gguf-config.ts'
import { joinSplit } from './join-split.ts'
import { readGguf } from './read-gguf.ts'
import { type GgufInput, type GgufPair, ggufBytes } from './testing/gguf-bytes.ts'

const read = (bytes: Uint8Array) => readGguf(memoryReader('m.gguf', bytes))

async function refusal(input: GgufInput | Uint8Array): Promise<AppError> {
  try {
    await read(input instanceof Uint8Array ? input : ggufBytes(input))
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

const f32 = (name: string, shape: readonly number[], offset?: number) => ({
  name,
  shape,
  type: 0,
  bytes: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
  ...(offset === undefined ? {} : { offset }),
})

const LLAMA: readonly GgufPair[] = [
  ['general.architecture', { text: 'llama' }],
  ['llama.embedding_length', { u32: 64 }],
  ['llama.block_count', { u32: 2 }],
  ['llama.attention.head_count', { u32: 4 }],
  ['llama.attention.head_count_kv', { list: [2, 2] }],
  ['llama.attention.layer_norm_rms_epsilon', { f32: 0.5 }],
  ['llama.rope.dimension_count', { u32: 16 }],
  ['tokenizer.ggml.tokens', { texts: ['a', 'b', 'ㄱ'] }],
]

describe('tensors', () => {
  test('axes are reversed to row-major and places counted from the aligned data', async () => {
    const bytes = ggufBytes({
      tensors: [
        f32('a', [3, 5]),
        { name: 'b', shape: [2, 32], type: 2, bytes: new Uint8Array(36) },
        { name: 'c', shape: [4], type: 30, bytes: new Uint8Array(8) },
      ],
    })
    const { tensors, notes } = await read(bytes)
    expect(notes).toEqual([])
    expect(tensors).toMatchObject([
      { name: 'a', shape: [3, 5], dtype: 'F32' },
      { name: 'b', shape: [2, 32], dtype: 'F32', encoding: { kind: 'blocks', format: 'Q4_0' } },
      { name: 'c', shape: [4], dtype: 'BF16' },
    ])
    const places = tensors.map(({ storage }) => storage.kind === 'file' && storage.beginByte)
    const [first = 0] = places as number[]
    expect(places).toEqual([first, first + 64, first + 128])
    expect(first % 32).toBe(0)
  })

  test('types that are not decoded are left out and named', async () => {
    const unread = { name: 'x', shape: [64], type: 9, bytes: new Uint8Array(72) }
    const { tensors, tensorCount, notes } = await read(
      ggufBytes({ tensors: [unread, f32('y', [1])] }),
    )
    expect(tensors.map((tensor) => tensor.name)).toEqual(['y'])
    expect(tensorCount).toBe(2)
    expect(notes).toEqual([expect.stringMatching(/1 tensors of type Q8_1 in m.gguf, "x"/)])
  })

  test('blocks that another program gave the same number do not fit their places', async () => {
    // 128 elements in 34 bytes, where the format has 64 in 18.
    const other = { name: 'x', shape: [8, 512], type: 42, bytes: new Uint8Array(8 * 4 * 34) }
    const { message } = await refusal({ tensors: [other, f32('y', [16])] })
    expect(message).toMatch(/"y" begins at byte 1088 of the data, inside tensor "x"/)
    const { tensors } = await read(
      ggufBytes({ tensors: [{ ...other, bytes: new Uint8Array(8 * 8 * 18) }, f32('y', [1])] }),
    )
    expect(tensors[0]).toMatchObject({ encoding: { kind: 'blocks', format: 'Q2_0' } })
  })

  test('another alignment is taken from the metadata', async () => {
    const metadata: GgufPair[] = [['general.alignment', { u32: 64 }]]
    const bytes = ggufBytes({ metadata, alignment: 64, tensors: [f32('a', [1]), f32('b', [1])] })
    expect((await read(bytes)).tensors).toHaveLength(2)
  })

  test('a header longer than the first piece is read on', async () => {
    const texts = Array.from({ length: 200_000 }, (_, i) => `token ${i}`)
    const metadata: GgufPair[] = [['tokenizer.ggml.tokens', { texts }]]
    const found = await read(ggufBytes({ metadata, tensors: [f32('a', [2])] }))
    expect(found.metadata.get('tokenizer.ggml.tokens')).toEqual({ count: 200_000, values: texts })
    expect(found.tensors).toHaveLength(1)
  })
})

describe('metadata', () => {
  test('is turned into what config.json would say', async () => {
    const { metadata } = await read(ggufBytes({ metadata: LLAMA }))
    expect(configFromGguf(metadata)).toEqual({
      model_type: 'llama',
      hidden_size: 64,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      rms_norm_eps: 0.5,
      rope_pairs_neighbours: true,
      rotary_dim: 16,
      vocab_size: 3,
    })
  })

  test('values that differ from layer to layer are left out', async () => {
    const metadata: GgufPair[] = [
      ...LLAMA.slice(0, 1),
      ['llama.feed_forward_length', { list: [8, 9] }],
    ]
    const found = await read(ggufBytes({ metadata }))
    expect(configFromGguf(found.metadata)).toEqual({
      model_type: 'llama',
      rope_pairs_neighbours: true,
    })
  })

  test('the vocabulary becomes one that tokens can be looked up in', async () => {
    const texts = ['<s>', '"', '__proto__', '한', '<s>', '']
    const { metadata } = await read(ggufBytes({ metadata: [['tokenizer.ggml.tokens', { texts }]] }))
    const vocab = JSON.parse(tokenizerFromGguf(metadata) ?? '').model.vocab
    expect(Object.entries(vocab)).toEqual([
      ['<s>', 0],
      ['"', 1],
      ['__proto__', 2],
      ['한', 3],
    ])
    expect(tokenizerFromGguf(new Map())).toBeUndefined()
  })

  test('lists of other texts are counted, not kept', async () => {
    const texts = Array.from({ length: 2000 }, (_, i) => `merge ${i}`)
    const { metadata } = await read(ggufBytes({ metadata: [['tokenizer.ggml.merges', { texts }]] }))
    expect(metadata.get('tokenizer.ggml.merges')).toEqual({ count: 2000, values: null })
  })

  test('integers that a number cannot hold become text', async () => {
    const { metadata } = await read(ggufBytes({ metadata: [['a', { u64: 2n ** 60n }]] }))
    expect(metadata.get('a')).toBe('1152921504606846976')
  })
})

describe('what is refused', () => {
  const huge = 2n ** 63n
  const list = (type: number, count: bigint): Uint8Array => {
    const raw = new Uint8Array(12)
    new DataView(raw.buffer).setUint32(0, type, true)
    new DataView(raw.buffer).setBigUint64(4, count, true)
    return raw
  }
  const cases: readonly (readonly [string, GgufInput, string, RegExp])[] = [
    ['version 1', { version: 1 }, 'FORMAT_UNSUPPORTED', /version 1/],
    ['the other byte order', { version: 0x03000000 }, 'FORMAT_UNSUPPORTED', /big-endian/],
    [
      'more tensors than there can be',
      { tensorCount: huge },
      'LIMIT_EXCEEDED',
      /number of tensors/,
    ],
    ['a million and one tensors', { tensorCount: 1_000_001n }, 'LIMIT_EXCEEDED', /1000001 tensors/],
    ['more keys than there can be', { keyCount: 70_000n }, 'LIMIT_EXCEEDED', /70000 metadata keys/],
    [
      'a key twice',
      {
        metadata: [
          ['a', { u32: 1 }],
          ['a', { u32: 2 }],
        ],
      },
      'GGUF_INVALID',
      /"a" is given twice/,
    ],
    ['a flag of 2', { metadata: [['a', { flag: 2 }]] }, 'GGUF_INVALID', /flag with the value 2/],
    [
      'an unknown type',
      { metadata: [['a', { type: 13, raw: new Uint8Array(8) }]] },
      'GGUF_INVALID',
      /unknown type 13/,
    ],
    [
      'a list longer than the file',
      { metadata: [['a', { type: 9, raw: list(4, 1_000_000n) }]] },
      'GGUF_INVALID',
      /truncated/,
    ],
    [
      'an endless list',
      { metadata: [['a', { type: 9, raw: list(4, huge) }]] },
      'LIMIT_EXCEEDED',
      /the length of metadata "a"/,
    ],
    [
      'an endless text',
      { metadata: [['a', { type: 8, raw: list(0, huge).slice(4) }]] },
      'LIMIT_EXCEEDED',
      /length of metadata/,
    ],
    [
      'an alignment of 48',
      { metadata: [['general.alignment', { u32: 48 }]] },
      'GGUF_INVALID',
      /not a power of two/,
    ],
    [
      'an alignment of text',
      { metadata: [['general.alignment', { text: '32' }]] },
      'GGUF_INVALID',
      /not a power of two/,
    ],
    [
      'a tensor twice',
      { tensors: [f32('a', [1]), f32('a', [1])] },
      'GGUF_INVALID',
      /two tensors are named "a"/,
    ],
    ['five axes', { tensors: [f32('a', [1, 1, 1, 1, 1])] }, 'GGUF_INVALID', /5 axes/],
    ['an axis of 0', { tensors: [f32('a', [0])] }, 'GGUF_INVALID', /axis of length 0/],
    [
      'an overflowing shape',
      { tensors: [{ ...f32('a', [1]), shape: [2 ** 40, 2 ** 40] }] },
      'GGUF_INVALID',
      /overflows/,
    ],
    [
      'a withdrawn type',
      { tensors: [{ ...f32('a', [1]), type: 4 }] },
      'GGUF_INVALID',
      /withdrawn type 4/,
    ],
    [
      'rows of half a block',
      { tensors: [{ ...f32('a', [2, 16]), type: 2 }] },
      'GGUF_INVALID',
      /not whole Q4_0 blocks/,
    ],
    [
      'an overlap',
      { tensors: [f32('a', [16]), f32('b', [16], 32)] },
      'GGUF_INVALID',
      /inside tensor "a"/,
    ],
    [
      'a hole',
      { tensors: [f32('a', [1]), f32('b', [1], 64)] },
      'GGUF_INVALID',
      /belong to no tensor/,
    ],
    [
      'a crooked place',
      { tensors: [f32('a', [1]), f32('b', [1], 36)] },
      'GGUF_INVALID',
      /not a multiple of 32/,
    ],
    [
      'bytes behind',
      { tensors: [f32('a', [1])], trailing: 32 },
      'GGUF_INVALID',
      /bytes follow after/,
    ],
    [
      'a control character',
      { tensors: [f32('a\u001b', [1])] },
      'GGUF_INVALID',
      /control characters/,
    ],
  ]
  test.each(cases)('%s', async (_, input, code, message) => {
    const error = await refusal(input)
    expect(error.message).toMatch(message)
    expect(error.code).toBe(code)
    expect(error.hint).toBeTruthy()
  })

  test('lists nested beyond four levels', async () => {
    const levels = Array.from({ length: 6 }, () => [...list(9, 1n)]).flat()
    const error = await refusal({ metadata: [['a', { type: 9, raw: Uint8Array.from(levels) }]] })
    expect(error).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(/5 deep/),
    })
  })

  test('a file cut at any byte', async () => {
    const whole = ggufBytes({ metadata: LLAMA, tensors: [f32('a', [3, 5]), f32('b', [40])] })
    const last = whole.length - 32
    for (let length = 0; length < last; length++) {
      expect((await refusal(whole.slice(0, length))).code).toBe('GGUF_INVALID')
    }
  })

  test('any change to a valid file gives a reading inside the file or an AppError', async () => {
    const whole = ggufBytes({ metadata: LLAMA, tensors: [f32('a', [3, 5]), f32('b', [40])] })
    const change = fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(0, 1, 2, 8, 9, 127, 128, 255))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = whole.slice()
        for (const [at, value] of changes) bytes[at] = value
        try {
          for (const { storage } of (await read(bytes)).tensors) {
            expect(storage.kind === 'file' && storage.endByte <= bytes.length).toBe(true)
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error
        }
      }),
      { numRuns: 4000 },
    )
  })
})

describe('split files', () => {
  const part = async (file: string, number: number, count: number, name: string) => {
    const metadata: GgufPair[] = [
      ['split.no', { u32: number }],
      ['split.count', { u32: count }],
      ['split.tensors.count', { u32: 2 }],
    ]
    return { file, content: await read(ggufBytes({ metadata, tensors: [f32(name, [1])] })) }
  }

  test('are joined', async () => {
    const parts = [await part('x', 0, 2, 'b'), await part('y', 1, 2, 'a')]
    expect(joinSplit(parts).map((tensor) => tensor.name)).toEqual(['a', 'b'])
  })

  test('must each be what their place demands, and hold different tensors', async () => {
    const [one, two, twin] = [
      await part('x', 0, 2, 'b'),
      await part('y', 1, 2, 'a'),
      await part('y', 1, 2, 'b'),
    ]
    expect(() => joinSplit([two, one])).toThrow(/part 2 of 2, its place is 1 of 2/)
    expect(() => joinSplit([one])).toThrow(/part 1 of 2, its place is 1 of 1/)
    expect(() => joinSplit([one, twin])).toThrow(/lies in both/)
  })
})
