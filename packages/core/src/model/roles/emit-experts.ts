import type { RoleKind } from '../role.ts'
import { type Classified, isExpertPath, type ResolvedWord, rankOf } from './classify.ts'
import type { ComponentFacts } from './facts.ts'
import { type Piece, slotPath } from './piece.ts'
import { everyNthRow, selectRows, squeezedView, stackedView, vectorView } from './views.ts'

/** All experts of a layer in one tensor: [experts, a, b], or [experts, a] for biases. */
export function isExpertStack({ entry, word }: Classified): boolean {
  const { shape } = entry.tensor
  if (entry.expert !== null || word === 'router' || !isExpertPath(entry.leaf)) return false
  return entry.part === 'bias' ? shape.length === 2 : rankOf(shape) === 3 && shape.length === 3
}

/** DBRX: the experts' rows behind each other in one matrix [experts · hidden, width]. */
export function isExpertPile({ entry }: Classified, facts: ComponentFacts): boolean {
  const [rows = 0] = entry.tensor.shape
  const { expertCount } = facts
  const within = entry.leaf.some((token) => token === 'experts') && entry.expert === null
  const fits = expertCount !== null && expertCount > 1 && rows % expertCount === 0
  return within && fits && entry.part === 'weight' && entry.tensor.shape.length === 2
}

/** Every branch lies there as [experts · hidden, width], the way back transposed as well. */
export function emitExpertPile(
  { entry }: Classified,
  word: ResolvedWord,
  facts: ComponentFacts,
): readonly Piece[] {
  const [rows = 0, width = 0] = entry.tensor.shape
  const hidden = rows / (facts.expertCount ?? 1)
  return Array.from({ length: facts.expertCount ?? 1 }, (_, expert) => {
    const shape = [rows / hidden, hidden, width]
    const stored = word === 'down' || word === 'fc2' ? 'in_out' : 'out_in'
    return { kind: word as RoleKind, view: stackedView(shape, expert, stored), expert }
  })
}

/** One piece per expert and branch. */
export function emitExpertStack(
  item: Classified,
  word: ResolvedWord,
  facts: ComponentFacts,
): readonly Piece[] {
  const { entry } = item
  const [count = 0] = entry.tensor.shape
  const stored = expertOrder(item, word, facts)
  if (stored === undefined) {
    return [{ kind: 'other', view: squeezedView(entry.tensor.shape), slot: slotPath(item) }]
  }
  const pieces: Piece[] = []
  for (let expert = 0; expert < count; expert++) {
    pieces.push(...expertPieces(item, word, { facts, expert, stored }))
  }
  return pieces
}

type ExpertPlace = {
  readonly facts: ComponentFacts
  readonly expert: number
  readonly stored: 'out_in' | 'in_out'
}

function expertPieces(
  { entry }: Classified,
  word: ResolvedWord,
  { facts, expert, stored }: ExpertPlace,
): readonly Piece[] {
  const { shape } = entry.tensor
  const [, a = 1] = shape
  const view =
    entry.part === 'bias'
      ? { ...vectorView([a]), offset: expert * a }
      : stackedView(shape, expert, stored)
  if (word !== 'gate_up' && word !== 'glu_pair') return [{ kind: word as RoleKind, view, expert }]
  if (facts.shiftedExperts) {
    return [
      { kind: 'gate', view: everyNthRow(view, 0, 2), expert },
      { kind: 'up', view: everyNthRow(view, 1, 2), expert },
    ]
  }
  const half = view.rows / 2
  return [
    { kind: 'gate', view: selectRows(view, [{ first: 0, count: half }]), expert },
    { kind: 'up', view: selectRows(view, [{ first: half, count: half }]), expert },
  ]
}

const IN_OUT_TYPES = /^(?:gpt_oss|llama4(?:_text)?|qwen3_vl_moe(?:_text)?)$/

/**
 * Llama 4, gpt-oss and Qwen3-VL-MoE multiply from the right: their experts are [in, out].
 * Where the sizes tell, they decide; the declared type settles what they leave open.
 */
function expertOrder(
  { entry }: Classified,
  word: ResolvedWord,
  facts: ComponentFacts,
): 'out_in' | 'in_out' | undefined {
  if (entry.part === 'bias') return 'out_in'
  if (entry.stored !== undefined) return entry.stored
  const [, a = 0, b = 0] = entry.tensor.shape
  const width = facts.hiddenSize
  const writes = word === 'down' || word === 'fc2' || word === 'o'
  if (width !== null && a !== b) {
    const outIn = writes ? a === width : b === width
    const inOut = writes ? b === width : a === width
    if (outIn !== inOut) return outIn ? 'out_in' : 'in_out'
  }
  if (facts.config.modelType === '') return undefined
  return IN_OUT_TYPES.test(facts.config.modelType) ? 'in_out' : 'out_in'
}
