import type { Digest } from '../../../base/digest.ts'
import { commitmentOf, type DatedCommitment, type Opening } from './commitment.ts'
import { type Finding, finding } from './finding.ts'
import type { RecordedCheckpoint, TrainingRecord } from './record.ts'

export type Commitments = {
  readonly entries: readonly DatedCommitment[]
  readonly openings: readonly Opening[]
  /** SHA-256 of the beginnings of the log that is shown, by their length: as long as it was when committed. */
  readonly logBeginnings: ReadonlyMap<number, Digest>
}

/** Are steps and dates in one order? */
export function checkDates(record: TrainingRecord): readonly Finding[] {
  const points = record.checkpoints
  const at = points.findIndex((point, i) => {
    const before = points[i - 1]
    return before && (point.step <= before.step || timeOf(point) < timeOf(before))
  })
  const late = points.find((point) => timeOf(point) > Date.parse(record.declaredBy.date))
  const wrong = points[at] ?? late
  if (wrong) return [finding('dates', 'dates_out_of_order', { values: { step: wrong.step } })]
  const { steps } = record.schedule
  const beyond = points.find((point) => point.step > steps)
  if (beyond) {
    return [finding('dates', 'step_beyond_schedule', { values: { step: beyond.step, steps } })]
  }
  return [finding('dates', 'dates_in_order', { values: { checkpoints: points.length } })]
}

const timeOf = (point: RecordedCheckpoint): number => Date.parse(point.savedAt)

/** Was every checkpoint committed to before the next one existed, and what else was fixed with it? */
export function checkCommitments(
  record: TrainingRecord,
  commitments: Commitments | null,
): readonly Finding[] {
  if (!commitments) return [finding('commitments', 'commitments_missing')]
  const opened = openAll(commitments)
  const dated = record.checkpoints.map((point) => committedAt(point, opened))
  const faults = [
    ...disorder(commitments),
    ...record.checkpoints.flatMap((_, i) => faultAt(record, dated, i)),
  ]
  const kept = dated.filter((found) => found !== null && found !== 'unopened')
  const values = {
    checkpoints: kept.length,
    from: kept[0]?.entry.time ?? '',
    until: kept.at(-1)?.entry.time ?? '',
  }
  const inTime = finding('commitments', 'commitments_in_time', { values })
  return [
    ...(faults.length === 0 ? [inTime] : faults),
    ...unshown(record, commitments, opened),
    ...fixedOrder(record, kept),
    ...fixedLog(record, kept, commitments),
    finding('commitments', 'no_outside_witness'),
  ]
}

/** An opening with its commitment in the chain, or why there is none. */
type Opened = {
  readonly opening: Opening
  readonly digests: ReadonlySet<string>
  readonly entry: DatedCommitment | null
  readonly isTrue: boolean
}
type Kept = Opened & { readonly entry: DatedCommitment; readonly step: number }
type Dated = Kept | 'unopened' | null

function openAll({ entries, openings }: Commitments): Opened[] {
  const known = new Map(entries.map((entry) => [entry.commitment, entry]))
  return openings.map((opening) => ({
    opening,
    digests: new Set<string>(opening.manifest.checkpoint.map((file) => file.digest)),
    entry: known.get(opening.commitment) ?? null,
    isTrue: commitmentOf(opening.salt, opening.manifest) === opening.commitment,
  }))
}

/**
 * The earliest commitment that opens to these files. A command that was broken off leaves an opening without
 * a commitment: the one made afterwards counts.
 */
function committedAt(point: RecordedCheckpoint, opened: readonly Opened[]): Dated {
  const wanted: readonly string[] = Object.values(point.files)
  if (wanted.length === 0) return null
  const fitting = opened.filter(({ digests }) => wanted.every((digest) => digests.has(digest)))
  const found = fitting
    .flatMap((one) => (one.isTrue && one.entry ? [{ ...one, entry: one.entry }] : []))
    .sort((x, y) => x.entry.sequence - y.entry.sequence)
    .find(({ entry }) => Date.parse(entry.time) >= timeOf(point))
  if (found) return { ...found, step: point.step }
  if (fitting.some(({ isTrue }) => !isTrue)) return 'unopened'
  const early = fitting.find(({ entry }) => entry !== null)
  return early?.entry ? { ...early, entry: early.entry, step: point.step } : null
}

