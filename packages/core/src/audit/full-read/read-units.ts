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

/** Work for each byte that is added up, or read a second time, where hashing a byte is 1. */
const SUM_WORK = 0.1
const READ_WORK = 0.1

/**
 * Units, the most work first. Both files of a unit may go to workers of their own: that reads one of them
 * twice and changes nothing of the answer. It is done for as many units, the smallest or the largest, as
 * lets `workers` be done soonest.
 */
export function planUnits(plan: FullReadPlan, workers: number): ReadUnit[] {
  const stepsOf = Map.groupBy(plan.steps.keys(), (at) => plan.steps[at]?.candidate.file ?? '')
  const workOf = workMeter(plan)
  const joined = plan.candidateFiles
    .map(({ path }): ReadUnit => {
      const steps = stepsOf.get(path) ?? []
      return { candidate: path, reference: fileBeside(plan, steps), steps }
    })
    .sort((x, y) => workOf(y) - workOf(x))
  const isPair = (unit: ReadUnit) => unit.reference !== null
  const pairs = joined.filter(isPair)
  const alone = joined.filter((unit) => !isPair(unit))
  const unread = restOf(plan, pairs)
  const planned = splits(pairs, workers).map((units) => {
    const sorted = [...units, ...alone, ...unread].sort((x, y) => workOf(y) - workOf(x))
    return { sorted, span: spanOf(sorted.map(workOf), workers) }
  })
  return planned.reduce((best, next) => (next.span < best.span ? next : best)).sorted
}

/** The pairs as they are, then with one or more of the largest or of the smallest split. */
function splits(pairs: readonly ReadUnit[], workers: number): ReadUnit[][] {
  const options: ReadUnit[][] = [[...pairs]]
  if (workers === 1) return options
  for (let count = 1; count <= Math.min(pairs.length, 2 * workers); count++) {
    for (const first of new Set([pairs.length - count, 0])) {
      options.push(
        pairs.flatMap((pair, at) =>
          at < first || at >= first + count
            ? [pair]
            : [
                { ...pair, reference: null },
                { candidate: null, reference: pair.reference, steps: [] },
              ],
        ),
      )
    }
  }
  return options
}

/** When the last worker is done, each taking the next unit as soon as it is free. */
function spanOf(works: readonly number[], workers: number): number {
  const busy = new Array<number>(workers).fill(0)
  for (const work of works) {
    const next = busy.indexOf(Math.min(...busy))
    busy[next] = (busy[next] ?? 0) + work
  }
  return Math.max(...busy)
}

function workMeter(plan: FullReadPlan): (unit: ReadUnit) => number {
  const sizes = {
    candidate: new Map(plan.candidateFiles.map((file) => [file.path, file.sizeBytes])),
    reference: new Map(plan.referenceFiles.map((file) => [file.path, file.sizeBytes])),
  }
  const works = new Map<ReadUnit, number>()
  return (unit) => {
    const known = works.get(unit)
    if (known !== undefined) return known
    const own = sizes.candidate.get(unit.candidate ?? '') ?? 0
    const beside = sizes.reference.get(unit.reference ?? '') ?? 0
    const added = unit.steps.reduce((sum, at) => {
      const { candidate, counterpart } = plan.steps[at] as ReadStep
      const other = counterpart ? counterpart.span.endByte - counterpart.span.beginByte : 0
      const again = counterpart?.span.file === unit.reference ? 0 : other * READ_WORK
      return sum + (candidate.endByte - candidate.beginByte + other) * SUM_WORK + again
    }, 0)
    const work = own + beside + added
    works.set(unit, work)
    return work
  }
}

/** Files of the reference that no pair reads. */
function restOf(plan: FullReadPlan, pairs: readonly ReadUnit[]): ReadUnit[] {
  const read = new Set(pairs.map((unit) => unit.reference))
  return plan.referenceFiles
    .filter(({ path }) => !read.has(path))
    .map(({ path }): ReadUnit => ({ candidate: null, reference: path, steps: [] }))
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
