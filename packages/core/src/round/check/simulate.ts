import type { Rng } from '../../base/rng.ts'
import { leavesOf, type Plan } from '../plan/plan.ts'
import type { Assumptions } from './assumptions.ts'
import { type Design, designOf, withGap } from './design.ts'
import { type FieldRecord, watchField } from './field.ts'
import { drawNoise } from './noise.ts'
import { type CutPair, cutPair, type PairRecord, pairQuality, watchPair } from './pair.ts'
import { type ReducerRecord, watchReducers } from './reducers.ts'
import { createRig, type Rig, type World } from './scenario.ts'

/** True gaps, in points of the stage, at which the pair at the cut is watched. */
export const GAPS = [0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16] as const

export type PanelRecord = {
  readonly panel: string
  readonly favoured: PairRecord
  /** Undefined where nobody would be left, or members are simulated by stand-ins. */
  readonly absentForAll: PairRecord | undefined
  /** Undefined where the plan refuses to score with the gap. */
  readonly absentForOne: PairRecord | undefined
}

export type Simulation = {
  readonly rounds: number
  /** Entry g belongs to GAPS[g]. */
  readonly curve: readonly PairRecord[]
  /** At the reference gap, with nothing changed. */
  readonly reference: PairRecord
  readonly panels: readonly PanelRecord[]
  readonly reducers: readonly ReducerRecord[]
  readonly field: FieldRecord
}

type Seen = Pick<World, 'noise' | 'ticket'>
type Watching = { readonly see: (round: number, world: Seen) => void }

/** Simulates `rounds` rounds; every question is put to the same draws of noise. */
export function simulatePlan(
  plan: Plan,
  assumptions: Assumptions,
  options: { readonly rng: Rng; readonly rounds: number },
): Simulation | undefined {
  const { rng, rounds } = options
  const designs = leavesOf(plan).map((leaf) => designOf(plan, leaf, assumptions))
  const rig = createRig(plan, designs, assumptions)
  if (!rig) return undefined
  const pair = cutPair(plan)
  const setting: Setting = { plan, assumptions, designs, rig, pair, rounds }
  const at = (gap: number) => pairQuality(plan, gap, { pair, assumptions })
  const curve = GAPS.map((gap) => watchPair({ run: rig.run, quality: at(gap) }, pair, rounds))
  const quality = at(assumptions.referenceGap)
  const reference = watchPair({ run: rig.run, quality }, pair, rounds)
  const panels = plan.panels.flatMap((panel) => watchPanel(panel.id, setting))
  const reducers = designs.flatMap((design) =>
    watchReducers(plan, design, { assumptions, pair, quality: at(0), rounds }),
  )
  const field = watchField(rig, assumptions, rounds)
  const watching: Watching[] = [
    ...curve,
    reference,
    ...panels.flatMap((panel) => panel.watching),
    ...reducers,
  ]
  for (let round = 0; round < rounds; round++) {
    const own = rng.fork(`round ${round}`)
    const world = drawWorld(setting, own)
    for (const watch of watching) watch.see(round, world)
    field.see(own.fork('field'), world)
  }
  return {
    rounds,
    curve: curve.map((watch) => watch.record),
    reference: reference.record,
    panels: panels.map((panel) => panel.record),
    reducers: reducers.map((watch) => watch.record),
    field: field.record(),
  }
}

type Setting = {
  readonly plan: Plan
  readonly assumptions: Assumptions
  readonly designs: readonly Design[]
  readonly rig: Rig
  readonly pair: CutPair
  readonly rounds: number
}

function drawWorld({ plan, designs, assumptions }: Setting, rng: Rng): Seen {
  const lots = rng.fork('lots')
  return {
    noise: new Map(
      designs.map((design) => [
        design.leaf.id,
        drawNoise(design, assumptions, rng.fork(design.leaf.id)),
      ]),
    ),
    ticket: plan.teams.map(() => lots.nextUint32()),
  }
}

/** The pair at the reference gap with one partial, and with one absent member of a panel. */
function watchPanel(
  panel: string,
  setting: Setting,
): { readonly record: PanelRecord; readonly watching: readonly Watching[] }[] {
  const { plan, assumptions, designs, rig, pair, rounds } = setting
  const ofPanel = ({ leaf }: Design) => 'panel' in leaf.measure && leaf.measure.panel === panel
  if (!designs.some(ofPanel)) return []
  const quality = pairQuality(plan, assumptions.referenceGap, { pair, assumptions })
  const favour = { panel, team: pair.other, share: assumptions.favour }
  const favoured = watchPair({ run: rig.run, quality, favour }, pair, rounds)
  const withoutFirst = (team?: number): Rig | undefined =>
    createRig(
      plan,
      designs.map((design) =>
        ofPanel(design)
          ? withGap(design, {
              dimension: 'raters',
              label: 0,
              ...(team === undefined ? {} : { team }),
            })
          : design,
      ),
      assumptions,
    )
  // One of stand-ins is not one member, and one of one leaves nobody.
  const cannot = designs.some(
    (design) => ofPanel(design) && (design.noiseFactor < 1 || (design.shape[0] ?? 0) < 2),
  )
  const lessForAll = cannot ? undefined : withoutFirst()
  const forAll = lessForAll && watchPair({ run: lessForAll.run, quality }, pair, rounds)
  const forOne = cannot ? undefined : watchAbsence(panel, { ...setting, lessForAll, withoutFirst })
  return [
    {
      record: {
        panel,
        favoured: favoured.record,
        absentForAll: forAll?.record,
        absentForOne: forOne?.record,
      },
      watching: [favoured, ...(forAll ? [forAll] : []), ...(forOne ? [forOne] : [])],
    },
  ]
}

/** One member absent for the better team, by the missing-data rule of the plan. */
function watchAbsence(
  panel: string,
  context: Setting & {
    readonly lessForAll: Rig | undefined
    readonly withoutFirst: (team?: number) => Rig | undefined
  },
) {
  const { plan, assumptions, rig, pair, rounds } = context
  const rules = leavesOf(plan).flatMap(({ measure }) =>
    'panel' in measure && measure.panel === panel ? [measure.missing?.absent ?? 'refuse'] : [],
  )
  const planned = plan.panels.find((entry) => entry.id === panel)
  const quorum = planned?.quorum?.least ?? 0
  if (rules.includes('refuse') || (planned?.planned ?? 0) - 1 < quorum) return undefined
  const quality = pairQuality(plan, assumptions.referenceGap, { pair, assumptions })
  if (rules.every((rule) => rule === 'zero')) {
    const zeroed = { panel, team: pair.better }
    return watchPair({ run: rig.run, quality, zeroed }, pair, rounds)
  }
  const less = rules.includes('exclude_panellist')
    ? context.lessForAll
    : context.withoutFirst(pair.better)
  return less && watchPair({ run: less.run, quality }, pair, rounds)
}
