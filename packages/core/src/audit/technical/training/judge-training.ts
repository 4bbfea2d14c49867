import type { TensorSource } from '../../../model/checkpoint.ts'
import { compareModels } from '../../compare-models.ts'
import { type Commitments, checkCommitments, checkDates } from './check-commitments.ts'
import { checkImprint } from './check-imprint.ts'
import { checkContainment, checkLinks, type Point } from './check-links.ts'
import { checkLog } from './check-log.ts'
import { checkMoments, type MomentsAt } from './check-moments.ts'
import { checkReferences, type ReferenceOpener } from './check-references.ts'
import { checkRegistry, type TrainingRegistry } from './check-registry.ts'
import { checkTrajectory } from './check-trajectory.ts'
import {
  type Finding,
  type FindingCode,
  finding,
  LISTS,
  type List,
  TRAINING_CHECKS,
  type TrainingCheck,
} from './finding.ts'
import { examineStart } from './fresh-draw.ts'
import { measurePath } from './path.ts'
import type { RecordedCheckpoint, TrainingRecord } from './record.ts'
import { replayStart } from './replay-start.ts'
import { rateSums } from './schedule.ts'
import type { LogRow } from './training-log.ts'

/** A checkpoint of the record as it was found. */
export type FoundCheckpoint = {
  readonly recorded: RecordedCheckpoint
  /** null: its weights could not be opened; the files below say why. */
  readonly source: TensorSource | null
  readonly moments: TensorSource | null
  readonly files: readonly FileState[]
}

export type FileState = {
  readonly path: string
  readonly state: 'matches' | 'differs' | 'absent' | 'unlisted'
}

export type TrainingInput = {
  readonly record: TrainingRecord
  /** In the order of the record. */
  readonly checkpoints: readonly FoundCheckpoint[]
  /** The log and the data order, where the record names them. */
  readonly files: readonly FileState[]
  readonly log: readonly LogRow[] | null
  readonly commitments: Commitments | null
  readonly submitted: TensorSource | null
  readonly references: readonly ReferenceOpener[]
  /** Absent where none was given. */
  readonly registry?: TrainingRegistry
  /** Told as work goes on; no result depends on it. */
  readonly onProgress?: (check: TrainingCheck, done: number, of: number) => void
}

export const TRAINING_OUTCOMES = ['consistent', 'contradicted', 'not_determinable'] as const
export type TrainingOutcome = (typeof TRAINING_OUTCOMES)[number]

export type TrainingReport = {
  readonly schemaVersion: 'dokja.training/1'
  readonly model: string
  readonly declaredBy: TrainingRecord['declaredBy']
  readonly outcome: TrainingOutcome
  /** What keeps the outcome open; empty where it is not. */
  readonly openChecks: readonly TrainingCheck[]
  /** Whether every checkpoint was committed to before the next one existed. */
  readonly isCommittedDuringTraining: boolean
  readonly steps: readonly number[]
  readonly consistent: readonly Finding[]
  readonly contradicts: readonly Finding[]
  readonly missing: readonly Finding[]
}

/** Without a consistent answer to one check of each line the outcome stays open. */
const ESSENTIAL: readonly (readonly TrainingCheck[])[] = [
  ['files'],
  ['dates'],
  ['start'],
  ['imprint'],
  ['references', 'registry'],
  ['links'],
  ['directions'],
  ['log'],
]

/** These leave the outcome open wherever something is missing: half an answer is none. */
const COMPLETE: readonly TrainingCheck[] = ['files', 'links']

/** So do these: a start that is half known, or that somebody else began at too. */
const OPEN: ReadonlySet<FindingCode> = new Set([
  'law_unknown',
  'init_incomplete',
  'reference_shares_start',
  'registry_shares_start',
])

/**
 * What a training record says about its claim: which facts are consistent with training from the
 * claimed initialisation, which contradict it, and what is missing. It never proves the claim.
 */
