import type { ComponentStructure, Role } from '../role.ts'
import type { Classified } from './classify.ts'
import { takesTurns } from './emit-experts.ts'
import type { ComponentFacts } from './facts.ts'
import { rotaryOf } from './families.ts'

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
    norm: normOf(facts, roles),
    mlp: mlpOf(facts, roles),
    fixedPositionAdded: hasFixedPosition(facts, members),
    latent: latentOf(facts),
  }
}

function attentionOf(
  facts: ComponentFacts,
  members: readonly Classified[],
): ComponentStructure['attention'] {
  const latent = latentOf(facts)
  if (latent !== undefined) {
    const queryHeads = facts.config.number('num_attention_heads')
    if (queryHeads === undefined) return undefined
    const headDim = latent.nopeDim + latent.ropeDim
    const rotary = 'interleaved'
    return { queryHeads, keyValueHeads: queryHeads, headDim, rotary, rotaryDims: latent.ropeDim }
  }
  if (facts.heads === undefined) return undefined
  const rotary = rotaryLayout(facts, members)
  const rotaryDims = rotary === 'none' ? 0 : rotatedDims(facts, members)
  return { ...facts.heads, rotary, rotaryDims }
}

function rotaryLayout(
  facts: ComponentFacts,
  members: readonly Classified[],
): 'half' | 'interleaved' | 'none' | 'unknown' {
  const { config } = facts
  if (config.flag('alibi') === true || config.has('alibi_bias_max')) return 'none'
  const isMeta = members.some(({ entry }) =>
    /^layers\.\d+\.attention\.wq\.weight$/.test(entry.tensor.name),
  )
  if (isMeta && config.modelType === '') return 'interleaved'
  return rotaryOf(config.modelType) ?? 'unknown'
}

/** Rotated dimensions per head: config, else a stored frequency table, else all of them. */
function rotatedDims(facts: ComponentFacts, members: readonly Classified[]): number {
  const headDim = facts.heads?.headDim ?? 0
  const { config } = facts
  const share = config.number(
    'partial_rotary_factor',
    'rope_parameters.partial_rotary_factor',
    'rotary_pct',
    'rope_pct',
  )
  const dims =
    config.number('rotary_dim') ??
    (share === undefined ? undefined : Math.floor(headDim * share)) ??
    frequencyCount(members)
  return Math.min(headDim, dims ?? headDim)
}

function frequencyCount(members: readonly Classified[]): number | undefined {
  const table = members.find(({ entry }) => entry.tokens.at(-1) === 'inv_freq')
  const length = table?.entry.tensor.shape.at(-1)
  return length === undefined ? undefined : 2 * length
}

function normOf(facts: ComponentFacts, roles: readonly Role[]): ComponentStructure['norm'] {
  const norms = roles.filter((role) => role.kind === 'norm')
  if (norms.some((role) => role.part === 'bias')) return 'layer'
  if (facts.config.has('rms_norm_eps') || facts.config.flag('rmsnorm') === true) return 'rms'
  if (norms.some((role) => /rms_?norm/i.test(role.tensor))) return 'rms'
  if (/^(?:t5|mt5|umt5|mistral|exaone)$/.test(facts.config.modelType)) return 'rms'
  if (/^(?:qwen2_5_vl|qwen2_5_omni)\w*$/.test(facts.config.modelType)) return 'rms'
  if (/^(?:cohere\w*|mpt|dbrx|olmo)$/.test(facts.config.modelType)) return 'layer'
  if (norms.length === 0) return roles.length === 0 ? 'none' : 'unknown'
  return 'unknown'
}

function mlpOf(facts: ComponentFacts, roles: readonly Role[]): ComponentStructure['mlp'] {
  const has = (kind: Role['kind']): boolean => roles.some((role) => role.kind === kind)
  if (has('gate') && has('up')) return takesTurns(facts) ? 'gated_affine' : 'gated'
  return has('fc1') ? 'plain' : 'unknown'
}

/** Sinusoids of Whisper's encoder, of Marian and of the first Transformers. */
const SINUSOIDAL = /^(?:marian|m2m_100|nllb\w*|xglm|speech_to_text\w*|fsmt|vit_mae|pegasus)$/

function hasFixedPosition(facts: ComponentFacts, members: readonly Classified[]): boolean {
  if (SINUSOIDAL.test(facts.config.modelType)) return true
  const isAudio = facts.component === 'audio_encoder'
  const stem = members.some(
    ({ word, entry }) => word === 'patch' && entry.tensor.shape.length === 3,
  )
  return isAudio && stem
}

function latentOf(facts: ComponentFacts): ComponentStructure['latent'] {
  const { number } = facts.config
  const keyValueRank = number('kv_lora_rank')
  const nopeDim = number('qk_nope_head_dim')
  const ropeDim = number('qk_rope_head_dim')
  const valueDim = number('v_head_dim')
  if (keyValueRank === undefined || nopeDim === undefined) return undefined
  if (ropeDim === undefined || valueDim === undefined) return undefined
  return { keyValueRank, queryRank: number('q_lora_rank') ?? null, nopeDim, ropeDim, valueDim }
}
