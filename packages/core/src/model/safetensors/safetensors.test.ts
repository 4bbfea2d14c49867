import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DTYPE_SIZE_BYTES, type Dtype } from '../../base/dtype.ts'
import { AppError } from '../../base/errors.ts'
import { memoryReader } from '../byte-reader.ts'
import { elementCount } from '../tensor.ts'
import { MAX_HEADER_BYTES, parseSafetensorsHeader } from './header.ts'
import { joinShards, refuseContradiction } from './join-shards.ts'
import { readSafetensors } from './read-safetensors.ts'
import { parseShardIndex } from './shard-index.ts'
import { safetensorsBytes } from './write-safetensors.ts'

const encode = (text: string) => new TextEncoder().encode(text)

/** A file from a header given as text, so that hostile headers can be written. */
function fileOf(header: string, dataBytes: number, headerLength?: bigint): Uint8Array {
  const json = encode(header)
  const file = new Uint8Array(8 + json.length + dataBytes)
  new DataView(file.buffer).setBigUint64(0, headerLength ?? BigInt(json.length), true)
  file.set(json, 8)
  return file
}

const read = (bytes: Uint8Array) => readSafetensors(memoryReader('m.safetensors', bytes))

async function refusal(bytes: Uint8Array): Promise<AppError> {
  try {
    await read(bytes)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

const F16 = (shape: string, begin: number, end: number) =>
  `{"dtype":"F16","shape":${shape},"data_offsets":[${begin},${end}]}`

describe('what is read', () => {
  test('tensors of every type, scalars, empty tensors, and metadata', async () => {
    const dtypes = Object.keys(DTYPE_SIZE_BYTES) as Dtype[]
    const shapes = [[], [3], [2, 0, 5], [2, 3]]
    const tensors = dtypes.flatMap((dtype) =>
      shapes.map((shape, i) => {
        const bytes = new Uint8Array(elementCount(shape) * DTYPE_SIZE_BYTES[dtype]).fill(i + 1)
        return { name: `${dtype}.${i}`, dtype, shape, bytes }
      }),
    )
    const file = safetensorsBytes(tensors, { format: 'pt' })
    const header = await read(file)
    expect(header.metadata).toEqual(new Map([['format', 'pt']]))
    expect(header.tensors.length).toBe(tensors.length)
    for (const { name, dtype, shape, bytes } of tensors) {
      const found = header.tensors.find((tensor) => tensor.name === name)
      expect(found).toMatchObject({ dtype, shape })
      if (found?.storage.kind !== 'file') throw new Error('not in the file')
      const { beginByte, endByte } = found.storage
      expect(file.slice(beginByte, endByte)).toEqual(bytes)
    }
  })

  test('spaces after the header, as the format allows', async () => {
    const { tensors } = await read(fileOf(`{"a":${F16('[2]', 0, 4)}}     `, 4))
    expect(tensors.map((tensor) => tensor.name)).toEqual(['a'])
  })

  test('a tensor called __proto__ is a tensor like any other', async () => {
    const { tensors } = await read(fileOf(`{"__proto__":${F16('[2]', 0, 4)}}`, 4))
    expect(tensors.map((tensor) => tensor.name)).toEqual(['__proto__'])
  })

  test('half bytes and powers of two are known by their own types', async () => {
    const header =
      '{"a":{"dtype":"F4","shape":[2,4],"data_offsets":[0,4]},"b":{"dtype":"F8_E8M0","shape":[2],"data_offsets":[4,6]}}'
    const { tensors } = await read(fileOf(header, 6))
    expect(tensors).toMatchObject([
      { name: 'a', dtype: 'F32', shape: [2, 4], encoding: { kind: 'blocks', format: 'F4' } },
      { name: 'b', dtype: 'F8_E8M0', shape: [2] },
    ])
  })

  test('a file without tensors', async () => {
    expect((await read(fileOf('{}', 0))).tensors).toEqual([])
  })

  test('a header of 26 MB, more than other readers take', async () => {
    const name = 'n'.repeat(1000)
    const entries = Array.from({ length: 26_000 }, (_, i) => {
      return `"${name}${i}":${F16('[1]', 2 * i, 2 * i + 2)}`
    })
    const bytes = fileOf(`{${entries.join(',')}}`, 52_000)
    expect(bytes.length).toBeGreaterThan(26e6)
    expect((await read(bytes)).tensors.length).toBe(26_000)
  })
})

describe('what is refused', () => {
  const cases: [string, string, number, RegExp][] = [
    [
      'a duplicate tensor',
      `{"a":${F16('[2]', 0, 4)},"a":${F16('[2]', 0, 4)}}`,
      4,
      /duplicate key "a"/,
    ],
    [
      'a duplicate that differs only in type',
      `{"a":${F16('[2]', 0, 4)},"\\u0061":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`,
      4,
      /duplicate key "a"/,
    ],
    [
      'overlapping tensors',
      `{"a":${F16('[2]', 0, 4)},"b":${F16('[2]', 2, 6)}}`,
      6,
      /"b" begins at byte 2 .* inside tensor "a"/,
    ],
    [
      'two tensors over the same bytes',
      `{"a":${F16('[2]', 0, 4)},"b":${F16('[2]', 0, 4)}}`,
      4,
      /inside tensor "a"/,
    ],
    [
      'a hole',
      `{"a":${F16('[2]', 0, 4)},"b":${F16('[2]', 6, 10)}}`,
      10,
      /2 bytes that belong to no tensor/,
    ],
    [
      'a first tensor that does not begin at 0',
      `{"a":${F16('[2]', 8, 12)}}`,
      12,
      /8 bytes .* between the header/,
    ],
    [
      'a shape that needs more bytes',
      `{"a":${F16('[3]', 0, 4)}}`,
      4,
      /"a" \[3\] of F16 needs 6 bytes, its offsets hold 4/,
    ],
    ['trailing data', `{"a":${F16('[2]', 0, 4)}}`, 4 + 5000, /5000 bytes follow after tensor "a"/],
    [
      'a tensor that ends past the data',
      `{"a":${F16('[20]', 0, 40)}}`,
      4,
      /truncated: tensor "a" ends at byte 40/,
    ],
    [
      'a type nobody knows',
      '{"a":{"dtype":"F13","shape":[2],"data_offsets":[0,4]}}',
      4,
      /unknown dtype "F13"/,
    ],
    [
      'the type toString',
      '{"a":{"dtype":"toString","shape":[2],"data_offsets":[0,4]}}',
      4,
      /unknown dtype/,
    ],
    [
      'a known type that is not read',
      '{"a":{"dtype":"F8_E4M3FNUZ","shape":[4],"data_offsets":[0,4]}}',
      4,
      /F8_E4M3FNUZ, which the format defines/,
    ],
    [
      'an odd number of half bytes',
      '{"a":{"dtype":"F4","shape":[3,3],"data_offsets":[0,4]}}',
      4,
      /\[3,3\] of F4 needs 4.5 bytes/,
    ],
    [
      'nested metadata',
      '{"__metadata__":{"a":{"b":"c"}}}',
      0,
      /__metadata__ field "a" is not text/,
    ],
    ['metadata that is a list', '{"__metadata__":["a"]}', 0, /__metadata__ is not an object/],
    ['leading whitespace', ` {"a":${F16('[2]', 0, 4)}}`, 4, /does not begin with '\{'/],
    [
      'a float where a size belongs',
      `{"a":${F16('[8e0]', 0, 16)}}`,
      16,
      /"8e0" where a plain integer belongs/,
    ],
    ['a size of 2.0', `{"a":${F16('[2.0]', 0, 4)}}`, 4, /"2.0" where a plain integer belongs/],
    ['a negative size', `{"a":${F16('[-2]', 0, 4)}}`, 4, /non-negative/],
    ['a size as text', `{"a":${F16('["2"]', 0, 4)}}`, 4, /non-negative/],
    ['a size beyond 2^53', `{"a":${F16('[9007199254740993]', 0, 4)}}`, 4, /cannot be carried/],
    ['a product that overflows', `{"a":${F16('[4294967296,4294967296]', 0, 4)}}`, 4, /overflows/],
    [
      'an overflow hidden behind a zero',
      `{"a":${F16('[4294967296,4294967296,0]', 0, 0)}}`,
      0,
      /overflows/,
    ],
    ['17 dimensions', `{"a":${F16(`[${Array(17).fill(1)}]`, 0, 2)}}`, 2, /17 dimensions/],
    ['offsets in reverse', `{"a":${F16('[2]', 4, 0)}}`, 4, /ends at 0, before/],
    ['three offsets', '{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4,8]}}', 4, /not two/],
    ['no shape', '{"a":{"dtype":"F16","data_offsets":[0,4]}}', 4, /shape/],
    [
      'a field of its own',
      '{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4],"x":1}}',
      4,
      /unknown field "x"/,
    ],
    ['an entry that is a number', '{"a":1}', 4, /not described by an object/],
    ['a header that is a list', '[1]', 0, /does not begin/],
    ['text after the header', '{}{}', 0, /after the end/],
    ['a terminal escape in a name', `{"a\\u001b[2J":${F16('[2]', 0, 4)}}`, 4, /control characters/],
  ]
  test.each(cases)('%s', async (_, header, dataBytes, reason) => {
    const error = await refusal(fileOf(header, dataBytes))
    expect(error.code).toBe('SAFETENSORS_INVALID')
    expect(error.message).toMatch(/^m\.safetensors: /)
    expect(error.message).toMatch(reason)
    expect(error.hint).toBeTruthy()
  })

  test('every truncation of a valid file', async () => {
    const bytes = new Uint8Array(12)
    const file = safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [3], bytes }])
    for (let length = 0; length < file.length; length++) {
      const error = await refusal(file.slice(0, length))
      expect(error.code).toBe('SAFETENSORS_INVALID')
    }
  })

  test('a header above 100 MB, without reading it', async () => {
    const error = await refusal(fileOf('{}', 0, BigInt(MAX_HEADER_BYTES) + 1n))
    expect(error.message).toMatch(/header length 100000001 passes/)
    const largest = await refusal(fileOf('{}', 0, 2n ** 64n - 1n))
    expect(largest.message).toMatch(/18446744073709551615/)
  })

  test.each([
    ['version https://git-lfs.github.com/spec/v1\n', /git lfs pull/],
    ['PK\u0003\u0004 zipped', /pickle/],
    ['GGUF\u0003\u0000\u0000\u0000', /gguf/],
    ['<!doctype html>', /web page/],
  ])('%j is recognised for what it is', async (text, hint) => {
    expect((await refusal(encode(text))).hint).toMatch(hint)
  })

  test('deeper json than a header has', async () => {
    expect((await refusal(fileOf(`{"a":${'['.repeat(50)}`, 0))).code).toBe('LIMIT_EXCEEDED')
  })
})

