import type { JsonValue } from './canonical-json.ts'

export type StrictJsonOptions = {
  /** What the bytes are, for messages: usually a file name. */
  readonly source: string
  /** Default 64 MiB. */
  readonly maxBytes?: number
  /** Objects and arrays inside each other. Default 64. */
  readonly maxDepth?: number
  /** Values of any kind in the whole document; every key has one. Default 2,000,000. */
  readonly maxValues?: number
  /** 'refused': the first byte must belong to the value. Default 'allowed'. */
  readonly leadingWhitespace?: 'allowed' | 'refused'
  /**
   * 'carriable' (default): finite, and integers no larger than 2^53 − 1, so that no digit is lost.
   * 'integers': moreover written without sign of a fraction or an exponent; `8e0` and `-0` fail.
   * 'text': what is not carriable, and the NaN and Infinity that Python writes, become text.
   */
  readonly numbers?: 'carriable' | 'integers' | 'text'
  /**
   * Keys from the root to a value that is not wanted: checked like everything else, but an array
   * there comes out empty. Saves the memory of long lists beside what is read.
   */
  readonly emptied?: readonly string[]
  /** An object whose members are put into a map instead, which for 100,000 of them is faster. */
  readonly mapped?: { readonly keys: readonly string[]; readonly into: Map<string, JsonValue> }
  /** An object whose members are only counted: checked, shown to `onMember`, and let go. */
  readonly counted?: {
    readonly keys: readonly string[]
    readonly onMember: (value: JsonValue) => void
  }
}
