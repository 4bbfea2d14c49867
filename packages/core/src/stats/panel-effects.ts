import { assert } from '../base/errors.ts'
import { choleskyFactor, choleskySolve } from './cholesky.ts'

/** One rating per entry. Numbers of teams, raters and criteria count from 0. */
export type PanelRatings = {
  readonly teams: number
  readonly raters: number
  /** 1 where there are no criteria. */
  readonly criteria: number
  readonly team: Uint32Array
  readonly rater: Uint32Array
  readonly criterion: Uint32Array
  readonly value: Float64Array
}

export type PanelEffects =
  | {
      readonly kind: 'estimated'
      readonly mean: number
      /** Raw units above (+) or below (−) the mean of the teams, panellists and criteria apart. */
      readonly team: Float64Array
      /** Raw units by which a rater is more generous (+) or stricter (−) than the panel. */
      readonly rater: Float64Array
      /** Standard error of each entry of `rater`; undefined without residual degrees of freedom. */
      readonly raterError: Float64Array | undefined
      readonly criterion: Float64Array
      /** Standard deviation of what the three effects leave; undefined as above. */
      readonly residual: number | undefined
      readonly degreesOfFreedom: number
    }
  | { readonly kind: 'no_information'; readonly reason: 'one_rater' | 'one_team' | 'not_connected' }

/**
 * Additive least squares y = μ + team + rater + criterion + ε, every effect summing to 0 over its
 * levels; levels without ratings are not allowed. In a complete crossed design the rater effect is
 * the rater's mean minus the grand mean; with gaps it is corrected for which teams were rated.
 *
 * Raters are eliminated first (their block is diagonal), so that the cost grows with the number
 * of ratings and the cube of teams + criteria only (Searle 1971, Linear Models, ch. 7).
 */
export function panelEffects(ratings: PanelRatings): PanelEffects {
  if (ratings.raters < 2) return { kind: 'no_information', reason: 'one_rater' }
  if (ratings.teams < 2) return { kind: 'no_information', reason: 'one_team' }
  const sums = raterSums(ratings)
  const factor = choleskyFactor(reducedMatrix(ratings, sums), sums.width, 1e-10)
  if (!factor) return { kind: 'no_information', reason: 'not_connected' }
  const solved = choleskySolve(factor, reducedRight(ratings, sums))
  return effectsOf(ratings, { sums, factor, solved })
}

type RaterSums = {
  /** Columns of the fixed effects: teams, then criteria. */
  readonly width: number
  readonly count: Float64Array
  readonly meanValue: Float64Array
  /** Mean of the fixed-effect indicators over the ratings of each rater, rater-major. */
  readonly meanRow: Float64Array
}

function raterSums(ratings: PanelRatings): RaterSums {
  const { raters, teams } = ratings
  const width = teams + ratings.criteria
  const count = new Float64Array(raters)
  const meanValue = new Float64Array(raters)
  const meanRow = new Float64Array(raters * width)
  for (let i = 0; i < ratings.value.length; i++) {
    const j = ratings.rater[i]!
    count[j]! += 1
    meanValue[j]! += ratings.value[i]!
    meanRow[j * width + ratings.team[i]!]! += 1
    meanRow[j * width + teams + ratings.criterion[i]!]! += 1
  }
  for (let j = 0; j < raters; j++) {
    assert(count[j]! > 0, `rater ${j} has no rating`)
    meanValue[j]! /= count[j]!
    for (let a = 0; a < width; a++) meanRow[j * width + a]! /= count[j]!
  }
  return { width, count, meanValue, meanRow }
}

/** B'B − Σ_j n_j·m_j·m_jᵀ, plus 11ᵀ on each block: the constraint that its effects sum to 0. */
function reducedMatrix(ratings: PanelRatings, sums: RaterSums): Float64Array {
  const { width, count, meanRow } = sums
  const matrix = new Float64Array(width * width)
  for (let i = 0; i < ratings.value.length; i++) {
    const t = ratings.team[i]!
    const c = ratings.teams + ratings.criterion[i]!
    matrix[t * width + t]! += 1
    matrix[c * width + c]! += 1
    matrix[t * width + c]! += 1
    matrix[c * width + t]! += 1
  }
  for (let j = 0; j < count.length; j++) {
    for (let a = 0; a < width; a++) {
      const left = count[j]! * meanRow[j * width + a]!
      if (left === 0) continue
      for (let b = 0; b < width; b++) matrix[a * width + b]! -= left * meanRow[j * width + b]!
    }
  }
  const isTeam = (a: number) => a < ratings.teams
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < width; b++) if (isTeam(a) === isTeam(b)) matrix[a * width + b]! += 1
  }
  return matrix
}

function reducedRight(ratings: PanelRatings, sums: RaterSums): Float64Array {
  const right = new Float64Array(sums.width)
  for (let i = 0; i < ratings.value.length; i++) {
    const deviation = ratings.value[i]! - sums.meanValue[ratings.rater[i]!]!
    right[ratings.team[i]!]! += deviation
    right[ratings.teams + ratings.criterion[i]!]! += deviation
  }
  return right
}

function effectsOf(
  ratings: PanelRatings,
  solution: {
    readonly sums: RaterSums
    readonly factor: Float64Array
    readonly solved: Float64Array
  },
): PanelEffects {
  const { sums, factor, solved } = solution
  const { raters, teams, criteria } = ratings
  const level = Float64Array.from({ length: raters }, (_, j) => {
    let value = sums.meanValue[j]!
    for (let a = 0; a < sums.width; a++) value -= sums.meanRow[j * sums.width + a]! * solved[a]!
    return value
  })
  const mean = level.reduce((a, b) => a + b, 0) / raters
  let squares = 0
  for (let i = 0; i < ratings.value.length; i++) {
    const fixed = solved[ratings.team[i]!]! + solved[teams + ratings.criterion[i]!]!
    squares += (ratings.value[i]! - level[ratings.rater[i]!]! - fixed) ** 2
  }
  const degreesOfFreedom = ratings.value.length - (raters + teams - 1 + criteria - 1)
  const variance = degreesOfFreedom > 0 ? squares / degreesOfFreedom : undefined
  return {
    kind: 'estimated',
    mean,
    team: solved.slice(0, teams),
    rater: level.map((value) => value - mean),
    raterError:
      variance === undefined
        ? undefined
        : raterUnitErrors(sums, factor).map((e) => e * Math.sqrt(variance)),
    criterion: solved.slice(teams),
    residual: variance === undefined ? undefined : Math.sqrt(variance),
    degreesOfFreedom,
  }
}

/** √Var(α_j − mean of α) for σ = 1, where Cov(α) = diag(1/n_j) + M·S⁻¹·Mᵀ. */
function raterUnitErrors(sums: RaterSums, factor: Float64Array): Float64Array {
  const { width, count, meanRow } = sums
  const raters = count.length
  const centre = new Float64Array(width)
  let inverseCounts = 0
  for (let j = 0; j < raters; j++) {
    inverseCounts += 1 / count[j]!
    for (let a = 0; a < width; a++) centre[a]! += meanRow[j * width + a]! / raters
  }
  return Float64Array.from({ length: raters }, (_, j) => {
    const offset = centre.map((value, a) => meanRow[j * width + a]! - value)
    const solved = choleskySolve(factor, offset)
    const own = (1 / count[j]!) * (1 - 2 / raters) + inverseCounts / raters ** 2
    return Math.sqrt(own + offset.reduce((sum, x, a) => sum + x * solved[a]!, 0))
  })
}