test('any change to a valid header gives a parse or an AppError', () => {
  const tensors = ['a', 'b', 'c'].map((name, i) => {
    return { name, dtype: 'F32', shape: [i + 1, 2], bytes: new Uint8Array(8 * (i + 1)) } as const
  })
  const file = safetensorsBytes(tensors, { format: 'pt', note: 'x' })
  const header = file.slice(8, file.length - 48)
  const pieces = ['"a"', '{', '}', '[', ']', ',', ':', '0', '9', '-', '"', '\\', '1e9', 'null']
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          at: fc.nat(header.length),
          remove: fc.nat(8),
          insert: fc.oneof(fc.constantFrom(...pieces).map(encode), fc.uint8Array({ maxLength: 3 })),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      (edits) => {
        let bytes: Uint8Array = header
        for (const { at, remove, insert } of edits) {
          bytes = Uint8Array.from([...bytes.slice(0, at), ...insert, ...bytes.slice(at + remove)])
        }
        try {
          const facts = { file: 'f', fileSizeBytes: 8 + bytes.length + 48 }
          const parsed = parseSafetensorsHeader(bytes, facts)
          // Whatever passes tiles the data section.
          let end = 8 + bytes.length
          for (const { storage } of parsed.tensors) {
            if (storage.kind !== 'file') throw new Error('not in the file')
            expect(storage.beginByte).toBe(end)
            end = storage.endByte
          }
          expect(end).toBe(facts.fileSizeBytes)
        } catch (error) {
          if (!(error instanceof AppError)) throw error
        }
      },
    ),
    { numRuns: 5000 },
  )
})

