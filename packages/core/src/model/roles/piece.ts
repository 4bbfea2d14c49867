import type { MatrixView, RoleKind } from '../role.ts'
import type { Classified } from './classify.ts'

/** A role before its component, tensor and layer are filled in. */
export type Piece = {
  readonly kind: RoleKind
  readonly view: MatrixView
  readonly slot?: string
  readonly expert?: number
}

/** The path that keeps unnamed things apart. */
export const slotPath = ({ entry }: Classified): string =>
  [
    ...(entry.layer === null ? entry.tokens : entry.leaf),
    ...(entry.residue?.split('.') ?? []),
  ].join('.')
