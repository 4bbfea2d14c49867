import type { ComponentName } from '../../../model/role.ts'
import type { ComponentComparison, Note, Verdict } from '../../result.ts'
import type { ComponentEvidence } from '../measure-component.ts'
import type { MeasureContext } from '../measure-context.ts'
import { tellStep } from '../progress.ts'
import type { Cohorts } from '../robust/cohorts.ts'
import { measureRobust } from '../robust/measure-robust.ts'
import { mostTellingMap, transformParts } from './decide-aligned.ts'
import { type ExpertPlan, measureExperts, planExperts } from './experts.ts'
import { measureAligned } from './measure-aligned.ts'
import { type AlignedPlan, isAlignable, planAligned } from './plan.ts'
import { replayDown } from './transform.ts'

export type SecondLookOptions = {
  /** Read a few layers of models that the budget does not hold. */
  readonly deep: boolean
  /** Both models fit the budget as wholes. */
  readonly isComplete: boolean
  readonly cohorts: Cohorts
}

/**
 * What may be aligned after the plain tests, planned from shapes before them: its hypotheses are
 * counted from the start, so that looking again costs what looking at once would have cost.
 */
export type SecondLook = {
  readonly aligned: AlignedPlan | null
  readonly experts: ExpertPlan | null
  readonly hypotheses: number
}

export function planSecondLook(
  context: MeasureContext,
  component: ComponentName,
  options: SecondLookOptions,
): SecondLook {
  const aligned = planAligned(context, component, options)
  const experts = planExperts(context, component, options.isComplete)
  return {
    aligned,
    experts,
    hypotheses: (aligned?.hypotheses ?? 0) + (experts?.pairs.length ?? 0),
  }
}

const SILENT: readonly Verdict[] = ['no_evidence', 'not_testable']

/** Adds what alignment shows where the plain tests were silent; evidence as it was elsewhere. */
export async function lookAgain(
  context: MeasureContext,
  evidence: ComponentEvidence,
  job: {
    readonly plan: SecondLook
    readonly decided: Pick<ComponentComparison, 'verdict' | 'reasons'>
    readonly cohorts: Cohorts
  },
): Promise<ComponentEvidence> {
  const { component } = evidence
  const { aligned: plan, experts: expertPlan } = job.plan
  const { verdict, reasons } = job.decided
  const isSilent = SILENT.includes(verdict)
  const isOpen = verdict !== 'identical' && verdict !== 'reencoded'
  // Units of a reused part may have been reordered while another part shows it as stored.
  const isPartial = reasons.some(({ code }) => code === 'only_part')
  if (expertPlan && isOpen) tellStep(context, component, 'experts')
  const experts =
    expertPlan && isOpen && (isSilent || expertPlan.isAlways)
      ? await measureExperts(context, component, expertPlan)
      : []
  const aligned =
    plan && (isSilent || isPartial) ? await measureAligned(context, component, plan) : null
  if (!aligned) {
    const isUntried = isSilent && !plan && isAlignable(context, component)
    const notes: Note[] = isUntried ? [{ code: 'alignment_not_tried', values: {} }] : []
    return { ...evidence, experts, notes: [...evidence.notes, ...notes] }
  }
  const kind = mostTellingMap(aligned)
  if (kind) {
    tellStep(context, component, 'replay')
    const parts = transformParts(aligned, kind)
    const heldOut = parts && (await replayDown(context, component, parts))
    return { ...evidence, experts, aligned: { ...aligned, heldOut } }
  }
  if (!isSilent) return { ...evidence, experts, aligned }
  const notes: Note[] = [...evidence.notes]
  if (plan?.isRotationLeftOut) notes.push({ code: 'rotation_not_tried', values: {} })
  if (!plan) return { ...evidence, experts, aligned, notes }
  const cohort = job.cohorts[component] ?? null
  const robust = await measureRobust(context, component, { aligned, plan, cohort })
  if (!('untried' in robust)) return { ...evidence, experts, aligned, robust, notes }
  notes.push({ code: 'robust_not_tried', values: { why: robust.untried } })
  return { ...evidence, experts, aligned, notes }
}
