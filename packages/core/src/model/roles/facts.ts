import type { ComponentName, ComponentStructure } from '../role.ts'
import { type Classified, type ResolvedWord, rankOf } from './classify.ts'
import type { ConfigFacts } from './config-facts.ts'
import { normOfType } from './families.ts'

import {
  attentionShape,
  type Heads,
  inferHeads,
  type Latent,
  latentOf,
  queryRowsOf,
} from './heads.ts'
import { isAttentionPath, isMlpPath, isStateSpacePath } from './vocabulary.ts'

/** What has to be known of a component before its tensors can be cut into matrices. */
export type ComponentFacts = {
  readonly component: ComponentName
  readonly config: ConfigFacts
  /** Residual width; null where norms, config and shapes name none. */
  readonly hiddenSize: number | null
  readonly stored: 'out_in' | 'in_out'
  /** Undefined where neither config nor shapes settle it. */
  readonly heads: Heads | undefined
  /** Columns of o, else rows of q; null where blocks differ. */
  readonly attentionWidth: number | null
  /** Rows that the queries need; q may hold more. */
  readonly queryRows: number | null
  readonly latent: Latent | undefined
  /** Queries and keys pass a norm that subtracts a mean, or may: their signs are not free. */
  readonly centresQueries: boolean
  readonly norm: ComponentStructure['norm']
  /** A norm that is not RMS stands between value and output, or between the MLP's matrices. */
  readonly innerNorm: { readonly attention: boolean; readonly mlp: boolean }
  /** Experts per layer, from the router's rows; null where there is none. */
  readonly expertCount: number | null
  /** gpt-oss: gate and up rows take turns, and the up branch is shifted by one. */
  readonly shiftedExperts: boolean
}

export function gatherFacts(
  component: ComponentName,
  members: readonly Classified[],
  config: ConfigFacts,
): ComponentFacts {
  // A projector leads from one width to another; only with attention does it have its own.
  const hasStream = component !== 'projector' || members.some(({ word }) => word === 'o')
  const hiddenSize = hasStream ? residualWidth(members, config) : null
  const stored = storageOrder(members, hiddenSize)
  const shape = attentionShape(members, { hiddenSize, stored })
  const norm = normOf(members, config)
  const queryRows = queryRowsOf(shape, config)
  const heads = inferHeads(shape, { component, config, queryRows })
  return {
    component,
    config,
    hiddenSize,
    stored,
    heads,
    attentionWidth: shape.width,
    queryRows,
    centresQueries: norm !== 'rms' && members.some(({ word }) => word === 'qk_norm'),
    latent: latentOf(members, config),
    norm,
    innerNorm: innerNormOf(members, norm),
    expertCount: expertCountOf(members, hiddenSize),
    shiftedExperts: hasShiftedExperts(members, config),
  }
}

/** 'layer' where a norm has a bias; otherwise what config, names or the declared type say. */
function normOf(members: readonly Classified[], config: ConfigFacts): ComponentStructure['norm'] {
  const norms = members.filter((m) => m.word === 'norm')
  if (norms.some(({ entry }) => entry.part === 'bias')) return 'layer'
  const byType = normOfType(config.modelType)
  if (byType !== undefined) return byType
  if (norms.length === 0) return members.length === 0 ? 'none' : 'unknown'
  const isSaid =
    config.has('rms_norm_eps', 'rms_norm_epsilon', 'rms_layernorm_eps') ||
    config.flag('rmsnorm') === true ||
    norms.some(({ entry }) => /rms_?norm/i.test(entry.tensor.name))
  return isSaid ? 'rms' : 'unknown'
}

