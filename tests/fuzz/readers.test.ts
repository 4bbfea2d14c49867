import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { printedTransform } from '../../packages/core/src/audit/technical/aligned/transform.ts'
import { readTransform } from '../../packages/core/src/audit/technical/replay/read-transform.ts'
import { transformBytes } from '../../packages/core/src/audit/technical/replay/stored-transform.ts'
import { BLOCK_FORMATS } from '../../packages/core/src/base/block-format.ts'
import type { Digest } from '../../packages/core/src/base/digest.ts'
import { parseStrictJson } from '../../packages/core/src/base/strict-json.ts'
import { memoryReader } from '../../packages/core/src/model/byte-reader.ts'
import { readGguf } from '../../packages/core/src/model/gguf/read-gguf.ts'
import { ggufBytes } from '../../packages/core/src/model/gguf/testing/gguf-bytes.ts'
import { readOnnx } from '../../packages/core/src/model/onnx/read-onnx.ts'
import {
  f32,
  initializer,
  int,
  len,
  raw,
  text,
} from '../../packages/core/src/model/onnx/testing/onnx-bytes.ts'
import { readSafetensors } from '../../packages/core/src/model/safetensors/read-safetensors.ts'
import { parseShardIndex } from '../../packages/core/src/model/safetensors/shard-index.ts'
import { safetensorsBytes } from '../../packages/core/src/model/safetensors/write-safetensors.ts'
import { elementCount } from '../../packages/core/src/model/tensor.ts'
import { PickleStream } from '../../packages/core/src/model/torch/pickle-stream.ts'
import { readTorch } from '../../packages/core/src/model/torch/read-torch.ts'
import { torchBytes } from '../../packages/core/src/model/torch/testing/torch-bytes.ts'
import { dequantiseBlocks } from '../../packages/core/src/numeric/dequantise/blocks.ts'
import { fuzz } from './fuzz.ts'

// Every reader of weights against mutated files. FUZZ_INPUTS sets the inputs per reader (default 250,000).

const INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 250_000)

const utf8 = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const values = (count: number) => new Uint8Array(new Float32Array(count).fill(0.25).buffer)

const SAFETENSORS = [
  safetensorsBytes([
    { name: 'a.weight', dtype: 'F32', shape: [2, 3], bytes: values(6) },
    { name: 'b.bias', dtype: 'BF16', shape: [4], bytes: new Uint8Array(8) },
  ]),
  safetensorsBytes([{ name: 'x', dtype: 'F8_E4M3', shape: [3, 1], bytes: new Uint8Array(3) }], {
    format: 'pt',
  }),
]
const INDEX = [
  utf8({
    metadata: { total_size: 40 },
    weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
  }),
]
const JSON_TEXTS = [
  utf8({ a: [1, -2.5, 1e3, true, null], é: '\u0041\n', nested: { deep: [[[{}]]] } }),
  utf8({ hidden_size: 8, architectures: ['X'], rope_scaling: { type: 'yarn', factor: 4 } }),
]
const node = (...parts: Parameters<typeof len>[1][]) => len(1, ...parts)
const graph = len(
  7,
  initializer(...raw('w', [1, 2])),
  initializer(int(1, 2), int(2, 1), text(8, 'v'), len(4, f32(1, 2))),
  node(text(1, 'x'), text(1, 'w'), text(2, 'y'), text(3, 'n0'), text(4, 'MatMul')),
  text(2, 'g'),
)
const ONNX = [new Uint8Array([...int(1, 8), ...graph])]

const SAVED = { storageType: 'FloatStorage', sizeBytes: 4 } as const
const ARCHIVES = [true, false].map((isLarge) =>
  torchBytes(
    [
      { ...SAVED, name: 'a.weight', shape: [2, 3], bytes: values(6) },
      { ...SAVED, name: 'b', shape: [], bytes: values(1) },
    ],
    { isLarge },
  ),
)
const PICKLES: readonly Uint8Array[] = (
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../testdata/vectors/torch-pickles.json'), 'utf8'),
  ) as { readonly cases: readonly { readonly pickle: string }[] }
).cases.map(({ pickle }) => Uint8Array.from(Buffer.from(pickle, 'hex')))

