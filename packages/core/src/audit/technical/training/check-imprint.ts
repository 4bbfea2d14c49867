import { type Finding, finding } from './finding.ts'
import { measureImprint } from './imprint.ts'
import { distanceFromFirst, type Path } from './path.ts'

/** Bounds that come from honest runs; docs/methods/imprint.md lists what was measured. */
const FOUND = 5
const ABSENT = 3
/** Up to this distance, in sizes of the start, every honest run showed the start in what it added. */
const NEAR = 1

/**
 * Was what the first stretch of training added made from the start, or is the start merely mixed into it?
 * Looks at the farthest checkpoint that is still near the start, and at the last one.
 */
export async function checkImprint(path: Path): Promise<readonly Finding[]> {
  const { points, matrices } = path
  const [start, last] = [points[0], points.at(-1)]
  if (!start || !last || start.step !== 0 || start === last) return []
  const near = points.flatMap((_, at) =>
    at > 0 && distanceFromFirst(matrices, at) <= NEAR ? [at] : [],
  )
  const at = near.at(-1) ?? 1
  const point = points[at] ?? last
  const early = await measureImprint(start.source, point.source)
  if (!early) return [finding('imprint', 'imprint_untested')]
  const distance = distanceFromFirst(matrices, at)
  const values = {
    step: point.step,
    z: rounded(early.z, 1),
    distance: rounded(distance, 2),
    axes: early.axes,
  }
  if (early.z < ABSENT && distance <= NEAR) {
    return [finding('imprint', 'imprint_absent', { tier: 'empirical', values })]
  }
  if (early.z < FOUND) return [finding('imprint', 'imprint_undecided', { values })]
  const found = finding('imprint', 'imprint_found', { tier: 'empirical', values })
  const late = point === last ? early : await measureImprint(start.source, last.source)
  if (!late || late.z >= ABSENT) return [found]
  const faded = { step: last.step, z: rounded(late.z, 1) }
  return [found, finding('imprint', 'imprint_faded', { values: faded })]
}

const rounded = (value: number, places: number): number => Number(value.toFixed(places))
