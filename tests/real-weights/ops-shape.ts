import type { OnnxEmitter, Shape, Value } from './onnx-emitter.ts'
import {
  AXIS_TO_CHANNELS_FIRST,
  constantInts,
  customOp,
  flagAttribute,
  imageValue,
  intsAttribute,
  numberAttribute,
  type OpHandler,
  plainValue,
} from './op-scope.ts'
import { alignOperands } from './ops-elementwise.ts'
import type { TfjsNode } from './tfjs-model.ts'

/** A copy that says nothing when the rank is unknown: axes counted from the end then have no place. */
const normaliseAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

const sizeOf = (shape: Shape): number | null =>
  shape.includes(null) ? null : shape.reduce<number>((product, size) => product * (size ?? 1), 1)

const placeholder: OpHandler = ({ emitter, node }) => {
  const sizes = node.attributes.get('shape')
  const shape = Array.isArray(sizes)
    ? sizes.map((size) => (Number(size) < 0 ? null : Number(size)))
    : undefined
  const dtype = node.attributes.get('dtype') === 'DT_INT32' ? 'INT32' : emitter.floatType
  if (shape?.length !== 4) {
    emitter.input(node.name, dtype, shape)
    return [plainValue(node.name, shape)]
  }
  emitter.input(
    node.name,
    dtype,
    [0, 3, 1, 2].map((axis) => shape[axis]!),
  )
  return [imageValue(node.name, shape)]
}

/** Mean, Max, Min, Prod as attribute reductions; Sum takes its axes as an input (operator set 13). */
const reduction =
  (opType: string): OpHandler =>
  (scope) => {
    const { emitter, node, inputs } = scope
    const [value] = inputs
    const axesRead = constantInts(inputs[1])
    const rank = value!.shape?.length
    if (axesRead === undefined || rank === undefined) return customOp(scope)
    const axes = axesRead.map((axis) => normaliseAxis(axis, rank)).sort((a, b) => a - b)
    const keep = flagAttribute(node, 'keep_dims')
    const shape = value!.shape!.flatMap((size, axis) =>
      axes.includes(axis) ? (keep ? [1] : []) : [size],
    )
    // Without kept axes the remaining ones keep their order only if all of space goes.
    const asImage =
      value!.layout === 'channels-first' && (keep || (axes.includes(1) && axes.includes(2)))
    const onnxAxes = asImage ? axes.map((axis) => AXIS_TO_CHANNELS_FIRST[axis]!) : axes
    const input = asImage ? value!.name : emitter.plain(value!)
    const keepdims = Number(keep)
    const output =
      opType === 'ReduceSum'
        ? emitter.emit(opType, [input, emitter.int64s(`${node.name}/axes`, onnxAxes)], {
            name: node.name,
            attributes: { keepdims },
          })
        : emitter.emit(opType, [input], {
            name: node.name,
            attributes: { axes: onnxAxes, keepdims },
          })
    return [asImage && keep ? imageValue(output, shape) : plainValue(output, shape)]
  }

const reshape: OpHandler = ({ emitter, node, inputs }) => {
  const [value, target] = inputs
  const known = target?.weight === undefined ? target?.ints : constantInts(target)
  const rank = known?.length ?? target?.shape?.[0] ?? undefined
  const shape = known === undefined ? unknownSizes(rank) : resolveReshape(value!.shape, known)
  if (isFlattenOfPoint(value!, shape)) {
    const flat = emitter.emit('Flatten', [value!.name], {
      name: node.name,
      attributes: { axis: 1 },
    })
    return [plainValue(flat, shape)]
  }
  const wanted =
    known === undefined || known.filter((size) => size === null || size === -1).length > 1
      ? emitter.emit('Cast', [emitter.plain(target!)], {
          name: `${node.name}/shape`,
          attributes: { to: 7 },
        })
      : emitter.int64s(
          `${node.name}/shape`,
          known.map((size) => size ?? -1),
        )
  const output = emitter.emit('Reshape', [emitter.plain(value!), wanted], { name: node.name })
  return [plainValue(output, shape)]
}

