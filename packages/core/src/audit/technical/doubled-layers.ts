import type { ComponentComparison, TestResult } from '../result.ts'
import type { LayerCellTest } from './layer-matrix.ts'

/**
 * Layers of the one model that agree with several layers of the other: a model made longer by
 * repeating layers holds copies of its own, the model that it was made from does not.
 */
export function doubledLayersOf(
  cells: readonly LayerCellTest[],
  diagonal: readonly TestResult[],
  rejects: (test: TestResult) => boolean,
): Pick<ComponentComparison, 'doubledLayers'> {
  const agreeing = new Set([
    ...cells.flatMap((cell) =>
      rejects(cell.result) ? [`${cell.candidateLayer}/${cell.referenceLayer}`] : [],
    ),
    ...diagonal.flatMap((test) =>
      test.layer !== null && rejects(test) ? [`${test.layer}/${test.layer}`] : [],
    ),
  ])
  const pairs = [...agreeing].map((key) => key.split('/').map(Number))
  const candidate = repeated(pairs.map(([, reference]) => reference))
  const reference = repeated(pairs.map(([own]) => own))
  return candidate + reference > 0 ? { doubledLayers: { candidate, reference } } : {}
}

const repeated = (layers: readonly (number | undefined)[]): number =>
  [...Map.groupBy(layers, (layer) => layer).values()].filter((same) => same.length > 1).length
