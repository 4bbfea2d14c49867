import { mapBounded } from '../../base/map-bounded.ts'
import type { ChannelGroup, ComponentName, Role, RoleKind, RoleMap } from '../../model/role.ts'
import type { Note } from '../result.ts'
import type { ExpertCell } from './aligned/experts.ts'
import type { AlignedEvidence } from './aligned/measure-aligned.ts'
import { type CountedFamily, combineFamilies } from './combine-signs.ts'
import { type ContentResult, compareContent, explainAll, sampleContent } from './content.ts'
import { joinByContent } from './content-join.ts'
import { decideFamily, type OpenFamily } from './decide-signs.ts'
import { type FixedPointFamily, measureFixedPoints } from './fixed-points.ts'
import { type LayerCellTest, measureLayerMatrix } from './layer-matrix.ts'
import type { MeasureContext } from './measure-context.ts'
import { measureResidual } from './measure-residual.ts'
import { measureUnits } from './measure-signs.ts'
import { measureNorms, type NormEvidence } from './norms.ts'
import type { RolePair } from './pairing.ts'
import { stepCounter, tellStep } from './progress.ts'
import { anomalyNotes } from './robust/anomalies.ts'
import type { RobustEvidence } from './robust/measure-robust.ts'
import { inCandidateOrder } from './rotary-order.ts'
import { hasResidualSigns, type Structures, signUnitsFor } from './sign-units.ts'
import { tokenTable } from './token-table.ts'
import type { UnitBatch } from './unit-batch.ts'
import { type SharedTokens, sharedTokens } from './vocabulary.ts'

/** Everything that was measured about one component, before any verdict. */
export type ContentEvidence = {
  readonly results: readonly ContentResult[]
  /** Matrices of the candidate that have no counterpart in the reference at all. */
  readonly unmatched: readonly Role[]
}

/** Units and norms along a layer map, for description alone. */
export type MovedEvidence = {
  readonly batches: readonly UnitBatch[]
  readonly norms: NormEvidence | null
}

export type ComponentEvidence = {
  readonly component: ComponentName
  /** Numbers of layers. */
  readonly sizes: { readonly candidate: number; readonly reference: number }
  readonly pairs: readonly RolePair[]
  readonly content: ContentEvidence
  readonly families: readonly CountedFamily[]
  readonly fixedPoints: readonly FixedPointFamily[]
  readonly batches: readonly UnitBatch[]
  readonly norms: NormEvidence | null
  /** Layers at other places; empty where every layer was compared at its own. */
  readonly layerCells: readonly LayerCellTest[]
  readonly notes: readonly Note[]
  readonly experts: readonly ExpertCell[]
  /** Present once layers were recognised at other places. */
  readonly moved: MovedEvidence | null
  /** Present once the plain tests were silent and a second look was possible. */
  readonly aligned: AlignedEvidence | null
  readonly robust: RobustEvidence | null
}

/** Hides the delay of a server, and keeps the memory of what is under way small. */
const READS_UNDER_WAY = 4

/** Kinds that exist to be the same in any two models; never evidence. */
const NEVER_EVIDENCE: readonly RoleKind[] = ['buffer', 'position']
const SIGN_KINDS: readonly RoleKind[] = ['up', 'v', 'k', 'kv_a', 'kv_b', 'q_a']
const RESIDUAL_KINDS: readonly RoleKind[] = ['embedding', 'head']

export async function measureComponent(
  context: MeasureContext,
  component: ComponentName,
): Promise<ComponentEvidence> {
  const pairs = context.pairing.pairs.filter(
    (pair) =>
      pair.candidate.component === component && !NEVER_EVIDENCE.includes(pair.candidate.kind),
  )
  const content = await measureContent(context, component, pairs)
  const signs = await measureSigns(context, { component, pairs })
  const { norms, counts } = await measureNorms(context.candidate, context.reference, pairs)
  const computed = new Set(
    content.results
      .filter((result) => result.computed)
      .map((result) => result.pair.candidate.tensor),
  )
  const fixedPoints = await measureFixedPoints(context, {
    pairs: pairs.filter((pair) => !computed.has(pair.candidate.tensor)),
    groups: channelGroupsOf(context, component),
    norms,
    columns: signs.columns,
    component,
  })
  const structures = structuresOf(context, component)
  tellStep(context, component, 'layers')
  const layerCells = await measureLayerMatrix(context, {
    component,
    structures,
    batches: signs.batches,
    tests: new Set(signs.families.map((family) => family.pooled.test)),
  })
  return {
    component,
    sizes: {
      candidate: structures.candidate?.layerCount ?? 0,
      reference: structures.reference?.layerCount ?? 0,
    },
    layerCells,
    pairs,
    content,
    norms,
    fixedPoints,
    families: signs.families,
    batches: signs.batches,
    notes: [
      ...computedNotes(content.results),
      ...constantNotes(content.results),
      ...signs.notes,
      ...anomalyNotes(counts, signs.columns),
    ],
    experts: [],
    moved: null,
    aligned: null,
    robust: null,
  }
}

