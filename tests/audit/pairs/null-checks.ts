import { expect } from 'vitest'
import type { TestResult } from '../../../packages/core/src/audit/result.ts'
import { exactTests } from '../../../packages/core/src/audit/technical/decide-component.ts'
import { unitsOutOf } from '../../../packages/core/src/audit/technical/robust/agreement.ts'
import { SIMULATED_COHORT } from '../../../packages/core/src/audit/technical/robust/cohorts.ts'
import type { Cohort } from '../../../packages/core/src/audit/technical/robust/conformal.ts'
import type { RobustEvidence } from '../../../packages/core/src/audit/technical/robust/measure-robust.ts'
import { createRng } from '../../../packages/core/src/base/rng.ts'
import { kolmogorovSmirnov } from '../../../packages/core/src/stats/uniformity.ts'
import { randomisedP } from '../randomised-p.ts'
import { alignedTests, bodyOf, type Looked } from './second-look.ts'

// What must hold where no model descends from another.

/** log10: no single hypothesis of independent models may come out smaller. */
const ALARM = -9

export function expectSilence(looked: readonly Looked[]): void {
  for (const { comparison, evidence } of looked) {
    const names = `${comparison.candidate.id} against ${comparison.reference.id}`
    for (const { component, verdict, reasons } of comparison.components) {
      const place = `${names}, ${component}: ${JSON.stringify(reasons)}`
      expect(['no_evidence', 'not_testable'], place).toContain(verdict)
      expect(reasons.length, place).toBeGreaterThan(0)
    }
    for (const component of evidence.values()) {
      for (const { test, log10P } of exactTests(component)) {
        expect(log10P, `${names}: ${test}`).toBeGreaterThan(ALARM)
      }
    }
  }
}

/** The same test of every pair, one entry a pair; all pairs disjoint. */
export function testsByName(looked: readonly Looked[]): Map<string, TestResult[]> {
  const named = new Map<string, TestResult[]>()
  for (const entry of looked) {
    for (const [name, result] of alignedTests(bodyOf(entry))) {
      named.set(name, [...(named.get(name) ?? []), result])
    }
  }
  return named
}

/** Printed p-values of disjoint pairs: at no level more often than the level allows. */
export function expectSuperuniform(name: string, results: readonly TestResult[]): void {
  for (const level of [0.1, 0.01, 0.001]) {
    const below = results.filter(({ log10P }) => (log10P ?? 0) <= Math.log10(level)).length
    const allowed = level * results.length
    expect(below, `${name}: p ≤ ${level}`).toBeLessThanOrEqual(allowed + 4 * Math.sqrt(allowed))
  }
}

/** Signs behind an alignment of disjoint pairs are fair coins: exactly, so tested two-sided. */
export function expectFairSigns(name: string, results: readonly TestResult[]): void {
  const rng = createRng('fair signs').fork(name)
  const scores = results.map(({ statistic, n }) => ((statistic ?? 0) - n / 2) / Math.sqrt(n / 4))
  const mean = scores.reduce((sum, z) => sum + z, 0) / scores.length
  const variance = scores.reduce((sum, z) => sum + z * z, 0) / scores.length
  expect(Math.abs(mean), `${name}: mean`).toBeLessThan(4 / Math.sqrt(scores.length))
  expect(Math.abs(variance - 1), `${name}: variance`).toBeLessThan(4 * Math.sqrt(2 / scores.length))
  const uniform = results.map(({ statistic, n }) => randomisedP(statistic ?? 0, n, rng.nextFloat()))
  expect(kolmogorovSmirnov(uniform).log10P, name).toBeGreaterThan(-3)
}

/**
 * Scores of pairs that share no model with the cohort, ranked in it. Ties (most scores are 0) are
 * broken at random, which makes the rank of an exchangeable score exactly uniform.
 */
export function expectEvenRanks(
  name: string,
  robust: readonly RobustEvidence[],
  among: Cohort = SIMULATED_COHORT,
): void {
  const rng = createRng('ranks').fork(name)
  const cohort = among.pairs.map(unitsOutOf)
  const ranks = robust.map(({ rows }) => {
    const score = unitsOutOf(rows)
    const above = cohort.filter((other) => other > score).length
    const equal = cohort.filter((other) => other === score).length
    return (above + rng.nextFloat() * (equal + 1)) / (cohort.length + 1)
  })
  expect(kolmogorovSmirnov(ranks).log10P, `${name}: ranks`).toBeGreaterThan(-3)
}

/** Printed conformal p-values: at no level more often than the level allows. */
export function expectHonestRanks(name: string, robust: readonly RobustEvidence[]): void {
  const log10Ps = robust.map(({ result }) => result.log10P ?? 0)
  for (const level of [0.5, 0.3, 0.1, 0.05, 0.02]) {
    const below = log10Ps.filter((log10P) => log10P <= Math.log10(level)).length
    const allowed = level * log10Ps.length
    expect(below, `${name}: p ≤ ${level}`).toBeLessThanOrEqual(allowed + 4 * Math.sqrt(allowed))
  }
}

/** Pairs of files 5 and 6: the shipped cohort was made from files 0 to 4. */
export const robustOutsideCohort = (looked: readonly Looked[]): RobustEvidence[] =>
  looked.slice(150).flatMap((entry) => bodyOf(entry).robust ?? [])
