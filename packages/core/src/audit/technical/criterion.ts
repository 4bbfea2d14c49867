import type { AuditReport, ComponentComparison, CriterionReason, Outcome } from '../result.ts'
import { isReferenceLater } from './direction.ts'

type AuditedComponent = ComponentComparison & { readonly reference: string | null }

/**
 * The floor of the technical axis: weights initialised, then trained, by the team. Descent from a
 * model that is not the team's own fails it; descent from a declared own ancestor does not.
 * Silence is worth what was searched, and the reasons say how much that was.
 */
export function technicalCriterion(
  components: readonly AuditedComponent[],
  search: { readonly references: number; readonly own: ReadonlySet<string> },
): AuditReport['criteria']['technical'] {
  if (search.references === 0) {
    return {
      outcome: 'not_determinable',
      reasons: [
        { code: 'no_reference_given', values: {}, evidence: null },
        { code: 'training_record_missing', values: {}, evidence: null },
      ],
    }
  }
  const judged = components
    .filter((component) => component.parameters > 0)
    .map((component) => judgeComponent(component, search))
  const reasons = [
    ...judged.map(({ reason }) => reason),
    {
      code: 'limits_of_search' as const,
      values: { references: search.references },
      evidence: null,
    },
    { code: 'training_record_missing' as const, values: {}, evidence: null },
  ]
  return { outcome: worst(judged.map(({ outcome }) => outcome)), reasons }
}

function worst(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('not_met')) return 'not_met'
  if (outcomes.length === 0 || outcomes.includes('not_determinable')) return 'not_determinable'
  return 'met'
}

function judgeComponent(
  component: AuditedComponent,
  search: { readonly references: number; readonly own: ReadonlySet<string> },
): { readonly outcome: Outcome; readonly reason: CriterionReason } {
  const evidence = `components/${component.component}`
  const values = {
    component: component.component,
    verdict: component.verdict,
    reference: component.reference ?? '',
    log10P: component.log10P ?? 0,
    references: search.references,
    minDetectableCorrelation: component.minDetectableCorrelation ?? 1,
  }
  const isOwn = component.reference !== null && search.own.has(component.reference)
  const judged = ([outcome, code]: Judged) => ({ outcome, reason: { code, values, evidence } })
  switch (component.verdict) {
    case 'identical':
    case 'reencoded':
    case 'derived':
    case 'derived_obfuscated':
      return judged(descentOf(component, isOwn))
    case 'common_origin':
    case 'shared_initialisation':
      return judged(
        isOwn ? ['met', 'component_own_ancestor'] : ['not_determinable', 'component_dependent'],
      )
    case 'no_evidence':
      return judged(['met', 'component_clear'])
    case 'not_testable':
      return {
        outcome: 'not_determinable',
        reason: {
          code: 'component_untested',
          values: { ...values, why: component.reasons[0]?.code ?? '' },
          evidence,
        },
      }
  }
}

type Judged = readonly [Outcome, CriterionReason['code']]

/**
 * Shared weights fail the criterion also where nothing shows who came first: the team has to bring
 * dated evidence. Where structure shows the reference to be the later one, the finding speaks of the
 * other model; rounding can be imitated, so that it does not acquit either.
 */
function descentOf(component: AuditedComponent, isOwn: boolean): Judged {
  if (isOwn) return ['met', 'component_own_ancestor']
  if (isReferenceLater(component)) return ['not_determinable', 'component_continued_by']
  const isKnown = component.direction?.toward === 'candidate'
  return ['not_met', isKnown ? 'component_descends' : 'component_shares_weights']
}
