import type { ComponentName, RoleKind } from '../role.ts'
import { elementCount } from '../tensor.ts'
import type { ComponentTensor } from './component.ts'
import { resolveSequences } from './sequences.ts'
import type { PlacedTensor } from './stacks.ts'
import { isIndex } from './tensor-path.ts'
import {
  isAttentionPath,
  isBufferPath,
  isPositionPath,
  isStateSpacePath,
  type LeafWord,
  wordInBlock,
  wordOutside,
} from './vocabulary.ts'

/** A tensor with its component and what its words and siblings say it is. */
export type Classified = {
  readonly entry: PlacedTensor
  readonly component: ComponentName
  /** Undefined: the words say nothing. */
  readonly word: ResolvedWord | undefined
  readonly cross: boolean
}

/** Siblings have decided what mlp_in, w1 and their like are. */
export type ResolvedWord = RoleKind | 'qkv' | 'kv' | 'gate_up' | 'glu_pair'

/** Axes longer than 1. */
export const rankOf = (shape: readonly number[]): number =>
  shape.filter((size) => size !== 1).length

/** Inside a stack of experts: experts.w1, moe.up_proj, or Granite's two linear layers. */
export const isExpertPath = (leaf: readonly string[]): boolean =>
  leaf.some((token) => /(?:^|_)experts$|^moe$/.test(token)) ||
  /(?:^|\.)(?:input_linear|output_linear)$/.test(leaf.join('.'))

const leafPath = (entry: PlacedTensor): string => entry.leaf.join('.')

function rawWord(
  entry: PlacedTensor,
  component: ComponentName,
): { readonly word: LeafWord | undefined; readonly cross: boolean } {
  const plain = (word: LeafWord | undefined) => ({ word, cross: false })
  const { tokens, leaf, tensor } = entry
  const rank = entry.part === 'bias' ? 1 : rankOf(tensor.shape)
  if (entry.residue !== undefined) return plain(/lora_/.test(entry.residue) ? undefined : 'other')
  if (isBufferPath(tokens) || isGraphConstant(entry)) return plain('buffer')
  if (entry.use === 'BatchNormalization') return plain('other')
  if (isPositionPath(tokens)) return plain('position')
  if (entry.layer === null) {
    const isText = component !== 'vision_encoder' && component !== 'audio_encoder'
    const word = wordOutside(tokens, rank)
    const [rows = 0, cols = 0] = tensor.shape
    // A vocabulary is longer than the model is wide, whichever way the table lies.
    const isTable = isText && component !== 'projector' && rows !== cols
    const fits = (word !== 'embedding' && word !== 'head') || isTable
    if (word !== undefined && fits) return plain(word)
  }
  const isDeep = tensor.shape.length >= 3 && entry.part === 'weight'
  const isCalled = leaf.some((token) => token.includes('conv')) || /Conv/.test(entry.use ?? '')
  const isConvolution = isDeep && (rank >= 3 || isCalled)
  if (isConvolution && !isExpertPath(leaf)) return plain('conv')
  // Half-byte formats hide behind unsigned bytes: their columns are not the matrix's.
  if (PACKED_DTYPES.has(tensor.dtype) && rank >= 2 && entry.basis === 'name') return plain('other')
  return wordInBlock(leaf, rank, entry.layer !== null) ?? plain(undefined)
}

/** Shapes, axes and indices that an ONNX graph computes with. */
const isGraphConstant = ({ use, tensor }: PlacedTensor): boolean =>
  use !== undefined && ['I64', 'I32', 'U64', 'BOOL'].includes(tensor.dtype)

const PACKED_DTYPES = new Set(['U8', 'I32', 'U32', 'U64', 'I64', 'I16', 'U16', 'BOOL'])

type Draft = {
  readonly entry: PlacedTensor
  readonly component: ComponentName
  word: LeafWord | 'glu_pair' | undefined
  readonly cross: boolean
}

/**
 * Classifies every tensor: first by its own words, then by its siblings in the same layer and
 * expert (which of w1, w2, w3 is the gate; whether `gate` routes; whether fc1 holds two branches).
 */
export function classify(tensors: readonly ComponentTensor[]): readonly Classified[] {
  const drafts: Draft[] = tensors.map(({ entry, component }) => ({
    entry,
    component,
    ...rawWord(entry, component),
  }))
  resolveSequences(drafts)
  const groups = Map.groupBy(drafts, groupKey)
  for (const group of groups.values()) resolveGroup(group)
  const layers = Map.groupBy(drafts, ({ component, entry }) => `${component}|${entry.layer}`)
  for (const layer of layers.values()) {
    markRouters(layer)
    demoteUnknownMixers(layer)
    markBatchNorms(layer)
  }
  followWeights(drafts)
  return drafts.map(({ entry, component, word, cross }) => ({
    entry,
    component,
    word: finalWord(word),
    cross,
  }))
}

