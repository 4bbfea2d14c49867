import type { Rng } from '../../base/rng.ts'
import {
  type AgreementLevel,
  alphaInterval,
  krippendorffAlpha,
  type RatedUnits,
} from '../../stats/agreement.ts'
import { type PanelRatings, panelEffects } from '../../stats/panel-effects.ts'
import { labelOfCells, teamOfCells } from './restrict-cells.ts'
import type { MeasuredCells } from './round-model.ts'
import {
  type PanelAgreement,
  type PanelSeverity,
  type PanelStatistics,
  SEVERITY_LISTED,
} from './sensitivity.ts'

/** Below this α even tentative conclusions are not customary (Krippendorff 2004, p. 241). */
const TENTATIVE_FLOOR = 0.667
const COVERAGE = 0.95
const MOST_DRAWS = 1000

/** One rating per cell of a part that a panel judged. */
type Ratings = PanelRatings & {
  readonly teamNames: readonly string[]
  readonly raterNames: readonly string[]
  readonly criterionNames: readonly string[]
}

/** Agreement and severity of the panel behind one part; undefined where nobody rates. */
export function panelStatistics(
  { leaf, cells }: MeasuredCells,
  options: { readonly rng: Rng; readonly draws: number },
): PanelStatistics | undefined {
  const { measure } = leaf
  if (measure.rows !== 'rubric' && measure.rows !== 'ratings') return undefined
  const ratings = ratingsOf({ leaf, cells })
  const level: PanelLevel = measure.rows === 'ratings' ? 'ordinal' : 'interval'
  const several = ratings.criteria > 1
  const single = ratings.criterionNames.map((criterion, c) => ({
    criterion: several ? criterion : undefined,
    rated: unitsByTeam(ratings, (i) => ratings.criterion[i] === c),
  }))
  const judged = several
    ? [{ criterion: undefined, rated: unitsOfSums(ratings) }, ...single]
    : single
  return {
    part: leaf.id,
    panel: measure.panel,
    panellists: ratings.raters,
    agreement: judged.map(({ criterion, rated }) => ({
      criterion,
      result: agreementOf(rated, level, {
        rng: options.rng.fork(`${leaf.id} ${criterion ?? ''}`),
        draws: Math.min(options.draws, MOST_DRAWS),
      }),
    })),
    severity: severityOf(ratings),
  }
}

type PanelLevel = Extract<AgreementLevel, 'ordinal' | 'interval'>

function ratingsOf({ cells }: MeasuredCells): Ratings {
  const depthOf = (dimension: string) =>
    cells.levels.findIndex((level) => level.dimension === dimension)
  const column = (depth: number) => {
    const names = depth < 0 ? [''] : (cells.levels[depth]?.labels ?? [])
    const raw = depth < 0 ? new Uint32Array(cells.values.length) : labelOfCells(cells, depth)
    return compact(names, raw)
  }
  const rater = column(depthOf('raters'))
  const criterion = column(depthOf('criteria'))
  return {
    teams: cells.teams.length,
    raters: rater.names.length,
    criteria: criterion.names.length,
    team: teamOfCells(cells),
    rater: rater.index,
    criterion: criterion.index,
    value: cells.values,
    teamNames: cells.teams,
    raterNames: rater.names,
    criterionNames: criterion.names,
  }
}

/** Numbers only the labels that occur, in the order of their names. */
function compact(
  names: readonly string[],
  raw: Uint32Array,
): { names: string[]; index: Uint32Array } {
  const used = [...new Set(raw)].sort((a, b) => ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1))
  const place = new Map(used.map((label, i) => [label, i]))
  return {
    names: used.map((label) => names[label] ?? ''),
    index: raw.map((label) => place.get(label) ?? 0),
  }
}

function unitsByTeam(ratings: Ratings, wanted: (i: number) => boolean): RatedUnits {
  const units = ratings.teamNames.map((): number[] => [])
  ratings.value.forEach((value, i) => {
    if (wanted(i)) units[ratings.team[i] ?? 0]?.push(value)
  })
  return packed(units)
}

/** The sum over the criteria of each panellist and team that has them all. */
function unitsOfSums(ratings: Ratings): RatedUnits {
  const sums = new Float64Array(ratings.teams * ratings.raters)
  const counts = new Uint32Array(sums.length)
  ratings.value.forEach((value, i) => {
    const at = (ratings.team[i] ?? 0) * ratings.raters + (ratings.rater[i] ?? 0)
    sums[at] = (sums[at] ?? 0) + value
    counts[at] = (counts[at] ?? 0) + 1
  })
  return packed(
    ratings.teamNames.map((_, t) =>
      [...sums.subarray(t * ratings.raters, (t + 1) * ratings.raters)].filter(
        (__, j) => counts[t * ratings.raters + j] === ratings.criteria,
      ),
    ),
  )
}

function packed(units: readonly (readonly number[])[]): RatedUnits {
  const starts = new Uint32Array(units.length + 1)
  units.forEach((unit, u) => {
    starts[u + 1] = (starts[u] ?? 0) + unit.length
  })
  const values = new Float64Array(starts[units.length] ?? 0)
  units.forEach((unit, u) => {
    values.set(unit, starts[u])
  })
  return { starts, values }
}

function agreementOf(
  rated: RatedUnits,
  level: PanelLevel,
  options: { readonly rng: Rng; readonly draws: number },
): PanelAgreement['result'] {
  const found = krippendorffAlpha(rated, level)
  if (found.kind === 'no_information') return found
  const interval = alphaInterval(rated, level, { ...options, coverage: COVERAGE })
  return {
    kind: 'measured',
    level,
    alpha: found.alpha,
    interval: interval && { low: interval.low, high: interval.high },
    teams: found.units,
    ratings: found.ratings,
    isTentative: found.alpha < TENTATIVE_FLOOR,
  }
}

function severityOf(ratings: Ratings): PanelSeverity {
  const found = panelEffects(ratings)
  if (found.kind === 'no_information') return found
  const effects = ratings.raterNames.map((panellist, j) => ({
    panellist,
    effect: found.rater[j] ?? 0,
    error: found.raterError?.[j],
  }))
  const spread = Math.sqrt(
    effects.reduce((sum, { effect }) => sum + effect ** 2, 0) / Math.max(1, effects.length - 1),
  )
  const extreme = effects.sort(
    (a, b) => Math.abs(b.effect) - Math.abs(a.effect) || (a.panellist < b.panellist ? -1 : 1),
  )
  const adjusted = ratings.teamNames
    .map((team, t) => ({ team, effect: found.team[t] ?? 0 }))
    .sort((a, b) => b.effect - a.effect)
  return {
    kind: 'estimated',
    spread,
    residual: found.residual,
    panellists: extreme.slice(0, SEVERITY_LISTED),
    adjusted: adjusted.map(({ team }) => team),
  }
}
