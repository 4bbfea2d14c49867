import type { NamedTensor } from '../../../packages/core/src/model/safetensors/write-safetensors.ts'
import { FP4_DOUBLED } from '../../../packages/core/src/numeric/dequantise/codebooks.ts'
import { float8E4M3Value, halfValue } from '../../../packages/core/src/numeric/float-tables.ts'
import { halfBits } from '../../../packages/core/src/numeric/testing/put-bits.ts'

// Plain round-to-nearest quantisers in the storage layouts of the libraries named. Each returns
// what it stored and, from the codes it chose and not from the bytes, what a reader must see.

export type Quantised = {
  readonly tensors: readonly NamedTensor[]
  /** [rows, cols] as the weight's values. */
  readonly expected: Float32Array
}

export type Quantiser = (
  base: string,
  values: Float32Array,
  shape: readonly [number, number],
) => Quantised

const bytesOf = (array: { buffer: ArrayBufferLike }): Uint8Array =>
  new Uint8Array(array.buffer.slice(0))
const f16 = (name: string, shape: readonly number[], values: Float32Array): NamedTensor => ({
  name,
  dtype: 'F16',
  shape,
  bytes: bytesOf(Uint16Array.from(values, halfBits)),
})
const f32 = (name: string, shape: readonly number[], values: Float32Array): NamedTensor => ({
  name,
  dtype: 'F32',
  shape,
  bytes: bytesOf(values.slice()),
})
const i32 = (name: string, shape: readonly number[], values: Uint32Array): NamedTensor => ({
  name,
  dtype: 'I32',
  shape,
  bytes: bytesOf(values),
})
const u8 = (name: string, shape: readonly number[], values: Uint8Array): NamedTensor => ({
  name,
  dtype: 'U8',
  shape,
  bytes: values.slice(),
})

type Affine = {
  readonly codes: Uint8Array
  /** [rows, groups]. */
  readonly zeros: Uint8Array
  readonly scales: Float32Array
  readonly expected: Float32Array
}

/** Minimum and maximum of every group of columns on a grid of `bits`; scales are binary16. */
function affine(
  values: Float32Array,
  [rows, cols]: readonly [number, number],
  options: {
    readonly bits: number
    readonly groupOf: (col: number) => number
    readonly groups: number
  },
): Affine {
  const { bits, groupOf, groups } = options
  const top = 2 ** bits - 1
  const low = new Float32Array(rows * groups)
  const high = new Float32Array(rows * groups)
  values.forEach((v, k) => {
    const at = Math.floor(k / cols) * groups + groupOf(k % cols)
    low[at] = Math.min(low[at]!, v)
    high[at] = Math.max(high[at]!, v)
  })
  const scales = low.map((l, i) => halfValue(halfBits(Math.max(1e-4, (high[i]! - l) / top))))
  const zeros = Uint8Array.from(low, (l, i) => Math.round(-l / scales[i]!))
  const codes = new Uint8Array(values.length)
  const expected = values.map((v, k) => {
    const at = Math.floor(k / cols) * groups + groupOf(k % cols)
    const code = Math.min(top, Math.max(0, Math.round(v / scales[at]! + zeros[at]!)))
    codes[k] = code
    return scales[at]! * (code - zeros[at]!)
  })
  return { codes, zeros, scales, expected }
}

/** Codes of one stream, bit after bit, into 32-bit words. */
function stream(codes: readonly number[], bits: number): number[] {
  const words = new Array<bigint>(Math.ceil((codes.length * bits) / 32)).fill(0n)
  codes.forEach((code, i) => {
    for (let b = 0; b < bits; b++) {
      const at = i * bits + b
      if ((code >> b) & 1) words[at >> 5]! |= 1n << BigInt(at & 31)
    }
  })
  return words.map(Number)
}

function transposed<T extends Float32Array | Uint8Array>(table: T, rows: number, cols: number): T {
  const out = table.slice() as T
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) out[j * rows + i] = table[i * cols + j]!
  return out
}

