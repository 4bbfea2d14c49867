import type { Generated, Kysely } from 'kysely'

/** Everything is kept in a schema of its own, so that a database can hold other things as well. */
export const SCHEMA = 'dokja_registry'

/** Tables as docs/formats/registry.md describes them. */
export type RegistryTables = {
  readonly model: {
    readonly id: Generated<number>
    /** The name of the fingerprint in a folder: one per model and commit; the order of the registry. */
    readonly file: string
    readonly name: string
    readonly commit: string | null
    readonly date: string
    readonly weights_digest: string
    readonly format: string
    readonly parameters: string
    readonly layer_count: number
    readonly model_type: string | null
    readonly place: string | null
    readonly added: Generated<Date>
    readonly fingerprint: Uint8Array
    /** Key id of the bundle under whose signature it came. */
    readonly signed_by: string | null
    /** Size of its vocabulary and the buckets of its sketch; both null where it has no tokenizer. */
    readonly tokens: number | null
    readonly buckets: Uint8Array | null
  }
  readonly sketch: {
    readonly model: number
    readonly position: number
    readonly component: string
    readonly key: string
    readonly role: 'up' | 'value' | 'residual'
    readonly width: number
    readonly layers: number
    readonly rows_per_layer: number
    readonly planes: Uint8Array
    readonly valid: Uint8Array
  }
  readonly block: {
    /** The first 64 bits of a hash as a signed number, in decimal digits. */
    readonly prefix: string
    readonly model: number
  }
  readonly version: { readonly version: number }
}

export type RegistryDatabase = Kysely<RegistryTables>
