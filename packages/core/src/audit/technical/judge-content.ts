import type { Note, TestResult } from '../result.ts'
import type { ContentResult } from './content.ts'
import { isLookedFor } from './content-join.ts'
import type { ContentEvidence } from './measure-component.ts'

export type ContentJudgement =
  | { readonly kind: 'identical' | 'reencoded' | 'part'; readonly reasons: readonly Note[] }
  | { readonly kind: 'none'; readonly reasons: readonly never[] }

/** A 64-bit hash of each block would collide with this chance; comparing values is no weaker. */
const LOG10_COLLISION = -64 * Math.log10(2)

/** The content test as a row of the report; null where nothing informative was compared. */
export function contentTest(results: readonly ContentResult[]): TestResult | null {
  const blocks = sum(results, (r) => r.informativeBlocks)
  if (blocks === 0) return null
  const equal = sum(results, (r) => r.equalBlocks)
  const log10P = equal > 0 ? Math.min(0, LOG10_COLLISION + Math.log10(blocks)) : 0
  return {
    test: 'content_blocks',
    tier: 'exact',
    layer: null,
    log10P,
    log10PAdjusted: log10P,
    statistic: equal,
    n: blocks,
    meanCorrelation: null,
    minDetectableCorrelation: null,
    notes: [],
  }
}

/** All informative blocks equal, all explained by a cast or a quantiser's grid, some, or none. */
export function judgeContent({ results, unmatched }: ContentEvidence): ContentJudgement {
  const informative = results.filter((result) => result.informativeBlocks > 0)
  const blocks = sum(informative, (r) => r.informativeBlocks)
  const exact = sum(informative, (r) => r.exactBlocks)
  const equal = sum(informative, (r) => r.equalBlocks)
  if (blocks === 0) return { kind: 'none', reasons: [] }
  // A component with matrices of its own is not the reference's, however many others are.
  const unread = results.filter((r) => r.isUnread).map((r) => r.pair.candidate)
  const isWhole = ![...unmatched, ...unread].some(isLookedFor)
  const sameStorage = informative.every((r) => r.candidateDtype === r.referenceDtype)
  const readFraction = shareRead(informative)
  if (isWhole && exact === blocks && sameStorage) {
    return {
      kind: 'identical',
      reasons: [{ code: 'all_blocks_identical', values: { blocks, readFraction } }],
    }
  }
  const reencoded = isWhole ? reencodedReason(informative) : null
  if (reencoded) return { kind: 'reencoded', reasons: [reencoded] }
  if (equal > 0) {
    return { kind: 'part', reasons: [{ code: 'blocks_identical_part', values: { equal, blocks } }] }
  }
  return { kind: 'none', reasons: [] }
}

/** Every block is the reference's, or its cast, or its rounding to a grid. */
function reencodedReason(results: readonly ContentResult[]): Note | null {
  const relations = results.flatMap((result) => result.encodings)
  const explained = results.every(
    (result) =>
      result.exactBlocks + result.encodings.filter((e) => e.kind !== 'none').length ===
      result.informativeBlocks,
  )
  if (!explained) return null
  const grid = relations.find((relation) => relation.kind === 'grid')
  if (grid?.kind === 'grid') {
    const code = grid.rounded === 'candidate' ? 'rounded_to_grid' : 'reference_rounded_to_grid'
    return { code, values: { levels: grid.levels, group: grid.group } }
  }
  const cast = relations.find((relation) => relation.kind === 'cast')
  if (cast?.kind === 'cast' && cast.rounded === 'reference') {
    const values = { fromDtype: cast.to, toDtype: cast.from }
    return { code: 'reference_cast_of_candidate', values }
  }
  const recast = results.find((result) => result.candidateDtype !== result.referenceDtype)
  if (!recast) return null
  return {
    code: 'cast_of_reference',
    values: { fromDtype: recast.referenceDtype, toDtype: recast.candidateDtype },
  }
}

function shareRead(results: readonly ContentResult[]): number {
  const total = sum(results, (r) => r.pair.rows * r.pair.cols)
  return total > 0 ? sum(results, (r) => r.readElements) / total : 0
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0)
