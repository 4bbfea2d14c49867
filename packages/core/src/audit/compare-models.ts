import type { TensorSource } from '../model/checkpoint.ts'
import type { ComponentName, Role, RoleMap } from '../model/role.ts'
import { mapBothRoles } from '../model/roles/map-both-roles.ts'
import { elementCount, storedSizeBytes } from '../model/tensor.ts'
import { type MatrixEngine, plainEngine } from '../numeric/matrix-engine.ts'
import { holmAdjust } from '../stats/holm.ts'
import { describeFullRead, type FullRead, type FullReader } from './full-read/full-read.ts'
import { planFullRead } from './full-read/plan-full-read.ts'
import {
  type Comparison,
  type ComponentComparison,
  type ModelIdentity,
  type Note,
  strongestVerdict,
  type TestResult,
  type Verdict,
} from './result.ts'
import {
  lookAgain,
  planSecondLook,
  type SecondLookOptions,
} from './technical/aligned/second-look.ts'
import {
  type Correction,
  countParameters,
  decideComponent,
  exactTests,
  secondLookTests,
} from './technical/decide-component.ts'
import type { BodyFacts } from './technical/decide-dependent.ts'
import { describeDifference } from './technical/difference.ts'
import { withDirections } from './technical/direction-bases.ts'
import { behindMovedAxes } from './technical/limit-scope.ts'
import { type ComponentEvidence, measureComponent } from './technical/measure-component.ts'
import type { MeasureContext } from './technical/measure-context.ts'
import { type OpenModel, openModel } from './technical/measure-signs.ts'
import { measureMoved } from './technical/moved-pairs.ts'
import { noteNonFinite } from './technical/non-finite-notes.ts'
import { pairRoles } from './technical/pairing.ts'
import type { StepListener } from './technical/progress.ts'
import { cohortsOf } from './technical/robust/cohorts.ts'
import type { Cohort } from './technical/robust/conformal.ts'
import { DEFAULT_BUDGET_BYTES, planSampling } from './technical/sampling.ts'
import { tokenizerComparison } from './technical/tokenizer.ts'
import { explainUntested } from './technical/untested.ts'

export type CompareOptions = {
  /** Bytes of each model that may be read; smaller models are read in full. */
  readonly budgetBytes?: number
  /** Family-wise level after correction; log10, default −9. */
  readonly log10Alpha?: number
  /** Other comparisons of the same search, over which the level is shared. */
  readonly comparisons?: number
  readonly seed?: number
  /** Undo permutations and rotations in a few layers even of models that the budget does not hold. */
  readonly deep?: boolean
  /** Known independents that scores without an exact law are ranked among. */
  readonly cohort?: Cohort
  /** Bytes of the candidate that earlier comparisons of the same search have read. */
  readonly candidateBytesBefore?: number
  /** Reads every byte of both models besides; what it finds decides nothing. */
  readonly fullReader?: FullReader
  /** Multiplies large matrices, plain arithmetic when left out; the answer does not depend on it. */
  readonly engine?: MatrixEngine
  /** Told as work goes on; no result depends on it. */
  readonly onProgress?: (progress: CompareProgress) => void
}

/** Where a comparison stands: a step of one component, and what was read for it so far. */
export type CompareProgress = Parameters<StepListener>[0] & {
  /** Place of the component among those of the candidate, from 0, and their number. */
  readonly at: number
  readonly components: number
  readonly bytesRead: number
}

const LOG10_ALPHA = -9

/**
 * Does the candidate descend from the reference, component by component?
 * The story: map names to roles, pair them blindly, measure, count every hypothesis, decide.
 * Weights that are no numbers are left out and named. Throws AppError UNREADABLE through the sources.
 */
export async function compareModels(
  candidateSource: TensorSource,
  referenceSource: TensorSource,
  options: CompareOptions = {},
): Promise<Comparison> {
  const candidate = openModel(candidateSource)
  const reference = openModel(referenceSource)
  const context = contextFor(candidate, reference, options)
  const names = componentNames(context.candidateRoles)

  const evidence: ComponentEvidence[] = []
  for (const component of names) {
    evidence.push(await measureComponent(context, component))
  }

  const log10Alpha = options.log10Alpha ?? LOG10_ALPHA
  const level = { log10Alpha, comparisons: options.comparisons ?? 1 }
  const components = await decideTwice(context, evidence, {
    ...secondLookOf(context, options),
    level,
  })
  const tokenizer = tokenizerComparison(candidateSource.checkpoint, referenceSource.checkpoint)
  if (tokenizer) components.push(tokenizer)
  const fullRead = options.fullReader && (await readInFull(context, options.fullReader))

  return {
    schemaVersion: 1,
    candidate: identify(candidate, context.candidateRoles),
    reference: identify(reference, context.referenceRoles),
    components,
    verdict: strongestVerdict(components.map((component) => component.verdict)),
    bytesRead: {
      candidate: candidateSource.bytesRead() - (options.candidateBytesBefore ?? 0),
      reference: referenceSource.bytesRead(),
    },
    log10Alpha,
    notes: modelNotes(context),
    ...(fullRead ? { fullRead } : {}),
  }
}

