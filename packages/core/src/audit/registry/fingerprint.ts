import type { ComponentName } from '../../model/role.ts'
import type { Architecture } from './architecture.ts'
import type { Sketch } from './sketch.ts'

/**
 * What a registry keeps of a model: enough to find copies and relatives without its weights.
 * docs/formats/fingerprint.md describes the file.
 */
export type Fingerprint = {
  readonly source: FingerprintSource
  readonly model: ModelFacts
  /** What the model card says of itself; compared with the weights, never believed. */
  readonly claims: Claims
  readonly tokenizer: TokenizerSketch | null
  readonly components: readonly ComponentFingerprint[]
}

export type FingerprintSource = {
  /** Hub id such as 'org/name', or the name its maker of the registry gave it. */
  readonly id: string
  /** Commit of the hub repository; null where it is not known. */
  readonly commit: string | null
  readonly files: readonly FileFact[]
  /** Day of the fingerprint, YYYY-MM-DD. */
  readonly date: string
}

export type FileFact = {
  readonly path: string
  readonly sizeBytes: number
  /** SHA-256 of the whole file; null where it was not read in full. */
  readonly digest: string | null
}

export type ModelFacts = {
  readonly format: string
  readonly modelType: string | null
  readonly licence: string | null
  readonly parameters: number
  readonly layerCount: number
  readonly tensorCount: number
  /** Over all names, shapes and dtypes, sorted. */
  readonly inventoryDigest: string
  /** The architecture as config.json states it. */
  readonly config: Architecture
}

export type Claims = {
  readonly baseModels: readonly string[]
  readonly saysFromScratch: boolean
  readonly licence: string | null
}

/** Smallest hash per bucket over the token strings; 0xffffffff where a bucket is empty. */
export type TokenizerSketch = { readonly tokens: number; readonly buckets: Uint32Array }

export type ComponentFingerprint = {
  readonly component: ComponentName
  readonly parameters: number
  readonly dtype: string
  readonly sketches: readonly Sketch[]
  readonly content: readonly ContentEntry[]
  readonly norms: NormSketch | null
}

/** Hashes of sampled blocks of one matrix. */
export type ContentEntry = {
  /** 'layer/kind', for people. */
  readonly label: string
  readonly rows: number
  readonly cols: number
  /** 16 bytes per block; all zero where a block holds too little information to count. */
  readonly hashes: Uint8Array
}

/** Centred norm weights of one length, 8 bits each. */
export type NormSketch = {
  readonly dims: number
  /** Place of each vector ('layer/slot'), its scale and its entries: value = scale · int8. */
  readonly places: readonly string[]
  readonly scales: Float32Array
  readonly values: Int8Array
}
