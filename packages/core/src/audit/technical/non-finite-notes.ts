import type { ComponentName } from '../../model/role.ts'
import type { ComponentComparison, Note, NoteCode } from '../result.ts'
import type { MeasureContext } from './measure-context.ts'
import type { OpenModel } from './measure-signs.ts'
import type { NonFiniteSummary } from './non-finite.ts'

/** From this share of the values read on, it is why a component could not be tested. */
const CAUSE_SHARE_MIN = 0.5

/** Says which values of a component were left out of its tests because they are no numbers. */
export function noteNonFinite(
  context: MeasureContext,
  component: ComponentComparison,
): ComponentComparison {
  const own = component.component
  const found = [
    ...summaryOf('candidate', context.candidate, tensorsOf(context, own, 'candidate')),
    ...summaryOf('reference', context.reference, tensorsOf(context, own, 'reference')),
  ]
  return found.reduce(withNonFinite, component)
}

export type NonFiniteFinding = NonFiniteSummary & { readonly model: 'candidate' | 'reference' }

export function withNonFinite(
  component: ComponentComparison,
  found: NonFiniteFinding,
): ComponentComparison {
  const { verdict, reasons } = component
  if (verdict !== 'not_testable' || found.share < CAUSE_SHARE_MIN) {
    return { ...component, reasons: [...reasons, { code: 'not_finite', values: found }] }
  }
  const note: Note = { code: 'no_finite_weights', values: found }
  const isCause = reasons.every(({ code }) => TOO_LITTLE.includes(code))
  return {
    ...component,
    reasons: isCause ? [note, ...reasons.filter(isMeant)] : [...reasons, note],
  }
}

/** What a component without weights says of itself when nothing else is wrong with it. */
const TOO_LITTLE: readonly NoteCode[] = [
  'no_symmetry_known',
  'no_detection_limit',
  'too_few_units',
  'no_finite_weights',
]

const isMeant = ({ code }: Note): boolean => code !== 'no_symmetry_known'

const summaryOf = (
  model: NonFiniteFinding['model'],
  { nonFinite }: OpenModel,
  tensors: ReadonlySet<string>,
): NonFiniteFinding[] => {
  const summary = nonFinite.summaryOf(tensors)
  return summary ? [{ ...summary, model }] : []
}

function tensorsOf(
  context: MeasureContext,
  component: ComponentName,
  side: 'candidate' | 'reference',
): ReadonlySet<string> {
  const map = side === 'candidate' ? context.candidateRoles : context.referenceRoles
  const name = side === 'candidate' ? component : context.pairing.components.get(component)
  return new Set(map.roles.filter((role) => role.component === name).map((role) => role.tensor))
}
