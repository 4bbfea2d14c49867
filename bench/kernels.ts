/**
 * Kernels of packages/core/src/numeric against their reference twins and against the plain loop one
 * would write first: `npx -c 'node bench/kernels.ts'`. Each round times every variant once, in turn;
 * the ratio is taken within a round and the median over rounds is printed, so that a busy machine
 * slows all variants alike. Inputs are simulated normals.
 */
import { cpus } from 'node:os'
import { openMatrixEngine } from '../packages/core/node/index.ts'
import { BLOCK_FORMATS, type BlockFormat } from '../packages/core/src/base/block-format.ts'
import { createRng } from '../packages/core/src/base/rng.ts'
import { decodeInto } from '../packages/core/src/numeric/decode.ts'
import { dequantiseBlocks } from '../packages/core/src/numeric/dequantise/blocks.ts'
import { exactSum } from '../packages/core/src/numeric/exact-sum.ts'
import { dot, rowCosines } from '../packages/core/src/numeric/kernels.ts'
import { plainEngine } from '../packages/core/src/numeric/matrix-engine.ts'
import { pairSums } from '../packages/core/src/numeric/pair-sums.ts'
import { decodeReference } from '../packages/core/src/numeric/reference/decode.ts'
import { blockSumsReference, dotReference } from '../packages/core/src/numeric/reference/kernels.ts'
import { multiplyReference } from '../packages/core/src/numeric/reference/matrix-engine.ts'
import { rowMatrix } from '../packages/core/src/numeric/row-matrix.ts'
import { plainMeasurer } from '../packages/core/src/numeric/row-measurer.ts'
import type { StoredRows } from '../packages/core/src/numeric/row-pairs.ts'

type Contest = {
  readonly name: string
  /** Amount of work in units of 1e9 (bytes read, or multiplications). */
  readonly work: number
  readonly unit: 'GB/s' | 'G/s'
  readonly variants: Readonly<Record<string, () => unknown>>
}

const ROUNDS = 9
const rng = createRng('bench')
const normals = (length: number) => Float32Array.from({ length }, () => rng.nextNormal())
const median = (values: readonly number[]) =>
  values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN

/** Keeps results alive, so that no variant is optimised away. */
let sink: unknown

function timeMs(run: () => unknown): number {
  const started = performance.now()
  sink = run()
  return performance.now() - started
}

function compete({ name, work, unit, variants }: Contest): void {
  const names = Object.keys(variants)
  for (const variant of Object.values(variants)) timeMs(variant)
  const rounds = Array.from({ length: ROUNDS }, () => names.map((key) => timeMs(variants[key]!)))
  console.log(`\n${name}`)
  names.forEach((key, i) => {
    const rate = work / (median(rounds.map((round) => round[i]!)) / 1000)
    const ratio = median(rounds.map((round) => round[i]! / round[0]!))
    console.log(
      `  ${key.padEnd(34)} ${rate.toFixed(2).padStart(8)} ${unit}   time ×${ratio.toFixed(2)}`,
    )
  })
}

const BYTES = 1 << 23
const aligned = Uint8Array.from({ length: BYTES + 1 }, () => rng.nextInt(256))
const codes = new Uint16Array(aligned.buffer, 0, BYTES / 2)
const narrow = new Float32Array(BYTES / 2)
const wide = new Float64Array(BYTES / 2)

compete({
  name: 'BF16 decoding, 8 MB',
  work: BYTES / 1e9,
  unit: 'GB/s',
  variants: {
    'decodeInto Float32Array': () => decodeInto(aligned.subarray(0, BYTES), 'BF16', narrow),
    'decodeInto Float32Array, unaligned': () => decodeInto(aligned.subarray(1), 'BF16', narrow),
    'decodeInto Float64Array': () => decodeInto(aligned.subarray(0, BYTES), 'BF16', wide),
    'plain loop, one-word view': () => {
      const word = new Uint32Array(1)
      const value = new Float32Array(word.buffer)
      for (let i = 0; i < codes.length; i++) {
        word[0] = codes[i]! << 16
        narrow[i] = value[0]!
      }
      return narrow
    },
    'reference twin (DataView)': () => decodeReference(aligned.subarray(0, BYTES), 'BF16'),
  },
})

for (const dtype of ['F16', 'F8_E4M3'] as const) {
  compete({
    name: `${dtype} decoding, 4 MB`,
    work: BYTES / 2 / 1e9,
    unit: 'GB/s',
    variants: {
      'decodeInto Float32Array': () => decodeInto(aligned.subarray(0, BYTES / 2), dtype, narrow),
      'reference twin (DataView)': () => decodeReference(aligned.subarray(0, BYTES / 2), dtype),
    },
  })
}

const blocksOf = (format: BlockFormat) => {
  const { elements, sizeBytes } = BLOCK_FORMATS[format]
  return aligned.subarray(0, (DEQUANTISED / elements) * sizeBytes)
}
const DEQUANTISED = 1 << 22
const decodeBlocks = (format: BlockFormat) => () =>
  dequantiseBlocks(format, blocksOf(format), narrow.subarray(0, DEQUANTISED))

compete({
  name: 'dequantising random blocks to 4 Mi elements',
  work: DEQUANTISED / 1e9,
  unit: 'G/s',
  variants: Object.fromEntries(
    (['Q4_K', 'Q6_K', 'IQ2_XXS', 'IQ2_S', 'IQ3_S', 'IQ1_S', 'IQ1_M', 'NVFP4'] as const).map(
      (format) => [format, decodeBlocks(format)],
    ),
  ),
})

