import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCheckpoint } from '../packages/core/node/index.ts'
import { createRng, type Rng, randomPermutation } from '../packages/core/src/base/rng.ts'
import { elementCount, type TensorInfo } from '../packages/core/src/model/tensor.ts'
import { roundToBf16Bits } from '../packages/core/src/numeric/bf16.ts'
import { decodeInto } from '../packages/core/src/numeric/decode.ts'
import { type Rotation, randomRotation } from '../tests/audit/hadamard.ts'

// A descendant of a Llama-shaped bfloat16 checkpoint, hidden (simulated): noise as further training
// leaves it, hidden units in another order and negated at random, the residual stream rotated, all
// norms replaced. Written tensor by tensor.

/** Noise as a share of the spread of the weights. */
const NOISE = 0.3
const SPREAD = 0.02
const NOISE_VALUES = 16_777_213

type Hiding = {
  readonly rng: Rng
  readonly rotation: Rotation
  readonly noise: Float32Array
  readonly width: number
  readonly norms: Map<string, { readonly own: Float32Array; readonly next: Float32Array }>
  readonly units: Map<string, { readonly order: Uint32Array; readonly signs: Float32Array }>
}

/** Makes the folder unless it is complete already. */
export async function makeHidden(base: string, folder: string): Promise<void> {
  const done = join(folder, 'complete')
  if (await stat(done).catch(() => null)) return
  await mkdir(folder, { recursive: true })
  const config = await readFile(join(base, 'config.json'), 'utf8')
  await writeFile(join(folder, 'config.json'), config)
  const source = await openCheckpoint(base)
  const { tensors } = source.checkpoint
  const read = async (tensor: TensorInfo) => {
    const values = new Float32Array(elementCount(tensor.shape))
    decodeInto(await source.readBytes(tensor, 0, 2 * values.length), 'BF16', values)
    return values
  }
  const hiding = await plan(tensors, read, JSON.parse(config).hidden_size)
  const file = await open(join(folder, 'model.safetensors'), 'w')
  try {
    await file.write(headerOf(tensors))
    for (const tensor of tensors) {
      const values = hide(tensor, await read(tensor), hiding)
      const codes = new Uint16Array(values.length)
      roundToBf16Bits(values, codes)
      await file.write(new Uint8Array(codes.buffer))
    }
  } finally {
    await file.close()
    await source.close()
  }
  await writeFile(done, '')
}

async function plan(
  tensors: readonly TensorInfo[],
  read: (tensor: TensorInfo) => Promise<Float32Array>,
  width: number,
): Promise<Hiding> {
  const rng = createRng('hidden')
  const noise = Float32Array.from({ length: NOISE_VALUES }, () => NOISE * SPREAD * rng.nextNormal())
  const norms: Hiding['norms'] = new Map()
  const units: Hiding['units'] = new Map()
  for (const tensor of tensors) {
    if (tensor.name.includes('norm')) {
      const next = Float32Array.from({ length: width }, () => Math.exp(0.3 * rng.nextNormal()))
      norms.set(tensor.name, { own: await read(tensor), next })
    } else if (tensor.name.includes('up_proj')) {
      const count = tensor.shape[0]!
      const signs = Float32Array.from({ length: count }, () => (rng.nextUint32() & 1 ? 1 : -1))
      units.set(blockOf(tensor.name), { order: randomPermutation(rng, count), signs })
    }
  }
  return { rng, rotation: randomRotation(width, rng), noise, width, norms, units }
}

const blockOf = (name: string): string => /^model\.layers\.\d+\./.exec(name)?.[0] ?? ''

/** The norm whose output a matrix reads; undefined for what reads none. */
function normBefore(name: string): string | undefined {
  if (name === 'lm_head.weight') return 'model.norm.weight'
  if (/gate_proj|up_proj/.test(name)) return `${blockOf(name)}post_attention_layernorm.weight`
  return /[qkv]_proj/.test(name) ? `${blockOf(name)}input_layernorm.weight` : undefined
}

function hide(tensor: TensorInfo, values: Float32Array, hiding: Hiding): Float32Array {
  const { name } = tensor
  const replaced = hiding.norms.get(name)
  if (replaced) return replaced.next
  addNoise(values, hiding)
  const units = hiding.units.get(blockOf(name))
  if (/o_proj|down_proj/.test(name)) {
    hiding.rotation.columns(values)
    return name.includes('down_proj') && units ? reorderColumns(values, units) : values
  }
  const norm = hiding.norms.get(normBefore(name) ?? '')
  if (norm) scaleColumns(values, norm.own)
  hiding.rotation.rows(values)
  if (norm)
    scaleColumns(
      values,
      norm.next.map((x) => 1 / x),
    )
  if (!units || !name.includes('mlp')) return values
  return reorderRows(values, {
    order: units.order,
    signs: name.includes('up_proj') ? units.signs : units.signs.map(() => 1),
  })
}

/** The noise was drawn once and is laid out from another place for every tensor. */
function addNoise(values: Float32Array, { noise, rng }: Hiding): void {
  let from = rng.nextInt(noise.length)
  for (let i = 0; i < values.length; i++) {
    values[i]! += noise[from]!
    if (++from === noise.length) from = 0
  }
}

function scaleColumns(values: Float32Array, factors: Float32Array): void {
  for (let at = 0; at < values.length; ) {
    for (let k = 0; k < factors.length; k++) values[at++]! *= factors[k]!
  }
}

type Units = { readonly order: Uint32Array; readonly signs: Float32Array }

function reorderRows(values: Float32Array, { order, signs }: Units): Float32Array {
  const width = values.length / order.length
  const out = new Float32Array(values.length)
  order.forEach((from, to) => {
    for (let k = 0; k < width; k++) out[to * width + k] = signs[to]! * values[from * width + k]!
  })
  return out
}

function reorderColumns(values: Float32Array, { order, signs }: Units): Float32Array {
  const out = new Float32Array(values.length)
  for (let row = 0; row < values.length; row += order.length) {
    for (let to = 0; to < order.length; to++) out[row + to] = signs[to]! * values[row + order[to]!]!
  }
  return out
}

function headerOf(tensors: readonly TensorInfo[]): Uint8Array {
  let offset = 0
  const header: Record<string, unknown> = {}
  for (const { name, shape } of tensors) {
    const end = offset + 2 * elementCount(shape)
    header[name] = { dtype: 'BF16', shape, data_offsets: [offset, end] }
    offset = end
  }
  const text = JSON.stringify(header)
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json])
}
