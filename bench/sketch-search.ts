import { sketchKernel } from '../packages/core/node/registry/sketch-kernel.ts'
import { encodeFingerprint } from '../packages/core/src/audit/registry/fingerprint-file.ts'
import { fingerprintModel } from '../packages/core/src/audit/registry/fingerprint-model.ts'
import { packRuns } from '../packages/core/src/audit/registry/packed-sketches.ts'
import { plainScanner, type RunScanner } from '../packages/core/src/audit/registry/scan-rows.ts'
import type { Sketch } from '../packages/core/src/audit/registry/sketch.ts'
import { createRng } from '../packages/core/src/base/rng.ts'
import type { TensorSource } from '../packages/core/src/model/checkpoint.ts'
import { benchPackedSearch } from './packed-search.ts'

// Search over sign sketches of 7B models (32 layers, up and value, 64 rows each: 32 KiB a model), simulated
// random bits: one core, the kernel beside the plain loop and beside copying the same bytes. Then whole searches
// from files, and the fingerprint of a model of that shape whose bytes are synthesised.
//   npm run bench -- sketch-search [--runs 5]

const MODELS = 8000
const PLAIN_MODELS = 200
const LAYERS = 64
const ROWS = LAYERS * 64
const LIMIT_PER_SECOND = 100_000

export async function benchSketchSearch(runs: number): Promise<void> {
  const bits = randomBytes(MODELS * ROWS * 8, 'bits')
  const sketches = Array.from({ length: MODELS }, (_, model) => sketchOf(bits, model))
  const query = sketchOf(randomBytes(ROWS * 8, 'query'), 0)
  const kernel = modelsPerSecond(sketchKernel(), { query, sketches, runs })
  const few = sketches.slice(0, PLAIN_MODELS)
  const plain = modelsPerSecond(plainScanner, { query, sketches: few, runs })
  const copy = copiesPerSecond(bits, runs)
  const line = (name: string, rate: number) =>
    `${name.padEnd(34)} ${Math.round(rate).toLocaleString('en').padStart(9)} models/s  ${((rate * ROWS * 8) / 1e9).toFixed(1).padStart(5)} GB/s`
  console.log(line('SIMD kernel, one core', kernel))
  console.log(line('plain loop, one core', plain))
  console.log(line('copying the same bytes (limit)', copy))
  console.log(
    `kernel / plain ${(kernel / plain).toFixed(1)}, kernel / copy ${(kernel / copy).toFixed(2)}, limit ${LIMIT_PER_SECOND.toLocaleString('en')}: ${kernel >= LIMIT_PER_SECOND ? 'kept' : 'MISSED'}`,
  )
  await benchPackedSearch(runs)
  await benchFingerprint()
  if (kernel < LIMIT_PER_SECOND) process.exitCode = 1
}

/** The median over runs, after one to warm up. */
function modelsPerSecond(
  scanner: RunScanner,
  job: { readonly query: Sketch; readonly sketches: readonly Sketch[]; readonly runs: number },
): number {
  const owned = job.sketches.map((sketch, position) => ({ owner: { entry: '', position }, sketch }))
  const [run] = packRuns(owned)
  if (!run) throw new Error('nothing to scan')
  const scan = scanner(run)
  scan(job.query)
  const seconds = Array.from({ length: job.runs }, () => {
    const started = performance.now()
    scan(job.query)
    return (performance.now() - started) / 1000
  })
  return job.sketches.length / median(seconds)
}

function copiesPerSecond(bits: Uint8Array, runs: number): number {
  const target = new Uint8Array(bits.length)
  target.set(bits)
  const seconds = Array.from({ length: runs }, () => {
    const started = performance.now()
    target.set(bits)
    return (performance.now() - started) / 1000
  })
  return bits.length / (ROWS * 8) / median(seconds)
}

const median = (values: readonly number[]): number =>
  [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)]!

