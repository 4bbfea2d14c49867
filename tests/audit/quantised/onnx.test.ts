import { describe, expect, it } from 'vitest'
import {
  attribute,
  int,
  join,
  node,
  text,
  varint,
  wrap,
} from '../../../packages/core/src/model/onnx/testing/onnx-bytes.ts'
import { bodyAgainst, loadModel, type Model, readBack, sourceOf } from './weights.ts'

const TYPE = { FLOAT: 1, UINT8: 2 } as const

function initializer(
  name: string,
  dims: readonly number[],
  type: number,
  values: Float32Array | Uint8Array | Int8Array,
): Uint8Array {
  const head = [...dims.flatMap((dim) => [...int(1, dim)]), ...int(2, type), ...text(8, name)]
  const raw = new Uint8Array(
    values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength),
  )
  return wrap(5, join(Uint8Array.from(head), wrap(9, raw)))
}

type Quantised = { readonly file: Uint8Array; readonly expected: ReadonlyMap<string, Float32Array> }

/** Every matrix of the blocks as an exporter leaves it: [in, out], 8 bits, one scale per output. */
function quantisedOnnx(
  { weights }: Model,
  operator: 'DequantizeLinear' | 'DynamicQuantizeMatMul',
): Quantised {
  const parts: Uint8Array[] = []
  const nodes: Uint8Array[] = []
  const expected = new Map<string, Float32Array>()
  for (const [name, { shape, values }] of Object.entries(weights)) {
    const [rows, cols] = shape
    const isMatrix = name.includes('.layers.') && rows !== undefined && cols !== undefined
    if (!isMatrix) {
      parts.push(initializer(name, shape, TYPE.FLOAT, values))
      continue
    }
    const low = new Float32Array(rows)
    const high = new Float32Array(rows)
    values.forEach((v, k) => {
      const row = Math.floor(k / cols)
      low[row] = Math.min(low[row]!, v)
      high[row] = Math.max(high[row]!, v)
    })
    const scales = low.map((l, row) => (high[row]! - l) / 255)
    const zeros = Uint8Array.from(low, (l, row) => Math.round(-l / scales[row]!))
    const codes = new Uint8Array(values.length)
    const seen = new Float32Array(values.length)
    values.forEach((v, k) => {
      const [row, col] = [Math.floor(k / cols), k % cols]
      const code = Math.min(255, Math.max(0, Math.round(v / scales[row]! + zeros[row]!)))
      codes[col * rows + row] = code
      seen[col * rows + row] = scales[row]! * (code - zeros[row]!)
    })
    expected.set(`${name}_quantized`, seen)
    parts.push(initializer(`${name}_quantized`, [cols, rows], TYPE.UINT8, codes))
    parts.push(initializer(`${name}_scale`, [rows], TYPE.FLOAT, scales))
    parts.push(initializer(`${name}_zero_point`, [rows], TYPE.UINT8, zeros))
    const three = [`${name}_quantized`, `${name}_scale`, `${name}_zero_point`]
    const axis = attribute('axis', int(3, 1), int(20, 2))
    const path = `/${name.replace('.weight', '').replaceAll('.', '/')}`
    if (operator === 'DequantizeLinear') {
      nodes.push(
        Uint8Array.from(
          node({ op: operator, name: `${path}/dq`, in: three, out: [name], attrs: [axis] }),
        ),
      )
      nodes.push(
        Uint8Array.from(
          node({ op: 'MatMul', name: `${path}/MatMul`, in: ['x', name], out: [`${name}!`] }),
        ),
      )
    } else {
      nodes.push(
        Uint8Array.from(
          node({ op: operator, name: `${path}/MatMul`, in: ['x', ...three], out: [`${name}!`] }),
        ),
      )
    }
  }
  const file = join(Uint8Array.from([...varint(8), 8]), wrap(7, join(...nodes, ...parts)))
  return { file, expected }
}

describe('quantised ONNX graphs of a trained model', () => {
  it.each(['DequantizeLinear', 'DynamicQuantizeMatMul'] as const)('%s', async (operator) => {
    const model = await loadModel('s1')
    const { file, expected } = quantisedOnnx(model, operator)
    const files = { 'model.onnx': file, 'config.json': JSON.stringify(model.config) }
    const read = await readBack(files)
    for (const [name, values] of expected) {
      expect(
        Buffer.from(read.get(name)!.values.buffer).equals(Buffer.from(values.buffer)),
        name,
      ).toBe(true)
    }
    expect([...read.keys()].filter((name) => /_(?:scale|zero_point)$/.test(name))).toEqual([])
    const own = await bodyAgainst(files, sourceOf('s1', model))
    expect(['derived', 'reencoded'], JSON.stringify(own.reasons)).toContain(own.verdict)
    expect(own.log10P).toBeLessThanOrEqual(-9)
    const other = await bodyAgainst(files, sourceOf('s2', await loadModel('s2')))
    expect(other.verdict).toBe('no_evidence')
  })
})

