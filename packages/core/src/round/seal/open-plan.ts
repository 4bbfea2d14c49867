import { AppError } from '../../base/errors.ts'
import { type ParsedPlan, parsePlan } from '../plan/parse-plan.ts'
import { diffPlans, formatChange } from './diff-plan.ts'
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
  if (!current) throw unsealed()
  const parsed = parseAfterSeal(file, current)
  if (parsed.textDigest !== current.textDigest)
    throw tampered(file.path, current, whatChanged(parsed, current))
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
    throw tampered(file.path, current, [`it no longer is a valid plan: ${error.message}`], error)
  }
}

function whatChanged(parsed: ParsedPlan, current: Seal): string[] {
  const changes = diffPlans(current.plan, parsed.plan).map(formatChange)
  return changes.length > 0 ? changes : ['no rule changed, but comments or layout did']
}

function tampered(path: string, seal: Seal, changes: readonly string[], cause?: unknown): AppError {
  const lines = changes.map((change) => `\n  ${change}`).join('')
  const message = `${path} was edited after it was sealed on ${seal.time} by ${seal.author}:${lines}`
  return new AppError('PLAN_TAMPERED', message, { hint: HINT, cause })
}