async function readInFull(context: MeasureContext, read: FullReader): Promise<FullRead> {
  const { candidateRoles, referenceRoles, pairing } = context
  const models = { candidate: context.candidate.source, reference: context.reference.source }
  const plan = planFullRead(
    { candidate: models.candidate.checkpoint, reference: models.reference.checkpoint },
    { candidate: candidateRoles, reference: referenceRoles },
    pairing,
  )
  return describeFullRead(plan, await read(plan, models))
}

type Level = { readonly log10Alpha: number; readonly comparisons: number }

/** Decides by the plain tests, looks again where they were silent, and decides by all of them. */
async function decideTwice(
  context: MeasureContext,
  plain: readonly ComponentEvidence[],
  options: SecondLookOptions & { readonly level: Level },
): Promise<ComponentComparison[]> {
  const plans = plain.map(({ component }) => planSecondLook(context, component, options))
  const reserved = plans.reduce((sum, plan) => sum + plan.hypotheses, 0)
  const first = decideAll(context, plain, correct(plain, options.level, reserved))
  const again: ComponentEvidence[] = []
  for (const [index, entry] of plain.entries()) {
    const [plan, decided] = [plans[index], first[index]]
    const looked =
      plan && decided
        ? await lookAgain(context, entry, { plan, decided, cohorts: options.cohorts })
        : entry
    again.push(decided ? { ...looked, moved: await measureMoved(context, decided) } : looked)
  }
  const added = again.reduce((sum, entry) => sum + secondLookTests(entry), 0)
  const correction = correct(again, options.level, Math.max(0, reserved - added))
  const decided: ComponentComparison[] = []
  for (const component of decideAll(context, again, correction)) {
    decided.push(noteNonFinite(context, await describeDifference(context, component)))
  }
  return withDirections(context, decided, again)
}

function secondLookOf(context: MeasureContext, options: CompareOptions): SecondLookOptions {
  const budgetBytes = options.budgetBytes ?? DEFAULT_BUDGET_BYTES
  return {
    deep: options.deep ?? false,
    isComplete: [context.candidate, context.reference].every(
      (model) => storedBytes(model) <= budgetBytes,
    ),
    cohorts: cohortsOf(options.cohort),
  }
}

/** The body is decided first: what feeds it has no norms of its own to judge its training by. */
function decideAll(
  context: MeasureContext,
  evidence: readonly ComponentEvidence[],
  correction: Correction,
): ComponentComparison[] {
  const { candidate, candidateRoles } = context
  const total = countParameters(candidateRoles.roles, candidate)
  let body: BodyFacts | null = null
  let decidedBody: ComponentComparison | null = null
  return evidence.map((entry) => {
    const roles = candidateRoles.roles.filter((role) => role.component === entry.component)
    const parameters = countParameters(roles, candidate)
    const decided = decideComponent(entry, correction, {
      parameters,
      parameterFraction: total > 0 ? parameters / total : 0,
      body: entry.component === 'embeddings' ? body : null,
    })
    if (entry.component === 'language_model') {
      decidedBody = decided
      body = {
        norms: speaksForTables(decided) ? (entry.moved ?? entry).norms : null,
        isSilent: decided.verdict === 'no_evidence',
      }
    }
    const isTable = entry.component === 'embeddings'
    return explainUntested(isTable ? behindMovedAxes(decided, decidedBody) : decided, context)
  })
}

/** Norms tell how embeddings were trained only where the whole body depends, in the same axes. */
const speaksForTables = ({ verdict, reasons }: ComponentComparison): boolean =>
  WHOLE_BODY.includes(verdict) && !reasons.some(({ code }) => code === 'only_part')

const WHOLE_BODY: readonly Verdict[] = [
  'identical',
  'reencoded',
  'derived',
  'shared_initialisation',
]

