import { commitmentOf, type DatedCommitment, type Opening } from './commitment.ts'
import { type Finding, finding } from './finding.ts'
import type { RecordedCheckpoint, TrainingRecord } from './record.ts'

export type Commitments = {
  readonly entries: readonly DatedCommitment[]
  readonly openings: readonly Opening[]
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
  return [finding('dates', 'dates_in_order', { values: { checkpoints: points.length } })]
}

const timeOf = (point: RecordedCheckpoint): number => Date.parse(point.savedAt)

/** Was every checkpoint committed to before the next one existed? */
export function checkCommitments(
  record: TrainingRecord,
  commitments: Commitments | null,
): readonly Finding[] {
  if (!commitments) return [finding('commitments', 'commitments_missing')]
  const dated = record.checkpoints.map((point) => committedAt(point, commitments))
  const findings = record.checkpoints.flatMap((point, i): Finding[] => {
    const found = dated[i]
    const values = { step: point.step }
    if (found === 'unopened') return [finding('commitments', 'commitment_unopened', { values })]
    if (!found) return [finding('commitments', 'commitment_absent', { values })]
    const next = record.checkpoints[i + 1]
    const limit = next ? timeOf(next) : Number.POSITIVE_INFINITY
    const isInTime = found.time < limit && found.time >= timeOf(point)
    return isInTime ? [] : [finding('commitments', 'commitment_late', { values })]
  })
  const kept = dated.filter((found) => found !== null && found !== 'unopened')
  if (findings.length === 0) {
    const values = {
      checkpoints: kept.length,
      from: kept[0]?.text ?? '',
      until: kept.at(-1)?.text ?? '',
    }
    findings.push(finding('commitments', 'commitments_in_time', { values }))
  }
  return [...findings, finding('commitments', 'no_outside_witness')]
}

type Dated = { readonly time: number; readonly text: string }

function committedAt(
  point: RecordedCheckpoint,
  { entries, openings }: Commitments,
): Dated | 'unopened' | null {
  const wanted = new Set(Object.values(point.files))
  const opening = openings.find(({ manifest }) => {
    const fixed = new Set<string>(manifest.checkpoint.map((file) => file.digest))
    return [...wanted].every((digest) => fixed.has(digest))
  })
  if (!opening) return null
  if (commitmentOf(opening.salt, opening.manifest) !== opening.commitment) return 'unopened'
  const entry = entries.find((one) => one.commitment === opening.commitment)
  return entry ? { time: Date.parse(entry.time), text: entry.time } : null
}