function faultAt(record: TrainingRecord, dated: readonly Dated[], i: number): Finding[] {
  const [point, next] = [record.checkpoints[i], record.checkpoints[i + 1]]
  const found = dated[i]
  if (!point) return []
  const values = { step: point.step }
  if (found === 'unopened') return [finding('commitments', 'commitment_unopened', { values })]
  if (!found) return [finding('commitments', 'commitment_absent', { values })]
  const limit = next ? timeOf(next) : Date.parse(record.declaredBy.date)
  const time = Date.parse(found.entry.time)
  const isInTime = time >= timeOf(point) && (next ? time < limit : time <= limit)
  return isInTime ? [] : [finding('commitments', 'commitment_late', { values })]
}

/** Dates of an append-only file that go back are not those of its writing. */
function disorder({ entries }: Commitments): Finding[] {
  const at = entries.findIndex((entry, i) => {
    const before = entries[i - 1]
    return before !== undefined && Date.parse(entry.time) < Date.parse(before.time)
  })
  const entry = entries[at]?.sequence
  return entry === undefined
    ? []
    : [finding('commitments', 'commitments_unordered', { values: { entry } })]
}

/** Whoever commits to many runs may show the one that turned out well: what is not shown is counted. */
function unshown(
  record: TrainingRecord,
  { entries }: Commitments,
  opened: readonly Opened[],
): Finding[] {
  const shown = new Set<string>(
    opened.filter((one) => one.isTrue && opensTo(one, record)).map((one) => one.opening.commitment),
  )
  const count = entries.filter(({ commitment }) => !shown.has(commitment)).length
  const values = { count, of: entries.length }
  return count === 0 ? [] : [finding('commitments', 'commitments_unshown', { values })]
}

const opensTo = ({ digests }: Opened, { checkpoints }: TrainingRecord): boolean =>
  checkpoints.some(({ files }) => {
    const wanted: readonly string[] = Object.values(files)
    return wanted.length > 0 && wanted.every((digest) => digests.has(digest))
  })

/** The order of the data is fixed before training only if it stands in the first commitment. */
function fixedOrder(record: TrainingRecord, kept: readonly Kept[]): Finding[] {
  const order: string | undefined = record.data.order?.digest
  if (order === undefined) return []
  const at = kept.find(({ opening }) =>
    [...opening.manifest.others, ...opening.manifest.checkpoint].some(
      ({ digest }) => digest === order,
    ),
  )
  if (!at) return [finding('commitments', 'order_uncommitted')]
  return [finding('commitments', 'order_committed', { values: { step: at.step } })]
}

/** A log only grows: what was committed to must be the beginning of what is shown. */
function fixedLog(
  record: TrainingRecord,
  kept: readonly Kept[],
  { logBeginnings }: Commitments,
): Finding[] {
  const name = baseName(record.log?.path ?? '')
  const fixed = kept.flatMap(({ opening, step }) =>
    opening.manifest.others
      .filter(({ path, sizeBytes }) => sizeBytes > 0 && baseName(path) === name)
      .map((file) => ({ ...file, step })),
  )
  if (name === '' || fixed.length === 0) return []
  const other = fixed.find(({ sizeBytes, digest }) => logBeginnings.get(sizeBytes) !== digest)
  if (other) {
    return [finding('commitments', 'log_not_as_committed', { values: { step: other.step } })]
  }
  return [finding('commitments', 'log_committed', { values: { checkpoints: fixed.length } })]
}

export const baseName = (path: string): string => path.split('/').at(-1) ?? path
