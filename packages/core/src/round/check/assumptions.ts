import { z } from 'zod'
import { FaultsError } from '../../base/faults.ts'
import { leavesOf, type Plan } from '../plan/plan.ts'
import { schemaFaults } from '../plan/schema-faults.ts'
import { idSchema } from '../plan/words.ts'
import { readYaml } from '../plan/yaml-source.ts'

const share = z.number().min(0).max(1)

/** What may differ from part to part. Shares are of the raw scale, from its lowest value up. */
const partFields = {
  level: share.optional().describe('Where the average team stands.'),
  team_spread: share.optional().describe('Standard deviation of true quality between teams.'),
  severity: share.optional().describe('Standard deviation of how generous panellists are.'),
  noise: share
    .optional()
    .describe('Standard deviation of one panellist’s rating of one team, severity apart.'),
  items: z.int().min(1).max(100_000).optional().describe('Items per benchmark.'),
  item_noise: share
    .optional()
    .describe('Standard deviation of a team on an item, difficulty apart.'),
  run_noise: share.optional().describe('Standard deviation between runs of one item.'),
  figure_noise: share
    .optional()
    .describe('Standard error of a benchmark that comes as one figure.'),
}

/** A file of assumptions: every key may be left out and then has its default. */
export const assumptionsSchema = z
  .strictObject({
    ...partFields,
    expert_noise: share.optional().describe('`noise` of expert panels.'),
    user_noise: share.optional().describe('`noise` of user and public panels.'),
    quality_correlation: share.optional().describe('Between the true qualities of two parts.'),
    halo: share.optional().describe('Correlation of a panellist’s noise between criteria.'),
    benchmarks: z.int().min(1).max(1000).optional().describe('Where the plan registers none.'),
    target_ratio: z.number().positive().optional().describe('Average team over its target.'),
    favour: share.optional().describe('What a partial panellist adds to one team.'),
    reference_gap: z.number().positive().optional().describe('True gap, in points of the stage.'),
    parts: z.record(idSchema, z.strictObject(partFields)).optional().describe('By part id.'),
  })
  .meta({ id: 'check-assumptions', title: 'What `dokja round check` takes for granted' })

export type GivenAssumptions = z.infer<typeof assumptionsSchema>

/** Assumptions about one measured part, complete. */
export type PartAssumptions = {
  readonly level: number
  readonly teamSpread: number
  readonly severity: number
  readonly noise: number
  readonly items: number
  readonly itemNoise: number
  readonly runNoise: number
  readonly figureNoise: number
}

export type Assumptions = {
  readonly qualityCorrelation: number
  readonly halo: number
  readonly benchmarks: number
  readonly targetRatio: number
  readonly favour: number
  readonly referenceGap: number
  /** By part id, for every measured part of the plan. */
  readonly parts: Readonly<Record<string, PartAssumptions>>
}

/**
 * The defaults. Level and spread follow the figures published about the August 2026 stage (means of
 * .38 to .87 of full marks; first to fourth of four apart by 4.0 of 40, 2.4 of 35 and 5.0 of 25
 * points, and a range of four normal values is 2.06 standard deviations). No rater data of either
 * stage were published: severity and noise are working values, not findings.
 */
export const DEFAULT_ASSUMPTIONS = {
  level: 0.65,
  team_spread: 0.05,
  severity: 0.1,
  expert_noise: 0.1,
  user_noise: 0.2,
  items: 200,
  item_noise: 0.25,
  run_noise: 0.25,
  figure_noise: 0.01,
  quality_correlation: 0.5,
  halo: 0.5,
  benchmarks: 5,
  target_ratio: 0.95,
  favour: 0.25,
  reference_gap: 2,
} as const satisfies GivenAssumptions

/** Completes what was given with the defaults, for every measured part of the plan. */
export function completeAssumptions(plan: Plan, given: GivenAssumptions): Assumptions {
  const all = { ...DEFAULT_ASSUMPTIONS, ...stated(given) }
  const parts = leavesOf(plan).map((leaf): [string, PartAssumptions] => {
    const { measure } = leaf
    const panel = 'panel' in measure ? plan.panels.find((p) => p.id === measure.panel) : undefined
    const noise = panel?.kind === 'expert' ? all.expert_noise : all.user_noise
    const own = { ...all, noise: given.noise ?? noise, ...stated(given.parts?.[leaf.id] ?? {}) }
    return [
      leaf.id,
      {
        level: own.level,
        teamSpread: own.team_spread,
        severity: own.severity,
        noise: own.noise,
        items: own.items,
        itemNoise: own.item_noise,
        runNoise: own.run_noise,
        figureNoise: own.figure_noise,
      },
    ]
  })
  return {
    qualityCorrelation: all.quality_correlation,
    halo: all.halo,
    benchmarks: all.benchmarks,
    targetRatio: all.target_ratio,
    favour: all.favour,
    referenceGap: all.reference_gap,
    parts: Object.fromEntries(parts),
  }
}

type Stated<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

const stated = <T extends object>(given: T): Stated<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Stated<T>

/** Reads a YAML or JSON file of assumptions. Throws FaultsError SCHEMA_INVALID. */
export function parseAssumptions(text: string, file: string, plan: Plan): GivenAssumptions {
  const source = readYaml(text, file)
  const refuse = (faults: typeof source.faults) =>
    new FaultsError('SCHEMA_INVALID', faults, {
      what: `${file} does not hold assumptions`,
      hint: 'docs/methods/plan-check.md lists every key and its default',
    })
  if (source.faults.length > 0) throw refuse(source.faults)
  const parsed = assumptionsSchema.safeParse(source.value)
  if (!parsed.success) {
    const faults = schemaFaults(parsed.error, source.value)
    throw refuse(faults.map((fault) => source.fault(fault.path, fault.message, fault.at)))
  }
  const known = new Set(leavesOf(plan).map((leaf) => leaf.id))
  const unknown = Object.keys(parsed.data.parts ?? {}).filter((id) => !known.has(id))
  if (unknown.length > 0) {
    const names = [...known].join(', ')
    throw refuse(
      unknown.map((id) =>
        source.fault(['parts', id], `no measured part "${id}"; known: ${names}`, 'key'),
      ),
    )
  }
  return parsed.data
}