/** The candidate's interchangeable channels; the reference's where the candidate shows none. */
function channelGroupsOf(context: MeasureContext, component: ComponentName): ChannelGroup[] {
  return context.candidateRoles.channelGroups.filter((group) => group.component === component)
}

function computedNotes(content: readonly ContentResult[]): Note[] {
  return content.flatMap((result) =>
    result.computed
      ? [
          {
            code: 'deterministic_tensor_excluded' as const,
            values: { tensor: result.pair.candidate.tensor, why: result.computed },
          },
        ]
      : [],
  )
}

/** Matrices that say nothing because they are the same by construction. */
function constantNotes(content: readonly ContentResult[]): Note[] {
  const count = content.filter((result) => result.constantBlocks > 0).length
  return count > 0 ? [{ code: 'constant_tensors_excluded', values: { count } }] : []
}

/** Blind pairs first; what has no equal there is looked up by content, under any name. */
async function measureContent(
  context: MeasureContext,
  component: ComponentName,
  pairs: readonly RolePair[],
): Promise<ContentEvidence> {
  const { candidate, reference, pairing } = context
  // Each component has the share of the budget that it has of the matrices.
  const share = pairs.length / Math.max(1, pairing.pairs.length)
  const structures = structuresOf(context, component)
  const ordered = pairs.map((pair) => inCandidateOrder(pair, structures))
  const sampled = sampleContent(ordered, {
    budgetBytes: context.plan.contentBytes * share,
    dtype: 'BF16',
  })
  const { blocksMax } = sampled
  const measurer = context.engine.rows
  const tell = stepCounter(context, component, { step: 'content', of: sampled.pairs.length })
  const results = await mapBounded(sampled.pairs, READS_UNDER_WAY, async (pair) => {
    const result = await compareContent(candidate, reference, { pair, blocksMax, measurer })
    tell()
    return result
  })
  const missed = results.filter((result) => result.equalBlocks === 0 && !result.computed)
  const unpaired = [
    ...pairing.unpaired,
    ...pairing.widthsDiffer.map(({ candidate: role }) => role),
  ].filter((role) => role.component === component && !NEVER_EVIDENCE.includes(role.kind))
  const moved = await joinByContent(candidate, reference, {
    unresolved: [...missed.map((result) => result.pair.candidate), ...unpaired],
    compared: results,
    available: context.referenceRoles.roles,
    blocksMax,
    budgetBytes: context.plan.contentBytes,
    measurer,
  })
  const found = new Map(moved.map((result) => [result.pair.candidate, result]))
  const all = [
    ...results.map((result) => found.get(result.pair.candidate) ?? result),
    ...unpaired.flatMap((role) => found.get(role) ?? []),
  ]
  return {
    results: await explainAll(candidate, reference, { results: all, blocksMax, measurer }),
    unmatched: unpaired.filter((role) => !found.has(role)),
  }
}

type SignEvidence = {
  readonly families: readonly CountedFamily[]
  readonly batches: readonly UnitBatch[]
  readonly columns: Awaited<ReturnType<typeof measureResidual>>['columns'] | null
  readonly notes: readonly Note[]
}

