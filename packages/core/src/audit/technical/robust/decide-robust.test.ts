import { describe, expect, it } from 'vitest'
import type { ComponentEvidence } from '../measure-component.ts'
import { SIMULATED_COHORT } from './cohorts.ts'
import { decideRobust, robustCautions } from './decide-robust.ts'
import type { RobustEvidence } from './measure-robust.ts'

const found: RobustEvidence = {
  agreeing: 90,
  units: 96,
  rows: [{ units: 96, counts: [90, 1] }],
  score: 89 / 96,
  isAtFloor: true,
  cohort: SIMULATED_COHORT,
  limits: { isOwnOnly: false, isPartial: false },
  parts: { map: { kind: 'identity' }, width: { candidate: 48, reference: 48 }, layers: [] },
  heldOut: { correlation: 0.9, error: 0.4 },
  result: {
    test: 'robust_agreement',
    tier: 'empirical',
    layer: null,
    log10P: -2,
    log10PAdjusted: null,
    statistic: 90,
    n: 96,
    meanCorrelation: null,
    minDetectableCorrelation: null,
    notes: [],
  },
}

/** The decision sees no more of a component than its name and this. */
const evidence = (
  robust: Partial<RobustEvidence>,
  component: ComponentEvidence['component'] = 'language_model',
) => ({ component, robust: { ...found, ...robust } }) as ComponentEvidence

const verdictOf = (entry: ComponentEvidence) => decideRobust(entry)?.verdict ?? null
const codesOf = (entry: ComponentEvidence) => robustCautions(entry).map(({ code }) => code)

describe('an empirical verdict', () => {
  it('names what its rank was taken among', () => {
    const decision = decideRobust(evidence({}))
    expect([decision?.verdict, decision?.tier]).toEqual(['derived_obfuscated', 'empirical'])
    expect(decision?.reasons.map(({ code }) => code)).toEqual([
      'robust_replays',
      'robust_cohort_simulated',
    ])
    const real = { ...SIMULATED_COHORT, isSimulated: false }
    expect(decideRobust(evidence({ cohort: real }))?.reasons[1]).toEqual({
      code: 'robust_cohort',
      values: { families: 150, layers: 2, units: 48 },
    })
  })

  it('needs the rank, the share and the replay', () => {
    expect(verdictOf(evidence({ isAtFloor: false }))).toBeNull()
    expect(verdictOf(evidence({ score: 0.19 }))).toBeNull()
    expect(verdictOf(evidence({ agreeing: 11, units: 40, score: 11 / 40 }))).toBeNull()
    expect(verdictOf(evidence({ heldOut: null }))).toBeNull()
    expect(verdictOf(evidence({ heldOut: { correlation: 0.49, error: 0.4 } }))).toBeNull()
    expect(verdictOf(evidence({ heldOut: { correlation: 0.6, error: 0.91 } }))).toBeNull()
  })

  it('needs half of the units of an encoder', () => {
    expect(verdictOf(evidence({ score: 0.49 }))).toBe('derived_obfuscated')
    expect(verdictOf(evidence({ score: 0.49 }, 'vision_encoder'))).toBeNull()
    expect(verdictOf(evidence({ score: 0.5 }, 'vision_encoder'))).toBe('derived_obfuscated')
  })
})

describe('cautions', () => {
  it('tell agreement on which nothing rests', () => {
    expect(codesOf(evidence({ score: 0.19 }))).toEqual([
      'robust_few_units',
      'robust_cohort_simulated',
    ])
    expect(codesOf(evidence({ heldOut: null }))).toEqual([
      'robust_unconfirmed',
      'robust_cohort_simulated',
    ])
    expect(codesOf(evidence({ agreeing: 3, score: 0.03 }))).toEqual([])
  })

  it('tell which places were not looked at, where nothing was found', () => {
    const silent = { isAtFloor: false, agreeing: 1, score: 0.01 }
    const limits = (isOwnOnly: boolean, isPartial: boolean) => ({ isOwnOnly, isPartial })
    expect(codesOf(evidence({ ...silent, limits: limits(true, true) }))).toEqual([
      'robust_own_places',
    ])
    expect(codesOf(evidence({ ...silent, limits: limits(false, true) }))).toEqual([
      'robust_some_layers',
    ])
    expect(codesOf(evidence(silent))).toEqual([])
  })
})
