import { assert } from '../../base/errors.ts'
import type { Comparison } from '../result.ts'
import { VERDICTS } from '../result.ts'
import { closenessOf } from '../technical/closeness.ts'
import { nameCloserRelatives } from '../technical/relatives.ts'
import { hashesOf } from './compare-content.ts'
import { compareFingerprints, type FingerprintCorrection } from './compare-fingerprints.ts'
import { deviationOf } from './compare-sketches.ts'
import type { Fingerprint } from './fingerprint.ts'
import { entriesWithMovedLayers, movedCells } from './moved-layers.ts'
import { plainScanner, type SketchScanner } from './scan-rows.ts'
import { type SilentFamily, silentComparison } from './silent-search.ts'
import { keyOf, type Sketch } from './sketch.ts'

export type SearchOptions = {
  /** Packs sketches for scanning; the plain loop unless a kernel is given. */
  readonly scannerFor?: (references: readonly Sketch[]) => SketchScanner
  /** Family-wise level, log10; default −9. */
  readonly log10Alpha?: number
  /** Hypotheses tested elsewhere in the same search, such as references named by hand. */
  readonly otherHypotheses?: number
}

export type RegistryHit = {
  /** Position among the entries that were searched. */
  readonly entry: number
  readonly comparison: Comparison
}

export type RegistrySearch = {
  readonly models: number
  /** Models with at least one sketch or block that could be compared. */
  readonly compared: number
  readonly hypotheses: number
  readonly log10Alpha: number
  /** Models that one component at least depends on, strongest first. */
  readonly hits: readonly RegistryHit[]
  /** All others together: the smallest p and the largest detection limit of each component. */
  readonly silent: Comparison | null
}

const LOG10_ALPHA = -9
/**
 * Pairs that deviate by this much are tested with everything that validity asks for. The others
 * count as p = 1, which is larger than their own p, so screening costs no validity. It costs no
 * power either: exp(−z²/2) and the binomial tail at z = 3.4 are above 10⁻⁴, and no pair below that can
 * reach a corrected level of 10⁻⁹.
 */
export const SCREEN_DEVIATION = 3.4
/** Of correlations estimated from sketches; their standard error is 0.2/√rows. */
const CLOSENESS_MARGIN = 0.02

/** Searches all fingerprints for relatives and copies of one model. */
export async function searchRegistry(
  suspect: Fingerprint,
  entries: readonly Fingerprint[],
  options: SearchOptions = {},
): Promise<RegistrySearch> {
  const scanned = scanAll(suspect, entries, options.scannerFor ?? plainScanner)
  const hypotheses = Math.max(1, scanned.hypotheses + (options.otherHypotheses ?? 0))
  const correction = { hypotheses, log10Alpha: options.log10Alpha ?? LOG10_ALPHA }
  const copies = entriesWithEqualBlocks(suspect, entries)
  const candidates = [...new Set([...scanned.screened, ...copies])].sort((x, y) => x - y)
  const found = candidates
    .map((entry) => ({ entry, comparison: compare(suspect, entries[entry], correction) }))
    .filter(({ comparison }) => isDependent(comparison))
  const hits = await tellRelatives(found, entries, correction)
  hits.sort((x, y) => byStrength(x.comparison, y.comparison))
  return {
    models: entries.length,
    compared: new Set([...scanned.compared, ...copies]).size,
    ...correction,
    hits,
    silent: silentComparison(suspect, scanned.families, {
      hits: new Set(hits.map((hit) => hit.entry)),
      models: entries.length,
      correction,
    }),
  }
}

function compare(
  suspect: Fingerprint,
  entry: Fingerprint | undefined,
  correction: FingerprintCorrection,
): Comparison {
  assert(entry !== undefined, 'an entry of the registry is gone')
  return compareFingerprints(suspect, entry, correction)
}

