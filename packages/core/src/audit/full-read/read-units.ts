import type { FullReadPlan, ReadStep } from './plan-full-read.ts'

/**
 * What one worker reads in one go: a file of the candidate along its tensors, and a file of the
 * reference beside it where the tensors of both lie in the same order, so that every byte is read once.
 */
export type ReadUnit = {
  /** Hashed from the first byte to the last; null where only a file of the reference is read. */
  readonly candidate: string | null
  /** Hashed likewise. Counterparts in files that are not named here are read where they lie. */
  readonly reference: string | null
  /** Positions in the plan's steps, in the order of the candidate's file. */
  readonly steps: readonly number[]
}

/**
 * Units, the largest first. With fewer of them than workers, both files of a unit go to workers of
 * their own: that reads one of them twice, changes nothing of the answer, and is sooner done.
 */
export function planUnits(plan: FullReadPlan, workers: number): ReadUnit[] {
  const stepsOf = Map.groupBy(plan.steps.keys(), (at) => plan.steps[at]?.candidate.file ?? '')
  const joined = plan.candidateFiles.map(({ path }): ReadUnit => {
    const steps = stepsOf.get(path) ?? []
    return { candidate: path, reference: fileBeside(plan, steps), steps }
  })
  const isJoining = joined.filter((unit) => unit.reference !== null).length >= workers
  const units = isJoining ? joined : joined.map((unit) => ({ ...unit, reference: null }))
  const read = new Set(units.map((unit) => unit.reference))
  const alone = plan.referenceFiles
    .filter(({ path }) => !read.has(path))
    .map(({ path }): ReadUnit => ({ candidate: null, reference: path, steps: [] }))
  const sizes = sizesOf(plan)
  const weight = (unit: ReadUnit) =>
    (sizes.candidate.get(unit.candidate ?? '') ?? 0) +
    (sizes.reference.get(unit.reference ?? '') ?? 0)
  return [...units, ...alone].sort((x, y) => weight(y) - weight(x))
}

export function sizesOf(plan: FullReadPlan) {
  return {
    candidate: new Map(plan.candidateFiles.map((file) => [file.path, file.sizeBytes])),
    reference: new Map(plan.referenceFiles.map((file) => [file.path, file.sizeBytes])),
  }
}

/** The one file that holds the counterparts of these steps in ascending order, and of no others. */
function fileBeside(plan: FullReadPlan, steps: readonly number[]): string | null {
  const spans = steps.flatMap((at) => plan.steps[at]?.counterpart?.span ?? [])
  const file = spans[0]?.file
  if (file === undefined) return null
  const isOrdered = spans.every(
    (span, at) => span.file === file && span.beginByte >= (spans[at - 1]?.endByte ?? 0),
  )
  const inFile = (step: ReadStep) => step.counterpart?.span.file === file
  return isOrdered && plan.steps.filter(inFile).length === spans.length ? file : null
}
