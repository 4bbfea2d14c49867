import type { Plan } from '../plan/plan.ts'
import { compileRules } from '../sensitivity/leaf-model.ts'
import { assembleRound, type Evaluation } from '../sensitivity/round-model.ts'
import { type Standing, standingOf } from '../sensitivity/standing.ts'
import type { Assumptions } from './assumptions.ts'
import type { Design } from './design.ts'
import { onScale, type PartNoise, type ScaleFit, scalesOf } from './noise.ts'

/** True quality of team t in a part, as a share of the raw scale. */
export type Quality = (part: string, t: number) => number

/** One panellist (number 0) who adds `share` of the scale to one team. */
export type Favour = { readonly panel: string; readonly team: number; readonly share: number }

/** A plan made ready to be run on simulated values; `designs` may have gaps. */
export type Rig = {
  readonly plan: Plan
  readonly run: (world: World) => Outcome | undefined
}

export type World = {
  readonly quality: Quality
  readonly noise: ReadonlyMap<string, PartNoise>
  readonly favour?: Favour
  /** Panellist 0 is absent for this team, and the plan counts that as zero. */
  readonly zeroed?: { readonly panel: string; readonly team: number }
  /** A lot per team, where the plan draws lots. */
  readonly ticket: ArrayLike<number>
}

export type Outcome = { readonly evaluation: Evaluation; readonly standing: Standing }

/** Compiles the sealed steps for these designs; nothing is gated in a simulation. */
export function createRig(
  plan: Plan,
  designs: readonly Design[],
  assumptions: Assumptions,
): Rig | undefined {
  const teams = plan.teams.map((team) => team.id)
  let world: World | undefined
  const leaves = designs.map((design) => {
    const fill = createFill(design)
    const rules = compileRules(design.leaf, design.cells, {
      compared: new Set(teams),
      targetOf: () => targetScore(design, assumptions),
    })
    return {
      part: design.leaf.id,
      teams,
      population: undefined,
      evaluate: () => (world ? rules(fill(world)) : undefined),
    }
  })
  const model = assembleRound({
    plan,
    ranked: teams,
    printed: () => undefined,
    populations: new Map(),
    leaves,
  })
  if (!model) return undefined
  return {
    plan,
    run: (own) => {
      world = own
      const evaluation = model.evaluate(new Map())
      return evaluation && { evaluation, standing: standingOf(evaluation, plan, own.ticket) }
    },
  }
}

/** The target model stands where the average team reaches `targetRatio` of it. */
export function targetScore(design: Design, assumptions: Assumptions): number {
  const [scale] = scalesOf(design)
  const level = assumptions.parts[design.leaf.id]?.level ?? 0
  return ((scale?.min ?? 0) + (scale?.range ?? 1) * level) / assumptions.targetRatio
}

/** Values of the cells of one part in one world. */
export function createFill(design: Design): (world: World) => Float64Array {
  const { leaf, shape, source } = design
  const scales = scalesOf(design)
  const perTeam = shape.reduce((a, b) => a * b, 1)
  // In the full design a panellist's values lie together: number 0 owns the first of each team.
  const perRater = leaf.measure.rows === 'rubric' ? (shape[1] ?? 1) : 1
  const panel = 'panel' in leaf.measure ? leaf.measure.panel : undefined
  // A stand-in for fifty members is moved by a fiftieth of what moves one of them.
  const ownPart = design.noiseFactor ** 2
  return (world) => {
    const added = world.noise.get(leaf.id)?.added ?? new Float64Array()
    const favour = world.favour?.panel === panel ? world.favour : undefined
    const zeroed = world.zeroed?.panel === panel ? world.zeroed : undefined
    const quality = design.cells.teams.map((_, t) => world.quality(leaf.id, t))
    const values = new Float64Array(source.length)
    for (let c = 0; c < source.length; c++) {
      const at = source[c] ?? 0
      const t = Math.floor(at / perTeam)
      const inTeam = at - t * perTeam
      const isFirst = inTeam < perRater
      if (zeroed && zeroed.team === t && isFirst) continue
      let share = (quality[t] ?? 0) + (added[at] ?? 0)
      if (favour && favour.team === t && isFirst) share += favour.share * ownPart
      const scale = scales[scales.length > 1 ? inTeam % scales.length : 0] as ScaleFit
      values[c] = onScale(share, scale) * design.sumFactor
    }
    return values
  }
}