/** Every sketch of the suspect against every sketch of the registry with the same key. */
function scanAll(
  suspect: Fingerprint,
  entries: readonly Fingerprint[],
  scannerFor: (references: readonly Sketch[]) => SketchScanner,
) {
  const keys = new Set(suspect.components.flatMap(({ sketches }) => sketches.map(keyOf)))
  const references: { readonly entry: number; readonly sketch: Sketch }[] = []
  entries.forEach((fingerprint, entry) => {
    for (const { sketches } of fingerprint.components) {
      for (const sketch of sketches) if (keys.has(keyOf(sketch))) references.push({ entry, sketch })
    }
  })
  const scanner = scannerFor(references.map(({ sketch }) => sketch))
  const families: SilentFamily[] = []
  for (const { component, sketches } of suspect.components) {
    for (const sketch of sketches) {
      scanner.scan(sketch).forEach((counts, at) => {
        if (!counts) return
        const entry = references[at]?.entry ?? 0
        families.push({ entry, component, role: sketch.role, counts })
      })
    }
  }
  const moved = suspect.components.flatMap(({ sketches }) =>
    sketches.flatMap((sketch) => [...entriesWithMovedLayers(sketch, references, scannerFor)]),
  )
  const cells = suspect.components
    .flatMap(({ sketches }) => sketches)
    .reduce(
      (sum, own) => sum + references.reduce((n, { sketch }) => n + movedCells(own, sketch), 0),
      0,
    )
  const isScreened = ({ counts }: SilentFamily) => deviationOf(counts) >= SCREEN_DEVIATION
  return {
    families,
    hypotheses: families.length + cells,
    compared: families.map(({ entry }) => entry),
    screened: [...families.filter(isScreened).map(({ entry }) => entry), ...moved],
  }
}

/** The hash join: only the suspect's blocks are kept, however large the registry. */
function entriesWithEqualBlocks(suspect: Fingerprint, entries: readonly Fingerprint[]): number[] {
  const own = new Set(suspect.components.flatMap((component) => [...hashesOf(component)]))
  return [...entries.keys()].filter((at) =>
    entries[at]?.components.some((component) => {
      for (const hash of hashesOf(component)) if (own.has(hash)) return true
      return false
    }),
  )
}

export const isDependent = ({ verdict }: Pick<Comparison, 'verdict'>): boolean =>
  VERDICTS.indexOf(verdict) < VERDICTS.indexOf('no_evidence')

/** Siblings reject like parents do: the more distant of two related hits says `common_origin`. */
async function tellRelatives(
  found: readonly RegistryHit[],
  entries: readonly Fingerprint[],
  correction: FingerprintCorrection,
): Promise<RegistryHit[]> {
  const comparisons = await nameCloserRelatives(
    found.map((hit) => hit.comparison),
    async (first, second) => {
      const [a, b] = [found[first], found[second]].map((hit) => entries[hit?.entry ?? -1])
      assert(a !== undefined && b !== undefined, 'a hit of the search is gone')
      return compareFingerprints(b, a, correction)
    },
    // A sketch cannot tell that a link through the nearer one is shorter, only that it is no longer.
    { margin: CLOSENESS_MARGIN, linkMargin: CLOSENESS_MARGIN },
  )
  return found.map((hit, at) => ({ ...hit, comparison: comparisons[at] ?? hit.comparison }))
}

const smallestP = (comparison: Comparison): number =>
  Math.min(0, ...comparison.components.map((component) => component.log10P ?? 0))

/** Where p-values have reached what the rows can give, the closer body tells the nearer relative. */
const byStrength = (x: Comparison, y: Comparison): number =>
  VERDICTS.indexOf(x.verdict) - VERDICTS.indexOf(y.verdict) ||
  closenessOfBody(y) - closenessOfBody(x) ||
  smallestP(x) - smallestP(y)

const closenessOfBody = (comparison: Comparison): number => {
  const parts = comparison.components.filter(isDependent)
  const body = parts.find(({ component }) => component === 'language_model')
  return Math.max(0, ...(body ? [body] : parts).map(closenessOf))
}
