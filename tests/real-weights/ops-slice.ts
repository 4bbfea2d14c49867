import type { Shape } from './onnx-emitter.ts'
import {
  AXIS_TO_CHANNELS_FIRST,
  constantInts,
  customOp,
  imageValue,
  numberAttribute,
  type OpHandler,
  plainValue,
} from './op-scope.ts'

/** ONNX clamps a bound to the axis, so the largest int32 means "to the end". */
const TO_THE_END = 2 ** 31 - 1

type Cut = {
  readonly axis: number
  readonly start: number
  readonly end: number
  readonly step: number
  /** The axis goes away: one index was taken of it. */
  readonly drop: boolean
}

/** Reads begin, end, strides and their bit masks; undefined for forms that add or skip axes. */
const stridedCuts = (scope: Parameters<OpHandler>[0]): readonly Cut[] | undefined => {
  const { node, inputs } = scope
  const [begin, end, strides] = inputs.slice(1).map(constantInts)
  if (begin === undefined || end === undefined || strides === undefined) return undefined
  const mask = (key: string) => numberAttribute(node, key, 0)
  if (mask('ellipsis_mask') !== 0 || mask('new_axis_mask') !== 0) return undefined
  return begin.map((first, axis): Cut => {
    const bit = 1 << axis
    const step = strides[axis]!
    if (mask('shrink_axis_mask') & bit) {
      return { axis, start: first, end: first === -1 ? TO_THE_END : first + 1, step: 1, drop: true }
    }
    const lastPlace = step > 0 ? TO_THE_END : -TO_THE_END
    const start = mask('begin_mask') & bit ? (step > 0 ? 0 : TO_THE_END) : first
    return { axis, start, end: mask('end_mask') & bit ? lastPlace : end[axis]!, step, drop: false }
  })
}

/** How many elements of an axis a cut takes, counted as NumPy counts. */
const cutSize = (size: number | null, { start, end, step }: Cut): number | null => {
  if (size === null) return null
  const place = (at: number) => {
    const counted = at < 0 && at > -TO_THE_END ? at + size : at
    return Math.min(Math.max(counted, step > 0 ? 0 : -1), step > 0 ? size : size - 1)
  }
  return Math.max(0, Math.ceil((place(end) - place(start)) / step))
}

const emitCuts = (
  scope: Parameters<OpHandler>[0],
  shape: Shape,
  cuts: readonly Cut[],
): ReturnType<OpHandler> => {
  const { emitter, node, inputs } = scope
  const value = inputs[0]!
  const dropped = cuts.filter(({ drop }) => drop).map(({ axis }) => axis)
  const asImage = value.layout === 'channels-first' && dropped.length === 0
  const place = (axis: number) => (asImage ? AXIS_TO_CHANNELS_FIRST[axis]! : axis)
  const list = (key: string, values: readonly number[]) =>
    emitter.int64s(`${node.name}/${key}`, values)
  const whole = ({ start, end, step }: Cut) => start === 0 && end === TO_THE_END && step === 1
  const real = cuts.filter((cut) => !whole(cut))
  const input = asImage ? value.name : emitter.plain(value)
  const sliceName = dropped.length === 0 ? node.name : `${node.name}/slice`
  const sliced = emitter.emit(
    'Slice',
    [
      input,
      list(
        'starts',
        real.map(({ start }) => start),
      ),
      list(
        'ends',
        real.map(({ end }) => end),
      ),
      list(
        'axes',
        real.map(({ axis }) => place(axis)),
      ),
      list(
        'steps',
        real.map(({ step }) => step),
      ),
    ],
    { name: sliceName },
  )
  const cutShape = shape.map((size, axis) => {
    const cut = cuts.find((candidate) => candidate.axis === axis)
    return cut === undefined ? size : cutSize(size, cut)
  })
  if (asImage) return [imageValue(sliced, cutShape)]
  if (dropped.length === 0) return [plainValue(sliced, cutShape)]
  const output = emitter.emit('Squeeze', [sliced, list('dropped', dropped)], { name: node.name })
  return [
    plainValue(
      output,
      cutShape.filter((_, axis) => !dropped.includes(axis)),
    ),
  ]
}

const stridedSlice: OpHandler = (scope) => {
  const value = scope.inputs[0]!
  const cuts = stridedCuts(scope)
  if (cuts === undefined || value.shape === undefined) return customOp(scope)
  const [result] = emitCuts(scope, value.shape, cuts)
  const [cut] = cuts
  if (value.ints === undefined || cut === undefined || cuts.length !== 1 || cut.step !== 1) {
    return [result!]
  }
  // The sizes that a Shape node reads are followed: they end in the targets of Reshape.
  const ints = value.ints.slice(cut.start, cut.end === TO_THE_END ? undefined : cut.end)
  return [{ ...result!, ints }]
}

const slice: OpHandler = (scope) => {
  const value = scope.inputs[0]!
  const [begin, size] = scope.inputs.slice(1).map(constantInts)
  if (begin === undefined || size === undefined || value.shape === undefined) return customOp(scope)
  const cuts = begin.map(
    (start, axis): Cut => ({
      axis,
      start,
      end: size[axis] === -1 ? TO_THE_END : start + size[axis]!,
      step: 1,
      drop: false,
    }),
  )
  return emitCuts(scope, value.shape, cuts)
}

export const SLICE_OPS: Readonly<Record<string, OpHandler>> = {
  StridedSlice: stridedSlice,
  Slice: slice,
}
