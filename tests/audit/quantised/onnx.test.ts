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