export const gptq =
  (
    bits: 2 | 3 | 4 | 8,
    group: number,
    options: { actOrder?: boolean; version2?: boolean } = {},
  ): Quantiser =>
  (base, values, shape) => {
    const [rows, cols] = shape
    const groups = Math.ceil(cols / group)
    const groupOf = (col: number): number =>
      options.actOrder ? (col * 7) % groups : Math.floor(col / group)
    const q = affine(values, shape, { bits, groupOf, groups })
    const words = (cols * bits) / 32
    const packed = new Uint32Array(words * rows)
    for (let row = 0; row < rows; row++) {
      stream([...q.codes.subarray(row * cols, (row + 1) * cols)], bits).forEach((word, w) => {
        packed[w * rows + row] = word
      })
    }
    const top = 2 ** bits - 1
    const zeros = Array.from({ length: groups }, (_, g) =>
      stream(
        Array.from(
          { length: rows },
          (_, row) => (q.zeros[row * groups + g]! - (options.version2 ? 0 : 1)) & top,
        ),
        bits,
      ),
    ).flat()
    return {
      expected: q.expected,
      tensors: [
        i32(`${base}.qweight`, [words, rows], packed),
        i32(`${base}.qzeros`, [groups, (rows * bits) / 32], Uint32Array.from(zeros)),
        f16(`${base}.scales`, [groups, rows], transposed(q.scales, rows, groups)),
        i32(
          `${base}.g_idx`,
          [cols],
          Uint32Array.from({ length: cols }, (_, col) => groupOf(col)),
        ),
      ],
    }
  }

const AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]

/** Lines of eight outputs to a word, in AWQ's order. */
function awqWords(codes: Uint8Array, lines: number, width: number): Uint32Array {
  const words = new Uint32Array((lines * width) / 8)
  for (let w = 0; w < words.length; w++) {
    let word = 0n
    AWQ_ORDER.forEach((output, nibble) => {
      word |= BigInt(codes[w * 8 + output]!) << BigInt(4 * nibble)
    })
    words[w] = Number(word)
  }
  return words
}

export const awq =
  (group: number): Quantiser =>
  (base, values, shape) => {
    const [rows, cols] = shape
    const groups = cols / group
    const groupOf = (col: number): number => Math.floor(col / group)
    const q = affine(values, shape, { bits: 4, groupOf, groups })
    const codes = transposed(q.codes, rows, cols)
    const zeros = transposed(q.zeros, rows, groups)
    return {
      expected: q.expected,
      tensors: [
        i32(`${base}.qweight`, [cols, rows / 8], awqWords(codes, cols, rows)),
        i32(`${base}.qzeros`, [groups, rows / 8], awqWords(zeros, groups, rows)),
        f16(`${base}.scales`, [groups, rows], transposed(q.scales, rows, groups)),
      ],
    }
  }

