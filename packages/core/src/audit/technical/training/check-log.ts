import type { JsonValue } from '../../../base/canonical-json.ts'
import { type Finding, finding } from './finding.ts'
import type { TrainingRecord } from './record.ts'
import { declaredRate } from './schedule.ts'
import type { LogRow } from './training-log.ts'

/** A logged rate may be that of the step before or after, and rounded. */
const RATE_TOLERANCE = 0.02
/**
 * First loss against ln(vocabulary), that of a model which knows nothing yet; it may be higher. A log that
 * begins some steps later has learnt something by then.
 */
const START_LOSS_MIN = 0.6
const EARLY_LOSS_MIN = 0.4
const EARLY_STEP = 10
const CLAIM_TOLERANCE = 0.1
/** A log that fits falls by this share from its first rows to its last tenth; one that does not fall contradicts. */
const FALL_MIN = 0.05

/** Does the log fit the schedule, the checkpoints and the shape of a training run? */
export function checkLog(
  record: TrainingRecord,
  rows: readonly LogRow[] | null,
  config: JsonValue | undefined,
): readonly Finding[] {
  const [first, last] = [rows?.[0], rows?.at(-1)]
  if (!rows || !first || !last) return [finding('log', 'log_missing')]
  const faults = [
    disorder(rows),
    startLoss(record, rows, vocabularyOf(config)),
    risingLoss(record, rows),
    ...claims(record, rows),
  ].filter((fault) => fault !== null)
  const values = {
    rows: rows.length,
    first: meanLoss(firstRows(rows)),
    last: meanLoss(lastTenth(rows)),
  }
  return [
    ...(faults.length === 0 ? [finding('log', 'log_fits', { tier: 'empirical', values })] : faults),
    ...rates(record, rows),
    ...gaps(record, rows),
    finding('log', 'losses_not_rerun'),
  ]
}

function disorder(rows: readonly LogRow[]): Finding | null {
  const at = rows.findIndex((row, i) => {
    const before = rows[i - 1]
    return before !== undefined && (row.step <= before.step || tokensFall(before, row))
  })
  return at < 0 ? null : finding('log', 'log_disordered', { values: { row: at + 1 } })
}

const tokensFall = (before: LogRow, row: LogRow): boolean =>
  before.tokens !== null && row.tokens !== null && row.tokens < before.tokens

function rates(record: TrainingRecord, rows: readonly LogRow[]): Finding[] {
  const logged = rows.filter((row) => row.rate !== null).length
  if (logged === 0) return [finding('log', 'log_rate_absent')]
  if (record.schedule.decay === 'logged') return [finding('log', 'log_rates_are_schedule')]
  const values = { rows: logged }
  return [ratesDiffer(record, rows) ?? finding('log', 'log_rates_fit', { values })]
}

function ratesDiffer(record: TrainingRecord, rows: readonly LogRow[]): Finding | null {
  const { schedule } = record
  if (schedule.decay === 'logged') return null
  const rateAt = declaredRate(schedule)
  const slack = RATE_TOLERANCE * schedule.peakRate
  // Many schedulers warm up from a first step at rate 0.
  const before = schedule.warmupSteps > 0 ? 0 : rateAt(0)
  const differing = rows.filter(({ step, rate }) => {
    if (rate === null) return false
    const near = [step - 1, step, step + 1].map((s) => (s < 0 ? before : rateAt(s)))
    return rate > Math.max(...near) + slack || rate < Math.min(...near) - slack
  })
  const worst = differing[0]
  if (!worst || worst.rate === null) return null
  const values = { step: worst.step, logged: worst.rate, declared: rateAt(worst.step) }
  return finding('log', 'log_rate_differs', { values })
}

function vocabularyOf(config: JsonValue | undefined): number | null {
  if (config === null || typeof config !== 'object' || !('vocab_size' in config)) return null
  const size = config['vocab_size']
  return typeof size === 'number' && size > 1 ? size : null
}

