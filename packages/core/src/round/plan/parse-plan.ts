import type { JsonValue } from '../../base/canonical-json.ts'
import { type Digest, digestBytes, digestJson } from '../../base/digest.ts'
import { type Fault, FaultsError } from '../../base/faults.ts'
import { checkPlan } from './check-plan.ts'
import { type Plan, planSchema } from './plan.ts'
import { schemaFaults } from './schema-faults.ts'
import { type Path, readYaml } from './yaml-source.ts'

export type ParsedPlan = {
  readonly plan: Plan
  /** Of the RFC 8785 form of the plan: comments and layout do not count. */
  readonly planDigest: Digest
  /** Of the YAML text, byte by byte. */
  readonly textDigest: Digest
  /** A fault at the place in the text to which a path of the plan leads. */
  readonly fault: (path: Path, message: string) => Fault
}

const HINT =
  'docs/formats/plan.md explains every key; `dokja round new` writes a plan that is valid'

/**
 * Reads and checks a plan. Throws FaultsError PLAN_INVALID with every fault at its line and path:
 * first those of YAML, then those of the schema, then those of meaning (points, references,
 * cycles), because each kind makes sense only when the one before is clean.
 */
export function parsePlan(text: string, file: string): ParsedPlan {
  const source = readYaml(text, file)
  const refuse = (faults: typeof source.faults) =>
    new FaultsError('PLAN_INVALID', faults, { what: `${file} is not a valid plan`, hint: HINT })
  if (source.faults.length > 0) throw refuse(source.faults)
  const parsed = planSchema.safeParse(source.value)
  if (!parsed.success) {
    const faults = schemaFaults(parsed.error, source.value)
    throw refuse(faults.map((fault) => source.fault(fault.path, fault.message, fault.at)))
  }
  const faults = checkPlan(parsed.data)
  if (faults.length > 0)
    throw refuse(faults.map((fault) => source.fault(fault.path, fault.message)))
  return {
    plan: parsed.data,
    planDigest: planDigestOf(parsed.data),
    textDigest: digestBytes(new TextEncoder().encode(text)),
    fault: (path, message) => source.fault(path, message),
  }
}

export const planDigestOf = (plan: Plan): Digest => digestJson(plan as unknown as JsonValue)
