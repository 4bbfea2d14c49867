import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../base/errors.ts'
import { memoryReader } from '../byte-reader.ts'
import { type OnnxModel, readOnnx } from './read-onnx.ts'
import { tensorUses } from './tensor-uses.ts'
import {
  attribute,
  type Bytes,
  externalInitializer,
  FLOAT,
  f32,
  initializer,
  int,
  join,
  len,
  model,
  node,
  raw,
  text,
  varint,
  wrap,
} from './testing/onnx-bytes.ts'

const read = (bytes: Uint8Array, files: Record<string, number> = {}): Promise<OnnxModel> =>
  readOnnx(memoryReader('m.onnx', bytes), async (name) => {
    const sizeBytes = files[name]
    return sizeBytes === undefined ? undefined : { path: name, sizeBytes }
  })

async function refusal(bytes: Uint8Array, files?: Record<string, number>): Promise<AppError> {
  try {
    await read(bytes, files)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

/** Bytes of each tensor by name, from file or memory. */
function contents(file: Uint8Array, { tensors }: OnnxModel): Record<string, number[]> {
  return Object.fromEntries(
    tensors.map(({ name, storage }) => {
      const bytes =
        storage.kind === 'memory' ? storage.bytes : file.slice(storage.beginByte, storage.endByte)
      return [name, [...bytes]]
    }),
  )
}

describe('tensors', () => {
  test('raw and packed little-endian elements are left in the file', async () => {
    const packed = initializer(len(1, varint(2)), int(2, FLOAT), len(4, f32(3, 4)), text(8, 'b'))
    const file = model(initializer(...raw('a', [1, 2], [2, 1])), packed)
    const found = await read(file)
    expect(found.tensors.map((tensor) => tensor.storage.kind)).toEqual(['file', 'file'])
    expect(found.tensors.map((tensor) => tensor.shape)).toEqual([[2, 1], [2]])
    expect(contents(file, found)).toEqual({ a: f32(1, 2), b: f32(3, 4) })
    expect(found.notes).toEqual([])
  })

  test('elements in other fields are decoded to the bytes of their type', async () => {
    const carried = (type: number, name: string, data: Bytes) =>
      initializer(int(1, 2), int(2, type), text(8, name), data)
    const ints = (...values: number[]) => len(5, ...values.map(varint))
    const file = model(
      carried(10, 'f16', ints(0x3c00, 0xfc00)),
      carried(16, 'bf16', ints(0x3f80, 0xbf80)),
      carried(17, 'f8', ints(0x38, 0xb8)),
      carried(3, 'i8', ints(-1, 127)),
      carried(2, 'u8', ints(255, 0)),
      carried(5, 'i16', ints(-2, 300)),
      carried(6, 'i32', ints(-1, 2 ** 31 - 1)),
      carried(9, 'bool', ints(1, 0)),
      carried(7, 'i64', len(7, varint(-1), varint(2n ** 62n))),
      carried(12, 'u32', len(11, varint(2 ** 32 - 1), varint(1))),
      carried(13, 'u64', len(11, varint(2n ** 64n - 1n), varint(1))),
      carried(11, 'f64', len(10, [...new Uint8Array(Float64Array.of(1, 2).buffer)])),
      initializer(
        int(1, 2),
        int(2, FLOAT),
        text(8, 'single'),
        [0x25, ...f32(1)],
        [0x25, ...f32(2)],
      ),
    )
    const found = await read(file)
    expect(contents(file, found)).toEqual({
      f16: [0x00, 0x3c, 0x00, 0xfc],
      bf16: [0x80, 0x3f, 0x80, 0xbf],
      f8: [0x38, 0xb8],
      i8: [255, 127],
      u8: [255, 0],
      i16: [0xfe, 0xff, 0x2c, 0x01],
      i32: [255, 255, 255, 255, 255, 255, 255, 127],
      bool: [1, 0],
      i64: [...Array(8).fill(255), 0, 0, 0, 0, 0, 0, 0, 0x40],
      u32: [255, 255, 255, 255, 1, 0, 0, 0],
      u64: [...Array(8).fill(255), 1, 0, 0, 0, 0, 0, 0, 0],
      f64: [...new Uint8Array(Float64Array.of(1, 2).buffer)],
      single: f32(1, 2),
    })
    const dtypes = found.tensors.map((tensor) => tensor.dtype)
    expect(dtypes.slice(0, 3)).toEqual(['F16', 'BF16', 'F8_E4M3'])
  })

  test('values of Constant nodes are tensors named by their output', async () => {
    const file = model(
      node({
        op: 'Constant',
        name: 'c',
        out: ['w'],
        attrs: [attribute('value', len(5, ...raw('', [5])))],
      }),
      node({
        op: 'Constant',
        out: ['v'],
        attrs: [attribute('value_floats', [0x3d, ...f32(1)], [0x3d, ...f32(2)])],
      }),
      node({ op: 'Constant', out: ['i'], attrs: [attribute('value_int', int(3, 7))] }),
    )
    const found = await read(file)
    expect(contents(file, found)).toEqual({ w: f32(5), v: f32(1, 2) })
    expect(found.graph.nodes[2]?.attributes.get('value_int')).toBe(7)
  })

  test('subgraphs are named by their path, also where nodes have no name or the same', async () => {
    const inner = node({
      op: 'Loop',
      out: ['loop_out'],
      attrs: [attribute('body', len(6, initializer(...raw('w', [3]))))],
    })
    const branch = (value: number, ...more: Bytes[]) =>
      len(6, initializer(...raw('w', [value])), ...more)
    const attrs = [attribute('then_branch', branch(1, inner)), attribute('else_branch', branch(2))]
    const file = model(
      initializer(...raw('w', [0])),
      node({ op: 'If', name: 'If_0', out: ['y'], attrs }),
      node({ op: 'If', name: 'If_0', out: ['z'], attrs: [attribute('then_branch', branch(4))] }),
    )
    const found = await read(file)
    expect(contents(file, found)).toEqual({
      w: f32(0),
      'then_branch@If_0/w': f32(1),
      'then_branch@If_0/body@loop_out/w': f32(3),
      'else_branch@If_0/w': f32(2),
      'then_branch@If_0#2/w': f32(4),
    })
    expect(found.graph.subgraphs.map((graph) => graph.path)).toEqual([
      'then_branch@If_0',
      'else_branch@If_0',
      'then_branch@If_0#2',
    ])
  })

  test('constants of local functions are tensors as well', async () => {
    const constant = node({
      op: 'Constant',
      out: ['w'],
      attrs: [attribute('value', len(5, ...raw('', [9])))],
    })
    // A FunctionProto has its nodes in field 7.
    const moved = [...varint((7 << 3) | 2), ...constant.slice(1)]
    const file = Uint8Array.from([...model(), ...len(25, text(1, 'F'), text(10, 'local'), moved)])
    expect(contents(file, await read(file))).toEqual({ 'function@local.F/w': f32(9) })
  })

  test('what cannot be read as weights is named in a note', async () => {
    const other = (type: number, name: string) =>
      initializer(int(1, 2), int(2, type), text(8, name), len(9, [1]))
    const strings = initializer(int(1, 1), int(2, 8), text(8, 's'), text(6, 'hello'))
    const sparse = len(15, len(1, ...raw('sp', [1])))
    const found = await read(model(other(22, 'q'), other(21, 'u'), strings, sparse))
    expect(found.tensors).toEqual([])
    expect(found.notes).toEqual([
      'not read: tensors of type INT4: "q"',
      'not read: tensors of type UINT4: "u"',
      'not read: tensors of type STRING: "s"',
      'not read: sparse initializers: "sp"',
    ])
  })

  test('weights are stepped over, not loaded', async () => {
    const elements = new Uint8Array(4 * 300_000)
    const tensor = join(Uint8Array.from([int(1, 300_000), int(2, FLOAT)].flat()), wrap(9, elements))
    const body = wrap(7, wrap(5, tensor))
    let bytesRead = 0
    const reader = {
      ...memoryReader('m.onnx', body),
      read: async (begin: number, end: number) => {
        bytesRead += end - begin
        return body.subarray(begin, end)
      },
    }
    const found = await readOnnx(reader, async () => undefined)
    expect(found.tensors[0]?.shape).toEqual([300_000])
    expect(bytesRead).toBeLessThan(body.length / 8)
  })
})

describe('external data', () => {
  const external = (entries: Record<string, string>) => model(externalInitializer('w', 4, entries))

  test('beside the graph is found by offset and length', async () => {
    const file = external({ location: 'm.onnx_data', offset: '8', length: '16' })
    const found = await read(file, { 'm.onnx_data': 24 })
    expect(found.tensors[0]?.storage).toEqual({
      kind: 'file',
      file: 'm.onnx_data',
      beginByte: 8,
      endByte: 24,
    })
    expect(found.externalFiles).toEqual([{ path: 'm.onnx_data', sizeBytes: 24 }])
  })

  test.each(['../secret', '/etc/passwd', 'a/b', 'C:\\x', '', 'https://example.org/x'])(
    'at %j is refused before anything is looked up',
    async (location) => {
      let asked = false
      const attempt = readOnnx(memoryReader('m.onnx', external({ location })), async () => {
        asked = true
        return { path: location, sizeBytes: 100 }
      })
      await expect(attempt).rejects.toMatchObject({
        code: 'ONNX_INVALID',
        message: expect.stringMatching(/not the name of a file in the same folder/),
      })
      expect(asked).toBe(false)
    },
  )

  test('that is missing, too short, or described twice is refused', async () => {
    const at = (entries: Record<string, string>) => external({ location: 'd', ...entries })
    expect(await refusal(at({}))).toMatchObject({ code: 'CHECKPOINT_INVALID' })
    expect((await refusal(at({ offset: '1' }), { d: 16 })).message).toMatch(/ends at byte 17 of d/)
    expect((await refusal(at({ length: '8' }), { d: 99 })).message).toMatch(/needs 16 bytes/)
    expect((await refusal(at({ offset: '-1' }), { d: 99 })).message).toMatch(/plain number/)
    expect((await refusal(at({ offset: '1e1' }), { d: 99 })).message).toMatch(/plain number/)
    const fields = [int(1, 4), int(2, FLOAT), text(8, 'w'), int(14, 1)]
    const at13 = (location: string) => len(13, text(1, 'location'), text(2, location))
    const twice = model(initializer(...fields, at13('d'), at13('e')))
    expect((await refusal(twice, { d: 99, e: 99 })).message).toMatch(/names "location" twice/)
    const both = model(initializer(...fields, at13('d'), len(9, f32(1, 2, 3, 4))))
    expect((await refusal(both, { d: 99 })).message).toMatch(/two places/)
  })
})

describe('what is refused', () => {
  const tensor = (...parts: Bytes[]) => model(initializer(text(8, 'w'), ...parts))
  const cases: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /no graph/],
    ['text', new TextEncoder().encode('version https://git-lfs.github.com'), /./],
    ['two graphs', Uint8Array.from([...model(), ...len(7)]), /second graph/],
    [
      'two tensors of one name',
      model(initializer(...raw('a', [1])), initializer(...raw('a', [2]))),
      /two tensors named "a"/,
    ],
    [
      'a tensor and a constant of one name',
      model(
        initializer(...raw('a', [1])),
        node({ op: 'Constant', out: ['a'], attrs: [attribute('value', len(5, ...raw('', [2])))] }),
      ),
      /two tensors named "a"/,
    ],
    [
      'fewer bytes than the shape needs',
      tensor(int(1, 3), int(2, FLOAT), len(9, f32(1, 2))),
      /needs 12 bytes, it has 8/,
    ],
    [
      'more bytes than the shape needs',
      tensor(int(1, 1), int(2, FLOAT), len(9, f32(1, 2))),
      /needs 4 bytes, it has 8/,
    ],
    ['no elements', tensor(int(1, 1), int(2, FLOAT)), /has no elements/],
    [
      'elements in two fields',
      tensor(int(1, 1), int(2, FLOAT), len(9, f32(1)), len(4, f32(1))),
      /two places/,
    ],
    [
      'raw data given twice',
      tensor(int(1, 1), int(2, FLOAT), len(9, f32(1)), len(9, f32(2))),
      /given twice/,
    ],
    [
      'elements in the field of another type',
      tensor(int(1, 1), int(2, 7), len(5, varint(1))),
      /field 5, not in 7/,
    ],
    [
      'a value that its type cannot hold',
      tensor(int(1, 1), int(2, 3), len(5, varint(128))),
      /the element 128/,
    ],
    [
      'too many varints',
      tensor(int(1, 1), int(2, 7), len(7, varint(1), varint(2))),
      /more than 1 elements/,
    ],
    [
      'an announced count that the bytes cannot hold',
      tensor(int(1, 2 ** 40), int(2, 7), len(7, varint(1))),
      /does not fit its 1 bytes/,
    ],
    ['a negative dimension', tensor(int(1, -1), int(2, FLOAT)), /a dimension of -1/],
    [
      'a shape that overflows',
      tensor(int(1, 2 ** 40), int(1, 2 ** 40), int(2, FLOAT)),
      /overflows/,
    ],
    ['too many dimensions', tensor(...Array(17).fill(int(1, 1))), /more than 16 dimensions/],
    ['an unknown data type', tensor(int(2, 99)), /unknown data type 99/],
    ['a negative data type', tensor(int(2, -1)), /unknown data type -1/],
    ['a tensor in segments', tensor(len(3)), /segments/],
    ['a name that is not UTF-8', model(initializer(len(8, [0xff]))), /not UTF-8/],
    [
      'a terminal escape in a name',
      model(initializer(...raw('\u001b[2J', [1]))),
      /control characters/,
    ],
    [
      'a number of eleven bytes',
      Uint8Array.from([0x08, ...Array(10).fill(0x80), 1]),
      /more than 64 bits/,
    ],
    [
      'a number above 64 bits',
      Uint8Array.from([0x08, ...Array(9).fill(0xff), 2]),
      /more than 64 bits/,
    ],
    ['field number 0', Uint8Array.from([0x00, 0x00]), /field number 0/],
    ['the group wire type', Uint8Array.from([0x0b]), /wire type 3/],
    ['a length of 2^63', Uint8Array.from([0x3a, ...varint(2n ** 63n)]), /passes the end/],
    ['the graph as a number', Uint8Array.from(int(7, 1)), /wire type 0, 2 belongs there/],
    [
      'a node with two attributes of one name',
      model(node({ op: 'X', attrs: [attribute('a', int(3, 1)), attribute('a', int(3, 2))] })),
      /two attributes "a"/,
    ],
  ]
  test.each(cases)('%s', async (_, bytes, reason) => {
    const error = await refusal(bytes)
    expect(error.code).toBe('ONNX_INVALID')
    expect(error.message).toMatch(/^m\.onnx: /)
    expect(error.message).toMatch(reason)
    expect(error.hint).toBeTruthy()
  })

  test('every truncation of a valid file', async () => {
    const file = model(
      initializer(...raw('a', [1, 2])),
      node({ op: 'Relu', name: 'r', in: ['x'], out: ['y'], attrs: [attribute('axis', int(3, 1))] }),
    )
    for (let length = 0; length < file.length; length++) {
      expect((await refusal(file.slice(0, length))).code).toBe('ONNX_INVALID')
    }
  })

  test('more nodes than memory should hold', async () => {
    const nodes = Uint8Array.from({ length: 1_000_002 }, (_, at) => (at % 2 === 0 ? 0x0a : 0))
    const file = Uint8Array.from([...int(1, 8), ...varint((7 << 3) | 2), ...varint(nodes.length)])
    const bytes = new Uint8Array([...file, ...nodes])
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('more than 500000 nodes'),
    })
  })

  test('graphs nested without end', async () => {
    let graph: Bytes = []
    for (let i = 0; i < 30; i++) {
      graph = node({ op: 'If', name: `n${i}`, attrs: [attribute('then_branch', len(6, graph))] })
    }
    expect((await refusal(model(graph))).code).toBe('LIMIT_EXCEEDED')
  })

  test('more parts than a graph has', async () => {
    const ints = new Uint8Array(5_000_001).fill(1)
    const graph = wrap(7, wrap(1, wrap(5, wrap(8, ints))))
    expect(await refusal(graph)).toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })
})

