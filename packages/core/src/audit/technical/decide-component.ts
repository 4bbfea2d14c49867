import { assert } from '../../base/errors.ts'
import type { Role } from '../../model/role.ts'
import { elementCount } from '../../model/tensor.ts'
import type { ComponentComparison, Note, TestResult } from '../result.ts'
import { alignedFigures, decideAligned } from './aligned/decide-aligned.ts'
import type { ExpertCell } from './aligned/experts.ts'
import {
  type BodyFacts,
  type DependenceContext,
  decideDependent,
  isPlain,
  judgeDependence,
  rearranged,
} from './decide-dependent.ts'
import type { Decision } from './decision.ts'
import { doubledLayersOf } from './doubled-layers.ts'
import type { InitialisationJudgement } from './initialisation.ts'
import { contentTest, judgeContent } from './judge-content.ts'
import { type LayerCellTest, layerMapOf } from './layer-matrix.ts'
import { limitNote } from './limit-scope.ts'
import type { ComponentEvidence } from './measure-component.ts'
import type { OpenModel } from './measure-signs.ts'
import { decideRobust, robustCautions } from './robust/decide-robust.ts'

export type Correction = {
  /** Holm-adjusted log10 p of a test, by identity. */
  readonly adjusted: ReadonlyMap<TestResult, number>
  readonly log10Alpha: number
  /** The level one hypothesis must reach when it is the smallest of all. */
  readonly log10AlphaFirst: number
}

type DecisionContext = {
  readonly correction: Correction
  readonly minDetectable: number | null
} & DependenceContext

export function decideComponent(
  evidence: ComponentEvidence,
  correction: Correction,
  context: {
    readonly parameters: number
    readonly parameterFraction: number
    readonly body: BodyFacts | null
  },
): ComponentComparison {
  const alignedCells = evidence.aligned?.cells ?? []
  const cells = new Map(
    [...evidence.layerCells, ...alignedCells].map((cell) => [cell.result, cell] as const),
  )
  const rejects = (test: TestResult) =>
    (correction.adjusted.get(test) ?? 0) <= correction.log10Alpha
  const experts = new Set(evidence.experts.map((cell) => cell.result))
  const corrected = exactTests(evidence)
    .filter((test) => (!cells.has(test) && !experts.has(test)) || rejects(test))
    .map((test) => correctedResult(test, { evidence, cells, correction }))
  const layerMap = layerMapOf(
    [...evidence.layerCells, ...alignedCells],
    evidence.families.flatMap((family) => family.perLayer),
    correction,
  )
  const expertMap = expertMapOf(evidence.experts, correction)
  const limits = corrected
    .filter((test) => test.layer === null && test.minDetectableCorrelation !== null)
    .map((test) => test.minDetectableCorrelation ?? 1)
  const minDetectable = limits.length > 0 ? Math.min(...limits) : null
  const { parts, judgement } = judgeDependence(evidence, corrected, {
    body: context.body,
    ...correction,
  })
  const decision = decide(evidence, corrected, {
    correction,
    minDetectable,
    judgement,
    parts,
    bodyIsSilent: context.body?.isSilent ?? false,
  })
  const content = contentTest(evidence.content.results)
  return {
    component: evidence.component,
    verdict: decision.verdict,
    tier: decision.tier,
    log10P: smallest([...corrected.map((test) => test.log10PAdjusted), content?.log10P ?? null]),
    // Measured on the units themselves, so it says something only where they are unrelated.
    minDetectableCorrelation: decision.verdict === 'no_evidence' ? minDetectable : null,
    parameterFraction: context.parameterFraction,
    parameters: context.parameters,
    reasons: [
      ...decision.reasons,
      ...expertNotes(expertMap, evidence.experts),
      ...evidence.notes,
      ...(evidence.aligned?.notes ?? []),
      ...(decision.tier === null ? robustCautions(evidence) : []),
    ],
    tests: [
      ...(content ? [content] : []),
      ...corrected,
      ...(evidence.robust ? [evidence.robust.result] : []),
      ...empiricalTests(figuresOf(decision, judgement, evidence), evidence.norms !== null),
    ],
    ...(layerMap.length > 0 ? { layerMap } : {}),
    ...doubledLayersOf(
      [...evidence.layerCells, ...alignedCells],
      evidence.families.flatMap((family) => family.perLayer),
      rejects,
    ),
    ...(expertMap.length > 0 ? { expertMap } : {}),
    ...(decision.transform ? { transform: decision.transform } : {}),
    cells: [
      ...evidence.families.flatMap((family) => family.cells),
      ...evidence.fixedPoints.flatMap((family) => family.cells),
    ],
  }
}

