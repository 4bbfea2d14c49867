import type { Fingerprint } from '../../src/audit/registry/fingerprint.ts'
import type { SearchedModel } from '../../src/audit/registry/registry-evidence.ts'
import type { SearchableRegistry } from '../../src/audit/registry/searchable-registry.ts'
import { AppError } from '../../src/base/errors.ts'

/** A registry that can be searched, listed and added to: a folder or a database, with one behaviour. */
export type RegistryStore = SearchableRegistry & {
  /** Where it is, fit to be shown: never with a password. */
  readonly place: string
  /** All models in order, without their fingerprints. */
  readonly listed: () => AsyncIterable<ListedModel>
  readonly placeOf: (entry: string) => Promise<string | null>
  readonly add: (
    fingerprint: Fingerprint,
    options?: AddOptions,
  ) => Promise<{ readonly file: string; readonly outcome: AddOutcome }>
  readonly close: () => Promise<void>
}

export type ListedModel = SearchedModel & {
  /** A folder, address or hub id from which the weights can be read again; null if not known. */
  readonly place: string | null
  /** Key id of the bundle under whose signature it came, 'sha256:…'; null where there is none. */
  readonly signedBy: string | null
}

export type AddOptions = {
  readonly place?: string
  readonly replace?: boolean
  /** Key id of the bundle that this comes from. Counts for what is in the registry now: not for a conflict. */
  readonly signedBy?: string | null
}

/**
 * The same weights again change nothing; other weights under the same name and commit are a
 * conflict, which only `replace` overrides.
 */
export type AddOutcome = 'added' | 'unchanged' | 'replaced' | 'conflict'

export const emptyRegistry = (place: string): AppError =>
  new AppError('NOT_FOUND', `${place} holds no fingerprints`, {
    hint: `dokja registry add MODEL… --registry ${place}`,
  })
