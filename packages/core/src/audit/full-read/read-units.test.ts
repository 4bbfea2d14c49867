import { describe, expect, it } from 'vitest'
import type { FullReadPlan, ReadStep } from './plan-full-read.ts'
import { planUnits } from './read-units.ts'

const span = (file: string, beginByte: number) => ({ file, beginByte, endByte: beginByte + 10 })

const step = (
  tensor: string,
  own: readonly [string, number],
  other: readonly [string, number] | null,
): ReadStep => ({
  tensor,
  component: 'language_model',
  elements: 5,
  isMatrix: true,
  candidate: span(...own),
  dtype: 'BF16',
  counterpart: other && { tensor, span: span(...other), dtype: 'BF16' },
})

const plan = (steps: readonly ReadStep[]): FullReadPlan => ({
  candidateFiles: [
    { path: 'a1', sizeBytes: 100 },
    { path: 'a2', sizeBytes: 50 },
  ],
  referenceFiles: [
    { path: 'b1', sizeBytes: 100 },
    { path: 'b2', sizeBytes: 50 },
  ],
  steps,
  unpairedOfReference: 0,
})

const aligned = plan([
  step('w', ['a1', 8], ['b1', 8]),
  step('x', ['a1', 18], ['b1', 40]),
  step('y', ['a2', 8], ['b2', 8]),
])

describe('units of a full read', () => {
  it('join files whose tensors lie in the same order, the largest first', () => {
    expect(planUnits(aligned, 2)).toEqual([
      { candidate: 'a1', reference: 'b1', steps: [0, 1] },
      { candidate: 'a2', reference: 'b2', steps: [2] },
    ])
  })

  it('keep files apart where the order differs or tensors are spread over files', () => {
    const crossed = plan([
      step('w', ['a1', 8], ['b1', 40]),
      step('x', ['a1', 18], ['b1', 8]),
      step('y', ['a2', 8], ['b2', 8]),
    ])
    const spread = plan([step('w', ['a1', 8], ['b1', 8]), step('x', ['a2', 8], ['b1', 40])])
    const byCandidate = (units: ReturnType<typeof planUnits>) =>
      Object.fromEntries(units.map((unit) => [unit.candidate ?? 'alone', unit.reference]))
    expect(byCandidate(planUnits(crossed, 1))).toMatchObject({ a1: null, a2: 'b2' })
    expect(byCandidate(planUnits(spread, 1))).toMatchObject({ a1: null, a2: null })
  })

  it('give both files of a unit to workers of their own where workers would idle', () => {
    const units = planUnits(aligned, 4)
    expect(units).toHaveLength(4)
    expect(units.filter((unit) => unit.candidate === null).map((unit) => unit.reference)).toEqual([
      'b1',
      'b2',
    ])
  })

  it.each([1, 2, 3, 8])('name every file once and every step once for %d workers', (workers) => {
    const units = planUnits(aligned, workers)
    const named = units.flatMap((unit) =>
      [unit.candidate, unit.reference].filter((f) => f !== null),
    )
    expect(named.sort()).toEqual(['a1', 'a2', 'b1', 'b2'])
    expect(units.flatMap((unit) => unit.steps).sort()).toEqual([0, 1, 2])
  })
})
