import type { PlacedTensor } from './stacks.ts'
import { isIndex } from './tensor-path.ts'
import type { LeafWord } from './vocabulary.ts'

type SequenceItem = { readonly entry: PlacedTensor; word: LeafWord | 'glu_pair' | undefined }

/**
 * mlp.0 and mlp.2, mm_projector.0 and .2: layers counted, not named. Two matrices of which the
 * second reads what the first writes are an MLP; one-dimensional weights with a bias are norms.
 */
export function resolveSequences(items: readonly SequenceItem[]): void {
  const unnamed = items.filter(
    ({ entry, word }) => word === undefined && sequencePath(entry) !== undefined,
  )
  const sequences = Map.groupBy(unnamed, ({ entry }) => sequencePath(entry))
  for (const sequence of sequences.values()) {
    const weights = sequence
      .filter(({ entry }) => entry.part === 'weight')
      .sort((a, b) => indexOf(a.entry) - indexOf(b.entry))
    for (const { entry } of weights) {
      if (entry.tensor.shape.length === 1 && biasOf(sequence, entry)) set(sequence, entry, 'norm')
    }
    const matrices = weights.filter(({ entry }) => entry.tensor.shape.length === 2)
    const [first, second] = matrices
    if (matrices.length !== 2 || first === undefined || second === undefined) continue
    const [outputs] = first.entry.tensor.shape
    if (outputs !== second.entry.tensor.shape[1]) continue
    set(sequence, first.entry, 'mlp_in')
    set(sequence, second.entry, 'mlp_out')
  }
}

/** Words of the path, the last index cut off; undefined where the path has none at its end. */
function sequencePath(entry: PlacedTensor): string | undefined {
  // net.0.proj stands for net.0: a projection inside a counted layer.
  const tokens = trimmed(entry)
  if (!isIndex(tokens.at(-1) ?? '') || tokens.length < 2) return undefined
  return `${entry.expert}|${tokens.slice(0, -1).join('.')}`
}

const trimmed = ({ tokens }: PlacedTensor): readonly string[] =>
  /^(?:proj|linear|fc|dense)$/.test(tokens.at(-1) ?? '') ? tokens.slice(0, -1) : tokens

const indexOf = (entry: PlacedTensor): number => Number(trimmed(entry).at(-1))

const biasOf = (sequence: readonly SequenceItem[], { tokens }: PlacedTensor): boolean =>
  sequence.some(({ entry }) => entry.part === 'bias' && entry.tokens.join('.') === tokens.join('.'))

/** Weight and bias of one layer together. */
function set(sequence: readonly SequenceItem[], { tokens }: PlacedTensor, word: LeafWord): void {
  const path = tokens.join('.')
  for (const item of sequence) if (item.entry.tokens.join('.') === path) item.word = word
}
