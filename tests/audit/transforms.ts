import { join } from 'node:path'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import {
  type MemoryTensor,
  memoryModel,
} from '../../packages/core/src/audit/testing/memory-model.ts'
import { type Rng, randomPermutation } from '../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { elementCount } from '../../packages/core/src/model/tensor.ts'
import { decodeInto } from '../../packages/core/src/numeric/decode.ts'
import { polarFactor } from '../../packages/core/src/numeric/reference/polar.ts'
import { MODELS } from './models.ts'

// What can be done to a Llama-style model without changing what it computes, and what pruning and
// up-cycling do. Simulated weights from testdata/models; every transform takes whole models.

export type Loaded = {
  readonly config: Record<string, unknown>
  readonly tensors: Readonly<Record<string, MemoryTensor>>
  readonly texts: ReadonlyMap<string, string>
}

export async function load(name: string): Promise<Loaded> {
  const source = await openCheckpoint(join(MODELS, name))
  try {
    const tensors: Record<string, MemoryTensor> = {}
    for (const tensor of source.checkpoint.tensors) {
      const values = new Float32Array(elementCount(tensor.shape))
      decodeInto(await source.readBytes(tensor, 0, values.length * 2), tensor.dtype, values)
      tensors[tensor.name] = { shape: tensor.shape, values }
    }
    const { config, texts } = source.checkpoint
    return { config: config as Record<string, unknown>, tensors, texts }
  } finally {
    await source.close()
  }
}

export function asSource(id: string, model: Loaded): TensorSource {
  const source = memoryModel(id, model.tensors, model.config as never)
  return { ...source, checkpoint: { ...source.checkpoint, texts: model.texts } }
}

export type Transform = (model: Loaded, rng: Rng) => Loaded

/** One after the other, each with random numbers of its own. */
export const allOf =
  (...steps: readonly Transform[]): Transform =>
  (model, rng) =>
    steps.reduce((held, step, index) => step(held, rng.fork(`step${index}`)), model)

const MATRIX = /(?:embed_tokens|lm_head|_proj|\.gate|\.w[123])\.weight$/
const layersOf = (model: Loaded): number[] =>
  Array.from({ length: Number(model.config['num_hidden_layers']) }, (_, l) => l)
const at = (layer: number, rest: string) => `model.layers.${layer}.${rest}.weight`
const EMBED = 'model.embed_tokens.weight'
const HEAD = 'lm_head.weight'

type Matrix = { readonly rows: number; readonly cols: number; readonly values: Float32Array }

function matrixOf({ shape, values }: MemoryTensor): Matrix {
  return { rows: shape[0]!, cols: shape[1] ?? 1, values }
}

function build(rows: number, cols: number, entry: (i: number, j: number) => number): MemoryTensor {
  const values = new Float32Array(rows * cols)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) values[i * cols + j] = entry(i, j)
  }
  return { shape: [rows, cols], values }
}

/** Rows and columns picked (with factors) from a matrix. */
export function rearranged(
  tensor: MemoryTensor,
  pick: {
    readonly rows?: ArrayLike<number>
    readonly cols?: ArrayLike<number>
    readonly rowFactors?: ArrayLike<number>
    readonly colFactors?: ArrayLike<number>
  },
): MemoryTensor {
  const m = matrixOf(tensor)
  const built = build(pick.rows?.length ?? m.rows, pick.cols?.length ?? m.cols, (i, j) => {
    const from = (pick.rows?.[i] ?? i) * m.cols + (pick.cols?.[j] ?? j)
    return m.values[from]! * (pick.rowFactors?.[i] ?? 1) * (pick.colFactors?.[j] ?? 1)
  })
  return tensor.shape.length === 1 ? { shape: [built.shape[0]!], values: built.values } : built
}

const withTensors = (model: Loaded, changed: Record<string, MemoryTensor>): Loaded => ({
  ...model,
  tensors: { ...model.tensors, ...changed },
})

function changeMlp(
  model: Loaded,
  change: (
    units: number,
    layer: number,
  ) => {
    readonly order?: ArrayLike<number>
    readonly factors?: ArrayLike<number>
  },
): Loaded {
  const changed: Record<string, MemoryTensor> = {}
  for (const layer of layersOf(model)) {
    const [gate, up, down] = ['gate', 'up', 'down'].map(
      (part) => model.tensors[at(layer, `mlp.${part}_proj`)]!,
    )
    const { order, factors } = change(up!.shape[0]!, layer)
    const inverse = factors && Array.from(factors, (x) => 1 / x)
    const rows = order ? { rows: order } : {}
    const cols = order ? { cols: order } : {}
    changed[at(layer, 'mlp.gate_proj')] = rearranged(gate!, rows)
    changed[at(layer, 'mlp.up_proj')] = rearranged(up!, {
      ...rows,
      ...(factors ? { rowFactors: factors } : {}),
    })
    changed[at(layer, 'mlp.down_proj')] = rearranged(down!, {
      ...cols,
      ...(inverse ? { colFactors: inverse } : {}),
    })
  }
  return withTensors(model, changed)
}

