import { type Comparison, isDependent, VERDICTS } from '../result.ts'
import { SKETCH_BITS } from './directions.ts'

export type AtlasEdge = {
  /** Positions of the models in the atlas; the evidence compares `first` with `second`. */
  readonly first: number
  readonly second: number
  readonly comparison: Comparison
  /** Which of the two the other one's card names as its base model; null where neither does. */
  readonly claimedParent: 'first' | 'second' | null
  /** Does the body depend, or only other parts? */
  readonly isBody: boolean
  /** Another model is as close within the error of the sketches. */
  readonly isTied: boolean
}

export type AtlasFamily = {
  readonly models: readonly number[]
  /** Joins all models of the family, each to one that it is closest to. */
  readonly tree: readonly AtlasEdge[]
  readonly further: readonly AtlasEdge[]
}

/** Standard errors within which two edges count as equally close. */
const ERRORS = 2
/** Keeps the distance of a copy above zero. */
const DISTANCE_MIN = 1e-3

type Weighed = {
  readonly edge: AtlasEdge
  readonly rank: number
  readonly correlation: number
  readonly error: number
}

/**
 * Kruskal's maximum spanning forest. Sketches tell distances only up to their error: within it, a line
 * to the model in the middle of its family (a named base, else the smallest geometric mean of
 * distances) is drawn rather than another, and lines with an equal are marked. It changes the drawing
 * alone, not the evidence.
 */
export function familiesOf(
  count: number,
  edges: readonly AtlasEdge[],
): { readonly families: AtlasFamily[]; readonly singles: number[] } {
  const weighed = edges.map(weigh)
  const all = forest(count, weighed)
  const middles = middlesOf(weighed, all.rootOf)
  const adjusted = (one: Weighed) =>
    one.correlation +
    (middles.has(one.edge.first) || middles.has(one.edge.second) ? ERRORS * one.error : 0)
  const sorted = [...weighed].sort(
    (x, y) => byKind(x, y) || adjusted(y) - adjusted(x) || byPlace(x.edge, y.edge),
  )
  const { tree } = forest(count, sorted)
  const beside = neighbours(weighed)
  const members = Map.groupBy(
    Array.from({ length: count }, (_, model) => model),
    all.rootOf,
  )
  const families = [...members.values()].filter((models) => models.length > 1)
  return {
    families: families
      .map((models) => {
        const own = sorted.filter(({ edge }) => models.includes(edge.first))
        return {
          models,
          tree: own
            .filter((one) => tree.has(one))
            .map((one) => ({ ...one.edge, isTied: isTied(one, beside, tree) })),
          further: own.filter((one) => !tree.has(one)).map(({ edge }) => edge),
        }
      })
      .sort((x, y) => y.models.length - x.models.length),
    singles: [...members.values()].filter((models) => models.length === 1).flat(),
  }
}

function forest(count: number, sorted: readonly Weighed[]) {
  const root = Array.from({ length: count }, (_, model) => model)
  const rootOf = (model: number): number => {
    let at = model
    while (root[at] !== at) at = root[at] ?? at
    return at
  }
  const tree = new Set<Weighed>()
  for (const one of sorted) {
    const [x, y] = [rootOf(one.edge.first), rootOf(one.edge.second)]
    if (x === y) continue
    root[Math.max(x, y)] = Math.min(x, y)
    tree.add(one)
  }
  return { tree, rootOf }
}

/** The body where it depends, everything else where it does not. */
const partsOf = ({ comparison, isBody }: AtlasEdge) =>
  comparison.components.filter(
    (component) => isDependent(component) && (component.component === 'language_model') === isBody,
  )

/** Mean correlation of the sketched rows of the parts that depend, and its standard error. */
function weigh(edge: AtlasEdge): Weighed {
  const parts = partsOf(edge)
  const tests = parts.flatMap((part) =>
    part.tests.filter((test) => test.tier === 'exact' && test.meanCorrelation !== null),
  )
  const rows = tests.reduce((sum, { n }) => sum + n, 0)
  const sum = tests.reduce((held, { n, meanCorrelation }) => held + n * (meanCorrelation ?? 0), 0)
  const correlation = rows > 0 ? Math.min(1, Math.abs(sum) / rows) : 0
  const rank = Math.min(...parts.map(({ verdict }) => VERDICTS.indexOf(verdict)))
  return { edge, rank, correlation, error: sketchError(correlation, rows) }
}

/** A bit agrees with chance q = 1 − θ/π, ρ = cos θ: s(ρ) = sin θ · π·√(q(1−q)/(64·rows)). */
function sketchError(correlation: number, rows: number): number {
  const angle = Math.acos(correlation)
  const agree = 1 - angle / Math.PI
  const bits = SKETCH_BITS * Math.max(1, rows)
  return Math.sin(angle) * Math.PI * Math.sqrt((agree * (1 - agree)) / bits)
}

/** Claimed parents first, then the body before other parts, then the verdict. */
const byKind = (x: Weighed, y: Weighed): number =>
  Number(y.edge.claimedParent !== null) - Number(x.edge.claimedParent !== null) ||
  Number(y.edge.isBody) - Number(x.edge.isBody) ||
  x.rank - y.rank

const byPlace = (x: AtlasEdge, y: AtlasEdge): number => x.first - y.first || x.second - y.second

/** One model for each family: named as a base by most, then nearest to its relatives. */
function middlesOf(edges: readonly Weighed[], rootOf: (model: number) => number): Set<number> {
  const scores = new Map<number, { named: number; sum: number; edges: number }>()
  for (const { edge, correlation } of edges) {
    for (const model of [edge.first, edge.second]) {
      const held = scores.get(model) ?? { named: 0, sum: 0, edges: 0 }
      const isNamed = edge.claimedParent !== null && edge[edge.claimedParent] === model
      held.named += Number(isNamed)
      held.sum += Math.log(1 - correlation + DISTANCE_MIN)
      held.edges++
      scores.set(model, held)
    }
  }
  const best = new Map<number, number>()
  for (const [model, own] of [...scores].sort((x, y) => x[0] - y[0])) {
    const family = rootOf(model)
    const held = scores.get(best.get(family) ?? -1)
    const isBetter =
      !held ||
      own.named > held.named ||
      (own.named === held.named && (own.edges > held.edges || nearer(own, held)))
    if (isBetter) best.set(family, model)
  }
  return new Set(best.values())
}

const nearer = (
  own: { readonly sum: number; readonly edges: number },
  held: { readonly sum: number; readonly edges: number },
): boolean => own.edges === held.edges && own.sum < held.sum

function neighbours(edges: readonly Weighed[]): Map<number, Weighed[]> {
  const beside = new Map<number, Weighed[]>()
  for (const one of edges) {
    for (const model of [one.edge.first, one.edge.second]) {
      const held = beside.get(model)
      if (held) held.push(one)
      else beside.set(model, [one])
    }
  }
  return beside
}

/** Another line at one of the ends, left out of the tree, is as close within the error of both. */
function isTied(
  one: Weighed,
  beside: ReadonlyMap<number, readonly Weighed[]>,
  tree: ReadonlySet<Weighed>,
): boolean {
  const ends = [one.edge.first, one.edge.second].map((model) => beside.get(model) ?? [])
  return (
    one.edge.claimedParent === null &&
    ends
      .flat()
      .some(
        (other) =>
          !tree.has(other) &&
          byKind(one, other) === 0 &&
          one.correlation - other.correlation < ERRORS * Math.hypot(one.error, other.error),
      )
  )
}
