import type {
  AlternativeResult,
  Certainty,
  EffectiveWeight,
  LeaveOneOut,
  PairCertainty,
  PanelStatistics,
  PartInterval,
  RankProbabilities,
  Sensitivity,
  WeightSpace,
  WeightSwap,
} from '../sensitivity/sensitivity.ts'
import { type Shown, showIf } from './figures.ts'
import type { Rights } from './rights.ts'

/** The analysis beside the decision, without what would give scores or panellists away. */
export type SensitivityView = {
  readonly alternatives: Shown<readonly AlternativeView[]>
  readonly advancingSet: Shown<Certainty>
  readonly rankProbabilities: Shown<readonly RankProbabilities[]>
  readonly pairs: Shown<readonly PairCertainty[]>
  readonly weightSwaps: Shown<readonly WeightSwap[]>
  readonly partIntervals: Shown<readonly PartInterval[]>
  readonly effectiveWeights: Shown<readonly EffectiveWeight[]>
  readonly weightSpace: Shown<readonly WeightSpace[]>
  readonly leaveOneOut: Shown<readonly LeaveOneOut[]>
  readonly panels: Shown<readonly PanelStatistics[]>
  readonly draws: Shown<Sensitivity['draws']>
  readonly notes: Shown<Sensitivity['notes']>
}

export type AlternativeView = {
  readonly rule: string
  readonly changesDecision: boolean
  readonly advances: Shown<Pick<AlternativeResult, 'advances' | 'open' | 'leaves' | 'enters'>>
  readonly ranking: Shown<readonly string[]>
  readonly totals: Shown<AlternativeResult['totals']>
}

/**
 * An order of teams needs `ranks`, a distance between them `totals` as well: from a gap or from
 * the points that would close it the scores can be worked out.
 */
export function sensitivityView(sensitivity: Sensitivity, rights: Rights): SensitivityView {
  const shown = rights.sees('sensitivity')
  const ranks = shown && rights.sees('ranks')
  const totals = ranks && rights.sees('totals')
  const scores = shown && rights.sees('all_scores')
  const people = rights.sees('raw_rows')
  return {
    alternatives: showIf(
      shown,
      sensitivity.alternatives.map((entry) => alternativeView(entry, rights)),
    ),
    advancingSet: showIf(shown && rights.sees('advancement'), sensitivity.advancingSet),
    rankProbabilities: showIf(totals, sensitivity.rankProbabilities),
    pairs: showIf(totals, sensitivity.pairs),
    weightSwaps: showIf(totals, sensitivity.weightSwaps),
    partIntervals: showIf(scores, sensitivity.partIntervals),
    effectiveWeights: showIf(shown, sensitivity.effectiveWeights),
    weightSpace: showIf(totals, sensitivity.weightSpace),
    leaveOneOut: showIf(
      ranks,
      sensitivity.leaveOneOut.map((entry) => (people ? entry : withoutNames(entry))),
    ),
    panels: showIf(
      scores,
      sensitivity.panels.map((entry) => (people ? entry : withoutSeverity(entry))),
    ),
    draws: showIf(shown, sensitivity.draws),
    notes: showIf(shown, sensitivity.notes),
  }
}

function alternativeView(entry: AlternativeResult, rights: Rights): AlternativeView {
  return {
    rule: entry.rule,
    changesDecision: entry.changesDecision,
    advances: showIf(rights.sees('advancement'), {
      advances: entry.advances,
      open: entry.open,
      leaves: entry.leaves,
      enters: entry.enters,
    }),
    ranking: showIf(rights.sees('ranks'), entry.ranking),
    totals: showIf(rights.sees('ranks') && rights.sees('totals'), entry.totals),
  }
}

/** Panellists are numbered; benchmarks and criteria keep their names. */
function withoutNames(entry: LeaveOneOut): LeaveOneOut {
  if (entry.kind !== 'panellist') return entry
  const cases = entry.cases.map((one, i) => ({ ...one, label: `#${i + 1}` }))
  return { ...entry, cases }
}

function withoutSeverity(entry: PanelStatistics): PanelStatistics {
  const { severity } = entry
  return severity.kind === 'estimated'
    ? { ...entry, severity: { ...severity, panellists: [] } }
    : entry
}
