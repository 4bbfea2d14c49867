import { quoted } from '../../base/quoted.ts'
import { joinShards } from '../safetensors/join-shards.ts'
import { elementCount, type TensorInfo } from '../tensor.ts'
import { recogniseFourBit } from './bitsandbytes.ts'
import { recogniseCompressed } from './compressed.ts'
import { recogniseWords } from './packed-words.ts'
import type { QuantisationFacts } from './quantisation-config.ts'
import { recogniseBlocks, recogniseScaled } from './scaled.ts'
import { OTHER, type Recognised, type SmallReader } from './tensor-group.ts'

export type JoinedTensors = {
  /** Sorted by name, every name once. */
  readonly tensors: readonly TensorInfo[]
  readonly notes: readonly string[]
}

/**
 * Joins the tensors that a quantiser made of one weight into that weight, under its usual name and
 * shape, with an encoding that tells how its elements are read. What does not fit together stays
 * as it is stored, with a note.
 *
 * `readSmall` reads the few bytes in which some formats write down a shape. Throws what it throws,
 * and AppError CHECKPOINT_INVALID if a weight is present twice, quantised and not.
 */
export async function joinQuantised(
  tensors: readonly TensorInfo[],
  options: { readonly facts: QuantisationFacts; readonly readSmall: SmallReader },
): Promise<JoinedTensors> {
  // What is encoded itself, or empty, is neither codes nor scales.
  const plain = tensors.filter(
    ({ encoding, shape }) => encoding === undefined && elementCount(shape) > 0,
  )
  const byName = new Map(plain.map((tensor) => [tensor.name, tensor]))
  const source: Source = { ...options, lookup: (name) => byName.get(name) }
  const used = new Set<string>()
  const weights: TensorInfo[] = []
  const problems = new Map<string, string[]>()
  for (const tensor of plain) {
    const asked = recognise(tensor, source)
    const found = asked instanceof Promise ? await asked : asked
    if (found.kind === 'weight') {
      weights.push(found.weight)
      for (const name of found.uses) used.add(name)
    } else if (found.kind === 'unfit') {
      problems.set(found.reason, [...(problems.get(found.reason) ?? []), tensor.name])
    }
  }
  if (weights.length === 0) return { tensors, notes: notesOn(problems) }
  const rest = tensors.filter(({ name }) => !used.has(name))
  const joined = joinShards([
    { file: 'the quantised weights', tensors: weights },
    { file: 'the plain weights', tensors: rest },
  ])
  return { tensors: joined, notes: [dequantisedNote(weights), ...notesOn(problems)] }
}

type Source = Parameters<typeof recogniseCompressed>[1]

/** Asks first what the name and the type tell; a promise is made only where bytes are read. */
function recognise(tensor: TensorInfo, source: Source): Recognised | Promise<Recognised> {
  const { lookup, facts } = source
  const { name, dtype } = tensor
  if (name.endsWith('.qweight')) return recogniseWords(tensor, lookup, facts)
  if (name.endsWith('weight_packed')) return recogniseCompressed(tensor, source)
  if (dtype !== 'U8') return recogniseScaled(tensor, lookup, facts)
  return recogniseBytes(tensor, source)
}

/** Bytes may be halves of many formats. */
async function recogniseBytes(tensor: TensorInfo, source: Source): Promise<Recognised> {
  const { lookup, facts, readSmall } = source
  const tries = [
    () => recogniseFourBit(tensor, lookup, readSmall),
    () => recogniseBlocks(tensor, lookup),
    () => recogniseScaled(tensor, lookup, facts),
  ]
  for (const attempt of tries) {
    const found = await attempt()
    if (found.kind !== 'other') return found
  }
  return OTHER
}

function dequantisedNote(weights: readonly TensorInfo[]): string {
  const counts = new Map<string, number>()
  for (const { encoding } of weights) {
    const label = encoding === undefined || encoding.kind === 'blocks' ? '' : encoding.label
    counts.set(label, (counts.get(label) ?? 0) + 1)
  }
  const listed = [...counts].map(([label, count]) => `${count} in ${label}`)
  return `quantised weights, dequantised when they are read: ${listed.join(', ')}`
}

const notesOn = (problems: ReadonlyMap<string, readonly string[]>): readonly string[] =>
  [...problems].map(
    ([reason, names]) =>
      `not dequantised: ${names.length} weights, ${quoted(names[0] ?? '')} the first (${reason})`,
  )
