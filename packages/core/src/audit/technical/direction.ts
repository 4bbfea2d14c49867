import { isSameModel } from '../registry/claims.ts'
import type {
  ComponentComparison,
  Direction,
  DirectionBasis,
  DirectionBasisCode,
  Note,
  Verdict,
} from '../result.ts'

/**
 * Which of two dependent models continues the other? No test of dependence knows: agreement is symmetric.
 * Only what one of them could not have without the other tells, and each basis says how much it is
 * worth. docs/methods/direction.md
 */
const TIERS = {
  rounded_values: 'empirical',
  layers_doubled: 'empirical',
  experts_copied: 'empirical',
  mixture: 'empirical',
  vocabulary_extended: 'descriptive',
  layers_dropped: 'descriptive',
  widths_cut: 'descriptive',
  named_base_model: 'descriptive',
} as const satisfies Record<DirectionBasisCode, DirectionBasis['tier']>

export const basis = (
  code: DirectionBasisCode,
  toward: DirectionBasis['toward'],
): DirectionBasis => ({ code, toward, tier: TIERS[code] })

/** `ids`: every name under which a card may mean this model, its folder among them. */
export type StatedOrigin = {
  readonly ids: readonly string[]
  readonly baseModels: readonly string[]
}

/** `base_model` of either card, where it names the other model. */
export function basesStated(candidate: StatedOrigin, reference: StatedOrigin): DirectionBasis[] {
  const names = (one: StatedOrigin, other: StatedOrigin) =>
    one.baseModels.some((base) => other.ids.some((id) => isSameModel(base, id)))
  return [
    ...(names(candidate, reference) ? [basis('named_base_model', 'candidate')] : []),
    ...(names(reference, candidate) ? [basis('named_base_model', 'reference')] : []),
  ]
}

/** Structure outweighs statements and sizes; what contradicts itself at its highest tier is unknown. */
export function directionOf(bases: readonly DirectionBasis[]): Direction {
  const structural = bases.filter(({ tier }) => tier === 'empirical')
  const deciding = structural.length > 0 ? structural : bases
  const sides = new Set(deciding.map(({ toward }) => toward))
  const [only] = sides
  return { toward: sides.size === 1 && only ? only : 'unknown', basis: bases }
}

/** Shown by structure, not only stated or suggested by a size. */
export const isStructural = ({ basis: bases }: Direction): boolean =>
  bases.some(({ tier }) => tier === 'empirical')

/** The other model is the later one, by structure: dependence on it does not speak against this one. */
export const isReferenceLater = ({ direction }: Pick<ComponentComparison, 'direction'>): boolean =>
  direction?.toward === 'reference' && isStructural(direction)

const SILENT: readonly Verdict[] = ['no_evidence', 'not_testable']
/** Twins of one start and siblings do not continue each other. */
const WITHOUT_DIRECTION: readonly Verdict[] = [...SILENT, 'shared_initialisation', 'common_origin']

/** Adds the direction, in figures and in words, to a component that depends. */
export function withDirection<T extends ComponentComparison>(
  component: T,
  bases: readonly DirectionBasis[],
): T {
  const { direction: _, ...rest } = component
  const reasons = component.reasons.filter(({ code }) => !code.startsWith('direction_'))
  if (WITHOUT_DIRECTION.includes(component.verdict)) return { ...rest, reasons } as unknown as T
  const direction = directionOf(bases)
  return { ...component, direction, reasons: [...reasons, ...directionNotes(direction)] }
}

function directionNotes({ toward, basis: bases }: Direction): Note[] {
  const notes = bases.map(
    (one): Note => ({
      code: 'direction_shown',
      values: { later: one.toward, basis: one.code, tier: one.tier },
    }),
  )
  return toward === 'unknown' ? [...notes, { code: 'direction_unknown', values: {} }] : notes
}
