import type { JsonValue } from '../../base/canonical-json.ts'
import type { ComponentName } from '../role.ts'

type JsonObject = { readonly [key: string]: JsonValue }

/** Numbers and words of `config.json` as they apply to one component. */
export type ConfigFacts = {
  readonly modelType: string
  readonly number: (...keys: readonly string[]) => number | undefined
  readonly flag: (key: string) => boolean | undefined
  readonly has: (...keys: readonly string[]) => boolean
  /** The nested section `key` that applies, if it is there. */
  readonly section: (key: string) => JsonObject | undefined
}

export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  if (value === undefined || value === null || typeof value !== 'object') return undefined
  return Array.isArray(value) ? undefined : (value as JsonObject)
}

const TEXT_KEYS = ['text_config', 'llm_config', 'language_config', 'lm_config', 'decoder']
const VISION_KEYS = ['vision_config', 'vision_cfg', 'vit_config', 'visual', 'vision_tower_config']
const AUDIO_KEYS = ['audio_config', 'speech_config', 'audio_encoder_config', 'encoder']

const keysOf: Readonly<Record<string, readonly string[]>> = {
  language_model: TEXT_KEYS,
  text_model: TEXT_KEYS,
  embeddings: TEXT_KEYS,
  vision_encoder: VISION_KEYS,
  audio_encoder: AUDIO_KEYS,
}

/** Qwen-Omni wraps its three models once more. */
function unwrap(config: JsonObject): JsonObject {
  return asObject(config['thinker_config']) ?? config
}

/**
 * The part of the configuration that speaks of `component`: its nested section, and the plain
 * top-level keys where they are about it too (the language model of a wrapper, `whole`, which is
 * all there is, the encoder of an encoder-decoder).
 */
export function configFor(
  config: JsonValue | undefined,
  component: ComponentName,
  whole: ComponentName,
): ConfigFacts {
  const root = asObject(config)
  const unwrapped = root === undefined ? undefined : unwrap(root)
  const scopes: JsonObject[] = []
  for (const key of keysOf[component] ?? [component, `${component}_config`]) {
    const nested = asObject(unwrapped?.[key])
    if (nested !== undefined) scopes.push(nested)
  }
  const ownsRoot =
    component === whole ||
    component === 'language_model' ||
    component === 'encoder' ||
    // Multi-token prediction layers are built like the body's.
    /(?:^|\.)mtp$/.test(component) ||
    (unwrapped?.['encoder_attention_heads'] !== undefined && /(?:^|_)encoder$/.test(component))
  if (ownsRoot && unwrapped !== undefined) scopes.push(unwrapped)
  // A tower without a type of its own belongs to the type of the whole.
  const typed = scopes.length > 0 && unwrapped !== undefined ? [...scopes, unwrapped] : []
  const modelType = typed.map((scope) => scope['model_type']).find((x) => typeof x === 'string')
  return {
    modelType: typeof modelType === 'string' ? modelType.toLowerCase() : '',
    number: (...keys) => firstNumber(scopes, keys),
    flag: (key) => {
      const value = scopes.map((scope) => dig(scope, key)).find((x) => typeof x === 'boolean')
      return typeof value === 'boolean' ? value : undefined
    },
    section: (key) => scopes.map((scope) => asObject(scope[key])).find((x) => x !== undefined),
    has: (...keys) => scopes.some((scope) => keys.some((key) => scope[key] !== undefined)),
  }
}

function firstNumber(scopes: readonly JsonObject[], keys: readonly string[]): number | undefined {
  for (const scope of scopes) {
    for (const key of keys) {
      const value = dig(scope, key)
      if (typeof value === 'number' && Number.isFinite(value)) return value
    }
  }
  return undefined
}

/** 'rope_parameters.partial_rotary_factor' walks into nested objects. */
function dig(scope: JsonObject, key: string): JsonValue | undefined {
  return key
    .split('.')
    .reduce<JsonValue | undefined>((value, step) => asObject(value)?.[step], scope)
}

/** True where the configuration nests one of a language model. */
export function wrapsLanguageModel(config: JsonValue | undefined): boolean {
  const root = asObject(config)
  return root !== undefined && TEXT_KEYS.some((key) => asObject(unwrap(root)[key]) !== undefined)
}

/** The type the whole checkpoint declares, in lower case; '' where it declares none. */
export function declaredType(config: JsonValue | undefined): string {
  const type = asObject(config)?.['model_type']
  return typeof type === 'string' ? type.toLowerCase() : ''
}
