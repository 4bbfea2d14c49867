// Writes the SIMULATED raw rows of stage 2. Run: node examples/korea-2026-stage2/simulate.ts
// Published: per item the first team with its score and the mean of the four teams; part means;
// the gap between first and fourth; that Motif was last by a narrow margin. Every other score below
// was chosen only so that those come out; it is not a claim about any team.
import { createRng, type Rng } from '../../packages/core/src/base/rng.ts'
import {
  type Cells,
  csv,
  expertRows,
  itemRows,
  names,
  ratings,
  writeStage,
} from '../simulation/generate.ts'

const SEED = 'korea-2026-stage2'

type Targets = {
  /** Intelligence index. The release prints 47 for Motif and says that all are 31 or more. */
  readonly aaii: number
  /** Right answers of 350. */
  readonly nia: number
  readonly expert: number
  /** Sum of 49 ratings, and of 185. */
  readonly expertUser: number
  readonly citizens: number
}

const TEAMS: Readonly<Record<string, Targets>> = {
  lg: { aaii: 35.6, nia: 303, expert: 29.5, expertUser: 181, citizens: 703 },
  skt: { aaii: 37.28, nia: 313, expert: 27.125, expertUser: 189, citizens: 693 },
  upstage: { aaii: 31.4, nia: 301, expert: 29.25, expertUser: 179, citizens: 690 },
  motif: { aaii: 47.4, nia: 301, expert: 29.125, expertUser: 139, citizens: 515 },
}

/** Sets of the index with their weights in per cent. */
const INDEX_SETS = {
  'gdpval-aa': 20,
  'tau3-banking': 14,
  'terminal-bench': 16,
  scicode: 8,
  'aa-lcr': 6,
  'aa-omniscience': 12,
  hle: 12,
  'gpqa-diamond': 6,
  critpt: 6,
} as const

const AREAS = [
  'math',
  'knowledge',
  'long-context',
  'safety',
  'reliability',
  'korean',
  'instruction-following',
]
const ITEMS_PER_AREA = 50
const CRITERIA = [
  ['strategy-technology', 10],
  ['results-plan', 10],
  ['ripple', 15],
] as const
const GROUPS = [
  'industry',
  'industry',
  'industry',
  ...Array(5).fill('academia'),
  'research',
  'research',
]
const AGES = ['20s', '30s', '40s', '50s', '60s']

/** Path and text of every file that this script writes. */
export function simulate(): ReadonlyMap<string, string> {
  const rng = createRng(SEED)
  const each = (make: (team: string, targets: Targets, rng: Rng) => Cells[], label: string) =>
    Object.entries(TEAMS).flatMap(([team, targets]) =>
      make(team, targets, rng.fork(`${label} ${team}`)),
    )
  const experts = names('expert-', 10)
  const users = names('user-', 50)
  const citizens = names('citizen-', 200)
  const [usersThere, citizensThere] = [users.slice(0, 49), citizens.slice(0, 185)]
  const rated =
    (panel: readonly string[], sum: (targets: Targets) => number) =>
    (team: string, targets: Targets, own: Rng) =>
      ratings(own, panel.length, sum(targets)).map(
        (score, i): Cells => [panel[i] ?? '', team, score],
      )
  const rating = ['panellist', 'team', 'score']
  return new Map([
    ['rows/aaii/simulated.csv', csv(['team', 'benchmark', 'score'], each(indexRows, 'aaii'))],
    [
      'rows/nia/simulated.csv',
      csv(['team', 'benchmark', 'item', 'epoch', 'score'], each(niaRows, 'nia')),
    ],
    [
      'rows/expert/simulated.csv',
      csv(
        ['panellist', 'team', 'criterion', 'score'],
        each((team, targets, own) => judgedRows(team, targets, { rng: own, experts }), 'expert'),
      ),
    ],
    [
      'rows/expert-user/simulated.csv',
      csv(
        rating,
        each(
          rated(usersThere, (t) => t.expertUser),
          'users',
        ),
      ),
    ],
    [
      'rows/public/simulated.csv',
      csv(
        rating,
        each(
          rated(citizensThere, (t) => t.citizens),
          'public',
        ),
      ),
    ],
    [
      'panels/experts/simulated.csv',
      csv(
        ['panellist', 'group'],
        experts.map((id, i) => [id, GROUPS[i] ?? '']),
      ),
    ],
    [
      'panels/expert-users/simulated.csv',
      csv(
        ['panellist', 'attended'],
        users.map((id, i) => [id, i < 49 ? 'yes' : 'no']),
      ),
    ],
    [
      'panels/citizens/simulated.csv',
      csv(['panellist', 'group', 'attended'], citizenRows(citizens)),
    ],
  ])
}

function citizenRows(citizens: readonly string[]): Cells[] {
  return citizens.map((id, i) => {
    const group = `${i % 2 === 0 ? 'female' : 'male'}-${AGES[Math.floor(i / 2) % AGES.length]}`
    return [id, group, i < 185 ? 'yes' : 'no']
  })
}

/** Scores of the nine sets whose weighted mean is the index; the heaviest set closes the sum. */
function indexRows(team: string, targets: Targets, rng: Rng): Cells[] {
  const [closing, ...others] = Object.entries(INDEX_SETS)
  const scores = others.map(([set, weight]) => ({
    set,
    weight,
    tenths: Math.round(10 * Math.max(2, targets.aaii + 7 * rng.nextNormal())),
  }))
  // In thousandths of a point times per cent, so that the closing score has few decimals.
  const rest = scores.reduce((sum, { weight, tenths }) => sum + weight * tenths * 100, 0)
  const [name, weight] = closing ?? ['', 1]
  const closingScore = (Math.round(targets.aaii * 1000) * 100 - rest) / weight / 1000
  const rows = scores.map(({ set, tenths }): Cells => [team, set, tenths / 10])
  return [[team, name, closingScore], ...rows]
}

function niaRows(team: string, targets: Targets, rng: Rng): Cells[] {
  return itemRows(team, targets.nia, { rng, areas: AREAS, itemsPerArea: ITEMS_PER_AREA })
}

const judgedRows = (
  team: string,
  targets: Targets,
  panel: { readonly rng: Rng; readonly experts: readonly string[] },
): Cells[] => expertRows(team, targets.expert, { ...panel, criteria: CRITERIA })

if (import.meta.main) writeStage(import.meta.dirname, simulate())
