import type { Path } from './yaml-source.ts'

/** Something that the schema allows and the meaning forbids, at its path inside the plan. */
export type PlanFault = { readonly path: Path; readonly message: string }
