import { vi } from 'vitest'
import {
  type CompareOptions,
  compareModels,
} from '../../../packages/core/src/audit/compare-models.ts'
import type { Comparison, TestResult } from '../../../packages/core/src/audit/result.ts'
import { decideComponent } from '../../../packages/core/src/audit/technical/decide-component.ts'
import type { ComponentEvidence } from '../../../packages/core/src/audit/technical/measure-component.ts'
import type { Pair } from './calibration-set.ts'

// A report prints single layers and experts only where they reject. To see every p-value that was
// computed, tests of this folder watch what reaches the decision, with
// `vi.mock('…/decide-component.ts', { spy: true })`: nothing is replaced, calls are remembered.

/** One comparison with all that was measured for it, component by component. */
export type Looked = {
  readonly comparison: Comparison
  readonly evidence: ReadonlyMap<string, ComponentEvidence>
}

export async function lookAt(
  [candidate, reference]: Pair,
  options: CompareOptions = { deep: true },
): Promise<Looked> {
  const watched = vi.mocked(decideComponent)
  watched.mockClear()
  const comparison = await compareModels(candidate, reference, options)
  // Components are decided twice; the last call has the evidence of both looks.
  const evidence = new Map(watched.mock.calls.map(([entry]) => [entry.component as string, entry]))
  watched.mockClear()
  return { comparison, evidence }
}

export async function lookAtAll(pairs: Iterable<Pair> | AsyncIterable<Pair>): Promise<Looked[]> {
  const all: Looked[] = []
  for await (const pair of pairs) all.push(await lookAt(pair))
  return all
}

export const bodyOf = ({ evidence }: Looked): ComponentEvidence => evidence.get('language_model')!

/** Every exact p-value of the second look of a component, by what was tested. */
export function alignedTests(evidence: ComponentEvidence): Map<string, TestResult> {
  const named = new Map<string, TestResult>()
  for (const result of evidence.aligned?.pooled ?? []) {
    named.set(`${result.test} under ${result.notes[0]?.values['alignment']}`, result)
  }
  for (const { map, candidateLayer, referenceLayer, result } of evidence.aligned?.cells ?? []) {
    named.set(`${result.test} ${candidateLayer} to ${referenceLayer} under ${map}`, result)
  }
  for (const { layer, expert, referenceExpert, result } of evidence.experts) {
    named.set(`expert ${layer}/${expert} to ${referenceExpert ?? 'dense'}`, result)
  }
  return named
}

/** How many tests of each kind the second look made, over many comparisons. */
export function countLooks(looked: readonly Looked[]) {
  const counts = { aligned: 0, cells: 0, experts: 0, robust: 0 }
  for (const { evidence } of looked) {
    for (const { aligned, experts, robust } of evidence.values()) {
      counts.aligned += aligned?.pooled.length ?? 0
      counts.cells += aligned?.cells.length ?? 0
      counts.experts += experts.length
      counts.robust += Number(robust !== null)
    }
  }
  return counts
}
