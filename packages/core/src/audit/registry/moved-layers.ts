import type { ComponentComparison, TestName, TestResult } from '../result.ts'
import { compareSketches, deviationOf } from './compare-sketches.ts'
import { layersOf, type SketchRun } from './packed-sketches.ts'
import type { RunScanner } from './scan-rows.ts'
import { correlationOf, keyOf, type Sketch, type SketchShape } from './sketch.ts'

/**
 * No cell below this can reach 10⁻⁹: exp(−z²/2) is above 10⁻⁶ and the binomial tail, at most 24 rows in
 * one direction, above 10⁻⁸.
 */
const CELL_DEVIATION = 5

/**
 * Depth pruning and up-scaling move layers. Where two models differ in depth, a fact of their
 * shapes, every layer is compared with every layer at another place, each cell a test of its own.
 */
export const mayHaveMoved = (a: SketchShape, b: SketchShape): boolean =>
  a.role !== 'residual' && a.layers !== b.layers && keyOf(a) === keyOf(b)

/** Cells off the diagonal: hypotheses that a pair of different depth adds to a search. */
export const movedCells = (a: SketchShape, b: SketchShape): number =>
  mayHaveMoved(a, b) ? a.layers * b.layers - Math.min(a.layers, b.layers) : 0

/** One layer as a sketch of its own. */
export function layerOf(sketch: Sketch, layer: number): Sketch {
  const { rowsPerLayer } = sketch
  const rows = layer * rowsPerLayer
  return {
    ...sketch,
    layers: 1,
    bits: sketch.bits.subarray(rows * 8, (rows + rowsPerLayer) * 8),
    valid: sketch.valid.subarray(rows / 8, (rows + rowsPerLayer) / 8),
  }
}

/** Owners in a run of a layer that stands at another place than the query's: to be compared in full. */
export function entriesWithMovedLayers(
  query: Sketch,
  run: SketchRun,
  scanner: RunScanner,
): Set<string> {
  const found = new Set<string>()
  if (!mayHaveMoved(query, run.shape)) return found
  const layers = layersOf(run)
  const scan = scanner(layers)
  for (let own = 0; own < query.layers; own++) {
    scan(layerOf(query, own)).forEach((counts, at) => {
      const owner = layers.owners[at]
      if (!owner || at % run.shape.layers === own) return
      if (deviationOf(counts) >= CELL_DEVIATION) found.add(owner.entry)
    })
  }
  return found
}

/** The cells that reject after correction, as tests. */
export function movedLayerTests(
  test: TestName,
  pair: readonly [Sketch, Sketch],
  correction: { readonly hypotheses: number; readonly log10Alpha: number },
): TestResult[] {
  const [candidate, reference] = pair
  if (!mayHaveMoved(candidate, reference)) return []
  const tests: TestResult[] = []
  for (let i = 0; i < candidate.layers; i++) {
    for (let j = 0; j < reference.layers; j++) {
      if (i === j) continue
      const result = cellTest(test, layerOf(candidate, i), layerOf(reference, j))
      if (!result) continue
      const log10PAdjusted = Math.min(0, (result.log10P ?? 0) + Math.log10(correction.hypotheses))
      if (log10PAdjusted > correction.log10Alpha) continue
      const values = { candidate: i, reference: j }
      tests.push({
        ...result,
        layer: i,
        log10PAdjusted,
        notes: [{ code: 'layer_moved', values }],
      })
    }
  }
  return tests
}

function cellTest(test: TestName, candidate: Sketch, reference: Sketch): TestResult | null {
  const comparison = compareSketches(candidate, reference)
  if (comparison.kind !== 'tested') return null
  const { n, positive, log10P, meanCorrelation } = comparison.test
  return {
    test,
    tier: 'exact',
    layer: null,
    log10P,
    log10PAdjusted: null,
    statistic: positive,
    n,
    meanCorrelation: correlationOf(meanCorrelation),
    minDetectableCorrelation: null,
    notes: [],
  }
}

/** Where each layer of the candidate was found, by the smallest p. */
export function layerMapOf(
  tests: readonly TestResult[],
): NonNullable<ComponentComparison['layerMap']> {
  const best = new Map<number, { candidate: number; reference: number; log10P: number }>()
  for (const test of tests) {
    const note = test.notes.find(({ code }) => code === 'layer_moved')
    const reference = note?.values['reference']
    if (test.layer === null || typeof reference !== 'number') continue
    const log10P = test.log10PAdjusted ?? 0
    const held = best.get(test.layer)
    if (!held || log10P < held.log10P) {
      best.set(test.layer, { candidate: test.layer, reference, log10P })
    }
  }
  return [...best.values()].sort((x, y) => x.candidate - y.candidate)
}
