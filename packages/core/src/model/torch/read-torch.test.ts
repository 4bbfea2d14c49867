import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../base/errors.ts'
import { memoryReader } from '../byte-reader.ts'
import { PickleStream } from './pickle-stream.ts'
import { readTorch } from './read-torch.ts'
import { torchBytes, type ZipFile, type ZipOptions, zipBytes } from './testing/torch-bytes.ts'

const vectors = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '../../../../../testdata/vectors/torch-pickles.json'),
    'utf8',
  ),
) as { readonly cases: readonly { readonly name: string; readonly pickle: string }[] }

const read = (bytes: Uint8Array) => readTorch(memoryReader('m.bin', bytes))

async function refusal(bytes: Uint8Array): Promise<AppError> {
  try {
    await read(bytes)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

const ascii = (value: string): Uint8Array => new TextEncoder().encode(value)
const f32 = (name: string, shape: readonly number[], fill = 1) => {
  const count = shape.reduce((a, b) => a * b, 1)
  const bytes = new Uint8Array(new Float32Array(count).fill(fill).buffer)
  return { name, storageType: 'FloatStorage', sizeBytes: 4, shape, bytes }
}

/** An archive around this pickle, with storages 0 (12 floats) and 1 (6 halves of 16 bits). */
const around = (pickle: Uint8Array, more: readonly ZipFile[] = [], options: ZipOptions = {}) =>
  zipBytes(
    [
      { name: 'a/data.pkl', bytes: pickle },
      { name: 'a/data/0', bytes: new Uint8Array(48) },
      { name: 'a/data/1', bytes: new Uint8Array(12) },
      ...more,
    ],
    options,
  )

describe('tables of tensors', () => {
  test.each([true, false])(
    'are read from archives with and without 64-bit sizes',
    async (isLarge) => {
      const bytes = torchBytes([f32('x', [2, 3], 7), f32('y', [], 9)], { isLarge })
      const { tensors, notes } = await read(bytes)
      expect(notes).toEqual([])
      const values = tensors.map(({ name, shape, dtype, storage }) => {
        if (storage.kind !== 'file') throw new Error('not in the file')
        const content = bytes.slice(storage.beginByte, storage.endByte)
        return [name, shape, dtype, ...new Set(new Float32Array(content.buffer))]
      })
      expect(values).toEqual([
        ['x', [2, 3], 'F32', 7],
        ['y', [], 'F32', 9],
      ])
    },
  )

  test.each(vectors.cases)('as CPython pickles them: $name', async ({ name, pickle }) => {
    const { tensors, notes } = await read(around(Buffer.from(pickle, 'hex')))
    const prefix = name.startsWith('nested') ? 'model.' : ''
    expect(tensors.map((tensor) => [tensor.name, tensor.dtype, tensor.shape])).toEqual([
      [`${prefix}embed.weight`, 'F32', [3, 4]],
      [`${prefix}head.weight`, 'F32', [3, 4]],
      [`${prefix}norm.weight`, 'BF16', [4]],
      [`${prefix}scalar`, 'BF16', []],
    ])
    // Tied weights share their bytes; an offset counts elements.
    expect(tensors[0]?.storage).toEqual(tensors[1]?.storage)
    const [norm, scalar] = [tensors[2]?.storage, tensors[3]?.storage]
    if (norm?.kind !== 'file' || scalar?.kind !== 'file') throw new Error('not in the file')
    expect(norm.beginByte - scalar.beginByte).toBe(4)
    expect(notes[0]).toMatch(/1 tensors of m.bin that do not lie in one piece, ".*turned.weight"/)
    if (prefix !== '') expect(notes[1]).toMatch(/"optimizer" of m.bin \(training state\)/)
  })
})

test('the name under which a training script saved its model is left out', async () => {
  const names = async (...tensors: string[]) =>
    (await read(torchBytes(tensors.map((name) => f32(name, [1]))))).tensors.map(({ name }) => name)
  expect(await names('state_dict.a.weight', 'state_dict.b')).toEqual(['a.weight', 'b'])
  expect(await names('state_dict.a.weight', 'ema.b')).toEqual(['state_dict.a.weight', 'ema.b'])
  expect(await names('model.layers.0.w')).toEqual(['model.layers.0.w'])
})

describe('pickles that do more are refused by name', () => {
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'a call of the system',
      'cos\nsystem\n(X\x02\x00\x00\x00ls\x85R.',
      'FORMAT_UNSUPPORTED',
      /names "os.system"/,
    ],
    ['a built-in', 'c__builtin__\neval\n.', 'FORMAT_UNSUPPORTED', /names "__builtin__.eval"/],
    [
      'a name from the stack',
      '\x8c\x05posix\x8c\x06system\x93.',
      'FORMAT_UNSUPPORTED',
      /names "posix.system"/,
    ],
    [
      'a dotted way out',
      'ctorch._utils\n_rebuild_tensor_v2.__globals__\n.',
      'FORMAT_UNSUPPORTED',
      /names "torch._utils._rebuild_tensor_v2.__globals__"/,
    ],
    [
      'a module that hides in the dots',
      '\x8c\x05torch\x8c\x1a_utils._rebuild_tensor_v2x\x93.',
      'FORMAT_UNSUPPORTED',
      /names/,
    ],
    ['an instance by INST', '(ios\nsystem\n.', 'FORMAT_UNSUPPORTED', /opcode 0x69/],
    ['an object by OBJ', '(o.', 'FORMAT_UNSUPPORTED', /opcode 0x6f/],
    ['a new object', '))\x81.', 'FORMAT_UNSUPPORTED', /opcode 0x81/],
    ['an extension', '\x82\x01.', 'FORMAT_UNSUPPORTED', /opcode 0x82/],
    [
      'a call of a storage type',
      'ctorch\nFloatStorage\n)R.',
      'FORMAT_UNSUPPORTED',
      /calls "torch.FloatStorage"/,
    ],
    [
      'a dictionary with arguments',
      'ccollections\nOrderedDict\n]\x85R.',
      'FORMAT_UNSUPPORTED',
      /calls "collections.OrderedDict"/,
    ],
    ['a call of a table', '})R.', 'FORMAT_UNSUPPORTED', /calls ""/],
    ['a state of a list', ']}b.', 'FORMAT_UNSUPPORTED', /sets the state/],
    ['protocol 1', '\x80\x01}.', 'FORMAT_UNSUPPORTED', /protocol 1/],
    ['an empty stack', '0', 'FORMAT_UNSUPPORTED', /opcode 0x30/],
    ['nothing to take', '\x85.', 'CHECKPOINT_INVALID', /empty stack/],
    ['a recall of nothing', 'h\x07.', 'CHECKPOINT_INVALID', /recalls entry 7/],
    ['no mark', '}t.', 'CHECKPOINT_INVALID', /lacks a mark/],
    ['values left behind', '}}.', 'CHECKPOINT_INVALID', /leaves values behind/],
    ['bytes behind the end', '}.cos', 'CHECKPOINT_INVALID', /bytes follow after its pickle/],
    ['no end', '}', 'CHECKPOINT_INVALID', /cut off/],
    ['an endless text', 'X\xff\xff\xff\xff', 'LIMIT_EXCEEDED', /a text of 4294967295 bytes/],
    ['an endless number', '\x8a\xff', 'CHECKPOINT_INVALID', /cut off/],
    ['a table in itself', '}q\x00X\x01\x00\x00\x00ah\x00s.', 'CHECKPOINT_INVALID', /holds itself/],
    ['a list in itself', ']q\x00h\x00a.', 'CHECKPOINT_INVALID', /holds itself/],
    ['a key twice', '}(K\x01K\x02K\x01K\x03u.', 'CHECKPOINT_INVALID', /"1" twice/],
    ['a table without tensors', '}.', 'CHECKPOINT_INVALID', /lists no tensor/],
  ]
  test.each(cases)('%s', async (_, stream, code, message) => {
    const error = await refusal(around(Buffer.from(stream, 'latin1')))
    expect(error.message).toMatch(message)
    expect(error.code).toBe(code)
  })

  test('values that unfold into many more are bounded', async () => {
    // Each level holds the one below it 40 times: 40^6 values from 500 bytes.
    const levels = Array.from({ length: 6 }, (_, i) => {
      const index = String.fromCharCode(i)
      return `q${index}${`h${index}`.repeat(39)}t`
    })
    const wide = Buffer.from(`((((((]${levels.join('')}.`, 'latin1')
    expect(await refusal(around(wide))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(/more than 2000000 values/),
    })
    const deep = Buffer.from(`]${'\x85'.repeat(100_000)}.`, 'latin1')
    expect((await refusal(around(deep))).message).toMatch(/nested 17 deep/)
  })

  test('tensors outside of their storages', async () => {
    const tensor = (type: string, key: string, count: number, offset: number, shape: string) =>
      `}X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\n${type}\nX\x01\x00\x00\x00${key}X\x03\x00\x00\x00cpuK${String.fromCharCode(count)}tQK${String.fromCharCode(offset)}${shape}\x89}tRs.`
    const one = (length: number) => `K${String.fromCharCode(length)}\x85K\x01\x85`
    const ask = async (stream: string) =>
      (await refusal(around(Buffer.from(stream, 'latin1')))).message
    const whole = await read(
      around(Buffer.from(tensor('FloatStorage', '0', 12, 4, one(8)), 'latin1')),
    )
    expect(whole.tensors).toHaveLength(1)
    expect(await ask(tensor('FloatStorage', '0', 12, 5, one(8)))).toMatch(/ends behind its storage/)
    expect(await ask(tensor('FloatStorage', '0', 11, 0, one(8)))).toMatch(/has other bytes/)
    expect(await ask(tensor('FloatStorage', '7', 12, 0, one(8)))).toMatch(
      /storage 7, which is missing/,
    )
    expect(await ask(tensor('FloatStorage', '/', 12, 0, one(8)))).toMatch(/a storage is named/)
    expect(await ask(tensor('FloatStorage', '0', 12, 0, 'K\x08\x85)'))).toMatch(
      /without storage, place or shape/,
    )
    expect(await ask(tensor('FloatStorage', '0', 12, 0, 'J\xff\xff\xff\xff\x85K\x01\x85'))).toMatch(
      /without storage/,
    )
  })
})

