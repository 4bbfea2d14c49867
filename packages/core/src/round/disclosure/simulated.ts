import { allParts, isLeaf, type Leaf, type Plan } from '../plan/plan.ts'
import type { RowInput } from '../rows/rows.ts'

/** Files of simulated rows say so by their name. */
const SIMULATED_FILE = /(^|\/)simulated[^/]*$/

/**
 * The parts, groups and total among them, whose numbers rest on simulated rows or panels. `total`
 * is the sum. Empty when nothing is simulated.
 */
export function simulatedParts(plan: Plan, inputs: readonly RowInput[]): string[] {
  const simulated = inputs.filter((input) => SIMULATED_FILE.test(input.path))
  const rows = new Set(simulated.filter((i) => i.role === 'rows').map((input) => input.name))
  const panels = new Set(simulated.filter((i) => i.role === 'panel').map((input) => input.name))
  const isSimulated = ({ measure }: Leaf) =>
    rows.has(measure.source) ||
    ('panel' in measure && panels.has(measure.panel)) ||
    measure.steps.some((step) => step.rule === 'ratio_to_target' && rows.has(step.targets))
  const parts = allParts(plan.parts)
    .filter((part) => allParts([part]).some((own) => isLeaf(own) && isSimulated(own)))
    .map((part) => part.id)
  return parts.length > 0 ? [...parts, 'total'] : []
}
