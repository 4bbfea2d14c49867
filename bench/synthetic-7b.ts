import { createWriteStream } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRng } from '../packages/core/src/base/rng.ts'

// Two checkpoints of the shape of a 7B Llama in bfloat16, filled with seeded random numbers
// (simulated weights: the shape and the bytes are what is measured, not the model).

const HIDDEN = 4096
const INNER = 11_008
const VOCABULARY = 32_000
const WHOLE = { layers: 32, shardBytes: 5e9 }
/** Random values are drawn once and laid out from a different place for every tensor. */
const POOL_VALUES = 33_554_393

type Shape = readonly [string, readonly number[]]

/** Fewer layers make a smaller checkpoint of the same widths. No shard is larger than `shardBytes`. */
type Size = { readonly layers: number; readonly shardBytes: number }

function shapes(layers: number): Shape[] {
  const list: Shape[] = [['model.embed_tokens.weight', [VOCABULARY, HIDDEN]]]
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) {
      list.push([`${at}.self_attn.${name}.weight`, [HIDDEN, HIDDEN]])
    }
    list.push([`${at}.mlp.gate_proj.weight`, [INNER, HIDDEN]])
    list.push([`${at}.mlp.up_proj.weight`, [INNER, HIDDEN]])
    list.push([`${at}.mlp.down_proj.weight`, [HIDDEN, INNER]])
    list.push([`${at}.input_layernorm.weight`, [HIDDEN]])
    list.push([`${at}.post_attention_layernorm.weight`, [HIDDEN]])
  }
  list.push(['model.norm.weight', [HIDDEN]], ['lm_head.weight', [VOCABULARY, HIDDEN]])
  return list
}

const padded = (n: number) => `${n}`.padStart(5, '0')

const bytesOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 2)

/** bfloat16 codes of N(0, 0.02²), by truncation of float32. */
function randomPool(seed: number): Buffer {
  const rng = createRng(seed)
  const floats = new Float32Array(POOL_VALUES)
  for (let i = 0; i < POOL_VALUES; i++) floats[i] = rng.nextNormal() * 0.02
  const words = new Uint16Array(floats.buffer)
  const codes = new Uint16Array(POOL_VALUES)
  for (let i = 0; i < POOL_VALUES; i++) codes[i] = words[2 * i + 1]!
  return Buffer.from(codes.buffer)
}

/** Tensors in order, a new shard where the next one would not fit: as the usual writers do. */
function cut(all: readonly Shape[], shardBytes: number): Shape[][] {
  const shards: Shape[][] = []
  let room = 0
  for (const entry of all) {
    const size = bytesOf(entry[1])
    if (size > room) {
      shards.push([])
      room = shardBytes
    }
    shards.at(-1)?.push(entry)
    room -= size
  }
  return shards
}

/** Makes the folder unless it is complete already; returns the bytes of all shards. */
export async function makeSynthetic7B(
  folder: string,
  seed: number,
  { layers, shardBytes }: Size = WHOLE,
): Promise<number> {
  const all = shapes(layers)
  const total = all.reduce((sum, [, shape]) => sum + bytesOf(shape), 0)
  const done = join(folder, 'complete')
  if (await stat(done).catch(() => null)) return total
  await mkdir(folder, { recursive: true })
  const pool = randomPool(seed)
  const weightMap: Record<string, string> = {}
  const shards = cut(all, shardBytes)
  let first = 0
  for (const [at, part] of shards.entries()) {
    const file = `model-${padded(at + 1)}-of-${padded(shards.length)}.safetensors`
    for (const [name] of part) weightMap[name] = file
    await writeShard(join(folder, file), part, { pool, first })
    first += part.length
  }
  await writeFile(
    join(folder, 'model.safetensors.index.json'),
    JSON.stringify({ metadata: { total_size: total }, weight_map: weightMap }),
  )
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: HIDDEN,
      intermediate_size: INNER,
      num_hidden_layers: layers,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      rms_norm_eps: 1e-5,
      rope_theta: 10000,
      vocab_size: VOCABULARY,
      torch_dtype: 'bfloat16',
    }),
  )
  await writeFile(done, '')
  return total
}

async function writeShard(
  path: string,
  part: readonly Shape[],
  source: { readonly pool: Buffer; readonly first: number },
): Promise<void> {
  const header: Record<string, unknown> = {}
  let offset = 0
  for (const [name, shape] of part) {
    const end = offset + bytesOf(shape)
    header[name] = { dtype: 'BF16', shape, data_offsets: [offset, end] }
    offset = end
  }
  const text = JSON.stringify(header)
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const out = createWriteStream(path)
  const write = (chunk: Buffer) =>
    new Promise<void>((resolve, reject) => {
      if (out.write(chunk, (error) => error && reject(error))) resolve()
      else out.once('drain', resolve)
    })
  await write(length)
  await write(json)
  for (const [index, [, shape]] of part.entries()) {
    let left = bytesOf(shape)
    let at = (((source.first + index) * 7_368_787) % POOL_VALUES) * 2
    while (left > 0) {
      const size = Math.min(left, source.pool.length - at)
      await write(source.pool.subarray(at, at + size))
      left -= size
      at = 0
    }
  }
  await new Promise<void>((resolve) => out.end(resolve))
}
