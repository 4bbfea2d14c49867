// Writes the SIMULATED raw rows of stage 1. Run: node examples/korea-2026-stage1/simulate.ts
// Published: LG's scores and the maxima with their holders; the means of the five teams. Every
// other score below was chosen only so that those come out; it is not a claim about any team.
import { createRng, type Rng } from '../../packages/core/src/base/rng.ts'
import {
  type Cells,
  csv,
  expertRows,
  itemRows,
  names,
  ratings,
  runsWithMean,
  setMeans,
  writeStage,
} from '../simulation/generate.ts'

const SEED = 'korea-2026-stage1'

type Targets = {
  /** Right answers of 200. */
  readonly nia: number
  /** Mean of 13 sets. LG's 72.03 is what the press reported. */
  readonly common: number
  /** Mean ratio to the target model; from 1 on it counts as 1. */
  readonly ratio: number
  /** Trimmed mean of the experts. */
  readonly expert: number
  /** Sum of 49 ratings. */
  readonly user: number
}

const TEAMS: Readonly<Record<string, Targets>> = {
  lg: { nia: 184, common: 72.03, ratio: 1.03, expert: 31.625, user: 205 },
  'naver-cloud': { nia: 174, common: 61.5, ratio: 0.83, expert: 27.6875, user: 165 },
  skt: { nia: 184, common: 63, ratio: 0.86, expert: 28.5, user: 163 },
  upstage: { nia: 176, common: 64.5, ratio: 1.02, expert: 29, user: 172 },
  'nc-ai': { nia: 164, common: 58, ratio: 0.72, expert: 26, user: 146 },
}

const AREAS = ['math', 'knowledge', 'long-context', 'safety', 'reliability']
const ITEMS_PER_AREA = 40
const COMMON_SETS = names('set-', 13)
const RUNS = 5
const CRITERIA = [
  ['strategy-technology', 10],
  ['results-plan', 15],
  ['ripple', 10],
] as const

/** Path and text of every file that this script writes. */
export function simulate(): ReadonlyMap<string, string> {
  const rng = createRng(SEED)
  const each = (make: (team: string, targets: Targets, rng: Rng) => Cells[], label: string) =>
    Object.entries(TEAMS).flatMap(([team, targets]) =>
      make(team, targets, rng.fork(`${label} ${team}`)),
    )
  const experts = names('expert-', 10)
  const users = names('user-', 49)
  const item = ['team', 'benchmark', 'item', 'epoch', 'score']
  const individual = Object.entries(TEAMS).map(([team, targets]) =>
    individualRows(team, targets, rng.fork(`individual ${team}`)),
  )
  return new Map([
    ['rows/nia/simulated.csv', csv(item, each(niaRows, 'nia'))],
    ['rows/common/simulated.csv', csv(item, each(commonRows, 'common'))],
    [
      'rows/individual/simulated.csv',
      csv(
        item,
        individual.flatMap((made) => made.rows),
      ),
    ],
    [
      'rows/individual-targets/simulated.csv',
      csv(
        ['team', 'benchmark', 'score'],
        individual.flatMap((made) => made.targets),
      ),
    ],
    [
      'rows/expert/simulated.csv',
      csv(
        ['panellist', 'team', 'criterion', 'score'],
        each((team, targets, own) => judgedRows(team, targets, { rng: own, experts }), 'expert'),
      ),
    ],
    [
      'rows/user/simulated.csv',
      csv(
        ['panellist', 'team', 'score'],
        each(
          (team, targets, own) =>
            ratings(own, users.length, targets.user).map(
              (score, i): Cells => [users[i] ?? '', team, score],
            ),
          'user',
        ),
      ),
    ],
    [
      'panels/experts/simulated.csv',
      csv(
        ['panellist'],
        experts.map((id) => [id]),
      ),
    ],
    [
      'panels/expert-users/simulated.csv',
      csv(
        ['panellist'],
        users.map((id) => [id]),
      ),
    ],
  ])
}

function niaRows(team: string, targets: Targets, rng: Rng): Cells[] {
  return itemRows(team, targets.nia, { rng, areas: AREAS, itemsPerArea: ITEMS_PER_AREA })
}

function commonRows(team: string, targets: Targets, rng: Rng): Cells[] {
  const means = setMeans(rng, targets.common, COMMON_SETS.length)
  return COMMON_SETS.flatMap((set, s) =>
    runsWithMean(rng, means[s] ?? 0, RUNS).map(
      (score, r): Cells => [team, set, 'whole', r + 1, score],
    ),
  )
}

/** Ratios around the mean in pairs that cancel, against target scores that keep two decimals. */
function individualRows(
  team: string,
  targets: Targets,
  rng: Rng,
): { rows: Cells[]; targets: Cells[] } {
  const offsets = targets.ratio >= 1 ? [0.01, 0, 0.02, 0, 0.01] : [-0.06, 0.06, -0.03, 0.03, 0]
  const made = offsets.map((offset, i) => {
    const set = `${team}-choice-${i + 1}`
    const target = 40 + 5 * rng.nextInt(9)
    const own = Math.round(target * (targets.ratio + offset) * 100) / 100
    const rows = runsWithMean(rng, own, RUNS).map(
      (score, r): Cells => [team, set, 'whole', r + 1, score],
    )
    return { rows, target: [team, set, target] as Cells }
  })
  return { rows: made.flatMap((set) => set.rows), targets: made.map((set) => set.target) }
}

const judgedRows = (
  team: string,
  targets: Targets,
  panel: { readonly rng: Rng; readonly experts: readonly string[] },
): Cells[] => expertRows(team, targets.expert, { ...panel, criteria: CRITERIA })

if (import.meta.main) writeStage(import.meta.dirname, simulate())
