import type { Point } from './check-links.ts'
import { type Finding, finding } from './finding.ts'
import { measureImprint } from './imprint.ts'
import { type Path, sizeOf } from './path.ts'
import type { TrainingRecord } from './record.ts'
import { stepRms } from './trajectory.ts'

/** Bounds that come from honest runs; docs/methods/imprint.md lists what was measured. */
const FOUND = 5
const ABSENT = 3
/** Up to this distance, in sizes of the earlier checkpoint, every honest stretch showed it. */
const NEAR = 2
/** A move below so many roundings of the stored type is rounding for the most part. */
const ROUNDINGS = 4
/** What these add is a sum of gradients, weight by weight; others (Muon) mix the axes again. */
const ELEMENTWISE: ReadonlySet<string> = new Set(['adamw', 'adam', 'sgd', 'lion', 'adafactor'])

type Stretch = {
  readonly from: number
  readonly to: number
  readonly z: number
  readonly distance: number
}

/**
 * Was what each stretch of training added made from the weights at its beginning? The stretch from step 0 is
 * the one that speaks of the start; a later one without it is a jump to other weights.
 */
export async function checkImprint(
  record: TrainingRecord,
  path: Path,
  onStretch: (done: number, of: number) => void = () => {},
): Promise<readonly Finding[]> {
  const pairs = visiblePairs(path)
  const stretches: Stretch[] = []
  for (const [at, [from, to]] of pairs.entries()) {
    onStretch(at + 1, pairs.length)
    const found = await measureImprint(from.point.source, to.point.source)
    if (!found) continue
    const distance = rounded(
      stepRms(path.matrices, from.at, to.at) / sizeOf(path.matrices, from.at),
      2,
    )
    stretches.push({ from: from.point.step, to: to.point.step, z: rounded(found.z, 1), distance })
  }
  if (path.points.length < 2) return []
  if (stretches.length === 0) return [finding('imprint', 'imprint_untested')]
  return judge(stretches, ELEMENTWISE.has(record.optimiser.name))
}

function judge(stretches: readonly Stretch[], isElementwise: boolean): Finding[] {
  const absent = stretches.find(
    ({ z, distance, from }) => z < ABSENT && distance <= NEAR && (isElementwise || from === 0),
  )
  if (absent) return [finding('imprint', 'imprint_absent', { tier: 'empirical', values: absent })]
  const found = stretches.filter(({ z }) => z >= FOUND)
  const [open] = stretches.filter(({ z }) => z < FOUND)
  const weakest = Math.min(...found.map(({ z }) => z))
  const values = { stretches: found.length, z: weakest }
  const isFromStart = found.some(({ from }) => from === 0)
  return [
    ...(isFromStart ? [finding('imprint', 'imprint_found', { tier: 'empirical', values })] : []),
    ...(open
      ? [
          finding('imprint', 'imprint_undecided', {
            values: { ...open, stretches: stretches.length - found.length },
          }),
        ]
      : []),
  ]
}

type Place = { readonly at: number; readonly point: Point }

/** From step 0 to the first checkpoint that moved visibly, and from each of the rest to the next. */
function visiblePairs({ points, matrices }: Path): (readonly [Place, Place])[] {
  const places = points.map((point, at) => ({ at, point }))
  const isVisible = (from: Place, to: Place): boolean =>
    stepRms(matrices, from.at, to.at) > ROUNDINGS * matrices.rounding * sizeOf(matrices, from.at)
  const [start, ...rest] = places
  const first = start && rest.find((place) => isVisible(start, place))
  if (!start || !first) return []
  const later = rest.flatMap((place) => {
    const before = places[place.at - 1]
    return before && place.at > first.at && isVisible(before, place)
      ? [[before, place] as const]
      : []
  })
  return [[start, first], ...later]
}

const rounded = (value: number, places: number): number => Number(value.toFixed(places))