describe('archives that readers could see differently are refused', () => {
  const table = torchBytes([f32('x', [2])])
  const file = (name: string, more: Partial<ZipFile> = {}): ZipFile => ({
    name,
    bytes: ascii('text'),
    ...more,
  })
  const cases: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
    [
      'a comment',
      zipBytes([file('a/b')], { comment: 'hello' }),
      'CHECKPOINT_INVALID',
      /without comment|end mark/,
    ],
    [
      'bytes before',
      zipBytes([file('a/b')], { prefix: ascii('MZ') }),
      'CHECKPOINT_INVALID',
      /follows after 2 bytes of no file/,
    ],
    [
      'a compressed file',
      around(ascii('}.'), [file('a/c', { method: 8 })]),
      'FORMAT_UNSUPPORTED',
      /"a\/c" is compressed \(method 8\)/,
    ],
    [
      'an encrypted file',
      around(ascii('}.'), [file('a/c', { flags: 1 })]),
      'FORMAT_UNSUPPORTED',
      /encrypted/,
    ],
    [
      'two of one name',
      around(ascii('}.'), [file('a/data/0')]),
      'CHECKPOINT_INVALID',
      /two files are named "a\/data\/0"/,
    ],
    [
      'a climbing name',
      around(ascii('}.'), [file('a/../../x')]),
      'CHECKPOINT_INVALID',
      /no plain path/,
    ],
    [
      'a name from the root',
      around(ascii('}.'), [file('/etc/passwd')]),
      'CHECKPOINT_INVALID',
      /no plain path/,
    ],
    ['a backslash', around(ascii('}.'), [file('a\\b')]), 'CHECKPOINT_INVALID', /no plain path/],
    [
      'two names for one file',
      around(ascii('}.'), [file('a/c', { localName: 'a/d' })]),
      'CHECKPOINT_INVALID',
      /another local header/,
    ],
    [
      'a file inside another',
      zipBytes([{ name: 'a/x', bytes: zipBytes([file('a/c')]) }, file('a/c', { place: 33 })]),
      'CHECKPOINT_INVALID',
      /"a\/c" overlaps the file before it/,
    ],
    [
      'a file smaller than it is',
      around(ascii('}.'), [file('a/c', { packedBytes: 1 })]),
      'CHECKPOINT_INVALID',
      /stored in another size/,
    ],
    [
      'more files than listed',
      zipBytes([file('a/b')], { count: 2 }),
      'CHECKPOINT_INVALID',
      /entry 1 of its directory is broken/,
    ],
    [
      'fewer files than listed',
      zipBytes([file('a/b'), file('a/c')], { count: 1 }),
      'CHECKPOINT_INVALID',
      /bytes follow in its directory/,
    ],
    ['two folders', around(ascii('}.'), [file('b/c')]), 'CHECKPOINT_INVALID', /in one folder/],
    [
      'a program',
      around(ascii('}.'), [file('a/constants.pkl')]),
      'FORMAT_UNSUPPORTED',
      /TorchScript/,
    ],
    ['code', around(ascii('}.'), [file('a/code/x.py')]), 'FORMAT_UNSUPPORTED', /TorchScript/],
    [
      'the other byte order',
      around(ascii('}.'), [{ name: 'a/byteorder', bytes: ascii('big') }]),
      'FORMAT_UNSUPPORTED',
      /little-endian/,
    ],
    ['no table', zipBytes([file('a/b')]), 'CHECKPOINT_INVALID', /holds no "a\/data.pkl"/],
    ['a file cut off', table.slice(0, -1), 'CHECKPOINT_INVALID', /does not end/],
    ['nothing', new Uint8Array(0), 'CHECKPOINT_INVALID', /does not end/],
  ]
  test.each(cases)('%s', async (_, bytes, code, message) => {
    const error = await refusal(bytes)
    expect(error.message).toMatch(message)
    expect(error.code).toBe(code)
  })

  test('a 64-bit end mark that contradicts the other one', async () => {
    const bytes = table.slice()
    const view = new DataView(bytes.buffer)
    // The number of files in the 64-bit record.
    view.setUint8(bytes.length - 22 - 20 - 56 + 32, 99)
    expect((await refusal(bytes)).message).toMatch(/contradict each other/)
    const far = table.slice()
    new DataView(far.buffer).setBigUint64(far.length - 22 - 20 + 8, 2n ** 60n, true)
    expect((await refusal(far)).message).toMatch(/said to stand at byte 1152921504606846976/)
  })
})