async function measureSigns(
  context: MeasureContext,
  job: { readonly component: ComponentName; readonly pairs: readonly RolePair[] },
): Promise<SignEvidence> {
  const structures = structuresOf(context, job.component)
  const batches = await measureRowFamilies(context, { ...job, structures })
  if (job.pairs.some(({ candidate }) => RESIDUAL_KINDS.includes(candidate.kind))) {
    tellStep(context, job.component, 'embeddings')
  }
  const residual = await measureResidualFamily(context, job.pairs)
  if (residual && hasResidualSigns(structuresOf(context, residual.body))) {
    batches.push(residual.batch)
  }
  const families: OpenFamily[] = []
  const notes: Note[] = []
  for (const test of new Set(batches.map((batch) => batch.test))) {
    const decided = decideFamily(
      test,
      batches.filter((batch) => batch.test === test),
    )
    if ('pooled' in decided) families.push(decided)
    else notes.push(...decided.notes)
  }
  const all = combineFamilies(families)
  return {
    families: all ? [...families, all] : families,
    batches,
    notes,
    columns: residual?.columns ?? null,
  }
}

export async function measureRowFamilies(
  context: MeasureContext,
  job: {
    readonly component: ComponentName
    readonly pairs: readonly RolePair[]
    readonly structures: Structures
  },
): Promise<UnitBatch[]> {
  const batches: UnitBatch[] = []
  const isTested = ({ candidate }: RolePair) =>
    SIGN_KINDS.includes(candidate.kind) && candidate.part === 'weight'
  const tell = stepCounter(context, job.component, {
    step: 'signs',
    of: job.pairs.filter(isTested).length,
  })
  for (const kind of SIGN_KINDS) {
    const ofKind = job.pairs.filter((pair) => isTested(pair) && pair.candidate.kind === kind)
    const testable = ofKind.filter((pair) => signUnitsFor(pair, 4, job.structures) !== null)
    const sampled = context.plan.rowsOf(kind, testable).flatMap(({ pair, rows }) => {
      const units = signUnitsFor(pair, rows, job.structures)
      return units ? [{ pair, units }] : []
    })
    batches.push(
      ...(await mapBounded(sampled, READS_UNDER_WAY, async (unit) => {
        const batch = await measureUnits(context.candidate, context.reference, {
          ...unit,
          measurer: context.engine.rows,
        })
        tell()
        return batch
      })),
    )
    for (let left = ofKind.length - sampled.length; left > 0; left--) tell()
  }
  return batches
}

/** Embeddings carry the residual axes of the body they feed: its norm decides. */
const BODY_OF_EMBEDDINGS: ComponentName = 'language_model'

async function measureResidualFamily(context: MeasureContext, pairs: readonly RolePair[]) {
  const first = tokenTable(pairs, (pair) => pair.candidate)
  if (!first) return null
  const [sampled] = context.plan.rowsOf(first.candidate.kind, [first])
  const most = context.plan.isComplete ? TOKENS_MAX : SAMPLED_TOKENS_MAX
  const rows = Math.min(sampled?.rows ?? first.rows, most)
  const measured = await measureResidual(context.candidate, context.reference, {
    pair: first,
    rows,
    tokens: movedTokens(context, first),
    measurer: context.engine.rows,
  })
  return { ...measured, body: BODY_OF_EMBEDDINGS }
}

/**
 * Rows of the same token where a token stands at different rows of the two tables. Only where the
 * tables may be read as wholes; rows of equal number are compared otherwise.
 */
function movedTokens(context: MeasureContext, pair: RolePair): SharedTokens | null {
  const { rows, cols } = pair.reference.view
  if (!context.plan.isComplete || rows * cols > TABLE_ELEMENTS_MAX) return null
  const tokens = sharedTokens(
    {
      candidate: context.candidate.source.checkpoint,
      reference: context.reference.source.checkpoint,
    },
    { candidate: pair.candidate.view.rows, reference: pair.reference.view.rows },
  )
  const isMoved = tokens.candidate.some((row, index) => row !== tokens.reference[index])
  return isMoved && tokens.candidate.length >= TOKENS_MIN ? tokens : null
}

const TOKENS_MIN = 32
/** A table above this is not read as a whole. */
const TABLE_ELEMENTS_MAX = 2 ** 25

/** More tokens add little: the statistic is one number per residual dimension. */
const TOKENS_MAX = 2048
/** The table of a 1B then shows a mean correlation of 0.0074, and of 0.0060 with the 781 that its share of the budget would buy. */
const SAMPLED_TOKENS_MAX = 512

export function structuresOf(context: MeasureContext, component: ComponentName): Structures {
  const find = (map: RoleMap, name: ComponentName | undefined) =>
    map.structures.find((structure) => structure.component === name)
  return {
    candidate: find(context.candidateRoles, component),
    reference: find(context.referenceRoles, context.pairing.components.get(component)),
  }
}