describe('the graph', () => {
  test('keeps nodes, inputs, outputs and small attributes', async () => {
    const file = model(
      node({
        op: 'Conv',
        name: '/enc/conv/Conv',
        in: ['x', 'w'],
        out: ['y'],
        attrs: [
          attribute('group', int(3, -2)),
          attribute('alpha', [0x15, ...f32(0.5)]),
          attribute('auto_pad', text(4, 'VALID')),
          attribute('kernel_shape', int(8, 3), int(8, 3)),
          attribute('pads', len(8, varint(0), varint(1))),
          attribute('scales', len(7, f32(1, 2))),
        ],
      }),
      len(11, text(1, 'x')),
      len(12, text(1, 'y')),
    )
    const { graph } = await read(file)
    expect(graph).toEqual({
      path: '',
      inputs: ['x'],
      outputs: ['y'],
      subgraphs: [],
      nodes: [
        {
          name: '/enc/conv/Conv',
          opType: 'Conv',
          inputs: ['x', 'w'],
          outputs: ['y'],
          attributes: new Map<string, unknown>([
            ['group', -2],
            ['alpha', 0.5],
            ['auto_pad', 'VALID'],
            ['kernel_shape', [3, 3]],
            ['pads', [0, 1]],
            ['scales', [1, 2]],
          ]),
        },
      ],
    })
  })

  test('gives an anonymous weight the place where it is used, through casts and into subgraphs', async () => {
    const then = len(
      6,
      initializer(...raw('shadow', [1])),
      node({ op: 'MatMul', name: '/dec/fc/MatMul', in: ['h', 'outer'], out: ['o'] }),
      node({ op: 'Add', name: '/dec/fc/Add', in: ['o', 'shadow'], out: ['p'] }),
    )
    const file = model(
      initializer(...raw('onnx::MatMul_12', [1])),
      initializer(...raw('outer', [1])),
      initializer(...raw('shadow', [1])),
      initializer(...raw('unused', [1])),
      node({ op: 'DequantizeLinear', name: '/q', in: ['onnx::MatMul_12', 'scale'], out: ['d'] }),
      node({ op: 'Transpose', name: '/t', in: ['d'], out: ['t'] }),
      node({ op: 'MatMul', name: '/model/layers.0/q_proj/MatMul', in: ['x', 't'], out: ['h'] }),
      node({ op: 'If', name: 'If_0', in: ['c'], attrs: [attribute('then_branch', then)] }),
    )
    const { graph, tensors } = await read(file)
    const uses = tensorUses(
      graph,
      tensors.map((tensor) => tensor.name),
    )
    expect(uses.get('onnx::MatMul_12')).toEqual([
      {
        graphPath: '',
        nodeName: '/model/layers.0/q_proj/MatMul',
        opType: 'MatMul',
        inputIndex: 1,
        through: ['DequantizeLinear', 'Transpose'],
        scope: 'model.layers.0.q_proj',
      },
    ])
    expect(uses.get('outer')?.[0]).toMatchObject({
      graphPath: 'then_branch@If_0',
      scope: 'dec.fc',
    })
    expect(uses.get('then_branch@If_0/shadow')?.[0]?.opType).toBe('Add')
    expect(uses.has('shadow')).toBe(false)
    expect(uses.has('unused')).toBe(false)
  })
})