export async function judgeTraining(input: TrainingInput): Promise<TrainingReport> {
  const { record } = input
  const sums = rateSums(record, input.log)
  const points = pointsOf(input.checkpoints)
  const findings: Finding[] = [
    ...checkFiles(input),
    ...checkDates(record),
    ...checkCommitments(record, input.commitments),
    ...checkLog(record, input.log, points[0]?.source.checkpoint.config),
  ]
  const first = points[0]
  let isReplayed = false
  if (first?.step === 0) {
    findings.push(...(await examineStart(record, first.source)))
    const { replay, findings: replayed } = await replayStart(record, first.source)
    isReplayed = replay.kind === 'replayed'
    findings.push(...replayed, ...(await checkContainment(record, points, { replay, sums })))
  } else {
    const firstStep = first?.step ?? record.checkpoints[0]?.step ?? 0
    findings.push(finding('start', 'step_zero_missing', { values: { firstStep } }))
  }
  const tell = input.onProgress ?? (() => {})
  tell('directions', 0, 1)
  const path = await measurePath(record, points)
  findings.push(
    ...(await checkImprint(record, path, (done, of) => tell('imprint', done, of))),
    ...(await checkReferences(points, input.references, {
      isReplayed,
      isElsewhere: input.registry !== undefined,
      onReference: (done, of) => tell('references', done, of),
    })),
    ...(await checkRegistry(points, input.registry ?? null, isReplayed)),
    ...(await checkLinks(record, points, {
      sums,
      onLink: (done, of) => tell('links', done, of),
    })),
    ...checkTrajectory(record, path, sums),
    ...(await checkMoments(record, points, momentsOf(input.checkpoints))),
    ...(await checkSubmitted(points.at(-1), input.submitted)),
  )
  return report(record, findings)
}

function report(record: TrainingRecord, findings: readonly Finding[]): TrainingReport {
  const of = (list: List): Finding[] => findings.filter((entry) => entry.list === list)
  const [consistent, contradicts, missing] = LISTS.map(of) as [Finding[], Finding[], Finding[]]
  const unsettled = openChecks(consistent, missing)
  const outcome =
    contradicts.length > 0
      ? 'contradicted'
      : unsettled.length === 0
        ? 'consistent'
        : 'not_determinable'
  return {
    schemaVersion: 'dokja.training/1',
    model: record.model,
    declaredBy: record.declaredBy,
    outcome,
    openChecks: outcome === 'not_determinable' ? unsettled : [],
    isCommittedDuringTraining: consistent.some((entry) => entry.code === 'commitments_in_time'),
    steps: record.checkpoints.map((point) => point.step),
    consistent,
    contradicts,
    missing,
  }
}

/** Checks that need an answer and have none, or only half of one, in the order of the checks. */
function openChecks(
  consistent: readonly Finding[],
  missing: readonly Finding[],
): readonly TrainingCheck[] {
  const answered = new Set(consistent.map((entry) => entry.check))
  const open = new Set<TrainingCheck>([
    ...ESSENTIAL.filter((checks) => !checks.some((check) => answered.has(check))).flat(),
    ...missing.filter(({ check }) => COMPLETE.includes(check)).map(({ check }) => check),
    ...missing.filter(({ code }) => OPEN.has(code)).map(({ check }) => check),
  ])
  return TRAINING_CHECKS.filter((check) => open.has(check))
}

const pointsOf = (checkpoints: readonly FoundCheckpoint[]): Point[] =>
  checkpoints.flatMap(({ recorded, source }) => (source ? [{ step: recorded.step, source }] : []))

const momentsOf = (checkpoints: readonly FoundCheckpoint[]): MomentsAt[] =>
  checkpoints.flatMap(({ recorded, moments }) =>
    moments ? [{ step: recorded.step, source: moments }] : [],
  )

const FILE_CODES = {
  differs: 'file_differs',
  absent: 'file_absent',
  unlisted: 'file_unlisted',
} as const

/** One finding for what matches, and one for every file that does not. */
function checkFiles(input: TrainingInput): Finding[] {
  const all = [
    ...input.checkpoints.flatMap(({ recorded, files }) =>
      files.map((file) => ({ ...file, file: `${recorded.folder}/${file.path}` })),
    ),
    ...input.files.map((file) => ({ ...file, file: file.path })),
  ]
  const faults = all.flatMap(({ state, file }) =>
    state === 'matches' ? [] : [finding('files', FILE_CODES[state], { values: { file } })],
  )
  const files = all.length - faults.length
  return [...(files > 0 ? [finding('files', 'files_match', { values: { files } })] : []), ...faults]
}

/** The record is about the model that was handed in only if the chain ends at it. */
async function checkSubmitted(
  last: Point | undefined,
  submitted: TensorSource | null,
): Promise<readonly Finding[]> {
  if (!submitted || !last) return [finding('submitted', 'submitted_missing')]
  const comparison = await compareModels(submitted, last.source)
  const weights = comparison.components.filter((part) => part.component !== 'tokenizer')
  const other = weights.find(({ verdict }) => verdict !== 'identical' && verdict !== 'reencoded')
  if (other) {
    const values = { component: other.component, verdict: other.verdict }
    return [finding('submitted', 'submitted_differs', { values })]
  }
  return [finding('submitted', 'submitted_equal', { tier: 'exact', values: { step: last.step } })]
}
