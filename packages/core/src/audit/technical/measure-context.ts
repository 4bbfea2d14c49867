import type { RoleMap } from '../../model/role.ts'
import type { MatrixEngine } from '../../numeric/matrix-engine.ts'
import type { OpenModel } from './measure-signs.ts'
import type { Pairing } from './pairing.ts'
import type { StepListener } from './progress.ts'
import type { SamplingPlan } from './sampling.ts'

/** Both models, what their tensors are for, and what may be read of them. */
export type MeasureContext = {
  readonly candidate: OpenModel
  readonly reference: OpenModel
  readonly candidateRoles: RoleMap
  readonly referenceRoles: RoleMap
  readonly pairing: Pairing
  readonly plan: SamplingPlan
  readonly seed: number
  /** Multiplies large matrices; no result depends on which engine it is. */
  readonly engine: MatrixEngine
  /** Told what is being done; no result depends on it. */
  readonly onStep?: StepListener
}
