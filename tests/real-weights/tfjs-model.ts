import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lowerKerasModel } from './keras-graph.ts'

/** How the numbers lie in the shard; 'uint8' and 'uint16' are affine codes of floats. */
export type StoredDtype = 'float32' | 'float16' | 'uint8' | 'uint16' | 'int32' | 'bool'

export type Weight = {
  readonly name: string
  /** Row-major, TensorFlow's axis order (kernels are [height, width, in, out]). */
  readonly shape: readonly number[]
  /** What the model computes with. */
  readonly dtype: 'float32' | 'int32' | 'bool'
  readonly stored: StoredDtype
  /** For affine codes: value = code · scale + min. */
  readonly affine: { readonly scale: number; readonly min: number } | undefined
  /** As stored, little-endian, aligned for its element size. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

export type TfjsAttribute = number | string | boolean | readonly number[] | readonly string[]

export type TfjsNode = {
  readonly name: string
  readonly op: string
  /** Data inputs only: 'node' is output 0 of that node, 'node:2' its output 2. */
  readonly inputs: readonly string[]
  readonly attributes: ReadonlyMap<string, TfjsAttribute>
}

export type TfjsModel = {
  readonly weights: ReadonlyMap<string, Weight>
  /** In the order of the file, constants left out. */
  readonly nodes: readonly TfjsNode[]
  /** Tensors that the model hands out, written as node inputs are. */
  readonly outputs: readonly string[]
}

type ManifestEntry = {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: Weight['dtype']
  readonly quantization?: {
    readonly dtype: StoredDtype
    readonly scale?: number
    readonly min?: number
  }
}

type RawAttribute = {
  readonly i?: string | number
  readonly f?: number
  readonly s?: string
  readonly b?: boolean
  readonly type?: string
  readonly shape?: { readonly dim?: readonly { readonly size: string }[] }
  readonly list?: { readonly i?: readonly (string | number)[]; readonly s?: readonly string[] }
}

type RawNode = {
  readonly name: string
  readonly op: string
  readonly input?: readonly string[]
  readonly attr?: Readonly<Record<string, RawAttribute>>
}

type RawModel = {
  readonly modelTopology: { readonly node?: readonly RawNode[]; readonly model_config?: unknown }
  readonly weightsManifest: readonly {
    readonly paths: readonly string[]
    readonly weights: readonly ManifestEntry[]
  }[]
  readonly signature?: { readonly outputs?: Readonly<Record<string, { readonly name: string }>> }
}

/** Reads a TensorFlow.js graph model or layers model: its JSON file and the shards beside it. */
export const readTfjsModel = async (jsonPath: string): Promise<TfjsModel> => {
  const raw = JSON.parse(await readFile(jsonPath, 'utf8')) as RawModel
  const weights = new Map<string, Weight>()
  for (const group of raw.weightsManifest) {
    const shards = await Promise.all(
      group.paths.map((path) => readFile(join(dirname(jsonPath), path))),
    )
    for (const weight of splitGroup(Buffer.concat(shards), group.weights)) {
      weights.set(weight.name, weight)
    }
  }
  if (raw.modelTopology.model_config !== undefined) {
    return { weights, ...lowerKerasModel(raw.modelTopology.model_config) }
  }
  const nodes = (raw.modelTopology.node ?? [])
    .filter(({ op }) => op !== 'Const' && op !== 'NoOp')
    .map(toNode)
  return { weights, nodes, outputs: graphOutputs(nodes, raw) }
}

const ELEMENT_BYTES: Record<StoredDtype, number> = {
  float32: 4,
  float16: 2,
  uint8: 1,
  uint16: 2,
  int32: 4,
  bool: 1,
}

const splitGroup = (group: Uint8Array, entries: readonly ManifestEntry[]): Weight[] => {
  let offset = 0
  const weights = entries.map((entry): Weight => {
    const { name, shape, dtype, quantization } = entry
    const stored = quantization?.dtype ?? dtype
    const end = offset + shape.reduce((a, b) => a * b, 1) * ELEMENT_BYTES[stored]
    if (end > group.length) throw new Error(`${name}: its bytes end at ${end} of ${group.length}`)
    const bytes = new Uint8Array(group.subarray(offset, end))
    offset = end
    const { scale, min } = quantization ?? {}
    const affine = scale === undefined || min === undefined ? undefined : { scale, min }
    return { name, shape, dtype, stored, affine, bytes }
  })
  if (offset !== group.length) throw new Error(`${group.length - offset} bytes belong to no weight`)
  return weights
}

const decodeText = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')

const toAttribute = (raw: RawAttribute): TfjsAttribute | undefined => {
  if (raw.i !== undefined) return Number(raw.i)
  if (raw.f !== undefined) return raw.f
  if (raw.b !== undefined) return raw.b
  if (raw.s !== undefined) return decodeText(raw.s)
  if (raw.type !== undefined) return raw.type
  if (raw.shape !== undefined) return (raw.shape.dim ?? []).map(({ size }) => Number(size))
  if (raw.list?.s !== undefined) return raw.list.s.map(decodeText)
  if (raw.list !== undefined) return (raw.list.i ?? []).map(Number)
  return undefined
}

const toNode = (raw: RawNode): TfjsNode => {
  const attributes = new Map<string, TfjsAttribute>()
  for (const [key, value] of Object.entries(raw.attr ?? {})) {
    const attribute = toAttribute(value)
    if (attribute !== undefined) attributes.set(key, attribute)
  }
  // '^name' is a control edge: it orders execution and carries no data.
  const inputs = (raw.input ?? []).filter((input) => !input.startsWith('^')).map(tensorKey)
  return { name: raw.name, op: raw.op, inputs, attributes }
}

const tensorKey = (input: string): string => input.replace(/:0$/, '')

/** The signature names outputs, not always all of them: tensors that nothing reads count too. */
const graphOutputs = (nodes: readonly TfjsNode[], raw: RawModel): string[] => {
  const known = new Set(nodes.map(({ name }) => name))
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map((key) => key.replace(/:\d+$/, ''))))
  const signed = Object.values(raw.signature?.outputs ?? {}).map(({ name }) => tensorKey(name))
  const unread = nodes.map(({ name }) => name).filter((name) => !read.has(name))
  return [...new Set([...signed, ...unread])].filter((key) => known.has(key.replace(/:\d+$/, '')))
}

/** The numbers of a weight, dequantised. Integers and booleans come as floats too. */
export const weightValues = (weight: Weight): Float32Array => {
  const { bytes, affine } = weight
  switch (weight.stored) {
    case 'float32':
      return new Float32Array(bytes.buffer)
    case 'float16': {
      const halves = new Uint16Array(bytes.buffer)
      const values = new Float32Array(halves.length)
      for (let i = 0; i < halves.length; i++) values[i] = HALF_VALUES[halves[i]!]!
      return values
    }
    case 'int32':
      return Float32Array.from(new Int32Array(bytes.buffer))
    case 'bool':
      return Float32Array.from(bytes)
    case 'uint8':
    case 'uint16': {
      if (affine === undefined) throw new Error(`${weight.name}: codes without a scale`)
      const codes = weight.stored === 'uint8' ? bytes : new Uint16Array(bytes.buffer)
      return Float32Array.from(codes, (code) => code * affine.scale + affine.min)
    }
  }
}

/** IEEE 754 binary16, every bit pattern decoded. */
const HALF_VALUES = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
})
