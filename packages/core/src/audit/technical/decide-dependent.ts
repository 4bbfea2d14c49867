import type { Note, TestResult } from '../result.ts'
import { type AgreeingParts, agreeingParts, partNames, partOf } from './agreeing-parts.ts'
import type { Decision } from './decision.ts'
import { type InitialisationJudgement, judgeInitialisation } from './initialisation.ts'
import type { ComponentEvidence } from './measure-component.ts'
import type { NormEvidence } from './norms.ts'

/** Facts from the body that a component without norms of its own is fed by or feeds. */
export type BodyFacts = {
  /** Null where the bodies are not each other's as wholes: foreign norms say nothing of what they feed. */
  readonly norms: NormEvidence | null
  readonly isSilent: boolean
}

export type DependenceContext = {
  readonly judgement: InitialisationJudgement
  readonly parts: AgreeingParts
  readonly bodyIsSilent: boolean
}

export const isPlain = ({ test }: TestResult): boolean =>
  test !== 'aligned_up' && test !== 'aligned_value'

/** Which parts agree, and whether what they share was trained; along the layer map where there is one. */
export function judgeDependence(
  evidence: ComponentEvidence,
  tests: readonly TestResult[],
  context: {
    readonly log10Alpha: number
    readonly body: BodyFacts | null
    readonly log10AlphaFirst: number
  },
): { readonly parts: AgreeingParts; readonly judgement: InitialisationJudgement } {
  const { norms, batches } = evidence.moved ?? evidence
  const parts = agreeingParts(batches, {
    rejecting: new Set(
      tests
        .filter(({ log10PAdjusted }) => (log10PAdjusted ?? 0) <= context.log10Alpha)
        .map(({ test }) => test),
    ),
    // Rows of moved layers are matched at their old places, where they have nothing to find.
    matched: evidence.moved
      ? []
      : evidence.fixedPoints.map(({ pooled, detectable }) => ({
          test: pooled.test,
          detectable: detectable(context.log10AlphaFirst),
        })),
  })
  return { parts, judgement: judgeInitialisation(norms ?? context.body?.norms ?? null, parts) }
}

export function decideDependent(
  rejecting: readonly TestResult[],
  seen: { readonly content: readonly Note[]; readonly aligned: Decision | null },
  context: DependenceContext,
): Decision {
  const [first] = rejecting
  const { content, aligned } = seen
  const { judgement } = context
  const reasons: Note[] = [...content, ...(first ? [rejection(first)] : [])]
  if (judgement.kind === 'initialised_alike' && content.length === 0 && !aligned) {
    reasons.push({ code: 'initialised_alike_trained_apart', values: figures(judgement) })
    return { verdict: 'shared_initialisation', tier: 'empirical', reasons }
  }
  reasons.push(...trainingNotes(judgement))
  if (aligned) reasons.push(...aligned.reasons.map(asRearrangedPart))
  if (content.length === 0) reasons.push(...partNotes(context, rejecting, aligned))
  const transform = aligned?.transform
  return { verdict: 'derived', tier: 'exact', reasons, ...(transform ? { transform } : {}) }
}

const rejection = ({ test, n, log10PAdjusted }: TestResult): Note => ({
  code: 'exact_test_rejects',
  values: { test, log10P: log10PAdjusted ?? 0, n },
})

const figures = ({ normCorrelation, slope }: InitialisationJudgement) => ({
  ...(normCorrelation === null ? {} : { normCorrelation }),
  ...(slope === null ? {} : { slope }),
})

function trainingNotes(judgement: InitialisationJudgement): Note[] {
  switch (judgement.kind) {
    case 'trained_in_common':
      return [{ code: 'trained_in_common', values: figures(judgement) }]
    case 'norms_replaced':
      return [{ code: 'norms_replaced', values: figures(judgement) }]
    case 'part':
      // The notes on parts say why a common start does not explain it.
      return judgement.slope === null
        ? []
        : [{ code: 'contained_where_alike', values: { slope: judgement.slope } }]
    default:
      return [{ code: 'cannot_tell_initialisation', values: {} }]
  }
}

/** Aligned tests that reject, of parts that do not agree as they are stored. */
export function rearranged(rejecting: readonly TestResult[], parts: AgreeingParts): TestResult[] {
  const { shared } = partNames(parts)
  return rejecting.filter((test) => {
    const part = partOf(test.test)
    return !isPlain(test) && part !== undefined && !shared.includes(part)
  })
}

/** What the plain tests found stands; the rest of the component answered after alignment. */
const asRearrangedPart = (note: Note): Note =>
  note.code === 'aligned_rejects' ? { ...note, code: 'part_rearranged' } : note

const RESIDUAL = new Set(['sign_residual', 'fixed_points_embedding'])

function partNotes(
  { parts, bodyIsSilent }: DependenceContext,
  rejecting: readonly TestResult[],
  aligned: Decision | null,
): Note[] {
  const notes: Note[] = []
  const hasRejected = rejecting.length > 0
  if (bodyIsSilent && hasRejected && rejecting.every(({ test }) => RESIDUAL.has(test))) {
    notes.push({ code: 'only_residual_axes', values: {} })
  }
  const { shared, other } = partNames(parts)
  const [own] = shared
  const foreign = aligned ? undefined : other[0]
  if (own && foreign) notes.push({ code: 'only_part', values: { shared: own, other: foreign } })
  if (parts.layers.other.length > 0 && parts.layers.shared.length > 0) {
    const values = { shared: ranges(parts.layers.shared), other: ranges(parts.layers.other) }
    notes.push({ code: 'only_layers', values })
  }
  return notes
}

/** 0, 2–5, 9 */
function ranges(sorted: readonly number[]): string {
  const runs: [number, number][] = []
  for (const layer of sorted) {
    const last = runs.at(-1)
    if (last && last[1] === layer - 1) last[1] = layer
    else runs.push([layer, layer])
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ')
}
