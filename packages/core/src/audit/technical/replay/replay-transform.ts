import type { TensorSource } from '../../../model/checkpoint.ts'
import { mapBothRoles } from '../../../model/roles/map-both-roles.ts'
import { type MatrixEngine, plainEngine } from '../../../numeric/matrix-engine.ts'
import { rotationGap } from '../../../numeric/nearest-rotation.ts'
import type { RowMatrix } from '../../../numeric/row-matrix.ts'
import type { ModelPair } from '../aligned/folded-layers.ts'
import { figuresOf, lambdaOf, type ReplaySums, replayRows } from '../aligned/replay-rows.ts'
import type { HeldOut } from '../aligned/transform.ts'
import { openModel } from '../measure-signs.ts'
import { pairRoles } from '../pairing.ts'
import { DEFAULT_BUDGET_BYTES } from '../sampling.ts'
import { type HeadJob, headJobs } from './head-products.ts'
import {
  BASIS_OF,
  isHeldOut,
  type KindReplay,
  type LayerReplay,
  type LeftOut,
  REPLAYED_KINDS,
  type Replay,
  type ReplayedKind,
  type ReplayOutcome,
} from './replay.ts'
import type { ReplayJob } from './replay-job.ts'
import { partsFor, replayJobs } from './replay-jobs.ts'
import { spendBudget, takeShare } from './spend-budget.ts'
import type { StoredTransform } from './stored-transform.ts'

export type ReplayOptions = {
  /**
   * Bytes of each model that may be read beside its down projections. These are read as wholes,
   * for only so can what the file states be checked.
   */
  readonly budgetBytes?: number
  readonly engine?: MatrixEngine
  readonly onProgress?: (progress: ReplayProgress) => void
}

export type ReplayProgress = {
  readonly kind: ReplayedKind
  readonly layer: number | null
  readonly done: number
  readonly of: number
  readonly bytesRead: number
}

/** The digits that a report shows. */
const TOLERANCE = 1e-4

type Measured = { readonly job: Done; readonly sums: ReplaySums }
type Done = Omit<LayerReplay, 'correlation' | 'error' | 'values' | 'lambda'>

/**
 * Applies a recovered transform to the candidate and lays the result beside the reference, matrix by
 * matrix. Descriptive: it says how well the transform explains the one model by the other, and
 * whether the down projections give the figures that the file states. Throws AppError USAGE for a
 * transform of other models, UNREADABLE through the sources. docs/methods/aligned-tests.md
 */
export async function replayTransform(
  models: { readonly candidate: TensorSource; readonly reference: TensorSource },
  stored: StoredTransform,
  options: ReplayOptions = {},
): Promise<Replay> {
  const { engine = plainEngine } = options
  const context = contextFor(models)
  const plan = planReplay(context, stored, options.budgetBytes ?? DEFAULT_BUDGET_BYTES)
  const bytesRead = () => models.candidate.bytesRead() + models.reference.bytesRead()
  const measured: Measured[] = []
  const total = plan.rows.length + plan.heads.length
  const tell = ({ kind, layer }: { kind: ReplayedKind; layer: number | null }) =>
    options.onProgress?.({ kind, layer, done: measured.length, of: total, bytesRead: bytesRead() })
  for (const { job, pairs } of plan.rows) {
    tell(job)
    const opened = await job.open(pairs.length === job.pairs.length)
    const sums = await replayRows({ ...opened, pairs }, { ...stored.parts, engine })
    measured.push({ job: doneOf(job, pairs.length, job.pairs.length), sums })
  }
  for (const job of plan.heads) {
    tell(job)
    const sums = await job.sums({ ...stored.parts, engine })
    measured.push({ job: doneOf(job, job.heads, job.heads), sums })
  }
  const { map } = stored.parts
  return {
    schemaVersion: 1,
    candidate: models.candidate.checkpoint.id,
    reference: models.reference.checkpoint.id,
    transform: {
      component: stored.component,
      kind: map.kind,
      candidate: stored.candidate,
      reference: stored.reference,
      digest: stored.digest,
    },
    ...outcomeOf(stored.heldOut, measured),
    tolerance: TOLERANCE,
    rotationGap: map.kind === 'rotation' ? rotationGap(narrowOf(map), engine) : null,
    kinds: kindsOf(measured, context),
    layers: measured.map(({ job, sums }) => ({
      ...job,
      ...figuresOf([sums]),
      values: sums.values,
      lambda: lambdaOf(sums),
    })),
    leftOut: plan.leftOut,
    bytesRead: {
      candidate: models.candidate.bytesRead(),
      reference: models.reference.bytesRead(),
    },
  }
}

