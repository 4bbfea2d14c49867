import { createHash } from 'node:crypto'
import { type ServedFile, servedBytes } from '../../packages/core/node/remote/testing/hub-server.ts'

// A mixture of experts with a trillion parameters that exists nowhere: its server computes every
// byte from the offset when it is asked for (simulated weights).

const LAYERS = 60
const EXPERTS = 384
const HIDDEN = 7168
const EXPERT_INNER = 2048
const VOCABULARY = 160_000
const BLOCK = 128
const LATENT = { keyValue: 512, query: 1536, nope: 128, rope: 64, value: 128, heads: 64 }

type Entry = {
  readonly name: string
  readonly dtype: 'F8_E4M3' | 'BF16' | 'F32'
  readonly shape: readonly number[]
}

export const TRILLION_CONFIG = {
  architectures: ['DeepseekV3ForCausalLM'],
  model_type: 'deepseek_v3',
  hidden_size: HIDDEN,
  intermediate_size: 18_432,
  moe_intermediate_size: EXPERT_INNER,
  num_hidden_layers: LAYERS,
  num_attention_heads: LATENT.heads,
  num_key_value_heads: LATENT.heads,
  n_routed_experts: EXPERTS,
  n_shared_experts: 1,
  first_k_dense_replace: 0,
  kv_lora_rank: LATENT.keyValue,
  q_lora_rank: LATENT.query,
  qk_nope_head_dim: LATENT.nope,
  qk_rope_head_dim: LATENT.rope,
  v_head_dim: LATENT.value,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  vocab_size: VOCABULARY,
  torch_dtype: 'bfloat16',
  quantization_config: { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [BLOCK, BLOCK] },
}

function layerEntries(layer: number): Entry[] {
  const at = `model.layers.${layer}`
  const { keyValue, query, nope, rope, value, heads } = LATENT
  const bf16 = (name: string, ...shape: number[]): Entry => ({
    name: `${at}.${name}`,
    dtype: 'BF16',
    shape,
  })
  const list = [
    bf16('self_attn.q_a_proj.weight', query, HIDDEN),
    bf16('self_attn.q_a_layernorm.weight', query),
    bf16('self_attn.q_b_proj.weight', heads * (nope + rope), query),
    bf16('self_attn.kv_a_proj_with_mqa.weight', keyValue + rope, HIDDEN),
    bf16('self_attn.kv_a_layernorm.weight', keyValue),
    bf16('self_attn.kv_b_proj.weight', heads * (nope + value), keyValue),
    bf16('self_attn.o_proj.weight', HIDDEN, heads * value),
    bf16('input_layernorm.weight', HIDDEN),
    bf16('post_attention_layernorm.weight', HIDDEN),
    bf16('mlp.gate.weight', EXPERTS, HIDDEN),
  ]
  const expert = (name: string) => {
    for (const [part, rows, cols] of [
      ['gate_proj', EXPERT_INNER, HIDDEN],
      ['up_proj', EXPERT_INNER, HIDDEN],
      ['down_proj', HIDDEN, EXPERT_INNER],
    ] as const) {
      const base = `${at}.mlp.${name}.${part}.weight`
      list.push({ name: base, dtype: 'F8_E4M3', shape: [rows, cols] })
      list.push({ name: `${base}_scale_inv`, dtype: 'F32', shape: [rows / BLOCK, cols / BLOCK] })
    }
  }
  for (let e = 0; e < EXPERTS; e++) expert(`experts.${e}`)
  expert('shared_experts')
  return list
}

const SIZE = { F8_E4M3: 1, BF16: 2, F32: 4 } as const
const bytesOf = ({ dtype, shape }: Entry) =>
  shape.reduce((n, size) => n * size, SIZE[dtype] as number)