const unknownSizes = (rank: number | null | undefined): Shape | undefined =>
  rank === undefined || rank === null ? undefined : new Array<null>(rank).fill(null)

const resolveReshape = (from: Shape | undefined, target: readonly (number | null)[]): Shape => {
  const rest = target.filter((size) => size !== -1)
  const total = from === undefined ? null : sizeOf(from)
  const restSize = sizeOf(rest)
  const missing = total === null || restSize === null || restSize === 0 ? null : total / restSize
  return target.map((size) => (size === -1 ? missing : size))
}

/** [N, 1, 1, C] → [N, C]: both layouts hold the same bytes, so no transposition is needed. */
const isFlattenOfPoint = (value: Value, to: Shape | undefined): boolean =>
  value.layout === 'channels-first' &&
  value.shape?.[1] === 1 &&
  value.shape[2] === 1 &&
  to?.length === 2 &&
  value.shape[3] !== null &&
  to[1] === value.shape[3]

const squeeze: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const [value] = inputs
  const shape = value!.shape
  if (shape === undefined) return customOp(scope)
  const listed = intsAttribute(node, 'squeeze_dims').map((axis) =>
    normaliseAxis(axis, shape.length),
  )
  if (listed.length === 0 && shape.includes(null)) return customOp(scope)
  const axes =
    listed.length > 0 ? listed : shape.flatMap((size, axis) => (size === 1 ? [axis] : []))
  const asImage = value!.layout === 'channels-first' && axes.includes(1) && axes.includes(2)
  const input = asImage ? value!.name : emitter.plain(value!)
  const onnxAxes = asImage ? axes.map((axis) => AXIS_TO_CHANNELS_FIRST[axis]!) : axes
  const names = [input, emitter.int64s(`${node.name}/axes`, onnxAxes)]
  const output = emitter.emit('Squeeze', names, { name: node.name })
  return [
    plainValue(
      output,
      shape.filter((_, axis) => !axes.includes(axis)),
    ),
  ]
}

const expandDims: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const [value, axisInput] = inputs
  const axis = constantInts(axisInput)?.[0]
  const shape = value!.shape
  if (axis === undefined || shape === undefined) return customOp(scope)
  const at = normaliseAxis(axis, shape.length + 1)
  const names = [emitter.plain(value!), emitter.int64s(`${node.name}/axes`, [at])]
  const output = emitter.emit('Unsqueeze', names, { name: node.name })
  return [plainValue(output, [...shape.slice(0, at), 1, ...shape.slice(at)])]
}

const transpose: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const [value, permInput] = inputs
  const perm = constantInts(permInput)
  if (perm === undefined) return customOp(scope)
  const options = { name: node.name, attributes: { perm } }
  const output = emitter.emit('Transpose', [emitter.plain(value!)], options)
  const shape = value!.shape
  return [
    plainValue(
      output,
      perm.map((axis) => shape?.[axis] ?? null),
    ),
  ]
}

const pad: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const [value, paddings, fill] = inputs
  const flat = constantInts(paddings)
  const shape = value!.shape
  if (flat === undefined || shape === undefined) return customOp(scope)
  const isImage = value!.layout === 'channels-first'
  const order = isImage ? [0, 3, 1, 2] : shape.map((_, axis) => axis)
  const pads = [0, 1].flatMap((end) => order.map((axis) => flat[2 * axis + end]!))
  const names = [
    isImage ? value!.name : emitter.plain(value!),
    emitter.int64s(`${node.name}/pads`, pads),
    ...(fill === undefined ? [] : [emitter.plain(fill)]),
  ]
  const output = emitter.emit('Pad', names, { name: node.name, attributes: { mode: 'constant' } })
  const padded = shape.map((size, axis) =>
    size === null ? null : size + flat[2 * axis]! + flat[2 * axis + 1]!,
  )
  return [isImage ? imageValue(output, padded) : plainValue(output, padded)]
}