/** compressed-tensors, pack-quantized. */
export const packed =
  (
    bits: 4 | 8,
    group: number,
    options: { asymmetric?: boolean; actOrder?: boolean } = {},
  ): Quantiser =>
  (base, values, shape) => {
    const [rows, cols] = shape
    const groups = Math.ceil(cols / group)
    const groupOf = (col: number): number =>
      options.actOrder ? (col * 7) % groups : Math.floor(col / group)
    const q = affine(values, shape, { bits, groupOf, groups })
    const middle = 2 ** (bits - 1)
    const expected = options.asymmetric
      ? q.expected
      : q.expected.map((_, k) => {
          const row = Math.floor(k / cols)
          return q.scales[row * groups + groupOf(k % cols)]! * (q.codes[k]! - middle)
        })
    const words = Array.from({ length: rows }, (_, row) =>
      stream([...q.codes.subarray(row * cols, (row + 1) * cols)], bits),
    )
    const zeroWords = Math.ceil((rows * bits) / 32)
    const zeros = new Uint32Array(zeroWords * groups)
    for (let g = 0; g < groups; g++) {
      const column = Array.from({ length: rows }, (_, row) => q.zeros[row * groups + g]!)
      stream(column, bits).forEach((word, w) => {
        zeros[w * groups + g] = word
      })
    }
    const sizes = bytesOf(BigInt64Array.of(BigInt(rows), BigInt(cols)))
    return {
      expected,
      tensors: [
        i32(`${base}.weight_packed`, [rows, words[0]!.length], Uint32Array.from(words.flat())),
        f16(`${base}.weight_scale`, [rows, groups], q.scales),
        { name: `${base}.weight_shape`, dtype: 'I64', shape: [2], bytes: sizes },
        ...(options.actOrder
          ? [
              i32(
                `${base}.weight_g_idx`,
                [cols],
                Uint32Array.from({ length: cols }, (_, col) => groupOf(col)),
              ),
            ]
          : []),
        ...(options.asymmetric
          ? [i32(`${base}.weight_zero_point`, [zeroWords, groups], zeros)]
          : []),
      ],
    }
  }

function nearest(levels: ArrayLike<number>, value: number): number {
  let best = 0
  for (let i = 1; i < levels.length; i++) {
    if (Math.abs(levels[i]! - value) < Math.abs(levels[best]! - value)) best = i
  }
  return best
}

const E4M3 = Float32Array.from({ length: 256 }, (_, code) => {
  const value = float8E4M3Value(code)
  return Number.isNaN(value) ? 1e9 : value
})

/** DeepSeek: one scale for each block of rows and columns. */
export const float8Blocks =
  (block: number): Quantiser =>
  (base, values, [rows, cols]) => {
    const across = Math.ceil(cols / block)
    const place = (k: number): number =>
      Math.floor(Math.floor(k / cols) / block) * across + Math.floor((k % cols) / block)
    const scales = new Float32Array(Math.ceil(rows / block) * across).fill(1e-6)
    values.forEach((v, k) => {
      scales[place(k)] = Math.max(scales[place(k)]!, Math.abs(v) / 448)
    })
    const codes = Uint8Array.from(values, (v, k) => nearest(E4M3, v / scales[place(k)]!))
    return {
      expected: values.map((_, k) => scales[place(k)]! * E4M3[codes[k]!]!),
      tensors: [
        { name: `${base}.weight`, dtype: 'F8_E4M3', shape: [rows, cols], bytes: codes },
        f32(`${base}.weight_scale_inv`, [Math.ceil(rows / block), across], scales),
      ],
    }
  }

/** One scale for every row, or for the whole tensor. */
export const float8Rows =
  (perRow: boolean): Quantiser =>
  (base, values, [rows, cols]) => {
    const place = (k: number): number => (perRow ? Math.floor(k / cols) : 0)
    const scales = new Float32Array(perRow ? rows : 1)
    values.forEach((v, k) => {
      scales[place(k)] = Math.max(scales[place(k)]!, Math.abs(v) / 448)
    })
    const codes = Uint8Array.from(values, (v, k) => nearest(E4M3, v / scales[place(k)]!))
    return {
      expected: values.map((_, k) => scales[place(k)]! * E4M3[codes[k]!]!),
      tensors: [
        { name: `${base}.weight`, dtype: 'F8_E4M3', shape: [rows, cols], bytes: codes },
        f32(`${base}.weight_scale`, perRow ? [rows, 1] : [], scales),
      ],
    }
  }

/** bitsandbytes LLM.int8. */
export const rowInt8: Quantiser = (base, values, [rows, cols]) => {
  const columns = new Float32Array(rows)
  values.forEach((v, k) => {
    const row = Math.floor(k / cols)
    columns[row] = Math.max(columns[row]!, Math.abs(v))
  })
  const codes = Int8Array.from(values, (v, k) =>
    Math.round((v * 127) / columns[Math.floor(k / cols)]!),
  )
  return {
    expected: values.map((_, k) => columns[Math.floor(k / cols)]! * codes[k]! * (1 / 127)),
    tensors: [
      { name: `${base}.weight`, dtype: 'I8', shape: [rows, cols], bytes: bytesOf(codes) },
      f32(`${base}.SCB`, [rows], columns),
      u8(`${base}.weight_format`, [], Uint8Array.of(0)),
    ],
  }
}