function randomBytes(count: number, seed: string): Uint8Array {
  const rng = createRng(seed)
  const words = new Uint32Array(Math.ceil(count / 4))
  for (let i = 0; i < words.length; i++) words[i] = rng.nextUint32()
  return new Uint8Array(words.buffer, 0, count)
}

const sketchOf = (bits: Uint8Array, model: number): Sketch => ({
  role: 'up',
  width: 4096,
  layers: LAYERS,
  rowsPerLayer: 64,
  bits: bits.subarray(model * ROWS * 8, (model + 1) * ROWS * 8),
  valid: new Uint8Array(ROWS / 8).fill(255),
  signs: { units: ROWS, positiveFirst: 0, positiveLargest: 0, positiveSum: 0 },
})

async function benchFingerprint(): Promise<void> {
  const source = syntheticSource()
  const started = performance.now()
  const fingerprint = await fingerprintModel(source, {
    source: { id: 'simulated/seven', commit: null, files: [], date: '2026-01-15' },
  })
  const seconds = (performance.now() - started) / 1000
  const bytes = encodeFingerprint(fingerprint).length
  console.log(
    `fingerprint of a 7B shape: ${seconds.toFixed(1)} s, ${(source.bytesRead() / 1e6).toFixed(0)} MB read, file of ${(bytes / 1e3).toFixed(0)} kB`,
  )
}

/** Simulated bfloat16 weights of the shape of Llama 7B, made where they are read. */
function syntheticSource(): TensorSource {
  const pool = new Uint16Array(4_194_319)
  const rng = createRng('pool')
  const one = new Float32Array(1)
  const code = new Uint32Array(one.buffer)
  for (let i = 0; i < pool.length; i++) {
    one[0] = 0.02 * rng.nextNormal()
    pool[i] = code[0]! >>> 16
  }
  const bytes = new Uint8Array(pool.buffer)
  let read = 0
  const tensors = shapesOfSeven()
    .map(([name, shape], at) => {
      const size = shape.reduce((product, n) => product * n, 2)
      const storage = { kind: 'file' as const, file: `${at}`, beginByte: 0, endByte: size }
      return { name, dtype: 'BF16' as const, shape, storage }
    })
    .sort((x, y) => (x.name < y.name ? -1 : 1))
  return {
    checkpoint: {
      id: 'simulated/seven',
      format: 'safetensors',
      tensors,
      files: [],
      config: { model_type: 'llama', num_attention_heads: 32, rms_norm_eps: 1e-5 },
      graph: undefined,
      texts: new Map(),
      notes: [],
    },
    readBytes: async ({ storage }, begin, end) => {
      read += end - begin
      const shift = storage.kind === 'file' ? Number(storage.file) * 7_919_218 : 0
      const out = new Uint8Array(end - begin)
      for (let at = 0; at < out.length; ) {
        const from = (begin + at + shift) % bytes.length
        const piece = bytes.subarray(from, Math.min(bytes.length, from + out.length - at))
        out.set(piece, at)
        at += piece.length
      }
      return out
    },
    bytesRead: () => read,
    close: async () => {},
  }
}

function shapesOfSeven(): [string, number[]][] {
  const list: [string, number[]][] = [
    ['model.embed_tokens.weight', [32_000, 4096]],
    ['lm_head.weight', [32_000, 4096]],
    ['model.norm.weight', [4096]],
  ]
  for (let layer = 0; layer < 32; layer++) {
    const at = `model.layers.${layer}`
    for (const name of ['q', 'k', 'v', 'o'])
      list.push([`${at}.self_attn.${name}_proj.weight`, [4096, 4096]])
    for (const name of ['gate', 'up']) list.push([`${at}.mlp.${name}_proj.weight`, [11_008, 4096]])
    list.push([`${at}.mlp.down_proj.weight`, [4096, 11_008]])
    list.push([`${at}.input_layernorm.weight`, [4096]])
    list.push([`${at}.post_attention_layernorm.weight`, [4096]])
  }
  return list
}
