import { AppError } from '../../base/errors.ts'
import { type Fault, FaultsError } from '../../base/faults.ts'
import { type ParsedPlan, parsePlan } from '../plan/parse-plan.ts'
import { diffPlans } from './diff-plan.ts'
import type { RecordEntry } from './record.ts'
import { type Seal, sealsOf, unsealed } from './seal.ts'

/** The plan in force and all that came before it. */
export type SealedPlan = { readonly current: Seal; readonly earlier: readonly Seal[] }

const HINT =
  'restore the file, or put the change on record with `dokja round amend DIR --reason "…"`'

/**
 * The sealed plan, if the plan file still is that plan byte for byte. Throws AppError PLAN_UNSEALED
 * or PLAN_TAMPERED, the latter with every path that differs.
 */
export function openSealedPlan(
  record: readonly RecordEntry[],
  file: { readonly text: string; readonly path: string },
): SealedPlan {
  const seals = sealsOf(record)
  const current = seals.at(-1)
  if (!current) throw unsealed(file.path)
  const parsed = parseAfterSeal(file, current)
  if (parsed.textDigest !== current.textDigest) {
    throw tampered(file.path, current, changedPlaces(parsed, current, file.path))
  }
  return { current, earlier: seals.slice(0, -1) }
}

function parseAfterSeal(
  file: { readonly text: string; readonly path: string },
  current: Seal,
): ParsedPlan {
  try {
    return parsePlan(file.text, file.path)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const faults = error instanceof FaultsError ? error.faults : []
    const message = 'it no longer is a valid plan'
    throw tampered(file.path, current, [{ file: file.path, message }, ...faults])
  }
}

function changedPlaces(parsed: ParsedPlan, current: Seal, path: string): readonly Fault[] {
  const changes = diffPlans(current.plan, parsed.plan)
  if (changes.length === 0) {
    return [{ file: path, message: 'no rule changed, but comments or layout did' }]
  }
  return changes.map((change) => ({
    ...parsed.fault(change.path, `${change.before} → ${change.after}`),
    at: change.at,
  }))
}

function tampered(path: string, seal: Seal, faults: readonly Fault[]): FaultsError {
  const what = `${path} was edited after it was sealed on ${seal.time} by ${seal.author}`
  return new FaultsError('PLAN_TAMPERED', faults, { what, hint: HINT })
}
