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
  it('join files whose tensors lie in the same order, the most work first', () => {
    expect(planUnits(aligned, 1)).toEqual([
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

  it('give both files of a pair to workers of their own where that is sooner done', () => {
    // The smaller pair takes no longer than a file of the larger one: to split it too would gain nothing.
    expect(planUnits(aligned, 4).map(({ candidate, reference }) => [candidate, reference])).toEqual(
      [
        ['a1', null],
        ['a2', 'b2'],
        [null, 'b1'],
      ],
    )
  })

  it('keep a pair joined where no worker would be done sooner', () => {
    const even = {
      ...aligned,
      candidateFiles: aligned.candidateFiles.map((file) => ({ ...file, sizeBytes: 100 })),
      referenceFiles: aligned.referenceFiles.map((file) => ({ ...file, sizeBytes: 100 })),
    }
    expect(planUnits(even, 2).map(({ candidate, reference }) => [candidate, reference])).toEqual([
      ['a1', 'b1'],
      ['a2', 'b2'],
    ])
  })

  it('split one pair of an odd number, so that two workers end together', () => {
    const files = (side: string) =>
      [1, 2, 3].map((at) => ({ path: `${side}${at}`, sizeBytes: at === 3 ? 70 : 100 }))
    const three: FullReadPlan = {
      candidateFiles: files('a'),
      referenceFiles: files('b'),
      steps: [1, 2, 3].map((at) => step(`w${at}`, [`a${at}`, 8], [`b${at}`, 8])),
      unpairedOfReference: 0,
    }
    expect(planUnits(three, 2)).toEqual([
      { candidate: 'a1', reference: 'b1', steps: [0] },
      { candidate: 'a2', reference: 'b2', steps: [1] },
      { candidate: 'a3', reference: null, steps: [2] },
      { candidate: null, reference: 'b3', steps: [] },
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