const concatenate: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const stated = node.attributes.get('axis')
  const axisRead = typeof stated === 'number' ? stated : constantInts(inputs.at(-1))?.[0]
  const parts = typeof stated === 'number' ? inputs : inputs.slice(0, -1)
  const shapes = parts.map(({ shape }) => shape)
  const rank = shapes.find((shape) => shape !== undefined)?.length
  if (axisRead === undefined || rank === undefined) return customOp(scope)
  const axis = normaliseAxis(axisRead, rank)
  const sizes = shapes.map((shape) => shape?.[axis] ?? null)
  const first = shapes.find((shape) => shape !== undefined)!
  const shape = first.map((size, i) => (i === axis ? sumSizes(sizes) : size))
  const asImage = rank === 4 && parts.some(({ layout }) => layout === 'channels-first')
  const names = asImage
    ? alignOperands(emitter, parts).names
    : parts.map((value) => emitter.plain(value))
  const output = emitter.emit('Concat', names, {
    name: node.name,
    attributes: { axis: asImage ? AXIS_TO_CHANNELS_FIRST[axis]! : axis },
  })
  if (asImage) return [imageValue(output, shape)]
  const ints = parts.every((value) => value.ints !== undefined || value.weight?.dtype === 'int32')
    ? parts.flatMap((value) => value.ints ?? constantInts(value) ?? [])
    : undefined
  return [{ ...plainValue(output, shape), ...(ints === undefined ? {} : { ints }) }]
}

const sumSizes = (sizes: readonly (number | null)[]): number | null =>
  sizes.reduce<number | null>((sum, size) => (sum === null || size === null ? null : sum + size), 0)

const splitParts = (
  emitter: OnnxEmitter,
  options: {
    readonly node: TfjsNode
    readonly value: Value
    readonly axis: number
    readonly sizes: readonly (number | null)[]
  },
): Value[] => {
  const { node, value, sizes } = options
  const shape = value.shape!
  const axis = normaliseAxis(options.axis, shape.length)
  const isImage = value.layout === 'channels-first'
  const explicit = sizes.every((size) => size !== null)
  const names = [
    isImage ? value.name : emitter.plain(value),
    ...(explicit ? [emitter.int64s(`${node.name}/sizes`, sizes as number[])] : []),
  ]
  const attributes = { axis: isImage ? AXIS_TO_CHANNELS_FIRST[axis]! : axis }
  const outputs = emitter.emitMany('Split', names, {
    name: node.name,
    attributes,
    count: sizes.length,
  })
  return outputs.map((name, i) => {
    const part = shape.map((size, at) => (at === axis ? sizes[i]! : size))
    return isImage ? imageValue(name, part) : plainValue(name, part)
  })
}

const evenly = (shape: Shape, axis: number, count: number): (number | null)[] => {
  const size = shape[normaliseAxis(axis, shape.length)]!
  return new Array<number | null>(count).fill(size === null ? null : size / count)
}

const split: OpHandler = (scope) => {
  const [axisInput, value] = scope.inputs
  const axis = constantInts(axisInput)?.[0]
  if (axis === undefined || value?.shape === undefined) return customOp(scope)
  const sizes = evenly(value.shape, axis, numberAttribute(scope.node, 'num_split', 1))
  return splitParts(scope.emitter, { node: scope.node, value, axis, sizes })
}

const splitBySizes: OpHandler = (scope) => {
  const [value, sizesInput, axisInput] = scope.inputs
  const axis = constantInts(axisInput)?.[0]
  const sizes = constantInts(sizesInput)
  if (axis === undefined || sizes === undefined || sizes.includes(-1)) return customOp(scope)
  if (value?.shape === undefined) return customOp(scope)
  return splitParts(scope.emitter, { node: scope.node, value, axis, sizes })
}

