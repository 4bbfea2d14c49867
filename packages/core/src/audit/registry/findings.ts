import type { TokenizerKinship } from './tokenizer-kin.ts'

/** What a registry was asked. Kinship is descriptive: it decides nothing. */
export type RegistryFindings = {
  readonly models: number
  /** Models with a sketch or block that could be compared. */
  readonly compared: number
  readonly hypotheses: number
  readonly kin: readonly ArchitectureKin[]
  /** Descriptive; null or absent where there was no tokenizer to compare. */
  readonly tokenizers?: TokenizerKinship | null
}

/** One statement of the model card held against what was compared. Descriptive: it decides nothing. */
export type ClaimCheck = {
  readonly claim: 'base_model' | 'from_scratch' | 'undeclared'
  /** The model that the claim names or, for what was not declared, the model that was found. */
  readonly reference: string
  readonly outcome:
    | 'supported'
    | 'not_supported'
    | 'contradicted'
    /** The card states the opposite elsewhere. */
    | 'disputed'
    | 'not_searched'
    /** It was searched, and nothing of it could be compared. */
    | 'not_testable'
    | 'found'
  /** Smallest corrected log10 p against that model; null where none was computed. */
  readonly log10P: number | null
}

/** A public model whose architecture the configuration follows, and what differs. */
export type ArchitectureKin = {
  readonly id: string
  readonly developer: string
  readonly same: readonly string[]
  readonly changed: readonly {
    readonly key: string
    readonly own: string | number | boolean
    readonly theirs: string | number | boolean
  }[]
}