/** A bias without words of its own is what its weight is. */
function followWeights(drafts: readonly Draft[]): void {
  const path = ({ entry }: Draft): string => entry.tokens.join('.')
  const weights = new Map(
    drafts.filter(({ entry }) => entry.part === 'weight').map((draft) => [path(draft), draft]),
  )
  for (const draft of drafts) {
    if (draft.entry.part !== 'bias' || draft.word !== undefined) continue
    const weight = weights.get(path(draft))
    if (weight !== undefined && weight.entry.tensor.shape.length >= 2) {
      draft.word = weight.word ?? 'linear'
    }
  }
}

/** Words that no sibling explained stay unknown. */
function finalWord(word: Draft['word']): ResolvedWord | undefined {
  if (word === 'w1' || word === 'w2' || word === 'w3') return undefined
  if (word === 'mlp_in') return 'fc1'
  if (word === 'mlp_out') return 'fc2'
  return word
}

/** One MLP: same component, layer, expert, and the same word for it where a block has two. */
function groupKey({ component, entry, cross }: Draft): string {
  const scope = entry.leaf.find((word) => /^(?:feed_?forward|ffn?|mlp)_?\w*$/.test(word)) ?? ''
  const base = `${component}|${entry.stack ?? entry.prefix.join('.')}|${entry.layer}`
  return `${base}|${entry.expert}|${entry.leaf.length > 1 ? scope : ''}|${cross}`
}

const weightOf = (group: readonly Draft[], word: Draft['word']): Draft | undefined =>
  group.find((draft) => draft.word === word && draft.entry.part === 'weight')

function rename(group: readonly Draft[], from: Draft['word'], to: Draft['word']): void {
  for (const draft of group) if (draft.word === from) draft.word = to
}

function resolveGroup(group: readonly Draft[]): void {
  resolveNumbered(group)
  resolveCounted(group)
  const gate = weightOf(group, 'gate')
  const up = weightOf(group, 'up')
  if (gate !== undefined && weightOf(group, 'mlp_in') !== undefined && up === undefined) {
    rename(group, 'mlp_in', 'up')
  }
  const isGated = gate !== undefined || weightOf(group, 'gate_up') !== undefined
  if (isGated) {
    rename(group, 'mlp_out', 'down')
    return
  }
  rename(group, 'up', 'mlp_in')
  rename(group, 'down', 'mlp_out')
  const first = weightOf(group, 'mlp_in')
  const second = weightOf(group, 'mlp_out')
  if (first === undefined || second === undefined) return
  if (holdsTwoBranches(first, second)) {
    const path = leafPath(first.entry)
    const isKnown = KNOWN_PAIRS.test(path) || /(?:^|\.)Wi\.weight$/.test(first.entry.tensor.name)
    rename(group, 'mlp_in', isKnown ? 'gate_up' : 'glu_pair')
    rename(group, 'mlp_out', 'down')
  }
}

/**
 * Fused branches with the activated one first: ChatGLM dense_h_to_4h, Megatron linear_fc1,
 * Granite-MoE input_linear, DINOv2 weights_in and w12, ModernBERT Wi. Under any other name the
 * order of the two is not known: fc1 begins with the gate in timm and ends with it in Moonshine.
 */
const KNOWN_PAIRS = /(?:^|\.)(?:dense_h_to_4h|linear_fc1|input_linear|weights_in|w12|gate_up\w*)$/

/**
 * The first matrix has twice as many hidden rows as the second has hidden columns. Stored
 * [in, out] this is told from a plain MLP only where the MLP ends as wide as it begins, which a
 * projector does not.
 */
function holdsTwoBranches(first: Draft, second: Draft): boolean {
  const [a = 0, b = 0] = first.entry.tensor.shape.slice(-2)
  const [c = 0, d = 0] = second.entry.tensor.shape.slice(-2)
  const straight = a === 2 * d && b === c
  const swapped = b === 2 * c && a === d && first.component !== 'projector'
  return (straight || swapped) && elementCount(first.entry.tensor.shape) > 0
}

/**
 * w1, w2, w3. Meta and Mixtral: w2 goes back to the residual width (w1 gate, w3 up).
 * xFormers and EVA-02: w3 goes back (w1 gate, w2 up). Qwen 1: w2 is the gate, c_proj goes back.
 * Two of them alone are a plain MLP.
 */
