import type { MatrixView, Role, RoleKind } from '../role.ts'
import type { Classified } from './classify.ts'
import { isTokenTable } from './component-words.ts'
import { emitQkv, emitWideQuery, isWideQuery } from './emit-attention.ts'
import { emitExpertPile, emitExpertStack, isExpertPile, isExpertStack } from './emit-experts.ts'
import type { ComponentFacts } from './facts.ts'
import { normSlot } from './norm-slot.ts'
import { type Piece, slotPath } from './piece.ts'
import { rowMajorView, selectRows, squeezedView, transposedView, vectorView } from './views.ts'

/** What the cutting of one tensor may look at. */
export type EmitContext = {
  readonly facts: ComponentFacts
  /** Words of the norms in the same block, which name each other. */
  readonly normLeaves: ReadonlySet<string>
}

const TABLES = new Set<RoleKind>(['embedding', 'head'])

/** The roles of one tensor: one, or several where it holds several matrices. */
export function emitRoles(item: Classified, context: EmitContext): readonly Role[] {
  const { entry, component } = item
  return piecesOf(item, context).map((piece) => {
    const isTable = TABLES.has(piece.kind) && component === 'language_model'
    return {
      component: isTable ? 'embeddings' : component,
      layer: isTable ? null : entry.layer,
      expert: piece.expert ?? entry.expert,
      kind: piece.kind,
      part: entry.part,
      slot: piece.slot ?? '',
      tensor: entry.tensor.name,
      view: piece.view,
      basis: entry.basis,
    }
  })
}

function piecesOf(item: Classified, context: EmitContext): readonly Piece[] {
  const { entry, word, cross } = item
  const { shape } = entry.tensor
  if (word === undefined) return [unnamed(item, context)]
  if (word === 'other' || word === 'buffer' || word === 'position') {
    return [{ kind: word, view: squeezedView(shape), slot: slotPath(item) }]
  }
  if (word === 'norm' || word === 'qk_norm') {
    return [{ kind: word, view: vectorView(shape), slot: normSlot(item, context.normLeaves) }]
  }
  if (losesSigns(word, context.facts)) return [unnamed(item, context)]
  if (isExpertStack(item)) return emitExpertStack(item, word, context.facts)
  if (isExpertPile(item, context.facts)) return emitExpertPile(item, word, context.facts)
  const view = matrixView(item, context.facts)
  if (word === 'qkv' || word === 'kv') return emitQkv(item, view, context.facts)
  if (isWideQuery(item, view, context.facts)) return emitWideQuery(item, view, context.facts)
  if (word === 'gate_up' || word === 'glu_pair') return halves(item, word, view)
  const needsSlot = word === 'conv' || word === 'patch' || word === 'router' || word === 'linear'
  if (needsSlot) return [{ kind: word, view, slot: slotOf(item, word) }]
  const isMatrix = shape.length >= 2 || entry.part === 'bias'
  if (!isMatrix) return [{ kind: 'other', view, slot: slotPath(item) }]
  return [{ kind: word, view, slot: cross ? 'cross' : '' }]
}

/** Behind an inner norm that subtracts a mean these rows may not be negated one by one. */
const losesSigns = (word: Classified['word'], { innerNorm }: ComponentFacts): boolean =>
  (word === 'v' && innerNorm.attention) || (word === 'up' && innerNorm.mlp)

function slotOf(item: Classified, word: RoleKind): string {
  const path = slotPath(item)
  if (word !== 'router') return path
  const isPlain = /(?:^|\.)(?:gate|router|wg|gating|router\.layer|gate\.wg|router\.classifier)$/
  return isPlain.test(path) ? '' : path
}

/** Dense layers without a known word keep their whole path as slot. */
function unnamed(item: Classified, { facts }: EmitContext): Piece {
  const { entry } = item
  const { shape } = entry.tensor
  if (entry.part === 'bias') return { kind: 'other', view: vectorView(shape), slot: slotPath(item) }
  if (entry.residue !== undefined) {
    return { kind: 'linear', view: squeezedView(shape), slot: slotPath(item) }
  }
  const view = matrixView(item, facts)
  // Tokens and probes are rows of their own: a layer's matrix says that it is a weight.
  const isProbe = shape.includes(1) && !/weight|kernel|_w\b/.test(entry.tensor.name)
  if (shape.length === 2 && view.rows * view.cols > 1 && !isProbe) {
    return { kind: 'linear', view, slot: slotPath(item) }
  }
  return { kind: 'other', view: squeezedView(shape), slot: slotPath(item) }
}

/** The tensor as one matrix with outputs as rows. */
export function matrixView(item: Classified, facts: ComponentFacts): MatrixView {
  const { entry, word } = item
  const { shape } = entry.tensor
  const [a = 1, b = 1] = shape
  if (entry.part === 'bias' || shape.length < 2) return vectorView(shape)
  const isTable = word === 'embedding' || entry.tokens.some(isTokenTable)
  const inBlocks = entry.layer !== null && !isTable
  const stored = entry.stored ?? (inBlocks ? facts.stored : 'out_in')
  if (shape.length === 2 && stored === 'in_out') return transposedView(a, b)
  return rowMajorView(shape)
}

/** Two branches of a gated MLP behind each other. */
function halves(
  item: Classified,
  word: 'gate_up' | 'glu_pair',
  view: MatrixView,
): readonly Piece[] {
  const half = view.rows / 2
  if (!Number.isInteger(half)) return [{ kind: 'linear', view, slot: slotPath(item) }]
  const first = selectRows(view, [{ first: 0, count: half }])
  const second = selectRows(view, [{ first: half, count: half }])
  if (word === 'gate_up') {
    return [
      { kind: 'gate', view: first },
      { kind: 'up', view: second },
    ]
  }
  if (/(?:^|\.)ff_proj$/.test(slotPath(item))) {
    // OLMo 1 multiplies the first half by the activated second half.
    return [
      { kind: 'up', view: first },
      { kind: 'gate', view: second },
    ]
  }
  const slot = slotPath(item)
  return [
    { kind: 'linear', view: first, slot: `${slot}#0` },
    { kind: 'linear', view: second, slot: `${slot}#1` },
  ]
}