/** Signed bytes with a scale for every row, and zero points of their own. */
export const int8Rows: Quantiser = (base, values, shape) => {
  const [rows, cols] = shape
  const q = affine(values, shape, { bits: 8, groupOf: () => 0, groups: 1 })
  const codes = Int8Array.from(q.codes, (code) => code - 128)
  const zeros = Int8Array.from(q.zeros, (zero) => zero - 128)
  return {
    expected: q.expected,
    tensors: [
      { name: `${base}.weight`, dtype: 'I8', shape: [rows, cols], bytes: bytesOf(codes) },
      f16(`${base}.weight_scale`, [rows, 1], q.scales),
      { name: `${base}.weight_zero_point`, dtype: 'I8', shape: [rows, 1], bytes: bytesOf(zeros) },
    ],
  }
}

/** E4M3 with a power of two for 32 columns. */
export const mxfp8: Quantiser = (base, values, [rows, cols]) => {
  const groups = cols / 32
  const scaleCodes = new Uint8Array(rows * groups)
  values.forEach((v, k) => {
    const exponent = v === 0 ? 0 : Math.floor(Math.log2(Math.abs(v))) - 7 + 127
    scaleCodes[Math.floor(k / 32)] = Math.max(scaleCodes[Math.floor(k / 32)]!, exponent)
  })
  const scaleOf = (k: number): number => 2 ** (scaleCodes[Math.floor(k / 32)]! - 127)
  const codes = Uint8Array.from(values, (v, k) => nearest(E4M3, v / scaleOf(k)))
  return {
    expected: values.map((_, k) => scaleOf(k) * E4M3[codes[k]!]!),
    tensors: [
      { name: `${base}.weight`, dtype: 'F8_E4M3', shape: [rows, cols], bytes: codes },
      u8(`${base}.weight_scale`, [rows, groups], scaleCodes),
    ],
  }
}

/** Sixteen levels in [−1, 1], denser in the middle, as the quantiles of a normal are. */
const LEVELS = Float32Array.from(
  { length: 16 },
  (_, i) => ((i - 7.5) / 7.5) ** 3 * 0.5 + ((i - 7.5) / 7.5) * 0.5,
)

/** bitsandbytes in 4 bits; `nested` quantises the scales as well. */
export const fourBit =
  (nested: boolean): Quantiser =>
  (base, values, [rows, cols]) => {
    const block = 64
    const blocks = Math.ceil(values.length / block)
    const most = new Float32Array(blocks)
    values.forEach((v, k) => {
      const b = Math.floor(k / block)
      most[b] = Math.max(most[b]!, Math.abs(v))
    })
    const offset = Math.fround(most.reduce((a, b) => a + b, 0) / blocks)
    const outer = Float32Array.from({ length: Math.ceil(blocks / 256) }, () =>
      Math.max(1e-6, ...most.map((m) => Math.abs(m - offset))),
    )
    const map = Float32Array.from({ length: 256 }, (_, i) => (i - 128) / 128)
    const scaleCodes = Uint8Array.from(most, (m, b) =>
      nearest(map, (m - offset) / outer[Math.floor(b / 256)]!),
    )
    const scales = nested
      ? most.map((_, b) => Math.fround(map[scaleCodes[b]!]! * outer[Math.floor(b / 256)]!) + offset)
      : most
    const codes = Uint8Array.from(values, (v, k) =>
      nearest(LEVELS, v / scales[Math.floor(k / block)]!),
    )
    const bytes = Uint8Array.from(
      { length: values.length / 2 },
      (_, i) => (codes[2 * i]! << 4) | codes[2 * i + 1]!,
    )
    const state = { quant_type: 'nf4', blocksize: block, dtype: 'bfloat16', shape: [rows, cols] }
    const more = { nested_blocksize: 256, nested_dtype: 'float32', nested_offset: offset }
    const text = new TextEncoder().encode(JSON.stringify(nested ? { ...state, ...more } : state))
    const name = `${base}.weight`
    return {
      expected: values.map((_, k) => LEVELS[codes[k]!]! * scales[Math.floor(k / block)]!),
      tensors: [
        u8(name, [bytes.length, 1], bytes),
        nested ? u8(`${name}.absmax`, [blocks], scaleCodes) : f32(`${name}.absmax`, [blocks], most),
        f32(`${name}.quant_map`, [16], LEVELS),
        u8(`${name}.quant_state.bitsandbytes__nf4`, [text.length], text),
        ...(nested
          ? [
              f32(`${name}.nested_absmax`, [outer.length], outer),
              f32(`${name}.nested_quant_map`, [256], map),
            ]
          : []),
      ],
    }
  }

