import { describe, expect, it } from 'vitest'
import { DEEP_WORK, USUAL_WORK } from '../aligned/work.ts'
import { type MlpPlace, planCells } from './mlps.ts'

type Shape = { readonly layers: number; readonly units: number; readonly width: number }

const placesOf = ({ layers, units, width }: Shape, experts: number | null = null): MlpPlace[] =>
  Array.from({ length: layers * (experts ?? 1) }, (_, at) => ({
    layer: Math.floor(at / (experts ?? 1)),
    expert: experts === null ? null : at % experts,
    units,
    width,
  }))

/** How many of either model are held against each other, and whether at their own places only. */
function planOf(
  [own, other]: readonly [readonly MlpPlace[], readonly MlpPlace[]],
  plan: {
    readonly planned: readonly number[]
    readonly isComplete: boolean
    readonly work: number
  },
) {
  const { planned, isComplete, work } = plan
  const cells = planCells(
    { own, other },
    { candidateLayers: planned, referenceLayers: planned, robust: { isComplete, work } },
  )
  return cells && [cells.own.length, cells.other.length, cells.isOwnOnly]
}

const SMALL = { layers: 3, units: 96, width: 48 }
const MIDDLE = { layers: 30, units: 1536, width: 576 }
const SEVEN = { layers: 32, units: 11_008, width: 4096 }
const usual = { isComplete: true, work: USUAL_WORK.robust }
const deep = { isComplete: true, work: DEEP_WORK.robust }

describe('what the robust tier holds against what', () => {
  it('is everything in small models, experts too', () => {
    const dense = placesOf(SMALL)
    expect(planOf([dense, dense], { ...usual, planned: [0, 1, 2] })).toEqual([3, 3, false])
    const mixture = placesOf(SMALL, 8)
    expect(planOf([mixture, dense], { ...usual, planned: [0, 1, 2] })).toEqual([24, 3, false])
  })

  it('is fewer layers of the candidate in larger ones, against all of the reference', () => {
    const places = placesOf(MIDDLE)
    expect(planOf([places, places], { ...deep, planned: [7, 22] })).toEqual([15, 30, false])
  })

  it('is the planned layers where more may not be read, or is too much work', () => {
    const places = placesOf(SEVEN)
    const job = { ...deep, isComplete: false }
    expect(planOf([places, places], { ...job, planned: [8, 24] })).toEqual([2, 2, false])
    expect(planOf([places, places], { ...job, planned: [4, 12, 20, 28] })).toEqual([4, 4, true])
  })

  it('is nothing where not even that is affordable', () => {
    const places = placesOf(SEVEN)
    expect(planOf([places, places], { ...usual, planned: [8] })).toBeNull()
    expect(
      planOf([placesOf(SMALL), placesOf(SMALL)], { ...usual, work: 0, planned: [0] }),
    ).toBeNull()
  })
})