function resolveNumbered(group: readonly Draft[]): void {
  const w1 = weightOf(group, 'w1')
  const w2 = weightOf(group, 'w2')
  const w3 = weightOf(group, 'w3')
  if (w1 === undefined || w2 === undefined) return
  const sameAsFirst = (other: Draft): boolean =>
    other.entry.tensor.shape.join() === w1.entry.tensor.shape.join()
  const set = (one: Draft['word'], two: Draft['word'], three?: Draft['word']): void => {
    rename(group, 'w1', one)
    rename(group, 'w2', two)
    if (three !== undefined) rename(group, 'w3', three)
  }
  if (w3 !== undefined) {
    const backByThird = sameAsFirst(w2) && !sameAsFirst(w3)
    if (backByThird) set('gate', 'up', 'down')
    else set('gate', 'down', 'up')
    return
  }
  const v1 = weightOf(group, 'up')
  if (v1 !== undefined) set('gate', 'down')
  else if (weightOf(group, 'mlp_out') !== undefined && sameAsFirst(w2)) set('up', 'gate')
  else set('mlp_in', 'mlp_out')
}

/** Kimi counts from fc0; Nomic BERT calls the branches fc11 (plain) and fc12 (activated). */
function resolveCounted(group: readonly Draft[]): void {
  const last = ({ entry }: Draft): string => entry.leaf.at(-1) ?? ''
  const countsFromZero = group.some((draft) => last(draft) === 'fc0')
  const hasBranches = group.some((draft) => last(draft) === 'fc12')
  for (const draft of group) {
    const name = last(draft)
    if (countsFromZero && name === 'fc0') draft.word = 'mlp_in'
    if (countsFromZero && name === 'fc1') draft.word = 'mlp_out'
    if (hasBranches && name === 'fc11') draft.word = 'up'
    if (hasBranches && name === 'fc12') draft.word = 'gate'
  }
}

/** `mlp.gate` beside experts chooses among them. */
function markRouters(layer: readonly Draft[]): void {
  const hasExperts = layer.some(
    ({ entry }) => (entry.expert !== null && entry.expert >= 0) || isExpertPath(entry.leaf),
  )
  if (!hasExperts) return
  for (const draft of layer) {
    const { leaf, expert } = draft.entry
    const last = leaf.filter((token) => !isIndex(token)).at(-1)
    const within = leaf.some((token) => /experts?$/.test(token))
    if (draft.word === 'gate' && expert === null && !within && (last === 'gate' || last === 'wg')) {
      draft.word = 'router'
    }
  }
}

const MIXING = new Set<Draft['word']>(['q', 'k', 'v', 'o', 'qkv', 'kv'])

/**
 * Queries, keys and values that pass through a convolution or a decay (Mamba, gated delta
 * rules, Kimi Delta Attention) do not have attention's symmetries: they become plain layers.
 */
function demoteUnknownMixers(layer: readonly Draft[]): void {
  const parent = (draft: Draft): string => draft.entry.leaf.slice(0, -1).join('.')
  const mixers = new Set(
    layer
      .filter(({ entry, word }) => {
        const last = entry.leaf.at(-1) ?? ''
        const decays =
          /^(?:a_log|a|dt|dt_proj|conv1d|[qkv]_s?conv(?:1d)?|short_conv|receptance|time_\w+)$/.test(
            last,
          )
        return entry.leaf.length > 1 && (decays || (word === 'conv' && isAttentionPath(entry.leaf)))
      })
      .map(parent),
  )
  for (const draft of layer) {
    const inMixer = mixers.has(parent(draft)) || isStateSpacePath(draft.entry.leaf)
    if (inMixer && MIXING.has(draft.word)) draft.word = undefined
  }
}

/**
 * Batch norms keep running statistics beside them. Their vectors lie along the channels of one
 * convolution each, not along a residual stream, so they are no norms in the sense of the map.
 */
function markBatchNorms(layer: readonly Draft[]): void {
  const parent = ({ entry }: Draft): string =>
    [...entry.prefix, ...entry.leaf.slice(0, -1)].join('.')
  const own = ({ entry }: Draft): string => [...entry.prefix, ...entry.leaf].join('.')
  const batch = new Set(
    layer.filter(({ entry }) => /^running_(?:mean|var)$/.test(entry.leaf.at(-1) ?? '')).map(parent),
  )
  for (const draft of layer)
    if (draft.word === 'norm' && batch.has(own(draft))) draft.word = 'other'
}
