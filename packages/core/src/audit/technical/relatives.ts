import type { ComponentName } from '../../model/role.ts'
import type { Comparison, ComponentComparison, Note, Verdict } from '../result.ts'
import { CLOSENESS_MARGIN, closenessOf, componentOf } from './closeness.ts'

/** Compares two references with each other, by their position in the search. */
export type CompareReferences = (first: number, second: number) => Promise<Comparison>

/** Verdicts that state a dependence without saying through whom. */
const DEPENDENT: readonly Verdict[] = ['derived', 'shared_initialisation']

/** What makes of two references relatives; two parents of one merge need not be any. */
const MATCHING: readonly Verdict[] = [
  'identical',
  'reencoded',
  'derived',
  'derived_obfuscated',
  'common_origin',
  'shared_initialisation',
]

/**
 * Siblings reject like parents do. Where two references both match a component and they also
 * match each other, the more distant one is reported as `common_origin`, unless it is the closer
 * of the two to the candidate. Distance is one minus the mean correlation of the units, an
 * empirical order: it ranks relatives, it does not prove the direction.
 */
export async function nameCloserRelatives(
  comparisons: readonly Comparison[],
  compareReferences: CompareReferences,
  { margin, linkMargin }: Margins = WEIGHT_MARGINS,
): Promise<Comparison[]> {
  const results = [...comparisons]
  const names = new Set(comparisons.flatMap((c) => c.components.map((entry) => entry.component)))
  const between = new Map<string, Comparison>()
  for (const name of names) {
    const matches = comparisons.flatMap((comparison, index) => {
      const entry = componentOf(comparison, name)
      return entry && MATCHING.includes(entry.verdict)
        ? [{ index, entry, closeness: closenessOf(entry) }]
        : []
    })
    matches.sort((x, y) => y.closeness - x.closeness)
    for (const [place, match] of matches.entries()) {
      if (!DEPENDENT.includes(match.entry.verdict)) continue
      const nearer = matches
        .slice(0, place)
        .filter((other) => other.closeness > match.closeness + margin)
      for (const closer of nearer.slice(0, NEARER_MAX)) {
        const key = `${closer.index}/${match.index}`
        const link = between.get(key) ?? (await compareReferences(closer.index, match.index))
        between.set(key, link)
        const linked = componentOf(link, name)
        if (!linked || !MATCHING.includes(linked.verdict)) continue
        if (closenessOf(linked) <= match.closeness - linkMargin) continue
        const reference = comparisons[closer.index]?.reference.id ?? ''
        results[match.index] = withCommonOrigin(results[match.index] as Comparison, name, reference)
        break
      }
    }
  }
  return withTies(
    results.map((one) => followBody(one, results, margin)),
    margin,
  )
}

export type Margins = {
  /** Differences of closeness to the candidate that count. */
  readonly margin: number
  /** By how much a nearer reference may seem farther from the other one than the candidate is. */
  readonly linkMargin: number
}

const WEIGHT_MARGINS: Margins = { margin: CLOSENESS_MARGIN, linkMargin: 0 }

/** Nearer references that are compared with a farther one. */
const NEARER_MAX = 3

/** They travel with the body; their own distances are often too small to tell relatives apart. */
export const FED: readonly ComponentName[] = ['embeddings', 'projector']

/** Where the body came through a nearer relative, so did what it is fed by, unless it is clearly nearer. */
function followBody(
  comparison: Comparison,
  all: readonly Comparison[],
  margin: number,
): Comparison {
  const body = componentOf(comparison, 'language_model')
  const through = body?.reasons.find(({ code }) => code === 'closer_relative')?.values['reference']
  const nearer = all.find(({ reference }) => reference.id === through)
  if (body?.verdict !== 'common_origin' || !nearer) return comparison
  return FED.reduce((held, name) => {
    const [own, other] = [componentOf(held, name), componentOf(nearer, name)]
    if (!own || !other || !DEPENDENT.includes(own.verdict)) return held
    if (closenessOf(own) > closenessOf(other) + margin) return held
    return withCommonOrigin(held, name, nearer.reference.id)
  }, comparison)
}

/** Says which references are as close as the closest one, so that the order among them is not read. */
function withTies(comparisons: readonly Comparison[], margin: number): Comparison[] {
  return comparisons.map((comparison, index) => ({
    ...comparison,
    components: comparison.components.map((entry) => {
      const rivals = comparisons.filter((other, at) => {
        const rival = at === index ? undefined : componentOf(other, entry.component)
        return rival && isTied(entry, rival, margin)
      })
      const [first] = rivals
      if (!first) return entry
      const note: Note = {
        code: 'equally_close',
        values: { reference: first.reference.id, others: rivals.length },
      }
      return { ...entry, reasons: [...entry.reasons, note] }
    }),
  }))
}

const isTied = (entry: ComponentComparison, rival: ComponentComparison, margin: number): boolean =>
  DEPENDENT.includes(entry.verdict) &&
  entry.verdict === rival.verdict &&
  Math.abs(closenessOf(entry) - closenessOf(rival)) <= margin

function withCommonOrigin(
  comparison: Comparison,
  name: ComponentName,
  reference: string,
): Comparison {
  return {
    ...comparison,
    components: comparison.components.map((entry) =>
      entry.component === name
        ? {
            ...entry,
            verdict: 'common_origin',
            reasons: [{ code: 'closer_relative', values: { reference } }, ...entry.reasons],
          }
        : entry,
    ),
  }
}