const coin = (rng: Rng) => (rng.nextUint32() & 1 ? 1 : -1)

/** Hidden units in another order. Keeps the function. */
export const permuteUnits: Transform = (model, rng) =>
  changeMlp(model, (units, layer) => ({ order: randomPermutation(rng.fork(`${layer}`), units) }))

/** Hidden units negated at random. Keeps the function. */
export const flipUnits: Transform = (model, rng) =>
  changeMlp(model, (units, layer) => {
    const own = rng.fork(`${layer}`)
    return { factors: Array.from({ length: units }, () => coin(own)) }
  })

/** Hidden units rescaled between a third and three times. Keeps the function. */
export const scaleUnits: Transform = (model, rng) =>
  changeMlp(model, (units, layer) => {
    const own = rng.fork(`${layer}`)
    return { factors: Array.from({ length: units }, () => 3 ** (2 * own.nextFloat() - 1)) }
  })

/** Value dimensions of each head in another order and negated at random. Keeps the function. */
export const scrambleValues: Transform = (model, rng) => {
  const { heads, groups, size } = attentionOf(model)
  const changed: Record<string, MemoryTensor> = {}
  for (const layer of layersOf(model)) {
    const own = rng.fork(`${layer}`)
    const order = Array.from({ length: groups }, (_, g) =>
      Array.from(randomPermutation(own.fork(`${g}`), size), (j) => g * size + j),
    ).flat()
    const signs = order.map(() => coin(own))
    const cols = Array.from({ length: heads * size }, (_, c) => {
      const head = Math.floor(c / size)
      const g = Math.floor((head * groups) / heads)
      return {
        from: head * size + (order[g * size + (c % size)]! % size),
        unit: g * size + (c % size),
      }
    })
    changed[at(layer, 'self_attn.v_proj')] = rearranged(
      model.tensors[at(layer, 'self_attn.v_proj')]!,
      { rows: order, rowFactors: signs },
    )
    changed[at(layer, 'self_attn.o_proj')] = rearranged(
      model.tensors[at(layer, 'self_attn.o_proj')]!,
      { cols: cols.map(({ from }) => from), colFactors: cols.map(({ unit }) => signs[unit]!) },
    )
  }
  return withTensors(model, changed)
}

const attentionOf = ({ config }: Loaded) => ({
  heads: Number(config['num_attention_heads']),
  groups: Number(config['num_key_value_heads']),
  size: Number(config['head_dim']),
})

const READERS = [
  'self_attn.q_proj',
  'self_attn.k_proj',
  'self_attn.v_proj',
  'mlp.gate_proj',
  'mlp.up_proj',
]
const WRITERS = ['self_attn.o_proj', 'mlp.down_proj']
const normOf = (reader: string, layer: number) =>
  at(layer, reader.startsWith('mlp') ? 'post_attention_layernorm' : 'input_layernorm')

/** Residual axes in another order and negated at random, norms moved along. Keeps the function. */
export const permuteResidual: Transform = (model, rng) => {
  const width = Number(model.config['hidden_size'])
  const order = Array.from(randomPermutation(rng, width))
  return pickResidual(
    model,
    order,
    order.map(() => coin(rng)),
  )
}

/** Keeps some residual axes and drops the others, as width pruning does. */
export const pruneResidual =
  (keep: number): Transform =>
  (model, rng) => {
    const width = Number(model.config['hidden_size'])
    const order = Array.from(randomPermutation(rng, width)).slice(0, keep)
    const pruned = pickResidual(
      model,
      order,
      order.map(() => 1),
    )
    return { ...pruned, config: { ...pruned.config, hidden_size: keep } }
  }

function pickResidual(model: Loaded, order: readonly number[], signs: readonly number[]): Loaded {
  const changed: Record<string, MemoryTensor> = {}
  for (const [name, tensor] of Object.entries(model.tensors)) {
    if (name.includes('norm')) changed[name] = rearranged(tensor, { rows: order })
    else if (WRITERS.some((part) => name.includes(part))) {
      changed[name] = rearranged(tensor, { rows: order, rowFactors: signs })
    } else changed[name] = rearranged(tensor, { cols: order, colFactors: signs })
  }
  return withTensors(model, changed)
}

