import { remembered } from '../../base/remembered.ts'
import type { TensorInfo } from '../tensor.ts'
import { plainWords } from './gguf-words.ts'

export type Basis = 'name' | 'graph' | 'shape'

/** A tensor's name cut into words, before anything is known of its place. */
export type TensorPath = {
  readonly tensor: TensorInfo
  /** Lower case, snake case; indices stand as their own tokens; the part word is cut off. */
  readonly tokens: readonly string[]
  readonly part: 'weight' | 'bias'
  readonly basis: Basis
  /** Axis order where the source states it: Flax kernels and ONNX MatMul are [in, out]. */
  readonly stored: 'out_in' | 'in_out' | undefined
  /** What is left of a quantised or decomposed weight: 'scales', 'qweight', 'lora_a' … */
  readonly residue: string | undefined
  /** The ONNX operator that computes with it. */
  readonly use?: string | undefined
}

// The word before an index that stands for one block of a stack, as in block_3 or encoderblock_0.
const BLOCK_WORD =
  /^(?:(?:encoder|decoder|transformer|residual|res|dense|moe|vit|text|vision|audio|attn|mlp)_?)?(?:blocks?|blk|layers?|h|stages?|cells?|experts?)$/

// w_0 and b_0 are PaddlePaddle's.
const WEIGHT_WORDS = new Set(['weight', 'weights', 'kernel', 'gamma', 'w', 'w_0'])
const BIAS_WORDS = new Set(['bias', 'beta', 'biases', 'b', 'b_0'])
// Words that wrap a parameter without saying what it is.
const WRAPPER_WORDS = new Set([
  'base_layer',
  'original_module',
  'module',
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
  'mat_mul',
  'matmul',
  'gemm',
  'onnx',
])

const RESIDUE_WORDS =
  /^(?:qweight|qzeros|scales|g_idx|weight_scale(?:_inv|_2)?|weight_global_scale|input_scale|output_scale|weight_packed|weight_shape|weight_zero_point|scb|weight_format|absmax|quant_map|quant_state.*|nested_.*|lora_[ab]|lora_embedding_[ab]|lora_magnitude_vector|weight_[gv]|zero_point|bitsandbytes.*|input_global_scale|k_scale|v_scale|kv_scale|q_scale)$/
const RESIDUE_SUFFIX =
  /^(.*?)(?:_(blocks|scales|scale_inv|scale|zero_point|quantized|merged_\d+|q4|q4f16|qweight|qzeros|g_idx))$/

/** Cuts camel case at a lower-to-upper step: LayerNorm → layer_norm, MatMul → mat_mul. */
function snake(token: string): string {
  return token.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}

/** 'block_3' → ['block', '3']; 'fc1', 'ln_2' and 'c_fc_0' stay whole. */
function splitIndex(token: string): readonly string[] {
  const match = /^(.*?[a-z])[_-]?(\d+)$/.exec(token)
  const word = match?.[1]
  const index = match?.[2]
  if (word === undefined || index === undefined || !BLOCK_WORD.test(word)) return [token]
  return [word, String(Number(index))]
}

function tokenise(name: string): string[] {
  return plainWords(name.split(/[./:\\\s]+/).flatMap(wordsOf))
}

/** Of one part of a name, which mostly comes again in the next tensor. */
const wordsOf = remembered((part): readonly string[] => {
  const token = snake(part)
  return token === '' || WRAPPER_WORDS.has(token) ? [] : splitIndex(token)
})

const isResidue = remembered((token) => RESIDUE_WORDS.test(token))

/**
 * Cuts a tensor's name, or the path of the ONNX node that consumes it, into words.
 * `rank` keeps a causal mask called `attn.bias` (rank 3 or more) from being read as a bias.
 */
export function parseTensorName(
  tensor: TensorInfo,
  name: string,
  hint: { readonly basis: Basis; readonly stored?: 'out_in' | 'in_out' | undefined },
): TensorPath {
  const tokens = tokenise(name)
  const { residue, kept } = cutResidue(tokens)
  const rank = tensor.shape.length
  const last = kept.at(-1) ?? ''
  const path = { tensor, basis: hint.basis, residue }
  const isKernel = last === 'kernel' && rank === 2
  const stored = hint.stored ?? unpackedOrder(tensor) ?? (isKernel ? 'in_out' : undefined)
  if (kept.length > 1 && WEIGHT_WORDS.has(last)) {
    return { ...path, tokens: kept.slice(0, -1), part: 'weight', stored }
  }
  if (kept.length > 1 && BIAS_WORDS.has(last) && rank < 3) {
    return { ...path, tokens: kept.slice(0, -1), part: 'bias', stored }
  }
  return { ...path, ...cutSuffix(kept, rank), stored }
}

/** Packed codes are always those of a linear layer, unpacked as [out, in]; blocks keep any order. */
function unpackedOrder({ encoding }: TensorInfo): 'out_in' | undefined {
  if (encoding?.kind !== 'affine') return undefined
  const { kind } = encoding.codes
  return kind === 'plain' || kind === 'blocks' ? undefined : 'out_in'
}

function cutResidue(tokens: readonly string[]): {
  readonly residue: string | undefined
  readonly kept: readonly string[]
} {
  const at = tokens.findIndex((token, i) => i > 0 && isResidue(token))
  if (at > 0) return { residue: tokens.slice(at).join('.'), kept: tokens.slice(0, at) }
  const last = tokens.at(-1) ?? ''
  const suffix = RESIDUE_SUFFIX.exec(last)
  const stem = suffix?.[1]
  const word = suffix?.[2]
  if (stem === undefined || word === undefined || stem === '' || tokens.length < 2) {
    return { residue: undefined, kept: tokens }
  }
  // layer_scale, logit_scale and their like are parameters of their own.
  const isWeight = /(?:proj|projs|weight|linear|dense|kernel|fc_?\d?|w_?\d|matmul_\d+|conv_?\d*)$/
  if (word.startsWith('scale') && !isWeight.test(stem)) return { residue: undefined, kept: tokens }
  const kept = [...tokens.slice(0, -1), stem]
  const isPayload = word === 'quantized' || word.startsWith('merged') || word.startsWith('q4')
  return { residue: isPayload ? undefined : word, kept }
}

/** in_proj_weight, gate_up_proj_bias, q_bias: the part is glued to the last word. */
function cutSuffix(
  tokens: readonly string[],
  rank: number,
): { readonly tokens: readonly string[]; readonly part: 'weight' | 'bias' } {
  const last = tokens.at(-1) ?? ''
  const glued = /^(.+)_(weight|kernel|bias|w|b)$/.exec(last)
  const stem = glued?.[1]
  const word = glued?.[2]
  if (stem === undefined || word === undefined) return { tokens, part: 'weight' }
  const part = word === 'bias' || word === 'b' ? 'bias' : 'weight'
  const plausible = part === 'weight' || rank <= 2
  return plausible ? { tokens: [...tokens.slice(0, -1), stem], part } : { tokens, part: 'weight' }
}

export const isIndex = (token: string): boolean => /^\d+$/.test(token)

export const isBlockWord = (token: string | undefined): boolean =>
  token !== undefined && BLOCK_WORD.test(token)
