import type { ReplayJob } from './replay-job.ts'

/** What a piece of work costs, and whether a part of it can be done. */
type Priced = Pick<ReplayJob, 'costBytes' | 'isDivisible'>

/** Fewer vectors than this say nothing. */
const VECTORS_MIN = 16
/** Vectors are taken in runs, so that a server is not asked for each of them. */
const RUNS = 16

/**
 * The share of each job that may be read, 0 to 1, from its cost alone: even shares of the bytes, and
 * what cheap jobs leave goes to the dearer ones. A job that cannot be done in part is done or not.
 */
export function spendBudget(jobs: readonly Priced[], budgetBytes: number): readonly number[] {
  const shares = jobs.map(() => 0)
  const ascending = [...jobs.keys()].sort(
    (x, y) => (jobs[x]?.costBytes ?? 0) - (jobs[y]?.costBytes ?? 0) || x - y,
  )
  let left = budgetBytes
  ascending.forEach((at, place) => {
    const job = jobs[at]
    if (!job) return
    const most = left / (ascending.length - place)
    const share = Math.min(1, most / Math.max(1, job.costBytes))
    if (share < 1 && !job.isDivisible) return
    shares[at] = share
    left -= share * job.costBytes
  })
  return shares
}

/** This share of the entries, as evenly spaced runs; none where they would be too few. */
export function takeShare<T>(entries: readonly T[], share: number): readonly T[] {
  if (share >= 1) return entries
  const count = Math.floor(entries.length * share)
  if (count < VECTORS_MIN) return []
  const runs = Math.min(RUNS, count)
  // Entries taken and entries passed over are both shared out evenly, so that no run meets the next.
  const partOf = (total: number, run: number) => Math.floor((run * total) / runs)
  return Array.from({ length: runs }, (_, run) => {
    const taken = partOf(count, run)
    const first = taken + partOf(entries.length - count, run)
    return entries.slice(first, first + partOf(count, run + 1) - taken)
  }).flat()
}
