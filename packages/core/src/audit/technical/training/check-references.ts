import type { TensorSource } from '../../../model/checkpoint.ts'
import type { ComponentComparison, Verdict } from '../../result.ts'
import { endsOf, type Point } from './check-links.ts'
import { LOG10_ALPHA, measureDependence } from './dependence.ts'
import { type Finding, finding } from './finding.ts'

export type ReferenceOpener = () => Promise<TensorSource>

/**
 * The negative test that positive evidence cannot do without: neither the first nor the last
 * checkpoint may depend on a known model. A planted start leaves the true origin in place. Where the
 * start replays from its seed, a reference may have begun at the same seed: that is told apart.
 */
export async function checkReferences(
  points: readonly Point[],
  openers: readonly ReferenceOpener[],
  options: {
    readonly isReplayed: boolean
    /** A registry is searched as well, so that no named reference is no gap. */
    readonly isElsewhere: boolean
    readonly onReference?: (done: number, of: number) => void
  },
): Promise<readonly Finding[]> {
  const { isReplayed } = options
  if (openers.length === 0) {
    return options.isElsewhere ? [] : [finding('references', 'no_references')]
  }
  const ends = endsOf(points)
  const level = LOG10_ALPHA - Math.log10(openers.length * ends.length)
  const context = { level, isReplayed }
  const findings: Finding[] = []
  let clear = 0
  for (const [at, open] of openers.entries()) {
    options.onReference?.(at + 1, openers.length)
    const reference = await open()
    try {
      const found: Finding[] = []
      for (const point of ends) found.push(...(await compareEnd(point, reference, context)))
      if (found.length === 0) clear++
      findings.push(...found)
    } finally {
      await reference.close()
    }
  }
  const values = { references: clear, step: points.at(-1)?.step ?? 0 }
  const clean = finding('references', 'references_clear', { tier: 'exact', values })
  return clear > 0 ? [clean, ...findings] : findings
}

async function compareEnd(
  point: Point,
  reference: TensorSource,
  context: { readonly level: number; readonly isReplayed: boolean },
): Promise<Finding[]> {
  const { components, comparison } = await measureDependence(point.source, reference)
  const place = { reference: comparison.reference.id, step: point.step }
  const tested = components.filter((part) => part.log10P !== null)
  if (tested.length === 0) return [finding('references', 'reference_untested', { values: place })]
  return tested.flatMap(({ component, log10P }) => {
    const part = comparison.components.find((entry) => entry.component === component)
    if (log10P === null || log10P > context.level) return alike(part, { ...place, component })
    const isStart = point.step === 0 || part?.verdict === 'shared_initialisation'
    const code = context.isReplayed && isStart ? 'reference_shares_start' : 'reference_matches'
    const values = { ...place, component, log10P }
    return [finding('references', code, { tier: 'exact', values })]
  })
}

/** A copy behind all symmetries at once shows only to the robust tests, which have no exact law. */
function alike(
  part: ComponentComparison | undefined,
  place: { readonly reference: string; readonly step: number; readonly component: string },
): Finding[] {
  if (part?.tier !== 'empirical' || !COPIES.has(part.verdict)) return []
  const values = { ...place, verdict: part.verdict }
  return [finding('references', 'reference_alike', { tier: 'empirical', values })]
}

const COPIES: ReadonlySet<Verdict> = new Set(['derived', 'derived_obfuscated', 'common_origin'])
