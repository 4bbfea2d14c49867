import type { Role } from '../../model/role.ts'
import type { ComponentComparison, Note, TestResult } from '../result.ts'
import type { MeasureContext } from './measure-context.ts'

/** Says why a component could not be tested, from what the pairing saw. */
export function explainUntested(
  component: ComponentComparison,
  context: MeasureContext,
): ComponentComparison {
  if (component.verdict !== 'not_testable') return component
  const own = (role: { readonly component: string }) => role.component === component.component
  if (!context.pairing.components.has(component.component)) {
    return { ...component, reasons: [{ code: 'no_counterpart', values: {} }] }
  }
  const wide = context.pairing.widthsDiffer.filter(({ candidate }) => own(candidate))
  const shown = wide.find(({ candidate, reference }) => lengthOf(candidate) !== lengthOf(reference))
  if (shown && !component.tests.some(isPlain)) {
    const reason: Note = {
      code: 'widths_differ',
      values: {
        kind: shown.candidate.kind,
        candidate: lengthOf(shown.candidate),
        reference: lengthOf(shown.reference),
      },
    }
    return { ...component, reasons: [reason, ...component.reasons.slice(1)] }
  }
  return component
}

/** Of a row; vectors, which have one column, are as wide as they are long. */
const lengthOf = ({ view }: Role): number => (view.cols === 1 ? view.rows : view.cols)

/** Exact tests of what stands side by side; those behind an alignment need no equal widths. */
const isPlain = ({ test, tier }: TestResult): boolean =>
  tier === 'exact' && test !== 'content_blocks' && !test.startsWith('aligned')
