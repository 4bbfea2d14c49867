import { CUSTOM_DOMAIN, type OnnxEmitter, type Shape, type Value } from './onnx-emitter.ts'
import type { OnnxAttribute } from './onnx-writer.ts'
import { type TfjsAttribute, type TfjsNode, weightValues } from './tfjs-model.ts'

/** One TensorFlow node on its way into the ONNX graph. */
export type OpScope = {
  readonly emitter: OnnxEmitter
  readonly node: TfjsNode
  readonly inputs: readonly Value[]
  /** How many of the node's outputs the graph reads. */
  readonly outputCount: number
}

export type OpHandler = (scope: OpScope) => readonly Value[]

export const intsAttribute = (node: TfjsNode, key: string): readonly number[] => {
  const value = node.attributes.get(key)
  return Array.isArray(value) ? value.map(Number) : []
}

export const textsAttribute = (node: TfjsNode, key: string): readonly string[] => {
  const value = node.attributes.get(key)
  return Array.isArray(value) ? value.map(String) : []
}

export const numberAttribute = (node: TfjsNode, key: string, fallback: number): number => {
  const value = node.attributes.get(key)
  return typeof value === 'number' ? value : fallback
}

export const textAttribute = (node: TfjsNode, key: string): string =>
  String(node.attributes.get(key) ?? '')

export const flagAttribute = (node: TfjsNode, key: string): boolean =>
  node.attributes.get(key) === true

/** The contents of a constant integer input, or undefined where the model computes it. */
export const constantInts = (value: Value | undefined): readonly number[] | undefined => {
  if (value?.weight !== undefined) return [...weightValues(value.weight)]
  const known = value?.ints
  return known?.every((item) => item !== null) ? (known as readonly number[]) : undefined
}

/** Where TensorFlow's axis of an [N, H, W, C] tensor lies in [N, C, H, W]. */
export const AXIS_TO_CHANNELS_FIRST = [0, 2, 3, 1]

export const broadcastShapes = (shapes: readonly (Shape | undefined)[]): Shape | undefined => {
  if (shapes.some((shape) => shape === undefined)) return undefined
  const known = shapes as readonly Shape[]
  const rank = Math.max(...known.map(({ length }) => length))
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = known.map(
      (shape) => shape[shape.length - rank + axis] ?? sizeOrOne(shape, rank, axis),
    )
    const fixed = sizes.find((size) => size !== null && size > 1)
    if (fixed !== undefined) return fixed
    return sizes.includes(null) ? null : 1
  })
}

/** A missing leading axis broadcasts as 1; an axis of unknown size stays unknown. */
const sizeOrOne = (shape: Shape, rank: number, axis: number): number | null =>
  shape.length - rank + axis < 0 ? 1 : null

export const plainValue = (name: string, shape: Shape | undefined): Value => ({
  name,
  shape,
  layout: 'plain',
})

export const imageValue = (name: string, shape: Shape): Value => ({
  name,
  shape,
  layout: 'channels-first',
})

/** Sizes of an image, unknown ones as null, also where not even the rank is known. */
export const imageShape = (
  value: Value,
): readonly [number | null, number | null, number | null, number | null] => {
  const [batch = null, height = null, width = null, channels = null] = value.shape ?? []
  return [batch, height, width, channels]
}

/**
 * An operator without a counterpart. The prefix keeps it apart from ONNX operators of the same name
 * also for readers that look at the type and not at the domain.
 */
export const customOp: OpHandler = ({ emitter, node, inputs, outputCount }) => {
  const attributes = Object.fromEntries(
    [...node.attributes].flatMap(([key, value]) => {
      const attribute = customAttribute(value)
      return attribute === undefined ? [] : [[key, attribute] as const]
    }),
  )
  const names = inputs.map((value) => emitter.plain(value))
  const options = { name: node.name, attributes, domain: CUSTOM_DOMAIN, count: outputCount }
  return emitter
    .emitMany(`TF_${node.op}`, names, options)
    .map((name) => plainValue(name, undefined))
}

const customAttribute = (value: TfjsAttribute): OnnxAttribute | undefined => {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return Number.isInteger(value) ? value : { float: value }
  if (typeof value === 'string') return value
  return value.every((item) => typeof item === 'number') ? value : undefined
}
