import { allParts, type Plan } from '../plan/plan.ts'
import type { Basis, Text } from '../plan/words.ts'
import type { MeasuredLeaf } from './score-leaf.ts'

/** What a reader of the result must know about its rules and rows. */
export function notesOf(
  plan: Plan,
  leaves: readonly Extract<MeasuredLeaf, { kind: 'cells' }>[],
): string[] {
  return [
    ...assumptions(plan),
    ...latePublications(plan),
    ...plan.panels
      .filter((panel) => panel.quorum === null)
      .map((panel) => `no quorum was published for the panel "${panel.id}"`),
    ...(plan.ties === null ? ['no rule for ties was published'] : []),
    ...leaves.flatMap(({ leaf, kept }) =>
      kept.leftOut.map(
        (id) => `${leaf.id}: ${id} is left out for all teams, because a row of theirs is absent`,
      ),
    ),
  ]
}

/** Every place of a plan that says what it rests on. */
export function basesOf(plan: Plan): { readonly where: string; readonly basis: Basis }[] {
  const at = (where: string, bases: readonly Basis[] | undefined) =>
    (bases ?? []).map((basis) => ({ where, basis }))
  return [
    ...at('plan', plan.basis),
    ...allParts(plan.parts).flatMap((part) => at(part.id, part.basis)),
    ...plan.panels.flatMap((panel) => at(panel.id, panel.basis)),
    ...at('rounding', plan.rounding.basis),
    ...at('gate', plan.gate?.basis),
    ...at('advancement', plan.advancement.basis),
    ...at('recruitment', plan.recruitment?.basis),
    ...plan.disclosure.flatMap((entry) => at(`disclosure to ${entry.audience}`, entry.basis)),
    ...at('objections', plan.objections?.basis),
  ]
}

function assumptions(plan: Plan): string[] {
  return basesOf(plan)
    .filter(({ basis }) => basis.status === 'assumption')
    .map(({ where, basis }) => `assumption (${where}): ${inEnglish(basis.says)}`)
}

/** Rules that became known only after scoring had begun, or never. */
export function latePublications(plan: Plan): string[] {
  const start = plan.stage.scoring_starts
  const rules = [
    ...allParts(plan.parts).map((part) => ({ where: part.id, published: part.published })),
    { where: 'gate', published: plan.gate?.published },
    { where: 'advancement', published: plan.advancement.published },
    { where: 'recruitment', published: plan.recruitment?.published },
    ...plan.disclosure.map((entry) => ({
      where: `disclosure to ${entry.audience}`,
      published: entry.published,
    })),
    { where: 'objections', published: plan.objections?.published },
  ]
  return rules.flatMap(({ where, published }) => {
    if (!published) return []
    if (published.on === null) return [`the rule "${where}" was never published`]
    if (start === null || published.on <= start) return []
    return [`the rule "${where}" was published on ${published.on}, after scoring began on ${start}`]
  })
}

export const inEnglish = (text: Text): string => (typeof text === 'string' ? text : text.en)
