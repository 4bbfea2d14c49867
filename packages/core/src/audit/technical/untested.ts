import type { ComponentComparison, Note } from '../result.ts'
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
  const wide = context.pairing.widthsDiffer.find(({ candidate }) => own(candidate))
  if (wide && !context.pairing.pairs.some((pair) => own(pair.candidate))) {
    const reason: Note = {
      code: 'widths_differ',
      values: {
        kind: wide.candidate.kind,
        candidate: wide.candidate.view.cols,
        reference: wide.reference.view.cols,
      },
    }
    return { ...component, reasons: [reason] }
  }
  return component
}
