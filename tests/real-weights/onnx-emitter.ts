import type {
  OnnxAttribute,
  OnnxDtype,
  OnnxNodeSpec,
  OnnxPortSpec,
  OnnxTensorSpec,
} from './onnx-writer.ts'
import { type Weight, weightValues } from './tfjs-model.ts'

/** null is a size that is not known before the model runs. */
export type Shape = readonly (number | null)[]

/** A tensor of the TensorFlow graph and where it is found in the ONNX graph. */
export type Value = {
  readonly name: string
  /** In TensorFlow's axis order, whatever the layout; undefined when not even the rank is known. */
  readonly shape: Shape | undefined
  /** 'channels-first': rank 4, stored [N, C, H, W] where TensorFlow says [N, H, W, C]. */
  readonly layout: 'plain' | 'channels-first'
  readonly weight?: Weight
  /** Contents of a small integer tensor, as far as they are known before the model runs. */
  readonly ints?: readonly (number | null)[]
}

/** How a stored weight has to lie for its ONNX consumer. */
export type WeightLayout = 'plain' | 'conv' | 'depthwise' | 'conv-transpose' | 'broadcast'

export const CUSTOM_DOMAIN = 'tfjs'

const CHANNELS_FIRST = [0, 3, 1, 2]
const CHANNELS_LAST = [0, 2, 3, 1]

/** Collects nodes and initializers, and moves values between the two layouts. */
export class OnnxEmitter {
  readonly floatType: OnnxDtype
  readonly nodes: OnnxNodeSpec[] = []
  readonly initializers: OnnxTensorSpec[] = []
  readonly inputs: OnnxPortSpec[] = []
  readonly #names = new Set<string>()
  readonly #layouts = new Map<string, string>()

  constructor(floatType: OnnxDtype) {
    this.floatType = floatType
  }

  /** The name itself, or with a number behind it where it is taken. */
  #unused(name: string): string {
    let candidate = name
    for (let i = 1; this.#names.has(candidate); i++) candidate = `${name}_${i}`
    this.#names.add(candidate)
    return candidate
  }

  /** Adds a node with one output named like the node, and returns that name. */
  emit(
    opType: string,
    inputs: readonly string[],
    options: {
      readonly name: string
      readonly attributes?: Readonly<Record<string, OnnxAttribute>>
      readonly domain?: string
    },
  ): string {
    return this.emitMany(opType, inputs, { ...options, count: 1 })[0]!
  }