/** A run that begins at somebody's model begins at its loss, far below that of random guessing. */
function startLoss(
  record: TrainingRecord,
  rows: readonly LogRow[],
  vocabulary: number | null,
): Finding | null {
  const first = rows[0]
  if (vocabulary === null || !first || !showsStart(record, first)) return null
  const expected = Math.log(vocabulary)
  const { loss } = first
  if (loss >= (first.step <= 1 ? START_LOSS_MIN : EARLY_LOSS_MIN) * expected) return null
  return finding('log', 'log_loss_start', { tier: 'empirical', values: { loss, expected } })
}

/** Both the record and its log begin at the start: a later stretch of a run may hardly fall. */
const showsStart = ({ checkpoints }: TrainingRecord, first: LogRow): boolean =>
  checkpoints[0]?.step === 0 && first.step <= EARLY_STEP

function risingLoss(record: TrainingRecord, rows: readonly LogRow[]): Finding | null {
  if (rows.length < 10 || !rows[0] || !showsStart(record, rows[0])) return null
  const [first, last] = [meanLoss(firstRows(rows)), meanLoss(lastTenth(rows))]
  if (last <= first * (1 - FALL_MIN)) return null
  if (last < first) return finding('log', 'log_loss_hardly_falls', { values: { first, last } })
  return finding('log', 'log_loss_rises', { tier: 'empirical', values: { first, last } })
}

const firstRows = (rows: readonly LogRow[]): readonly LogRow[] =>
  rows.slice(0, Math.max(1, Math.min(5, Math.floor(rows.length / 10))))

const lastTenth = (rows: readonly LogRow[]): readonly LogRow[] =>
  rows.slice(-Math.max(1, Math.floor(rows.length / 10)))

const meanLoss = (rows: readonly LogRow[]): number =>
  rows.reduce((sum, row) => sum + row.loss, 0) / Math.max(1, rows.length)

/** Losses claimed for checkpoints against the rows around; before the first row there is none. */
function claims(record: TrainingRecord, rows: readonly LogRow[]): Finding[] {
  return record.checkpoints.flatMap(({ step, loss }) => {
    if (loss === undefined) return []
    const losses = lossesAround(rows, step)
    if (losses.length === 0) return []
    const logged = losses.reduce((sum, one) => sum + one, 0) / losses.length
    const slack = CLAIM_TOLERANCE * logged
    if (loss >= Math.min(...losses) - slack && loss <= Math.max(...losses) + slack) return []
    return [finding('log', 'log_claim_differs', { values: { step, claimed: loss, logged } })]
  })
}

/**
 * Losses of the rows within ten steps, and of two on each side, for a row may be a mean over the steps before
 * it. Where the log ends before the step, the fall between its last rows may go on.
 */
function lossesAround(rows: readonly LogRow[], step: number): number[] {
  const at = rows.findLastIndex((row) => row.step <= step)
  const [before, earlier] = [rows[at], rows[at - 1]]
  if (!before) return []
  const beside = rows.slice(Math.max(0, at - 1), at + 3)
  const around = rows.filter((row) => Math.abs(row.step - step) <= 10)
  const isLast = at === rows.length - 1 && before.step < step
  const goesOn =
    isLast && earlier ? [before.loss - 2 * Math.max(0, earlier.loss - before.loss)] : []
  return [...new Set([...beside, ...around])].map((row) => row.loss).concat(goesOn)
}

/** Stretches between checkpoints that have no row, and ends that the log does not reach. */
function gaps(record: TrainingRecord, rows: readonly LogRow[]): Finding[] {
  const steps = record.checkpoints.map((point) => point.step)
  return steps.flatMap((to, i) => {
    const from = steps[i - 1]
    if (from === undefined) return []
    const isCovered = rows.some((row) => row.step >= from && row.step < Math.max(to, from + 1))
    return isCovered ? [] : [finding('log', 'log_gap', { values: { from, to } })]
  })
}