test('any change to a valid file gives a model or an AppError, and bounded memory', async () => {
  const constant = [attribute('value', len(5, ...raw('', [5, 6])))]
  const branch = len(6, initializer(...raw('w', [3])), node({ op: 'Neg', in: ['w'], out: ['n'] }))
  const file = model(
    initializer(...raw('a', [1, 2], [2, 1])),
    initializer(int(1, 3), int(2, 10), text(8, 'h'), len(5, varint(1), varint(2), varint(60000))),
    initializer(int(1, 2), int(2, 7), text(8, 'i'), len(7, varint(-1), varint(5))),
    node({ op: 'Constant', out: ['c'], attrs: constant }),
    node({
      op: 'If',
      name: 'If_0',
      in: ['b'],
      out: ['y'],
      attrs: [attribute('then_branch', branch)],
    }),
    node({ op: 'Conv', in: ['x', 'a'], out: ['z'], attrs: [attribute('pads', int(8, 1))] }),
  )
  const edit = (remove: fc.Arbitrary<number>, insert: fc.Arbitrary<Uint8Array>) =>
    fc.record({ at: fc.nat(file.length - 1), remove, insert })
  const longVarints = [0x80, 0xff].map((byte) => new Uint8Array(9).fill(byte))
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          // One byte for another keeps the lengths right, so that the change reaches far.
          {
            weight: 3,
            arbitrary: edit(fc.constant(1), fc.uint8Array({ minLength: 1, maxLength: 1 })),
          },
          { weight: 1, arbitrary: edit(fc.nat(3), fc.uint8Array({ maxLength: 2 })) },
          { weight: 1, arbitrary: edit(fc.nat(3), fc.constantFrom(...longVarints)) },
        ),
        { minLength: 1, maxLength: 3 },
      ),
      async (edits) => {
        let bytes = file
        for (const { at, remove, insert } of edits) {
          bytes = Uint8Array.from([...bytes.slice(0, at), ...insert, ...bytes.slice(at + remove)])
        }
        try {
          const { tensors } = await read(bytes, { d: 100 })
          accepted += 1
          for (const { storage } of tensors) {
            if (storage.kind === 'file') expect(storage.endByte).toBeLessThanOrEqual(bytes.length)
            else expect(storage.bytes.length).toBeLessThanOrEqual(8 * bytes.length)
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error
        }
      },
    ),
    { numRuns: 5000 },
  )
  // The changes must reach the code behind the first check.
  expect(accepted).toBeGreaterThan(100)
})