function ggufSeed(): Uint8Array {
  const bytes: number[] = []
  const u32 = (x: number) => bytes.push(x & 255, (x >> 8) & 255, (x >> 16) & 255, (x >> 24) & 255)
  const u64 = (x: number) => {
    u32(x)
    u32(0)
  }
  const str = (s: string) => {
    u64(s.length)
    for (const c of s) bytes.push(c.charCodeAt(0))
  }
  for (const c of 'GGUF') bytes.push(c.charCodeAt(0))
  u32(3)
  u64(1)
  u64(2)
  str('general.architecture')
  u32(8)
  str('llama')
  str('general.alignment')
  u32(4)
  u32(32)
  str('blk.0.ffn_up.weight')
  u32(2)
  u64(4)
  u64(2)
  u32(0)
  u64(0)
  while (bytes.length % 32 !== 0) bytes.push(0)
  for (let i = 0; i < 32; i++) bytes.push(i)
  return new Uint8Array(bytes)
}

/** One block of each of these types of ggml, with every bit set. */
const GGUF_BLOCKS = ggufBytes({
  tensors: (
    [
      [16, 'IQ2_XXS'],
      [21, 'IQ3_S'],
      [29, 'IQ1_M'],
      [40, 'NVFP4'],
      [41, 'Q1_0'],
    ] as const
  ).map(([type, format]) => {
    const { elements, sizeBytes } = BLOCK_FORMATS[format]
    return { name: format, shape: [elements], type, bytes: new Uint8Array(sizeBytes).fill(255) }
  }),
})

/** Reads the header and then every tensor of blocks to its numbers. */
async function readGgufBlocks(bytes: Uint8Array): Promise<void> {
  const { tensors } = await readGguf(memoryReader('m.gguf', bytes))
  for (const { encoding, shape, storage } of tensors) {
    if (encoding?.kind !== 'blocks' || storage.kind !== 'file') continue
    const stored = bytes.subarray(storage.beginByte, storage.endByte)
    dequantiseBlocks(encoding.format, stored, new Float32Array(elementCount(shape)))
  }
}

/** One of each kind; the header of a mutated file is mostly refused, a number in it by the digest. */
const TRANSFORMS = (
  [
    { kind: 'identity' },
    { kind: 'signed_permutation', source: Int32Array.of(1, -1), sign: Int8Array.of(-1, 0) },
    { kind: 'rotation', rotation: square(0, 1, -1, 0), inverse: square(0, -1, 1, 0) },
  ] as const
).map((map) => {
  const match = Int32Array.of(1, -1, 0)
  const experts = { expert: null, referenceExpert: 2 }
  const scales = Float64Array.of(0.5, 0, -2)
  const layers = [{ candidate: 0, reference: 1, ...experts, match, scales }]
  const parts = { map, width: { candidate: 2, reference: 2 }, layers }
  const heldOut = { correlation: 0.75, error: 0.5 }
  const names = { component: 'language_model', candidate: 'a', reference: 'b' }
  const digest = printedTransform(parts, heldOut).digest as Digest
  return transformBytes({ ...names, parts, heldOut, digest })!
})

function square(...values: number[]) {
  return { rows: 2, columns: 2, data: Float32Array.from(values) }
}

const READERS: Record<
  string,
  { readonly seeds: readonly Uint8Array[]; readonly read: (bytes: Uint8Array) => unknown }
> = {
  safetensors: {
    seeds: SAFETENSORS,
    read: (bytes) => readSafetensors(memoryReader('m.safetensors', bytes)),
  },
  'shard index': { seeds: INDEX, read: (bytes) => parseShardIndex(bytes, 'index.json') },
  json: { seeds: JSON_TEXTS, read: (bytes) => parseStrictJson(bytes, { source: 'config.json' }) },
  onnx: {
    seeds: ONNX,
    read: (bytes) => readOnnx(memoryReader('m.onnx', bytes), async () => undefined),
  },
  'torch archive': {
    seeds: ARCHIVES,
    read: (bytes) => readTorch(memoryReader('m.bin', bytes)),
  },
  'pickle in an archive': {
    seeds: PICKLES,
    read: (bytes) => new PickleStream('m.bin', bytes).read(),
  },
  gguf: { seeds: [ggufSeed(), GGUF_BLOCKS], read: readGgufBlocks },
  'recovered transform': {
    seeds: TRANSFORMS,
    read: (bytes) => readTransform(memoryReader('t.safetensors', bytes)),
  },
}

describe('fuzzed readers', () => {
  it.each(Object.entries(READERS))(
    '%s',
    (name, { seeds, read }) => fuzz(name, { seeds, read, inputs: INPUTS }),
    600_000,
  )
})