/** A number from a place, the same on every call. */
function mix(place: number, seed: number): number {
  let h = Math.imul((place % 4294967296) ^ seed, 0x9e3779b1) ^ Math.floor(place / 4294967296)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/**
 * What the layers keep of an ancestor: 0 nothing, 1 everything. Each number keeps the ancestor's
 * bits with this probability, by its own place; the embeddings are the model's own throughout.
 */
export type Lineage = { readonly seed: number; readonly ancestor?: number; readonly kept?: number }

function wordAt(place: number, lineage: Lineage): number {
  const { seed, ancestor, kept = 0 } = lineage
  const isLayer = place >= 2 ** 36
  const isKept = isLayer && ancestor !== undefined && mix(place, 77) < kept * 4294967296
  return mix(place, isKept ? ancestor : seed)
}

function fill(
  out: Uint8Array,
  entry: Entry,
  job: { first: number; skip: number; lineage: Lineage },
): void {
  const { first, skip, lineage } = job
  for (let i = 0; i < out.length; i++) {
    const at = skip + i
    if (entry.dtype === 'F8_E4M3') {
      const word = wordAt(first + at, lineage)
      out[i] = (word & 0x80) | 0x20 | ((word >>> 8) & 0x1f)
    } else if (entry.dtype === 'BF16') {
      // Two places a number: sign and fraction, exponents near those of trained weights.
      const word = wordAt(first + (at & ~1), lineage)
      const isNorm = entry.shape.length === 1
      out[i] = at % 2 === 0 ? (word >>> 8) & 0xff : isNorm ? 0x3f : ((word & 1) << 7) | 0x3c
    } else {
      // 0.03125, a plausible scale, little-endian.
      out[i] = [0x00, 0x00, 0x00, 0x3d][at % 4]!
    }
  }
}

type Shard = { readonly name: string; readonly entries: readonly Entry[] }

/** Files of the model: index, configuration and one shard per layer, none of them stored. */
export function trillionModel(lineage: Lineage): {
  readonly files: Map<string, ServedFile>
  readonly parameters: number
  readonly tensors: number
} {
  const outside: Entry[] = [
    { name: 'model.embed_tokens.weight', dtype: 'BF16', shape: [VOCABULARY, HIDDEN] },
    { name: 'lm_head.weight', dtype: 'BF16', shape: [VOCABULARY, HIDDEN] },
    { name: 'model.norm.weight', dtype: 'BF16', shape: [HIDDEN] },
  ]
  const parts = [outside, ...Array.from({ length: LAYERS }, (_, layer) => layerEntries(layer))]
  const shards: Shard[] = parts.map((entries, i) => ({
    name: `model-${String(i + 1).padStart(5, '0')}-of-${String(parts.length).padStart(5, '0')}.safetensors`,
    entries,
  }))
  const files = new Map<string, ServedFile>()
  const weightMap: Record<string, string> = {}
  let first = 0
  let parameters = 0
  for (const shard of shards) {
    for (const entry of shard.entries) {
      weightMap[entry.name] = shard.name
      if (entry.dtype !== 'F32') parameters += bytesOf(entry) / SIZE[entry.dtype]
    }
    files.set(shard.name, shardFile(shard, { first, lineage }))
    first += 2 ** 36
  }
  const text = (value: unknown) => servedBytes(new TextEncoder().encode(JSON.stringify(value)))
  files.set('model.safetensors.index.json', text({ metadata: {}, weight_map: weightMap }))
  files.set('config.json', text(TRILLION_CONFIG))
  return { files, parameters, tensors: Object.keys(weightMap).length }
}

function shardFile(shard: Shard, job: { first: number; lineage: Lineage }): ServedFile {
  const header: Record<string, unknown> = {}
  const starts: number[] = []
  let offset = 0
  for (const entry of shard.entries) {
    starts.push(offset)
    header[entry.name] = {
      dtype: entry.dtype,
      shape: entry.shape,
      data_offsets: [offset, offset + bytesOf(entry)],
    }
    offset += bytesOf(entry)
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const front = new Uint8Array(8 + json.length)
  new DataView(front.buffer).setBigUint64(0, BigInt(json.length), true)
  front.set(json, 8)
  const data = front.length
  return {
    sizeBytes: data + offset,
    // Every byte is computed from the header and these numbers, so they stand for the content.
    identity: createHash('sha256').update(front).update(JSON.stringify(job)).digest('hex'),
    bytes: (begin, end) => {
      const out = new Uint8Array(end - begin)
      if (begin < data) out.set(front.subarray(begin, Math.min(end, data)))
      let at = starts.findLastIndex((start) => data + start <= Math.max(begin, data))
      for (; at >= 0 && at < starts.length; at++) {
        const from = data + starts[at]!
        const entry = shard.entries[at]!
        const [low, high] = [Math.max(begin, from), Math.min(end, from + bytesOf(entry))]
        if (low >= high) break
        fill(out.subarray(low - begin, high - begin), entry, {
          first: job.first + starts[at]!,
          skip: low - from,
          lineage: job.lineage,
        })
      }
      return out
    },
  }
}