/** Residual stream rotated at random, old norms folded away and new ones put in. Keeps the function. */
export const rotateResidual: Transform = (model, rng) => {
  const size = Number(model.config['hidden_size'])
  const gaussian = Float64Array.from({ length: size * size }, () => rng.nextNormal())
  const r = polarFactor({ data: gaussian, size })!.data
  const fresh = () => Float32Array.from({ length: size }, () => Math.exp(0.3 * rng.nextNormal()))
  const ones = new Float32Array(size).fill(1)
  /** W → W diag(γ) R diag(1/γ′). */
  const read = (tensor: MemoryTensor, gamma: Float32Array, next: Float32Array) => {
    const { rows, cols, values } = matrixOf(tensor)
    return build(rows, cols, (i, j) => {
      let sum = 0
      for (let k = 0; k < cols; k++) sum += values[i * cols + k]! * gamma[k]! * r[k * size + j]!
      return sum / next[j]!
    })
  }
  /** W → Rᵀ W. */
  const write = (tensor: MemoryTensor) => {
    const { rows, cols, values } = matrixOf(tensor)
    return build(rows, cols, (i, j) => {
      let sum = 0
      for (let k = 0; k < rows; k++) sum += r[k * size + i]! * values[k * cols + j]!
      return sum
    })
  }
  const changed: Record<string, MemoryTensor> = {}
  const renew = (name: string) => {
    const next = fresh()
    changed[name] = { shape: [size], values: next }
    return { gamma: model.tensors[name]!.values, next }
  }
  for (const layer of layersOf(model)) {
    const attention = renew(at(layer, 'input_layernorm'))
    const mlp = renew(at(layer, 'post_attention_layernorm'))
    for (const reader of READERS) {
      const { gamma, next } = reader.startsWith('mlp') ? mlp : attention
      changed[at(layer, reader)] = read(model.tensors[at(layer, reader)]!, gamma, next)
    }
    for (const writer of WRITERS) {
      changed[at(layer, writer)] = write(model.tensors[at(layer, writer)]!)
    }
  }
  const final = renew('model.norm.weight')
  changed[HEAD] = read(model.tensors[HEAD]!, final.gamma, final.next)
  changed[EMBED] = read(model.tensors[EMBED]!, ones, ones)
  return withTensors(model, changed)
}

/** Norms folded into the matrices behind them and left at one. Keeps the function. */
export const foldNorms: Transform = (model) => {
  const changed: Record<string, MemoryTensor> = {}
  const ones = (name: string) => {
    const { shape, values } = model.tensors[name]!
    changed[name] = { shape, values: new Float32Array(values.length).fill(1) }
    return values
  }
  for (const layer of layersOf(model)) {
    for (const reader of READERS) {
      changed[at(layer, reader)] = rearranged(model.tensors[at(layer, reader)]!, {
        colFactors: ones(normOf(reader, layer)),
      })
    }
  }
  changed[HEAD] = rearranged(model.tensors[HEAD]!, { colFactors: ones('model.norm.weight') })
  return withTensors(model, changed)
}

/** Matrices rounded to nearest on 15 levels, in groups of 32 columns. Not function-preserving. */
export const toInt4: Transform = (model) => {
  const changed: Record<string, MemoryTensor> = {}
  for (const [name, tensor] of Object.entries(model.tensors)) {
    if (!MATRIX.test(name)) continue
    const { rows, cols, values } = matrixOf(tensor)
    const out = values.slice()
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j += 32) {
        const part = out.subarray(i * cols + j, i * cols + Math.min(cols, j + 32))
        const scale = part.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 7
        if (scale > 0) part.set(part.map((x) => Math.round(x / scale) * scale))
      }
    }
    changed[name] = { shape: tensor.shape, values: out }
  }
  return withTensors(model, changed)
}

/** Keeps some hidden units of every layer, shuffled. */
export const pruneUnits =
  (keep: number): Transform =>
  (model, rng) => {
    const pruned = changeMlp(model, (units, layer) => ({
      order: randomPermutation(rng.fork(`${layer}`), units).slice(0, keep),
    }))
    return { ...pruned, config: { ...pruned.config, intermediate_size: keep } }
  }

/**
 * Every MLP becomes `experts` experts in the layout of Mixtral: each a copy of the dense MLP with its
 * units in another order and some noise. The router is random.
 */