/** Four bits and a scale for 16 inputs, with zero points where `hasZeros`. */
function fewBitsOnnx({ weights }: Model, hasZeros: boolean): Quantised {
  const parts: Uint8Array[] = []
  const nodes: Uint8Array[] = []
  const expected = new Map<string, Float32Array>()
  for (const [name, { shape, values }] of Object.entries(weights)) {
    const [rows, cols] = shape
    if (!name.includes('.layers.') || rows === undefined || cols === undefined) {
      parts.push(initializer(name, shape, TYPE.FLOAT, values))
      continue
    }
    const blocks = cols / 16
    const scales = new Float32Array(rows * blocks)
    const zeros = new Uint8Array(rows * blocks)
    for (let b = 0; b < scales.length; b++) {
      const part = values.subarray(b * 16, b * 16 + 16)
      const [low, high] = [Math.min(0, ...part), Math.max(0, ...part)]
      scales[b] = hasZeros ? (high - low) / 15 : Math.max(-low, high) / 7
      zeros[b] = hasZeros ? Math.round(-low / scales[b]!) : 8
    }
    const codes = Uint8Array.from(values, (v, k) => {
      const b = Math.floor(k / 16)
      return Math.min(15, Math.max(0, Math.round(v / scales[b]! + zeros[b]!)))
    })
    const seen = values.map(
      (_, k) => scales[Math.floor(k / 16)]! * (codes[k]! - zeros[Math.floor(k / 16)]!),
    )
    const pairs = Uint8Array.from(
      { length: codes.length / 2 },
      (_, i) => codes[2 * i]! | (codes[2 * i + 1]! << 4),
    )
    const perRow = Math.ceil(blocks / 2)
    const zeroBytes = new Uint8Array(rows * perRow)
    zeros.forEach((zero, b) => {
      const [row, group] = [Math.floor(b / blocks), b % blocks]
      zeroBytes[row * perRow + (group >> 1)]! |= zero << (4 * (group & 1))
    })
    const packed = name.replace('.weight', '.MatMul.weight_Q4')
    expected.set(packed, seen)
    parts.push(initializer(packed, [rows, blocks, 8], TYPE.UINT8, pairs))
    parts.push(initializer(`${packed}_scales`, [rows * blocks], TYPE.FLOAT, scales))
    if (hasZeros)
      parts.push(initializer(`${packed}_zeros`, [zeroBytes.length], TYPE.UINT8, zeroBytes))
    const sizes = { K: cols, N: rows, bits: 4, block_size: 16 }
    nodes.push(
      Uint8Array.from(
        node({
          op: 'MatMulNBits',
          name: `/${name}/MatMul`,
          in: ['x', packed, `${packed}_scales`, ...(hasZeros ? [`${packed}_zeros`] : [])],
          out: [`${name}!`],
          attrs: Object.entries(sizes).map(([key, value]) =>
            attribute(key, int(3, value), int(20, 2)),
          ),
        }),
      ),
    )
  }
  const file = join(Uint8Array.from([...varint(8), 8]), wrap(7, join(...nodes, ...parts)))
  return { file, expected }
}

describe('ONNX graphs of four bits', () => {
  it.each([true, false])('MatMulNBits, with zero points: %s', async (hasZeros) => {
    const model = await loadModel('s1')
    const { file, expected } = fewBitsOnnx(model, hasZeros)
    const files = { 'model.onnx': file, 'config.json': JSON.stringify(model.config) }
    const read = await readBack(files)
    for (const [name, values] of expected) {
      expect(
        Buffer.from(read.get(name)!.values.buffer).equals(Buffer.from(values.buffer)),
        name,
      ).toBe(true)
    }
    const own = await bodyAgainst(files, sourceOf('s1', model))
    expect(['derived', 'reencoded'], JSON.stringify(own.reasons)).toContain(own.verdict)
    expect(own.log10P).toBeLessThanOrEqual(-9)
    const other = await bodyAgainst(files, sourceOf('s2', await loadModel('s2')))
    expect(other.verdict).toBe('no_evidence')
  })
})