describe('an index of shards', () => {
  const index = (map: Record<string, unknown>) =>
    parseShardIndex(
      encode(JSON.stringify({ metadata: { total_size: 1 }, weight_map: map })),
      'i.json',
    )
  const tensor = (name: string) => {
    const storage = { kind: 'memory', bytes: new Uint8Array(4) } as const
    return { name, dtype: 'F32', shape: [1], storage } as const
  }

  test('names each shard once', () => {
    const { shards, weightMap } = index({
      b: '2.safetensors',
      a: '1.safetensors',
      c: '2.safetensors',
    })
    expect(shards).toEqual(['1.safetensors', '2.safetensors'])
    expect(weightMap.get('c')).toBe('2.safetensors')
  })

  test.each([
    '../other/model.safetensors',
    '/etc/model.safetensors',
    'sub/model.safetensors',
    'sub\\model.safetensors',
    'C:model.safetensors',
    'https://example.org/model.safetensors',
    '..',
    '.hidden.safetensors',
    '',
    'model.bin',
    'model.safetensors\u0000.txt',
    'a\u202e.safetensors',
  ])('refuses the shard name %j', (shard) => {
    expect(() => index({ a: shard })).toThrow(
      /not the name of a safetensors file in the same folder/,
    )
  })

  test('refuses duplicate tensors, shards that are not text, and an empty map', () => {
    const twice = '{"weight_map":{"a":"1.safetensors","a":"2.safetensors"}}'
    expect(() => parseShardIndex(encode(twice), 'i.json')).toThrow(/i\.json: duplicate key "a"/)
    expect(() => index({ a: 1 })).toThrow(/is not text/)
    expect(() => index({})).toThrow(/names no tensor/)
    expect(() => parseShardIndex(encode('{}'), 'i.json')).toThrow(/no weight_map/)
  })

  test('must agree with its shards both ways', () => {
    const said = index({ a: '1.safetensors', b: '2.safetensors' })
    const first = { file: '1.safetensors', tensors: [tensor('a')] }
    const second = (...names: string[]) => ({ file: '2.safetensors', tensors: names.map(tensor) })
    expect(() => refuseContradiction('i.json', said, [first, second('b')])).not.toThrow()
    expect(() => refuseContradiction('i.json', said, [first, second()])).toThrow(/"b" lies in 2/)
    expect(() => refuseContradiction('i.json', said, [first, second('b', 'c')])).toThrow(
      /holds tensor "c", but the index does not name it/,
    )
    const swapped = index({ a: '2.safetensors', b: '2.safetensors' })
    expect(() => refuseContradiction('i.json', swapped, [first, second('b')])).toThrow(
      /1\.safetensors: holds tensor "a", but the index says 2\.safetensors/,
    )
  })

  test('a tensor in two files is refused', () => {
    const shards = ['1', '2'].map((file) => ({ file, tensors: [tensor('a')] }))
    expect(() => joinShards(shards)).toThrow(/"a" lies in both 1 and 2/)
  })
})
