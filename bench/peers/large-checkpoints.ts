import { type FileHandle, mkdir, open, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRng, type Rng } from '../../packages/core/src/base/rng.ts'
import { roundToBf16Bits } from '../../packages/core/src/numeric/bf16.ts'
import { inventedTokenizer } from './invented-tokenizer.ts'

// Checkpoints in the shape of Llama-3.2-1B (2.5 GB in bfloat16), simulated: no value was trained.
// Every value of every tensor is drawn anew, so that two seeds are independent in every row, and a
// descendant is its parent plus normal noise.

const HIDDEN = 2048
const INNER = 8192
const LAYERS = 16
const HEADS = 32
const KEY_VALUE_HEADS = 8
const HEAD_SIZE = 64
const VOCABULARY = 128_256
/** Deviation of a fine-tune's change, in deviations of the tensor. */
const CHANGE = 0.05
const CHUNK_VALUES = 2 ** 20

const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: HIDDEN,
  intermediate_size: INNER,
  num_hidden_layers: LAYERS,
  num_attention_heads: HEADS,
  num_key_value_heads: KEY_VALUE_HEADS,
  head_dim: HEAD_SIZE,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 500_000,
  attention_bias: false,
  mlp_bias: false,
  max_position_embeddings: 131_072,
  tie_word_embeddings: true,
  vocab_size: VOCABULARY,
  torch_dtype: 'bfloat16',
}

type Shape = readonly [name: string, shape: readonly number[]]

function shapes(): Shape[] {
  const list: Shape[] = [['model.embed_tokens.weight', [VOCABULARY, HIDDEN]]]
  for (let layer = 0; layer < LAYERS; layer++) {
    const at = `model.layers.${layer}`
    const rows = KEY_VALUE_HEADS * HEAD_SIZE
    list.push(
      [`${at}.self_attn.q_proj.weight`, [HIDDEN, HIDDEN]],
      [`${at}.self_attn.k_proj.weight`, [rows, HIDDEN]],
      [`${at}.self_attn.v_proj.weight`, [rows, HIDDEN]],
      [`${at}.self_attn.o_proj.weight`, [HIDDEN, HIDDEN]],
      [`${at}.mlp.gate_proj.weight`, [INNER, HIDDEN]],
      [`${at}.mlp.up_proj.weight`, [INNER, HIDDEN]],
      [`${at}.mlp.down_proj.weight`, [HIDDEN, INNER]],
      [`${at}.input_layernorm.weight`, [HIDDEN]],
      [`${at}.post_attention_layernorm.weight`, [HIDDEN]],
    )
  }
  list.push(['model.norm.weight', [HIDDEN]])
  return list
}

/** 65,536 values, half of them normal draws and half their negatives: exactly symmetric. */
function normalTable(): Float32Array {
  const rng = createRng('peers/normal-table')
  const table = new Float32Array(2 ** 16)
  for (let i = 0; i < 2 ** 15; i++) {
    table[i] = rng.nextNormal()
    table[i + 2 ** 15] = -table[i]!
  }
  return table
}

type Recipe = { readonly seed: string; readonly changedBy?: string }

/** Makes the folder unless it is complete already; returns the bytes of its weights. */
export async function makeLargeCheckpoint(folder: string, recipe: Recipe): Promise<number> {
  const path = join(folder, 'model.safetensors')
  const done = join(folder, 'complete')
  if (await stat(done).catch(() => null)) return (await stat(path)).size
  await mkdir(folder, { recursive: true })
  const file = await open(path, 'w')
  try {
    await file.write(headerOf(shapes()))
    const table = normalTable()
    for (const [name, shape] of shapes()) await writeTensor({ file, table, name, shape, recipe })
  } finally {
    await file.close()
  }
  await writeFile(join(folder, 'config.json'), JSON.stringify(CONFIG))
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(inventedTokenizer(VOCABULARY)))
  await writeFile(done, '')
  return (await stat(path)).size
}

function headerOf(list: readonly Shape[]): Buffer {
  const header: Record<string, unknown> = {}
  let offset = 0
  for (const [name, shape] of list) {
    const end = offset + shape.reduce((product, n) => product * n, 2)
    header[name] = { dtype: 'BF16', shape, data_offsets: [offset, end] }
    offset = end
  }
  const text = JSON.stringify(header)
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json])
}

async function writeTensor(to: {
  readonly file: FileHandle
  readonly table: Float32Array
  readonly name: string
  readonly shape: readonly number[]
  readonly recipe: Recipe
}): Promise<void> {
  const { file, table, name, shape, recipe } = to
  const isNorm = shape.length === 1
  const [centre, spread] = isNorm ? [1, 0.1] : [0, 0.02]
  const base = createRng(`${recipe.seed}/${name}`)
  const change = recipe.changedBy ? createRng(`${recipe.changedBy}/${name}`) : undefined
  const floats = new Float32Array(CHUNK_VALUES)
  const codes = new Uint16Array(CHUNK_VALUES)
  let left = shape.reduce((product, n) => product * n, 1)
  while (left > 0) {
    const count = Math.min(left, CHUNK_VALUES)
    floats.fill(centre)
    addNormal(floats, { table, rng: base, spread })
    roundToBf16Bits(floats, codes)
    if (change) {
      readBack(codes, floats)
      addNormal(floats, { table, rng: change, spread: spread * CHANGE })
      roundToBf16Bits(floats, codes)
    }
    await file.write(Buffer.from(codes.buffer, 0, 2 * count))
    left -= count
  }
}

/** Adds a draw to every value, two per random word. */
function addNormal(
  floats: Float32Array,
  from: { readonly table: Float32Array; readonly rng: Rng; readonly spread: number },
): void {
  const { table, rng, spread } = from
  for (let i = 0; i < floats.length; i += 2) {
    const word = rng.nextUint32()
    floats[i]! += spread * table[word & 0xffff]!
    floats[i + 1]! += spread * table[word >>> 16]!
  }
}

/** What bfloat16 codes mean. */
function readBack(codes: Uint16Array, floats: Float32Array): void {
  const words = new Uint32Array(floats.buffer)
  for (let i = 0; i < words.length; i++) words[i] = codes[i]! << 16
}