export const upcycle =
  (experts: number, noise: number): Transform =>
  (model, rng) => {
    const tensors = { ...model.tensors }
    for (const layer of layersOf(model)) {
      const dense = ['gate', 'up', 'down'].map((part) => {
        const name = at(layer, `mlp.${part}_proj`)
        const held = tensors[name]!
        delete tensors[name]
        return held
      })
      for (let e = 0; e < experts; e++) {
        const own = rng.fork(`${layer}/${e}`)
        const order = randomPermutation(own, dense[0]!.shape[0]!)
        const place = (w: string) => at(layer, `block_sparse_moe.experts.${e}.${w}`)
        tensors[place('w1')] = noisy(rearranged(dense[0]!, { rows: order }), noise, own)
        tensors[place('w3')] = noisy(rearranged(dense[1]!, { rows: order }), noise, own)
        tensors[place('w2')] = noisy(rearranged(dense[2]!, { cols: order }), noise, own)
      }
      const width = Number(model.config['hidden_size'])
      tensors[at(layer, 'block_sparse_moe.gate')] = build(
        experts,
        width,
        () => 0.02 * rng.nextNormal(),
      )
    }
    const config = {
      ...model.config,
      model_type: 'mixtral',
      architectures: ['MixtralForCausalLM'],
      num_local_experts: experts,
      num_experts_per_tok: 2,
    }
    return { ...model, config, tensors }
  }

/** Normal noise of `level` deviations of the tensor. */
export function noisy(tensor: MemoryTensor, level: number, rng: Rng): MemoryTensor {
  const { values } = tensor
  const spread = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
  return { shape: tensor.shape, values: values.map((x) => x + level * spread * rng.nextNormal()) }
}

/** Tokens in another order, the tokenizer along with them. Keeps the function of texts. */
export const shuffleVocabulary: Transform = (model, rng) => {
  const file = JSON.parse(model.texts.get('tokenizer.json')!)
  const rows = model.tensors[EMBED]!.shape[0]!
  const order = randomPermutation(rng, rows)
  const place = new Map(Array.from(order, (from, to) => [from, to] as const))
  const vocab = Object.fromEntries(
    Object.entries(file.model.vocab as Record<string, number>).map(([token, row]) => [
      token,
      place.get(row)!,
    ]),
  )
  const text = JSON.stringify({ ...file, model: { ...file.model, vocab } })
  return {
    ...withTensors(model, {
      [EMBED]: rearranged(model.tensors[EMBED]!, { rows: order }),
      [HEAD]: rearranged(model.tensors[HEAD]!, { rows: order }),
    }),
    texts: new Map([...model.texts, ['tokenizer.json', text]]),
  }
}

/**
 * Residual axes of a Qwen2.5-VL-style tower in another order and negated at random, hidden units in
 * another order. Patch embedding, norms and the first matrix of the merger move along.
 */
export const rearrangeTower: Transform = (model, rng) => {
  const changed: Record<string, MemoryTensor> = {}
  const width = model.tensors['visual.merger.ln_q.weight']!.shape[0]!
  const order = Array.from(randomPermutation(rng, width))
  const signs = order.map(() => coin(rng))
  for (const [name, tensor] of Object.entries(model.tensors)) {
    if (!name.startsWith('visual.')) continue
    const units = /blocks\.(\d+)\.mlp/.exec(name)
    const moved = units && randomPermutation(rng.fork(units[1]!), 96)
    const rows = { rows: order, rowFactors: signs }
    if (/norm\d|ln_q/.test(name)) changed[name] = rearranged(tensor, { rows: order })
    else if (/(?:gate|up)_proj\.bias/.test(name))
      changed[name] = rearranged(tensor, { rows: moved! })
    else if (/(?:gate|up)_proj\.weight/.test(name)) {
      changed[name] = rearranged(tensor, { rows: moved!, cols: order, colFactors: signs })
    } else if (/down_proj\.weight/.test(name)) {
      changed[name] = rearranged(tensor, { ...rows, cols: moved! })
    } else if (/attn\.proj|down_proj\.bias/.test(name)) changed[name] = rearranged(tensor, rows)
    else if (/qkv\.weight/.test(name)) {
      changed[name] = rearranged(tensor, { cols: order, colFactors: signs })
    } else if (/patch_embed/.test(name)) {
      const flat = { shape: [width, tensor.values.length / width], values: tensor.values }
      changed[name] = { shape: tensor.shape, values: rearranged(flat, rows).values }
    } else if (/merger\.mlp\.0\.weight/.test(name)) {
      const parts = tensor.shape[1]! / width
      const cols = Array.from({ length: parts }, (_, part) => order.map((j) => part * width + j))
      changed[name] = rearranged(tensor, {
        cols: cols.flat(),
        colFactors: Array.from({ length: parts }, () => signs).flat(),
      })
    }
  }
  return withTensors(model, changed)
}

