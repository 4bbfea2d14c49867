import type { ComponentStructure, Role } from '../role.ts'
import type { Classified } from './classify.ts'
import type { ComponentFacts } from './facts.ts'
import { addsFixedPosition, latentRotaryOf, rotaryDimsOf, rotaryOf } from './families.ts'

/** Facts about one component's symmetries; what names, shapes and config leave open stays open. */
export function structureOf(
  facts: ComponentFacts,
  members: readonly Classified[],
  roles: readonly Role[],
): ComponentStructure {
  const layers = new Set(members.map(({ entry }) => entry.layer).filter((layer) => layer !== null))
  return {
    component: facts.component,
    layerCount: layers.size,
    hiddenSize: facts.hiddenSize,
    attention: attentionOf(facts, members),
    norm: facts.norm,
    mlp: mlpOf(facts, roles),
    fixedPositionAdded: hasFixedPosition(facts, members),
    latent: latentWithoutRows(facts),
  }
}

function attentionOf(
  facts: ComponentFacts,
  members: readonly Classified[],
): ComponentStructure['attention'] {
  const latent = facts.latent
  if (latent !== undefined) {
    const queryHeads = facts.config.number('num_attention_heads')
    if (queryHeads === undefined) return undefined
    const headDim = latent.nopeDim + latent.ropeDim
    const rotary = latentRotaryOf(facts.config)
    return { queryHeads, keyValueHeads: queryHeads, headDim, rotary, rotaryDims: latent.ropeDim }
  }
  if (facts.heads === undefined) return undefined
  const rotary = rotaryLayout(facts, members)
  const { headDim } = facts.heads
  // Behind a norm that subtracts a mean nothing may be negated, whatever rotates.
  if (facts.centresQueries) return { ...facts.heads, rotary, rotaryDims: null }
  if (rotary === 'none') return { ...facts.heads, rotary, rotaryDims: 0 }
  const stated = rotaryDimsOf(facts.config, headDim) ?? frequencyCount(members)
  const assumed = rotary === 'unknown' ? null : headDim
  const dims = stated === 'mixed' ? null : (stated ?? assumed)
  return { ...facts.heads, rotary, rotaryDims: dims === null ? null : Math.min(headDim, dims) }
}

function rotaryLayout(
  facts: ComponentFacts,
  members: readonly Classified[],
): 'half' | 'interleaved' | 'none' | 'unknown' {
  const declared = rotaryOf(facts.config)
  if (declared !== undefined) return declared
  if (facts.config.modelType !== '') return 'unknown'
  const names = members.map(({ entry }) => entry.tensor.name)
  // The names of Meta's and Mistral's own releases, whose code pairs neighbours.
  const isMeta =
    names.includes('layers.0.attention.wq.weight') &&
    names.includes('layers.0.attention_norm.weight')
  if (isMeta) return 'interleaved'
  const isGpt2 = names.some((name) => /(?:^|\.)wpe\.weight$/.test(name))
  return isGpt2 && names.some((name) => name.endsWith('attn.c_attn.weight')) ? 'none' : 'unknown'
}

/** A stored table of frequencies has one entry per rotated pair. */
function frequencyCount(members: readonly Classified[]): number | undefined {
  const table = members.find(({ entry }) => entry.tokens.at(-1) === 'inv_freq')
  const length = table?.entry.tensor.shape.at(-1)
  return length === undefined ? undefined : 2 * length
}

function mlpOf(facts: ComponentFacts, roles: readonly Role[]): ComponentStructure['mlp'] {
  const has = (kind: Role['kind']): boolean => roles.some((role) => role.kind === kind)
  if (has('gate') && has('up')) return facts.shiftedExperts ? 'gated_affine' : 'gated'
  return has('fc1') ? 'plain' : 'unknown'
}

/** Where an audio encoder adds what to its frames is not known, a fixed position is assumed. */
function hasFixedPosition(facts: ComponentFacts, members: readonly Classified[]): boolean {
  const { modelType } = facts.config
  const isEncoder = facts.component !== 'language_model' || !/^whisper$/.test(modelType)
  if (isEncoder && addsFixedPosition(modelType)) return true
  const stem = members.some(
    ({ word, entry }) => word === 'patch' && entry.tensor.shape.length === 3,
  )
  return facts.component === 'audio_encoder' && stem
}

function latentWithoutRows(facts: ComponentFacts): ComponentStructure['latent'] {
  if (facts.latent === undefined) return undefined
  const { queryRows: _, ...latent } = facts.latent
  return latent
}
