import type { Point } from './check-links.ts'
import type { TrainingRecord } from './record.ts'
import { measureTrajectory, type Trajectory } from './trajectory.ts'

/** The way of the weights through the checkpoints. */
export type Path = {
  readonly points: readonly Point[]
  /** Places of points that are far enough apart for momentum not to make honest updates parallel. */
  readonly kept: readonly number[]
  readonly matrices: Trajectory
  readonly vectors: Trajectory
}

/** Steps between checkpoints after which momentum no longer makes honest updates parallel. */
const momentumSteps = (beta1: number | undefined): number => Math.ceil(2 / (1 - (beta1 ?? 0.9)))

export async function measurePath(
  { optimiser }: Pick<TrainingRecord, 'optimiser'>,
  points: readonly Point[],
): Promise<Path> {
  const sources = points.map((point) => point.source)
  const kept = apart(points, momentumSteps(optimiser.beta1))
  const placeOf = new Map(kept.map((at, place) => [at, place]))
  const areNear = (i: number, j: number): boolean => {
    const [a, b] = [placeOf.get(i), placeOf.get(j)]
    return a !== undefined && b !== undefined && a - b <= 2
  }
  const isWanted = (i: number, j: number): boolean => j === 0 || i - j <= 1 || areNear(i, j)
  return {
    points,
    kept,
    matrices: await measureTrajectory(sources, 'matrices', isWanted),
    vectors: await measureTrajectory(sources, 'vectors', isWanted),
  }
}

/** Places of the points from the first on, each at least `steps` after the one kept before it. */
function apart(points: readonly Point[], steps: number): number[] {
  const kept: number[] = []
  for (const [i, point] of points.entries()) {
    const last = points[kept.at(-1) ?? 0]
    if (kept.length === 0 || point.step - (last?.step ?? 0) >= steps) kept.push(i)
  }
  return kept
}

/** Root mean square of the weights of point i. */
export const sizeOf = ({ gram, elements }: Trajectory, i: number): number =>
  Math.sqrt((gram[i]?.[i] ?? 0) / Math.max(1, elements))