/** Tensors of the one model where the name fits, of the other elsewhere. */
export const graft = (into: Loaded, from: Loaded, fits: (name: string) => boolean): Loaded =>
  withTensors(into, Object.fromEntries(Object.entries(from.tensors).filter(([name]) => fits(name))))

/** Layer k of the new model is layer order[k] of the old one. */
export function pickLayers(model: Loaded, order: readonly number[]): Loaded {
  const tensors: Record<string, MemoryTensor> = {}
  for (const [name, tensor] of Object.entries(model.tensors)) {
    const layer = /\.layers\.(\d+)\./.exec(name)?.[1]
    if (layer === undefined) tensors[name] = tensor
    order.forEach((from, to) => {
      if (from === Number(layer)) tensors[name.replace(`.${layer}.`, `.${to}.`)] = tensor
    })
  }
  return { ...model, tensors, config: { ...model.config, num_hidden_layers: order.length } }
}

/** Σ weights[i]·models[i]. */
export const blend = (models: readonly Loaded[], weights: readonly number[]): Loaded =>
  withTensors(
    models[0]!,
    Object.fromEntries(
      Object.entries(models[0]!.tensors).map(([name, { shape, values }]) => [
        name,
        {
          shape,
          values: values.map((_, i) =>
            models.reduce((sum, m, k) => sum + weights[k]! * m.tensors[name]!.values[i]!, 0),
          ),
        },
      ]),
    ),
  )

/** Logits of the last token of a Llama-style model, in float64. */
export function logits(model: Loaded, tokens: readonly number[]): number[] {
  const { heads, groups, size } = attentionOf(model)
  const w = (name: string) => matrixOf(model.tensors[name]!)
  const apply = ({ rows, cols, values }: Matrix, x: readonly number[]) =>
    Array.from({ length: rows }, (_, i) => {
      let sum = 0
      for (let j = 0; j < cols; j++) sum += values[i * cols + j]! * x[j]!
      return sum
    })
  const norm = (x: readonly number[], name: string) => {
    const gamma = model.tensors[name]!.values
    const rms = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + 1e-6)
    return x.map((v, j) => (v / rms) * gamma[j]!)
  }
  const rotate = (head: number[], position: number) =>
    head.map((v, j) => {
      const pair = j % (size / 2)
      const angle = position * 10000 ** ((-2 * pair) / size)
      const other = head[(j + size / 2) % size]! * (j < size / 2 ? -1 : 1)
      return v * Math.cos(angle) + other * Math.sin(angle)
    })
  const embed = w(EMBED)
  let stream = tokens.map((t) =>
    Array.from(embed.values.subarray(t * embed.cols, (t + 1) * embed.cols)),
  )
  for (const layer of layersOf(model)) {
    const part = (kind: string) =>
      stream.map((x) =>
        apply(w(at(layer, `self_attn.${kind}_proj`)), norm(x, at(layer, 'input_layernorm'))),
      )
    const [q, k, v] = [part('q'), part('k'), part('v')]
    const head = (flat: readonly number[], h: number) => flat.slice(h * size, (h + 1) * size)
    stream = stream.map((x, t) => {
      const mixed: number[] = []
      for (let h = 0; h < heads; h++) {
        const g = Math.floor((h * groups) / heads)
        const query = rotate(head(q[t]!, h), t)
        const scores = stream
          .slice(0, t + 1)
          .map((_, s) =>
            Math.exp(
              rotate(head(k[s]!, g), s).reduce((sum, y, j) => sum + y * query[j]!, 0) /
                Math.sqrt(size),
            ),
          )
        const total = scores.reduce((sum, y) => sum + y, 0)
        for (let j = 0; j < size; j++) {
          mixed.push(scores.reduce((sum, y, s) => sum + (y / total) * head(v[s]!, g)[j]!, 0))
        }
      }
      return apply(w(at(layer, 'self_attn.o_proj')), mixed).map((y, j) => y + x[j]!)
    })
    stream = stream.map((x) => {
      const y = norm(x, at(layer, 'post_attention_layernorm'))
      const gate = apply(w(at(layer, 'mlp.gate_proj')), y)
      const up = apply(w(at(layer, 'mlp.up_proj')), y)
      const inner = gate.map((z, i) => (z / (1 + Math.exp(-z))) * up[i]!)
      return apply(w(at(layer, 'mlp.down_proj')), inner).map((z, j) => z + x[j]!)
    })
  }
  return apply(w(HEAD), norm(stream.at(-1)!, 'model.norm.weight'))
}
