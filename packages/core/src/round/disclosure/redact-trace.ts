import type { Leaf } from '../plan/plan.ts'
import { isReducing, type Step } from '../plan/steps.ts'
import type { Trace } from '../score/trace.ts'
import type { Rights } from './rights.ts'

/** Scaling rules whose factor is a value of another team. */
const RELATIVE: ReadonlySet<Step['rule']> = new Set([
  'best_team',
  'min_max',
  'rank_points',
  'z_score',
])

/** A trace as an audience may see it; `cut` says what was taken out below this number. */
export type ShownTrace = Omit<Trace, 'from'> & {
  readonly from: readonly ShownTrace[]
  readonly cut: 'other_teams' | 'panellists' | null
}

/**
 * Takes out of the trace of a measured part what would show somebody else's data: with a scale
 * relative to other teams the raw value gives away theirs, and below a mean of panellists stand
 * their single scores under their names. Lines of files are for those who see raw rows.
 */
export function redactTrace(trace: Trace, leaf: Leaf, rights: Rights): ShownTrace {
  const { steps } = leaf.measure
  const relative = steps.some((step) => RELATIVE.has(step.rule))
  if (relative && !rights.sees('all_scores')) {
    const points = trace.value === null ? trace.says : trace.value
    return { ...trace, says: points, from: [], rows: [], cut: 'other_teams' }
  }
  return walk(trace, steps, rights)
}

function walk(trace: Trace, steps: readonly Step[], rights: Rights): ShownTrace {
  const raw = rights.sees('raw_rows')
  const rows = raw ? trace.rows : trace.rows.map((row) => ({ ...row, lines: '' }))
  const at = steps.findLastIndex((step) => step.rule === trace.rule)
  const step = steps[at]
  if (step && isReducing(step) && step.over === 'raters' && !raw) {
    return { ...trace, from: [], rows, cut: 'panellists' }
  }
  const below = at < 0 ? steps : steps.slice(0, at)
  return { ...trace, rows, from: trace.from.map((child) => walk(child, below, rights)), cut: null }
}

/** The whole trace, for parts that are sums and for the office. */
export function keepTrace(trace: Trace): ShownTrace {
  return { ...trace, from: trace.from.map(keepTrace), cut: null }
}