/** Pairs of E2M1 in bytes, the first in the low nibble, with scales 2^(code − 127) or E4M3. */
export const float4 =
  (layout: 'gpt_oss' | 'modelopt' | 'compressed'): Quantiser =>
  (base, values, [rows, cols]) => {
    const isNvidia = layout !== 'gpt_oss'
    const group = isNvidia ? 16 : 32
    const groups = cols / group
    const outer = Math.fround(0.001)
    const most = new Float32Array(rows * groups)
    values.forEach((v, k) => {
      const g = Math.floor(k / group)
      most[g] = Math.max(most[g]!, Math.abs(v))
    })
    const scaleCodes = Uint8Array.from(most, (m) =>
      isNvidia ? nearest(E4M3, m / 6 / outer) : Math.floor(Math.log2(Math.max(m, 1e-30))) - 2 + 127,
    )
    const scaleOf = (g: number): number =>
      isNvidia ? E4M3[scaleCodes[g]!]! : 2 ** (scaleCodes[g]! - 127)
    // Stored as its reciprocal where the reader divides.
    const stored = layout === 'compressed' ? Math.fround(1 / outer) : outer
    const factor = isNvidia ? (layout === 'compressed' ? 1 / stored : stored) : 1
    const codes = Uint8Array.from(values, (v, k) => {
      const scale = scaleOf(Math.floor(k / group)) * factor
      return nearest(FP4_DOUBLED, scale === 0 ? 0 : (2 * v) / scale)
    })
    const bytes = Uint8Array.from(
      { length: values.length / 2 },
      (_, i) => codes[2 * i]! | (codes[2 * i + 1]! << 4),
    )
    const scaleTensor = (name: string): NamedTensor =>
      isNvidia
        ? { name, dtype: 'F8_E4M3', shape: [rows, groups], bytes: scaleCodes }
        : u8(name, [rows, groups], scaleCodes)
    const weight = `${base}.weight`
    const tensors =
      layout === 'gpt_oss'
        ? [u8(`${weight}_blocks`, [rows, groups, 16], bytes), scaleTensor(`${weight}_scales`)]
        : layout === 'modelopt'
          ? [
              u8(weight, [rows, cols / 2], bytes),
              scaleTensor(`${weight}_scale`),
              f32(`${weight}_scale_2`, [], Float32Array.of(stored)),
            ]
          : [
              u8(`${weight}_packed`, [rows, cols / 2], bytes),
              scaleTensor(`${weight}_scale`),
              f32(`${weight}_global_scale`, [1], Float32Array.of(stored)),
            ]
    return {
      expected: values.map((_, k) => {
        return (FP4_DOUBLED[codes[k]!]! / 2) * scaleOf(Math.floor(k / group)) * factor
      }),
      tensors,
    }
  }
