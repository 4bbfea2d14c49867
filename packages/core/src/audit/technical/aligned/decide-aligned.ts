import type { Note, TestResult } from '../../result.ts'
import type { Decision } from '../decision.ts'
import { containedShare, totals } from '../initialisation.ts'
import type { ComponentEvidence } from '../measure-component.ts'
import type { AlignedCell, AlignedEvidence } from './measure-aligned.ts'
import type { MapKind } from './residual-map.ts'
import { printedTransform, type TransformParts } from './transform.ts'

/**
 * The plain tests are silent and an aligned one rejects: the arrangement was changed. Where the
 * number of units or axes differs, that is what pruning does and nothing was hidden; where the
 * models have one shape, the change served no purpose that is known here.
 */
export function decideAligned(
  evidence: ComponentEvidence,
  rejecting: readonly TestResult[],
): Decision | null {
  const { aligned } = evidence
  const [first] = rejecting
  if (!aligned || !first) return null
  const alignment = mapOf(first)
  const reasons: Note[] = [
    {
      code: 'aligned_rejects',
      values: { test: first.test, alignment, log10P: first.log10PAdjusted ?? 0, n: first.n },
    },
  ]
  const { candidate, reference } = aligned.sizes
  const isResized = candidate.units !== reference.units || candidate.width !== reference.width
  if (isResized) {
    const values = { candidate: candidate.units, reference: reference.units }
    reasons.push({ code: 'widths_aligned', values })
  }
  const parts = transformParts(aligned, mostTellingMap(aligned) ?? alignment)
  return {
    verdict: isResized ? 'derived' : 'derived_obfuscated',
    tier: 'exact',
    reasons,
    ...(parts ? { transform: printedTransform(parts, aligned.heldOut) } : {}),
  }
}

function mapOf({ notes }: TestResult): MapKind {
  const alignment = notes.find(({ code }) => code === 'aligned_by')?.values['alignment']
  return (alignment as MapKind | undefined) ?? 'identity'
}

/** How much of one model is contained in the other, over the units that the alignment matched. */
export function alignedFigures(aligned: AlignedEvidence | null): {
  readonly slope: number | null
  /** Norms are folded into the rows before these are aligned. */
  readonly normCorrelation: null
} {
  const kind = aligned && mostTellingMap(aligned)
  const cells = aligned && kind ? bestCells(aligned, kind) : []
  return {
    slope: containedShare(totals(cells.map(({ products }) => products))),
    normCorrelation: null,
  }
}

/** The best cell of each layer of the candidate under one map. */
function bestCells(aligned: AlignedEvidence, kind: MapKind): AlignedCell[] {
  const best = new Map<number, AlignedCell>()
  for (const cell of aligned.cells) {
    if (cell.map !== kind || cell.result.test !== 'aligned_up') continue
    const held = best.get(cell.candidateLayer)
    if (!held || (cell.result.log10P ?? 0) < (held.result.log10P ?? 0)) {
      best.set(cell.candidateLayer, cell)
    }
  }
  return [...best.values()]
}

export function transformParts(aligned: AlignedEvidence, kind: MapKind): TransformParts | null {
  const map = aligned.maps.get(kind)
  if (!map) return null
  const { candidate, reference } = aligned.sizes
  return {
    map,
    width: { candidate: candidate.width, reference: reference.width },
    layers: bestCells(aligned, kind).map((cell) => ({
      candidate: cell.candidateLayer,
      reference: cell.referenceLayer,
      expert: null,
      referenceExpert: null,
      match: cell.match,
      scales: cell.scales,
    })),
  }
}

/**
 * The map under which matched units are most alike, among those that some test finds telling; for
 * replaying it on held-out tensors. Null where no test is.
 */
export function mostTellingMap(aligned: AlignedEvidence): MapKind | null {
  const telling = [...aligned.pooled, ...aligned.cells.map(({ result }) => result)]
    .filter(({ log10P }) => (log10P ?? 0) <= LOG10_TELLING)
    .sort((x, y) => Math.abs(y.meanCorrelation ?? 0) - Math.abs(x.meanCorrelation ?? 0))
  return telling[0] ? mapOf(telling[0]) : null
}

/** Raw level from which a replay is worth its reading. */
const LOG10_TELLING = -9