function contextFor(
  candidate: OpenModel,
  reference: OpenModel,
  options: CompareOptions,
): MeasureContext {
  const { candidate: candidateRoles, reference: referenceRoles } = mapBothRoles(
    candidate.source.checkpoint,
    reference.source.checkpoint,
  )
  const pairing = pairRoles(candidateRoles, referenceRoles)
  const budgetBytes = options.budgetBytes ?? DEFAULT_BUDGET_BYTES
  const plan = planSampling(
    {
      budgetBytes,
      isComplete: Math.max(storedBytes(candidate), storedBytes(reference)) <= budgetBytes,
    },
    {
      kinds: pairing.pairs.map((pair) => pair.candidate.kind),
      elementBytes: elementBytes(candidate, reference),
    },
  )
  return {
    candidate,
    reference,
    candidateRoles,
    referenceRoles,
    pairing,
    plan,
    seed: options.seed ?? 1,
    engine: options.engine ?? plainEngine,
    ...stepsTo(options.onProgress, { candidate, reference, names: componentNames(candidateRoles) }),
  }
}

function stepsTo(
  onProgress: CompareOptions['onProgress'],
  models: {
    readonly candidate: OpenModel
    readonly reference: OpenModel
    readonly names: readonly ComponentName[]
  },
): Pick<MeasureContext, 'onStep'> {
  if (!onProgress) return {}
  const { candidate, reference, names } = models
  return {
    onStep: (event) =>
      onProgress({
        ...event,
        at: names.indexOf(event.component),
        components: names.length,
        bytesRead: candidate.source.bytesRead() + reference.source.bytesRead(),
      }),
  }
}

const storedBytes = (model: OpenModel): number =>
  model.source.checkpoint.tensors.reduce((sum, tensor) => sum + storedSizeBytes(tensor), 0)

/** The widest element of the large tensors: the budget holds for both models. */
function elementBytes(...models: readonly OpenModel[]): number {
  const sizes = models.flatMap((model) =>
    model.source.checkpoint.tensors
      .filter((tensor) => elementCount(tensor.shape) > 65_536)
      .map((tensor) => storedSizeBytes(tensor) / elementCount(tensor.shape)),
  )
  return sizes.reduce<number>((widest, size) => Math.max(widest, size), 2)
}

/** In the order in which a reader expects them; what holds only constants and buffers is left out. */
function componentNames(roles: RoleMap): ComponentName[] {
  const order: ComponentName[] = [
    'language_model',
    'vision_encoder',
    'audio_encoder',
    'projector',
    'embeddings',
  ]
  const present = [...new Set(roles.roles.filter(holdsWeights).map((role) => role.component))]
  return [
    ...order.filter((name) => present.includes(name)),
    ...present.filter((name) => !order.includes(name)).sort(),
  ]
}

/** Something that training could have changed, large enough to be looked at. */
const holdsWeights = ({ kind, view }: Role): boolean =>
  kind !== 'buffer' && kind !== 'position' && view.rows * view.cols >= WEIGHTS_MIN

const WEIGHTS_MIN = 16

function correct(
  evidence: readonly ComponentEvidence[],
  options: Level,
  /** Hypotheses that were planned and have no p-value (yet): they count as p = 1. */
  reserved: number,
): Correction {
  const tests: TestResult[] = evidence.flatMap(exactTests)
  const search = Math.log10(Math.max(1, options.comparisons))
  const unused = Array.from({ length: reserved }, () => 0)
  const adjusted = holmAdjust([...tests.map((test) => test.log10P ?? 0), ...unused])
  return {
    adjusted: new Map(
      tests.map((test, index) => [test, Math.min(0, (adjusted[index] ?? 0) + search)]),
    ),
    log10Alpha: options.log10Alpha,
    log10AlphaFirst: options.log10Alpha - Math.log10(Math.max(1, tests.length + reserved)) - search,
  }
}

function identify(model: OpenModel, roles: RoleMap): ModelIdentity {
  const { checkpoint } = model.source
  const config = checkpoint.config
  const modelType =
    config !== null && typeof config === 'object' && 'model_type' in config
      ? config['model_type']
      : null
  const body = roles.structures.find((structure) => structure.component === 'language_model')
  return {
    id: checkpoint.id,
    format: checkpoint.format,
    parameters: countParameters(roles.roles, model),
    layerCount: body?.layerCount ?? roles.structures[0]?.layerCount ?? 0,
    modelType: typeof modelType === 'string' ? modelType : null,
  }
}

function modelNotes(context: MeasureContext): Note[] {
  const notes: Note[] = []
  const layers = (roles: RoleMap) =>
    roles.structures.find((structure) => structure.component === 'language_model')?.layerCount
  const candidate = layers(context.candidateRoles)
  const reference = layers(context.referenceRoles)
  if (candidate !== undefined && reference !== undefined && candidate !== reference) {
    notes.push({ code: 'layers_differ', values: { candidate, reference } })
  }
  if (!context.plan.isComplete) {
    const read = context.candidate.source.bytesRead() / Math.max(1, storedBytes(context.candidate))
    notes.push({ code: 'only_first_read', values: { readFraction: Math.min(1, read) } })
  }
  return notes
}