/** Every exact hypothesis of a component: pooled families, single layers, fixed points. */
export function exactTests(evidence: ComponentEvidence): TestResult[] {
  return [
    ...evidence.families.flatMap((family) => [family.pooled, ...family.perLayer]),
    ...evidence.fixedPoints.map((family) => family.pooled),
    ...evidence.layerCells.map((cell) => cell.result),
    ...evidence.experts.map((cell) => cell.result),
    ...alignedTests(evidence),
  ].filter((test) => test.log10P !== null)
}

/** How many of them came from the second look. */
export const secondLookTests = (evidence: ComponentEvidence): number =>
  [...evidence.experts.map((cell) => cell.result), ...alignedTests(evidence)].filter(
    (test) => test.log10P !== null,
  ).length

const alignedTests = ({ aligned }: ComponentEvidence): TestResult[] =>
  aligned ? [...aligned.pooled, ...aligned.cells.map((cell) => cell.result)] : []

function correctedResult(
  test: TestResult,
  context: {
    readonly evidence: ComponentEvidence
    readonly cells: ReadonlyMap<TestResult, LayerCellTest>
    readonly correction: Correction
  },
): TestResult {
  const { evidence, correction } = context
  const adjusted = correction.adjusted.get(test)
  assert(adjusted !== undefined, `test ${test.test} was not counted as a hypothesis`)
  const cell = context.cells.get(test)
  if (cell && test.notes.length > 0) return { ...test, log10PAdjusted: adjusted }
  if (cell) {
    const values = { candidate: cell.candidateLayer, reference: cell.referenceLayer }
    return { ...test, log10PAdjusted: adjusted, notes: [{ code: 'layer_moved', values }] }
  }
  const family = [...evidence.families, ...evidence.fixedPoints].find((f) => f.pooled === test)
  return {
    ...test,
    log10PAdjusted: adjusted,
    minDetectableCorrelation: family?.detectable(correction.log10AlphaFirst) ?? null,
  }
}

function decide(
  evidence: ComponentEvidence,
  tests: readonly TestResult[],
  context: DecisionContext,
): Decision {
  const content = judgeContent(evidence.content)
  if (content.kind === 'identical' || content.kind === 'reencoded') {
    return { verdict: content.kind, tier: 'exact', reasons: content.reasons }
  }
  const rejecting = tests
    .filter((test) => (test.log10PAdjusted ?? 0) <= context.correction.log10Alpha)
    .sort((x, y) => (x.log10PAdjusted ?? 0) - (y.log10PAdjusted ?? 0))
  const plain = rejecting.filter(isPlain)
  if (plain.length > 0 || content.kind === 'part') {
    const aligned = decideAligned(evidence, rearranged(rejecting, context.parts))
    return decideDependent(plain, { content: content.reasons, aligned }, context)
  }
  return (
    decideAligned(evidence, rejecting) ??
    decideRobust(evidence) ??
    decideSilent(evidence, tests, context)
  )
}

function expertMapOf(experts: readonly ExpertCell[], { adjusted, log10Alpha }: Correction) {
  const best = new Map<string, NonNullable<ComponentComparison['expertMap']>[number]>()
  for (const { layer, expert, referenceExpert, result } of experts) {
    const log10P = adjusted.get(result) ?? 0
    const held = best.get(`${layer}/${expert}`)
    if (log10P > log10Alpha || (held && held.log10P <= log10P)) continue
    best.set(`${layer}/${expert}`, { layer, expert, referenceExpert, log10P })
  }
  return [...best.values()]
}

