import type { JsonValue } from '../../base/canonical-json.ts'

/** What a configuration says of quantisation; everything else is read from the shapes. */
export type QuantisationFacts = {
  readonly method: string
  /** 'gptq_v2' stores zero points as they are. */
  readonly checkpointFormat: string
  /** AWQ: 'gemm' or 'gemv', which pack along different axes. */
  readonly version: string
  readonly bits: number | undefined
  readonly groupSize: number | undefined
  /** Rows and columns of the blocks that share a scale. */
  readonly blockShape: readonly [number, number] | undefined
}

type JsonObject = { readonly [key: string]: JsonValue }

function asObject(value: JsonValue | undefined): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value as JsonObject
}

/** `quantization_config` of a config.json, or a whole quantize_config.json. */
export function quantisationFacts(value: JsonValue | undefined): QuantisationFacts {
  const root = asObject(value)
  const own =
    root?.['quantization_config'] ?? asObject(root?.['text_config'])?.['quantization_config']
  const facts = asObject(own) ?? root ?? {}
  const weights = firstGroup(facts)
  const text = (key: string): string => {
    const found = facts[key]
    return typeof found === 'string' ? found.toLowerCase() : ''
  }
  const block = facts['weight_block_size'] ?? weights?.['block_structure']
  const [rows, cols] = Array.isArray(block) ? block : []
  return {
    method: text('quant_method'),
    checkpointFormat: text('checkpoint_format'),
    version: text('version'),
    bits: natural(facts['bits'] ?? facts['w_bit'] ?? weights?.['num_bits']),
    groupSize: natural(facts['group_size'] ?? facts['q_group_size'] ?? weights?.['group_size']),
    blockShape: typeof rows === 'number' && typeof cols === 'number' ? [rows, cols] : undefined,
  }
}

/** compressed-tensors lists groups of layers with their own settings; several are not told apart. */
function firstGroup(facts: JsonObject): JsonObject | undefined {
  const groups = Object.values(asObject(facts['config_groups']) ?? {})
  return groups.length === 1 ? asObject(asObject(groups[0])?.['weights']) : undefined
}

const natural = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