  /** Adds a node with `count` outputs: name, name:1, name:2 … */
  emitMany(
    opType: string,
    inputs: readonly string[],
    options: {
      readonly name: string
      readonly count: number
      readonly attributes?: Readonly<Record<string, OnnxAttribute>>
      readonly domain?: string
    },
  ): string[] {
    const { attributes = {}, domain = '', count } = options
    const name = this.#unused(options.name)
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}:${i}`))
    this.nodes.push({ name, opType, domain, inputs, outputs, attributes })
    return outputs
  }

  input(name: string, dtype: OnnxDtype, shape: Shape | undefined): void {
    this.inputs.push({ name: this.#unused(name), dtype, dims: shape })
  }

  /** The ONNX name of a value in TensorFlow's own axis order. */
  plain(value: Value): string {
    if (value.weight !== undefined) return this.weight(value.weight, 'plain')
    return value.layout === 'plain' ? value.name : this.#transposed(value.name, CHANNELS_LAST)
  }

  /** The ONNX name of a value for use beside [N, C, H, W] tensors. */
  channelsFirst(value: Value): string {
    if (value.weight !== undefined) return this.weight(value.weight, 'broadcast')
    if (value.layout === 'channels-first' || value.shape?.length === 0) return value.name
    return this.#transposed(value.name, CHANNELS_FIRST)
  }

  #transposed(name: string, perm: readonly number[]): string {
    const key = `${name} ${perm.join()}`
    const known = this.#layouts.get(key)
    if (known !== undefined) return known
    const to = perm === CHANNELS_FIRST ? 'channels_first' : 'channels_last'
    const output = this.emit('Transpose', [name], { name: `${name}/${to}`, attributes: { perm } })
    this.#layouts.set(key, output)
    return output
  }

  /** A stored weight as an initializer; its first use carries its own name. */
  weight(weight: Weight, layout: WeightLayout): string {
    const { dims, perm } = weightLayout(weight.shape, layout)
    const key = `${weight.name} ${perm.join()} ${dims.join()}`
    const known = this.#layouts.get(key)
    if (known !== undefined) return known
    const name = this.#storeWeight(weight, { dims, perm })
    this.#layouts.set(key, name)
    return name
  }

  #storeWeight(
    weight: Weight,
    { dims, perm }: { readonly dims: readonly number[]; readonly perm: readonly number[] },
  ): string {
    const { stored, affine } = weight
    const add = (name: string, dtype: OnnxDtype, source: Uint8Array<ArrayBuffer>): string => {
      const elementBytes =
        source.length /
        Math.max(
          1,
          weight.shape.reduce((a, b) => a * b, 1),
        )
      const bytes = permuteBytes(source, { shape: weight.shape, perm, elementBytes })
      return this.initializer({ name, dtype, dims, bytes })
    }
    if (stored === 'int32') return add(weight.name, 'INT32', weight.bytes)
    if (stored === 'bool') return add(weight.name, 'BOOL', weight.bytes)
    if (stored === 'float32') return add(weight.name, 'FLOAT', weight.bytes)
    if (stored === 'float16' && this.floatType === 'FLOAT16') {
      return add(weight.name, 'FLOAT16', weight.bytes)
    }
    if (stored === 'float16') {
      const half = add(`${weight.name}_half`, 'FLOAT16', weight.bytes)
      return this.emit('Cast', [half], { name: weight.name, attributes: { to: 1 } })
    }
    const zeroPoint = affine === undefined ? Number.NaN : Math.round(-affine.min / affine.scale)
    if (stored === 'uint8' && affine !== undefined && zeroPoint >= 0 && zeroPoint <= 255) {
      const codes = add(`${weight.name}_quantized`, 'UINT8', weight.bytes)
      const scale = this.initializer({
        name: `${weight.name}_scale`,
        dtype: 'FLOAT',
        dims: [],
        bytes: floatBytes([affine.scale]),
      })
      const zero = this.initializer({
        name: `${weight.name}_zero_point`,
        dtype: 'UINT8',
        dims: [],
        bytes: Uint8Array.of(zeroPoint),
      })
      return this.emit('DequantizeLinear', [codes, scale, zero], { name: weight.name })
    }
    return add(weight.name, 'FLOAT', floatBytes(weightValues(weight)))
  }

  initializer(tensor: OnnxTensorSpec): string {
    const name = this.#unused(tensor.name)
    this.initializers.push({ ...tensor, name })
    return name
  }

  /** A constant list of integers as ONNX wants axes, sizes and pads. */
  int64s(
    name: string,
    values: readonly number[],
    dims: readonly number[] = [values.length],
  ): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
    return this.initializer({ name, dtype: 'INT64', dims, bytes })
  }

  /** A scalar of the graph's float type. It has to be a number that binary16 holds exactly. */
  scalar(name: string, value: number): string {
    const bytes =
      this.floatType === 'FLOAT16'
        ? new Uint8Array(Uint16Array.of(halfBits(value)).buffer)
        : floatBytes([value])
    return this.initializer({ name, dtype: this.floatType, dims: [], bytes })
  }
}

const floatBytes = (values: Iterable<number>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Float32Array.from(values).buffer)

/** binary16 bits of zero or of a normal number with at most 11 significant bits. */
const halfBits = (value: number): number => {
  if (value === 0) return 0
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15
  if (exponent < 1 || exponent > 30 || (bits & 0x1fff) !== 0) {
    throw new Error(`${value} is no binary16 number`)
  }
  return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff)
}

/** The axis permutation to apply, then the dims to state. */
const weightLayout = (
  shape: readonly number[],
  layout: WeightLayout,
): { readonly perm: readonly number[]; readonly dims: readonly number[] } => {
  const rank = shape.length
  const identity = shape.map((_, axis) => axis)
  const permuted = (perm: readonly number[]) => ({ perm, dims: perm.map((axis) => shape[axis]!) })
  switch (layout) {
    case 'plain':
      return { perm: identity, dims: shape }
    case 'conv': // [H, W, in, out] → [out, in, H, W]
    case 'conv-transpose': // [H, W, out, in] → [in, out, H, W]
      return permuted([3, 2, 0, 1])
    case 'depthwise': {
      // [H, W, C, M] → [C·M, 1, H, W]: output channel c·M + m
      const [height = 1, width = 1, channels = 1, multiplier = 1] = shape
      return { perm: [2, 3, 0, 1], dims: [channels * multiplier, 1, height, width] }
    }
    case 'broadcast': {
      if (rank === 0 || shape.every((size) => size === 1)) return { perm: identity, dims: shape }
      if (rank === 1) return { perm: [0], dims: [shape[0]!, 1, 1] }
      if (rank === 2) return { perm: [1, 0], dims: [shape[1]!, 1, shape[0]!] }
      if (rank === 3) return permuted([2, 0, 1])
      if (rank === 4) return permuted(CHANNELS_FIRST)
      throw new Error(`a constant of rank ${rank} beside an image`)
    }
  }
}

/** Row-major bytes with the axes in the order `perm` (output axis i is input axis perm[i]). */
const permuteBytes = (
  source: Uint8Array<ArrayBuffer>,
  options: {
    readonly shape: readonly number[]
    readonly perm: readonly number[]
    readonly elementBytes: number
  },
): Uint8Array<ArrayBuffer> => {
  const { shape, perm, elementBytes } = options
  if (perm.every((axis, i) => axis === i)) return source
  const View = elementBytes === 4 ? Uint32Array : elementBytes === 2 ? Uint16Array : Uint8Array
  const from = new View(source.buffer, source.byteOffset, source.length / elementBytes)
  const to = new View(from.length)
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  const dims = perm.map((axis) => shape[axis]!)
  const steps = perm.map((axis) => strides[axis]!)
  const index = new Array<number>(dims.length).fill(0)
  let position = 0
  for (let i = 0; i < to.length; i++) {
    to[i] = from[position]!
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      position += steps[axis]!
      if (++index[axis]! < dims[axis]!) break
      position -= steps[axis]! * dims[axis]!
      index[axis] = 0
    }
  }
  return new Uint8Array(to.buffer)
}
