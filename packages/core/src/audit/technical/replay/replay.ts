import type { MapKind } from '../aligned/residual-map.ts'
import type { HeldOut } from '../aligned/transform.ts'

/** What a transform is replayed on, in the order of a report. */
export const REPLAYED_KINDS = [
  'down',
  'gate',
  'up',
  'q',
  'k',
  'v',
  'o',
  'qk',
  'vo',
  'embedding',
  'head',
  'patch',
] as const
export type ReplayedKind = (typeof REPLAYED_KINDS)[number]

/**
 * How much of a matrix the transform determines. recovered: both of its sides. as_stored: its
 * residual side; rows and columns inside heads are taken as they stand, for nothing was recovered of
 * them. invariant: a product of two matrices over each head, in which what is done inside a head
 * cancels.
 */
export type ReplayBasis = 'recovered' | 'as_stored' | 'invariant'

export const BASIS_OF: Readonly<Record<ReplayedKind, ReplayBasis>> = {
  down: 'recovered',
  gate: 'recovered',
  up: 'recovered',
  q: 'as_stored',
  k: 'as_stored',
  v: 'as_stored',
  o: 'as_stored',
  qk: 'invariant',
  vo: 'invariant',
  embedding: 'recovered',
  head: 'recovered',
  patch: 'recovered',
}

/** What the recovery looked at in no way. Values served to choose among maps; `vo` rests on them. */
const HELD_OUT: readonly ReplayedKind[] = ['down', 'q', 'k', 'o', 'qk', 'head']

type Figures = {
  /** Null where there was nothing but zeros. */
  readonly correlation: number | null
  /** ‖B − λT(A)‖/‖B‖ with one λ > 0 for each matrix. */
  readonly error: number | null
  /** Numbers of the reference that were compared. */
  readonly values: number
}

export type ReplayPlace = {
  readonly kind: ReplayedKind
  /** Null outside of the layers. */
  readonly layer: number | null
  readonly referenceLayer: number | null
  /** Null: the dense MLP; both absent where no expert is named. */
  readonly expert?: number | null
  readonly referenceExpert?: number | null
  /** The transform names this layer; of others the attention is compared at its own place. */
  readonly isMapped: boolean
}

export type LayerReplay = Figures &
  ReplayPlace & {
    readonly lambda: number
    /** Vectors along the residual stream (heads, for products over them) compared, of those that could be. */
    readonly compared: number
    readonly of: number
  }

export type KindReplay = Figures & {
  readonly kind: ReplayedKind
  readonly heldOut: boolean
  readonly basis: ReplayBasis
  readonly matrices: number
}

export type LeftOut = {
  readonly kind: ReplayedKind
  readonly layer: number | null
  readonly why: 'shapes_differ' | 'over_budget'
}

/** Do the down projections give the figures that the file states? Nothing else decides. */
export type ReplayOutcome = 'reproduced' | 'not_reproduced' | 'not_determinable'

export type Replay = {
  readonly schemaVersion: 1
  readonly candidate: string
  readonly reference: string
  readonly transform: {
    readonly component: string
    readonly kind: MapKind
    /** The models as the file names them. */
    readonly candidate: string
    readonly reference: string
    readonly digest: string
  }
  readonly outcome: ReplayOutcome
  readonly stated: HeldOut | null
  readonly replayed: HeldOut | null
  /** By how much a figure may differ from the stated one. */
  readonly tolerance: number
  /** Root mean square of RᵀR − I; null where nothing was rotated. Far from 0 it is no rotation. */
  readonly rotationGap: number | null
  readonly kinds: readonly KindReplay[]
  readonly layers: readonly LayerReplay[]
  readonly leftOut: readonly LeftOut[]
  readonly bytesRead: { readonly candidate: number; readonly reference: number }
}

export const isHeldOut = (kind: ReplayedKind): boolean => HELD_OUT.includes(kind)