const pack: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const shape = inputs.find((value) => value.shape !== undefined)?.shape
  if (shape === undefined) return customOp(scope)
  const axis = normaliseAxis(numberAttribute(node, 'axis', 0), shape.length + 1)
  const axes = emitter.int64s(`${node.name}/axes`, [axis])
  const parts = inputs.map((value, i) =>
    emitter.emit('Unsqueeze', [emitter.plain(value), axes], { name: `${node.name}/part_${i}` }),
  )
  const output = emitter.emit('Concat', parts, { name: node.name, attributes: { axis } })
  const packed = [...shape.slice(0, axis), inputs.length, ...shape.slice(axis)]
  if (shape.length > 0) return [plainValue(output, packed)]
  const ints = inputs.map((value) => constantInts(value)?.[0] ?? null)
  return [{ ...plainValue(output, packed), ints }]
}

const unpack: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const value = inputs[0]!
  if (value.shape === undefined) return customOp(scope)
  const axis = normaliseAxis(numberAttribute(node, 'axis', 0), value.shape.length)
  const sizes = new Array<number>(numberAttribute(node, 'num', 1)).fill(1)
  const from = plainValue(emitter.plain(value), value.shape)
  const axes = emitter.int64s(`${node.name}/axes`, [axis])
  const options = { node: { ...node, name: `${node.name}/parts` }, value: from, axis, sizes }
  return splitParts(emitter, options).map((part, i) =>
    plainValue(
      emitter.emit('Squeeze', [part.name, axes], {
        name: i === 0 ? node.name : `${node.name}:${i}`,
      }),
      value.shape!.filter((_, at) => at !== axis),
    ),
  )
}

/** TensorFlow's Shape gives int32 sizes in its own axis order. */
const shapeOf: OpHandler = ({ emitter, node, inputs }) => {
  const value = inputs[0]!
  const own = value.weight === undefined ? value.name : emitter.plain(value)
  const stored = emitter.emit('Shape', [own], { name: `${node.name}/stored` })
  const isImage = value.layout === 'channels-first'
  const order = isImage ? [emitter.int64s(`${node.name}/order`, AXIS_TO_CHANNELS_FIRST)] : []
  const sizes = isImage
    ? emitter.emit('Gather', [stored, ...order], {
        name: `${node.name}/sizes`,
        attributes: { axis: 0 },
      })
    : stored
  const output = emitter.emit('Cast', [sizes], { name: node.name, attributes: { to: 6 } })
  const { shape } = value
  return [
    {
      ...plainValue(output, [shape?.length ?? null]),
      ...(shape === undefined ? {} : { ints: shape }),
    },
  ]
}

const gather: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const [value, indices, axisInput] = inputs
  const axisRead = constantInts(axisInput)?.[0]
  const [from, by] = [value!.shape, indices!.shape]
  if (axisRead === undefined || from === undefined || by === undefined) return customOp(scope)
  if (numberAttribute(node, 'batch_dims', 0) !== 0) return customOp(scope)
  const axis = normaliseAxis(axisRead, from.length)
  const names = [emitter.plain(value!), emitter.plain(indices!)]
  const output = emitter.emit('Gather', names, { name: node.name, attributes: { axis } })
  return [plainValue(output, [...from.slice(0, axis), ...by, ...from.slice(axis + 1)])]
}

const tile: OpHandler = (scope) => {
  const { emitter, node, inputs } = scope
  const [value, repeatsInput] = inputs
  const repeats = constantInts(repeatsInput)
  if (repeats === undefined || value!.shape === undefined) return customOp(scope)
  const names = [emitter.plain(value!), emitter.int64s(`${node.name}/repeats`, repeats)]
  const shape = value!.shape.map((size, axis) => (size === null ? null : size * repeats[axis]!))
  return [plainValue(emitter.emit('Tile', names, { name: node.name }), shape)]
}

export const SHAPE_OPS: Readonly<Record<string, OpHandler>> = {
  Placeholder: placeholder,
  Mean: reduction('ReduceMean'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Sum: reduction('ReduceSum'),
  Reshape: reshape,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  Transpose: transpose,
  Pad: pad,
  PadV2: pad,
  ConcatV2: concatenate,
  Split: split,
  SplitV: splitBySizes,
  Pack: pack,
  Unpack: unpack,
  Shape: shapeOf,
  GatherV2: gather,
  Tile: tile,
}
