import type { PanelRatings } from '../panel-effects.ts'

/**
 * The same least squares by brute force: all effects at once, the sum-to-zero constraints as
 * Lagrange multipliers, Gaussian elimination with full pivoting of rows. Cubic in all effects.
 */
export function panelEffectsReference(ratings: PanelRatings): {
  readonly mean: number
  readonly team: number[]
  readonly rater: number[]
  readonly criterion: number[]
  readonly raterError: number[]
} {
  const blocks = [ratings.teams, ratings.raters, ratings.criteria]
  const effects = 1 + blocks.reduce((a, b) => a + b, 0)
  const size = effects + blocks.length
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  const right = new Array<number>(size).fill(0)
  const columns = (i: number) => [
    0,
    1 + ratings.team[i]!,
    1 + ratings.teams + ratings.rater[i]!,
    1 + ratings.teams + ratings.raters + ratings.criterion[i]!,
  ]
  for (let i = 0; i < ratings.value.length; i++) {
    for (const a of columns(i)) {
      right[a]! += ratings.value[i]!
      for (const b of columns(i)) matrix[a]![b]! += 1
    }
  }
  let at = 1
  for (const [block, length] of blocks.entries()) {
    for (let k = 0; k < length; k++) {
      matrix[effects + block]![at + k] = 1
      matrix[at + k]![effects + block] = 1
    }
    at += length
  }
  const inverse = invert(matrix)
  const solution = inverse.map((row) => row.reduce((sum, x, k) => sum + x * right[k]!, 0))
  let squares = 0
  for (let i = 0; i < ratings.value.length; i++) {
    squares += (ratings.value[i]! - columns(i).reduce((sum, a) => sum + solution[a]!, 0)) ** 2
  }
  const degrees = ratings.value.length - (effects - blocks.length)
  const rater = 1 + ratings.teams
  const criterion = rater + ratings.raters
  return {
    mean: solution[0]!,
    team: solution.slice(1, rater),
    rater: solution.slice(rater, criterion),
    criterion: solution.slice(criterion, effects),
    raterError: Array.from({ length: ratings.raters }, (_, j) =>
      Math.sqrt((inverse[rater + j]![rater + j]! * squares) / degrees),
    ),
  }
}

function invert(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))])
  for (let i = 0; i < size; i++) {
    let best = i
    for (let r = i; r < size; r++) if (Math.abs(work[r]![i]!) > Math.abs(work[best]![i]!)) best = r
    ;[work[i], work[best]] = [work[best]!, work[i]!]
    const pivot = work[i]![i]!
    for (let k = 0; k < 2 * size; k++) work[i]![k]! /= pivot
    for (let r = 0; r < size; r++) {
      const factor = work[r]![i]!
      if (r === i || factor === 0) continue
      for (let k = 0; k < 2 * size; k++) work[r]![k]! -= factor * work[i]![k]!
    }
  }
  return work.map((row) => row.slice(size))
}
