import type { JsonValue } from '../../../../base/canonical-json.ts'

/** What a recipe may know of step 0: its configuration, and the names of its tensors. */
export type RecipeSource = {
  readonly config: JsonValue | undefined
  readonly names: ReadonlySet<string>
}

/** Facts of a configuration; what is lacking is remembered, so that a recipe reads on and names it at the end. */
export type ConfigReader = {
  /** The first of these keys that holds a number. */
  readonly number: (keys: string | readonly string[], fallback?: number) => number
  readonly flag: (key: string, fallback: boolean) => boolean
  readonly text: (key: string, fallback: string) => string
  /** null where no padding row is named. */
  readonly paddingRow: () => number | null
  /** Asks for something that the recipe cannot do without. */
  readonly need: (isThere: boolean, what: string) => void
  readonly missing: () => string | null
}

export function readerOf(config: JsonValue | undefined): ConfigReader {
  const isRecord = config !== null && typeof config === 'object' && !Array.isArray(config)
  const fields = isRecord ? (config as Readonly<Record<string, JsonValue>>) : {}
  let missing: string | null = null
  const need = (isThere: boolean, what: string): void => {
    if (!isThere) missing ??= what
  }
  return {
    number: (keys, fallback) => {
      const names = [keys].flat()
      const value = names.map((key) => fields[key]).find((one) => typeof one === 'number')
      if (typeof value === 'number') return value
      need(fallback !== undefined, names[0] ?? '')
      return fallback ?? 1
    },
    flag: (key, fallback) => (typeof fields[key] === 'boolean' ? fields[key] : fallback),
    text: (key, fallback) => (typeof fields[key] === 'string' ? fields[key] : fallback),
    paddingRow: () => (typeof fields['pad_token_id'] === 'number' ? fields['pad_token_id'] : null),
    need,
    missing: () => missing,
  }
}
