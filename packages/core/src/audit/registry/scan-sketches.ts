import type { ComponentName } from '../../model/role.ts'
import { deviationOf } from './compare-sketches.ts'
import type { Fingerprint } from './fingerprint.ts'
import { entriesWithMovedLayers, movedCells } from './moved-layers.ts'
import type { SketchRun } from './packed-sketches.ts'
import type { RunScanner } from './scan-rows.ts'
import type { ShapeCount } from './searchable-registry.ts'
import type { SilentFamily } from './silent-search.ts'
import { keyOf, type Sketch } from './sketch.ts'

/**
 * Pairs that deviate by this much are tested with everything that validity asks for. The others
 * count as p = 1, which is larger than their own p, so screening costs no validity. It costs no
 * power either: exp(−z²/2) and the binomial tail at z = 3.4 are above 10⁻⁴, and no pair below that can
 * reach a corrected level of 10⁻⁹.
 */
export const SCREEN_DEVIATION = 3.4

/** One sketch of the suspect. */
export type Query = { readonly component: ComponentName; readonly sketch: Sketch }

export const queriesOf = ({ components }: Fingerprint): Query[] =>
  components.flatMap(({ component, sketches }) => sketches.map((sketch) => ({ component, sketch })))

/** Pairs of sketches that can be compared, and their layers at other places: known from shapes alone. */
export function countHypotheses(queries: readonly Query[], shapes: readonly ShapeCount[]): number {
  let hypotheses = 0
  for (const { sketch } of queries) {
    for (const { shape, sketches } of shapes) {
      if (keyOf(shape) === keyOf(sketch)) hypotheses += sketches * (1 + movedCells(sketch, shape))
    }
  }
  return hypotheses
}

/** What a scan says of one entry. */
export type ScannedEntry = {
  readonly families: readonly SilentFamily[]
  /** Deviates too much to be passed over. */
  readonly isScreened: boolean
}

/** Every sketch of the suspect against the sketches of one batch with the same key. */
export function scanBatch(
  queries: readonly Query[],
  batch: readonly SketchRun[],
  scanner: RunScanner,
): Map<string, ScannedEntry> {
  const entries = new Map<string, { families: SilentFamily[]; isScreened: boolean }>()
  for (const run of batch) {
    const key = keyOf(run.shape)
    const own = [...queries.entries()].filter(([, { sketch }]) => keyOf(sketch) === key)
    const scan = scanner(run)
    for (const [query, { component, sketch }] of own) {
      scan(sketch).forEach((counts, at) => {
        const { entry = '', position = 0 } = run.owners[at] ?? {}
        const deviation = deviationOf(counts)
        const { role } = sketch
        const scanned = entries.get(entry) ?? { families: [], isScreened: false }
        scanned.families.push({ entry, component, role, query, position, counts, deviation })
        scanned.isScreened ||= deviation >= SCREEN_DEVIATION
        entries.set(entry, scanned)
      })
    }
    for (const [, { sketch }] of own) {
      for (const entry of entriesWithMovedLayers(sketch, run, scanner)) {
        const scanned = entries.get(entry)
        if (scanned) scanned.isScreened = true
      }
    }
  }
  return entries
}