/** Between different numbers of axes only the shorter of rows and columns can be orthonormal. */
const narrowOf = ({ rotation, inverse }: { rotation: RowMatrix; inverse: RowMatrix }): RowMatrix =>
  rotation.columns <= rotation.rows ? rotation : inverse

function contextFor(models: {
  readonly candidate: TensorSource
  readonly reference: TensorSource
}): ModelPair {
  const { candidate: candidateRoles, reference: referenceRoles } = mapBothRoles(
    models.candidate.checkpoint,
    models.reference.checkpoint,
  )
  return {
    candidate: openModel(models.candidate),
    reference: openModel(models.reference),
    candidateRoles,
    referenceRoles,
    pairing: pairRoles(candidateRoles, referenceRoles),
  }
}

type Plan = {
  readonly rows: readonly { readonly job: ReplayJob; readonly pairs: ReplayJob['pairs'] }[]
  readonly heads: readonly HeadJob[]
  readonly leftOut: readonly LeftOut[]
}

/** Down projections as wholes, everything else by the budget, from shapes alone. */
function planReplay(context: ModelPair, stored: StoredTransform, budgetBytes: number): Plan {
  const { jobs, leftOut } = replayJobs(context, stored)
  const heads = headJobs(context, partsFor(context, stored), stored)
  const down = jobs.filter(({ kind }) => kind === 'down')
  const others = jobs.filter(({ kind }) => kind !== 'down')
  const priced = [...others, ...heads.map((job) => ({ ...job, isDivisible: false }))]
  const shares = spendBudget(priced, budgetBytes)
  const rows = others.map((job, at) => ({ job, pairs: takeShare(job.pairs, shares[at] ?? 0) }))
  const affordable = heads.filter((_, at) => shares[others.length + at] === 1)
  const dropped = [
    ...rows.filter(({ job, pairs }) => pairs.length === 0 && job.pairs.length > 0),
    ...heads.filter((job) => !affordable.includes(job)).map((job) => ({ job })),
  ]
  return {
    rows: [
      ...down.map((job) => ({ job, pairs: job.pairs })),
      ...rows.filter(({ pairs }) => pairs.length > 0),
    ],
    heads: affordable,
    leftOut: [
      ...leftOut,
      ...dropped.map(({ job: { kind, layer } }) => ({ kind, layer, why: 'over_budget' }) as const),
    ],
  }
}

const doneOf = (job: Omit<Done, 'compared' | 'of'>, compared: number, of: number): Done => {
  const { kind, layer, referenceLayer, isMapped, expert, referenceExpert } = job
  const experts = expert === undefined ? {} : { expert, referenceExpert: referenceExpert ?? null }
  return { kind, layer, referenceLayer, ...experts, isMapped, compared, of }
}

/** The figures of the down projections, added up as they were when the transform was found. */
function outcomeOf(
  stated: HeldOut | null,
  measured: readonly Measured[],
): {
  readonly outcome: ReplayOutcome
  readonly stated: HeldOut | null
  readonly replayed: HeldOut | null
} {
  const down = measured.filter(({ job }) => job.kind === 'down')
  const { correlation, error } = figuresOf(down.map(({ sums }) => sums))
  const replayed = correlation === null || error === null ? null : { correlation, error }
  if (stated === null || down.length === 0) {
    return { outcome: 'not_determinable', stated, replayed }
  }
  const isSame =
    replayed !== null &&
    Math.abs(replayed.correlation - stated.correlation) <= TOLERANCE &&
    Math.abs(replayed.error - stated.error) <= TOLERANCE
  return { outcome: isSame ? 'reproduced' : 'not_reproduced', stated, replayed }
}

function kindsOf(measured: readonly Measured[], context: ModelPair): KindReplay[] {
  // Without token embeddings it is the head that axes are found from.
  const isHeadSpent = [context.candidateRoles, context.referenceRoles].some(({ roles }) =>
    roles.every(({ component, kind }) => component !== 'embeddings' || kind !== 'embedding'),
  )
  return REPLAYED_KINDS.flatMap((kind) => {
    const own = measured.filter(({ job }) => job.kind === kind).map(({ sums }) => sums)
    if (own.length === 0) return []
    return [
      {
        kind,
        heldOut: isHeldOut(kind) && !(kind === 'head' && isHeadSpent),
        basis: BASIS_OF[kind],
        matrices: own.length,
        ...figuresOf(own),
        values: own.reduce((sum, { values }) => sum + values, 0),
      },
    ]
  })
}