describe('whatever is changed', () => {
  const archive = torchBytes([f32('layer.0.weight', [2, 3]), f32('layer.1.weight', [4])])

  test('an archive gives tensors inside the file or an AppError', async () => {
    const change = fc.tuple(fc.nat(archive.length - 1), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = archive.slice()
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

  test('a pickle gives plain data or an AppError', () => {
    const streams = vectors.cases.map(({ pickle }) => Buffer.from(pickle, 'hex'))
    const opcodes = [...ascii('(.]})tabehjqrsuKMJNGXQRc')].concat([
      0x80, 0x85, 0x86, 0x87, 0x88, 0x94, 0x93, 0x8c,
    ])
    const edit = fc.tuple(
      fc.nat(10_000),
      fc.oneof(fc.constantFrom(...opcodes), fc.integer({ min: 0, max: 255 })),
    )
    fc.assert(
      fc.property(
        fc.nat(streams.length - 1),
        fc.array(edit, { minLength: 1, maxLength: 5 }),
        (index, edits) => {
          const bytes = Uint8Array.from(streams[index] ?? [])
          for (const [at, value] of edits) bytes[at % bytes.length] = value
          try {
            new PickleStream('m.bin', bytes).read()
          } catch (error) {
            if (!(error instanceof AppError)) throw error
          }
        },
      ),
      { numRuns: 5000 },
    )
  })
})