function expertNotes(
  map: NonNullable<ComponentComparison['expertMap']>,
  tested: readonly ExpertCell[],
): Note[] {
  if (map.length === 0) return []
  const experts = new Set(tested.map(({ layer, expert }) => `${layer}/${expert}`)).size
  return [{ code: 'experts_recognised', values: { matched: map.length, experts } }]
}

function decideSilent(
  evidence: ComponentEvidence,
  tests: readonly TestResult[],
  context: DecisionContext,
): Decision {
  const canReject = tests
    .filter(isPlain)
    .some((test) => canReach(test, evidence, context.correction))
  const { minDetectable } = context
  // Silence acquits only from a stated size on: norms alone have none, and full agreement is none.
  if (canReject && minDetectable !== null && minDetectable < 1) {
    return {
      verdict: 'no_evidence',
      tier: null,
      reasons: [
        {
          code: 'nothing_found',
          values: {
            minDetectableCorrelation: minDetectable,
            tests: tests.length,
          },
        },
        limitNote(evidence.component, evidence.aligned !== null),
      ],
    }
  }
  const units = tests.reduce((sum, test) => Math.max(sum, test.n), 0)
  const reason: Note =
    tests.length === 0
      ? { code: 'no_symmetry_known', values: {} }
      : canReject
        ? { code: 'no_detection_limit', values: { tests: tests.length } }
        : { code: 'too_few_units', values: { units, log10Floor: -units * Math.log10(2) } }
  return { verdict: 'not_testable', tier: null, reasons: [reason] }
}

/** Could this test have rejected if every unit had agreed? */
function canReach(test: TestResult, evidence: ComponentEvidence, correction: Correction): boolean {
  const isSign = evidence.families.some(
    (family) => family.pooled.test === test.test && test.layer === null,
  )
  // Signs: 4·2^−n; fixed points: about 1/n!, which is smaller for the same n.
  const floor = isSign
    ? Math.log10(4) - test.n * Math.log10(2)
    : test.layer === null
      ? -logFactorial10(test.n)
      : 0
  return floor <= correction.log10AlphaFirst
}

function logFactorial10(n: number): number {
  let sum = 0
  for (let i = 2; i <= Math.min(n, 200); i++) sum += Math.log10(i)
  return sum
}

/** Behind an alignment the figures as stored compare units that have nothing to do with each other. */
const figuresOf = (
  { verdict }: Decision,
  judgement: InitialisationJudgement,
  { aligned }: ComponentEvidence,
): Figures => (verdict === 'derived_obfuscated' ? alignedFigures(aligned) : judgement)

type Figures = Pick<InitialisationJudgement, 'normCorrelation' | 'slope'>

function empiricalTests(judgement: Figures, hasNorms: boolean): TestResult[] {
  const entry = (test: 'norm_correlation' | 'regression_slope', value: number): TestResult => ({
    test,
    tier: 'empirical',
    layer: null,
    log10P: null,
    log10PAdjusted: null,
    statistic: value,
    n: 1,
    meanCorrelation: value,
    minDetectableCorrelation: null,
    notes: [],
  })
  return [
    ...(judgement.normCorrelation === null || !hasNorms
      ? []
      : [entry('norm_correlation', judgement.normCorrelation)]),
    ...(judgement.slope === null ? [] : [entry('regression_slope', judgement.slope)]),
  ]
}

function smallest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length > 0 ? Math.min(...known) : null
}

/** Parameters of the roles of one component, from shapes. */
export function countParameters(roles: readonly Role[], model: OpenModel): number {
  const names = new Set(roles.map((role) => role.tensor))
  let total = 0
  for (const name of names) {
    const tensor = model.tensors.get(name)
    if (tensor) total += elementCount(tensor.shape)
  }
  return total
}