/** Subtracting a mean along heads or hidden units breaks their sign symmetry; RMS does not. */
function innerNormOf(
  members: readonly Classified[],
  norm: ComponentStructure['norm'],
): ComponentFacts['innerNorm'] {
  if (norm === 'rms') return { attention: false, mlp: false }
  const paths = members
    .filter(({ word, entry }) => word === 'norm' && entry.layer !== null)
    .map(({ entry }) => entry.leaf.slice(0, -1))
    .filter((path) => path.length > 0 && !path.includes('output') && !isStateSpacePath(path))
  return { attention: paths.some(isAttentionPath), mlp: paths.some(isMlpPath) }
}

function expertCountOf(members: readonly Classified[], hiddenSize: number | null): number | null {
  const router = members.find(
    ({ word, entry }) => word === 'router' && entry.tensor.shape.length === 2,
  )
  const other = router?.entry.tensor.shape.filter((size) => size !== hiddenSize)
  return other?.length === 1 ? (other[0] ?? null) : null
}

/** By type, or by the marks nobody else carries: attention sinks beside biases of experts. */
function hasShiftedExperts(members: readonly Classified[], config: ConfigFacts): boolean {
  if (config.modelType !== '') return config.modelType === 'gpt_oss'
  const names = members.map(
    ({ entry }) => entry.leaf.join('.') + (entry.part === 'bias' ? '!' : ''),
  )
  return names.includes('self_attn.sinks') && names.includes('mlp.experts.gate_up_proj!')
}

/** The most frequent value, the smallest among equals. */
function mode(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || a - b)
  return ranked[0]?.[0]
}

const isWeight = ({ entry }: Classified): boolean => entry.part === 'weight'

function residualWidth(members: readonly Classified[], config: ConfigFacts): number | null {
  const norms = members.filter((m) => m.word === 'norm' && isWeight(m) && m.entry.layer !== null)
  const byNorm = mode(norms.map(({ entry }) => Math.max(1, ...entry.tensor.shape)))
  if (byNorm !== undefined && byNorm > 1) return byNorm
  const byConfig = config.number(
    'hidden_size',
    'n_embd',
    'd_model',
    'dim',
    'embed_dim',
    'width',
    'hidden_dim',
  )
  const matrices = members.filter((m) => isWeight(m) && rankOf(m.entry.tensor.shape) === 2)
  const sizes = matrices.flatMap(({ entry }) => entry.tensor.shape.filter((size) => size !== 1))
  if (byConfig !== undefined && sizes.includes(byConfig)) return byConfig
  const inBlocks = matrices.filter(({ entry }) => entry.layer !== null)
  const repeated = inBlocks.length > 0 ? inBlocks : matrices
  return mode(repeated.flatMap(({ entry }) => [...new Set(entry.tensor.shape)])) ?? null
}

const READS_RESIDUAL = new Set<ResolvedWord | undefined>([
  'q',
  'k',
  'v',
  'qkv',
  'gate',
  'up',
  'fc1',
  'gate_up',
  'glu_pair',
  'q_a',
  'kv_a',
  'router',
])
const WRITES_RESIDUAL = new Set<ResolvedWord | undefined>(['o', 'down', 'fc2'])

/** GPT-2's Conv1D and Flax kernels are [in, out]: every matrix that is not square votes. */
function storageOrder(
  members: readonly Classified[],
  hiddenSize: number | null,
): 'out_in' | 'in_out' {
  let balance = 0
  for (const { entry, word, cross } of members) {
    const { shape } = entry.tensor
    const [rows = 0, cols = 0] = shape
    if (hiddenSize === null || cross || entry.part !== 'weight' || shape.length !== 2) continue
    if (rows === cols || entry.layer === null || entry.stored !== undefined) continue
    if (READS_RESIDUAL.has(word)) balance += vote(cols === hiddenSize, rows === hiddenSize)
    if (WRITES_RESIDUAL.has(word)) balance += vote(rows === hiddenSize, cols === hiddenSize)
  }
  return balance < 0 ? 'in_out' : 'out_in'
}

const vote = (outIn: boolean, inOut: boolean): number => (outIn ? 1 : 0) - (inOut ? 1 : 0)