const COLUMNS = 4096
const ROWS = 512
const a = rowMatrix(normals(ROWS * COLUMNS), COLUMNS)
const b = rowMatrix(normals(ROWS * COLUMNS), COLUMNS)
const rowsOf = (matrix: typeof a) =>
  Array.from({ length: ROWS }, (_, i) => matrix.data.subarray(i * COLUMNS, (i + 1) * COLUMNS))
const [rowsA, rowsB] = [rowsOf(a), rowsOf(b)]

function plainDot(x: Float32Array, y: Float32Array): number {
  let sum = 0
  for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!
  return sum
}

const overRows = (run: (x: Float32Array, y: Float32Array) => number) => () => {
  let total = 0
  for (let i = 0; i < ROWS; i++) total += run(rowsA[i]!, rowsB[i]!)
  return total
}

compete({
  name: `dot of ${ROWS} row pairs × ${COLUMNS} (float32, 16 MB)`,
  work: (2 * ROWS * COLUMNS * 4) / 1e9,
  unit: 'GB/s',
  variants: {
    dot: overRows(dot),
    'plain loop, one accumulator': overRows(plainDot),
    'reference twin': overRows(dotReference),
    'rowCosines (three dots)': () => rowCosines(a, b),
  },
})

compete({
  name: 'six pair sums over the same',
  work: (2 * ROWS * COLUMNS * 4) / 1e9,
  unit: 'GB/s',
  variants: {
    pairSums: () => pairSums(a.data, b.data),
    'reference twin': () => blockSumsReference(a.data, b.data),
  },
})

const SMALL = 256
const c = rowMatrix(a.data.subarray(0, SMALL * 1024), 1024)
const d = rowMatrix(b.data.subarray(0, SMALL * 1024), 1024)

const single = openMatrixEngine({ workers: 1 })

compete({
  name: `products of ${SMALL} × ${SMALL} rows of 1024, one thread`,
  work: (SMALL * SMALL * 1024) / 1e9,
  unit: 'G/s',
  variants: {
    'WebAssembly SIMD': () => single.multiply(c, d),
    'plain engine (twin)': () => plainEngine.multiply(c, d),
    'plain three loops, float64': () => {
      const out = new Float32Array(SMALL * SMALL)
      for (let i = 0; i < SMALL; i++) {
        for (let j = 0; j < SMALL; j++) {
          let sum = 0
          for (let k = 0; k < 1024; k++) sum += c.data[i * 1024 + k]! * d.data[j * 1024 + k]!
          out[i * SMALL + j] = sum
        }
      }
      return out
    },
    'reference twin': () => multiplyReference(c, d),
  },
})

const stored = [aligned.subarray(0, 1 << 20), aligned.subarray(1 << 20, 1 << 21)].map((bytes) => {
  // Codes of random bits, but for infinities and NaN.
  const finite = new Uint16Array(bytes.slice().buffer).map((code) => code & 0xbfff)
  return { bytes: new Uint8Array(finite.buffer), dtype: 'BF16' as const, columns: 2048 }
}) as [StoredRows, StoredRows]

compete({
  name: 'what sign tests ask of 256 pairs of rows of 2048, bfloat16 as stored (2 MB)',
  work: (2 * stored[0].bytes.length) / 1e9,
  unit: 'GB/s',
  variants: {
    'WebAssembly, with a copy': () => single.rows.pairs(...stored),
    'plain measurer (twin)': () => plainMeasurer.pairs(...stored),
  },
})

const tall = rowMatrix(normals(2048 * 1024), 1024)
const both = openMatrixEngine({ workers: 2 })

compete({
  name: 'products of 2048 × 2048 rows of 1024',
  work: 2048 ** 2 * (1024 / 1e9),
  unit: 'G/s',
  variants: {
    'one thread': () => single.multiply(tall, rowMatrix(tall.data.slice(), 1024)),
    'two threads': () => both.multiply(tall, rowMatrix(tall.data.slice(), 1024)),
    'with itself, one thread': () => single.multiply(tall, tall),
    'nearest rows, one thread': () => single.nearest(tall, tall, { by: 'cosine' }),
  },
})
await both.close()

const short = [rowMatrix(normals(1376 * 33), 33), rowMatrix(normals(1376 * 33), 33)] as const
compete({
  name: 'nearest of 1376 × 1376 rows of 33 by distance, float64',
  work: 1376 ** 2 * (33 / 1e9),
  unit: 'G/s',
  variants: {
    'WebAssembly SIMD': () => single.nearest(...short, { by: 'euclidean' }),
    'plain engine (twin)': () => plainEngine.nearest(...short, { by: 'euclidean' }),
  },
})

const few = [rowMatrix(normals(61 * 2048), 2048), rowMatrix(normals(61 * 2048), 2048)] as const
compete({
  name: 'nearest of 61 × 61 rows of 2048 by cosine',
  work: 61 ** 2 * (2048 / 1e9),
  unit: 'G/s',
  variants: {
    'WebAssembly SIMD': () => single.nearest(...few, { by: 'cosine' }),
    'plain engine (twin)': () => plainEngine.nearest(...few, { by: 'cosine' }),
  },
})

const terms = Float64Array.from(normals(1 << 16))
compete({
  name: `exact sum of ${terms.length} numbers`,
  work: terms.length / 1e9,
  unit: 'G/s',
  variants: {
    exactSum: () => exactSum(terms),
    'plain loop, one accumulator': () => {
      let sum = 0
      for (let i = 0; i < terms.length; i++) sum += terms[i]!
      return sum
    },
  },
})

console.log(`\nNode ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}`)
if (sink === undefined) throw new Error('nothing was computed')
