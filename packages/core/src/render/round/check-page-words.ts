import type { Assumptions, PartAssumptions } from '../../round/check/assumptions.ts'
import type { RowKind } from '../../round/plan/measure.ts'
import type { Language } from '../messages/language.ts'
import { formatCount, formatFraction } from '../messages/quantity.ts'

/** Headings and fixed sentences of a plan check. */
export type CheckWords = {
  readonly title: string
  readonly simulated: (rounds: number, seed: string) => string
  readonly noFindings: string
  readonly weights: string
  readonly part: string
  readonly points: string
  readonly nominal: string
  readonly effective: string
  readonly effectiveRange: string
  readonly reached: string
  readonly reliability: string
  readonly weightsNote: string
  readonly separation: string
  readonly noise: (points: string) => string
  readonly detectable: (points: string) => string
  readonly beyond: (points: string) => string
  readonly gap: string
  readonly observed: string
  readonly behind: string
  readonly dropped: string
  readonly power: string
  readonly field: (set: string, first: string) => string
  readonly panels: string
  readonly panel: string
  readonly partialShift: string
  readonly partialDropped: string
  readonly absentAll: string
  readonly absentOne: string
  readonly refused: string
  readonly notSimulated: string
  readonly panelsNote: (favour: string, gap: string) => string
  readonly reducers: string
  readonly rule: string
  readonly reducerNoise: string
  readonly rules: Readonly<Record<'mean' | 'trimmed_mean' | 'median', string>>
  readonly thePlan: string
  readonly assumptions: string
  readonly assumptionsNote: string
  readonly allAssumptions: (all: Assumptions) => string
  readonly partAssumptions: (part: PartAssumptions, rows: RowKind) => string
}

const percent = formatFraction

const KO: CheckWords = {
  title: '평가 계획 사전 점검',
  simulated: (rounds, seed) =>
    `모의 결과입니다. 아래 가정에 따라 만든 가상 평가 ${formatCount(rounds)}회(시드 ${seed})에서 나온 값이며, 실제로 측정한 값은 하나도 없습니다.`,
  noFindings: '지적할 것이 없습니다.',
  weights: '각 항목이 실제로 팀을 가르는 비중',
  part: '항목',
  points: '배점',
  nominal: '명목 비중',
  effective: '실질 비중',
  effectiveRange: '90% 범위',
  reached: '팀 점수의 90% 범위',
  reliability: '실력의 몫',
  weightsNote:
    '실질 비중: 팀 사이 점수의 표준편차를 전체와 견준 값. 실력의 몫: 팀 사이 점수 차이 가운데 실력 차이로 설명되는 비율(나머지는 우연).',
  separation: '어느 정도의 차이를 구별할 수 있는가',
  noise: (points) => `실력이 같은 두 팀도 총점은 표준편차 ${points}점만큼 벌어집니다.`,
  detectable: (points) => `실제 차이가 ${points}점이면 80%의 확률로 구별됩니다(양측 5%).`,
  beyond: (points) => `실제 차이가 ${points}점이어도 80%의 확률로 구별되지 않습니다(양측 5%).`,
  gap: '실제 차이',
  observed: '관측 평균',
  behind: '뒤지거나 같을 확률',
  dropped: '탈락할 확률',
  power: '구별될 확률',
  field: (set, first) =>
    `무작위로 만든 팀들에서: 진출해야 할 팀이 모두 진출 ${set}, 가장 나은 팀이 1위 ${first}.`,
  panels: '치우친 평가자와 빠진 평가자',
  panel: '평가단',
  partialShift: '치우친 1명이 옮기는 점수',
  partialDropped: '나은 팀의 탈락 확률',
  absentAll: '1명이 모두에게 빠질 때의 오차',
  absentOne: '1명이 한 팀에만 빠질 때',
  refused: '채점 거부',
  notSimulated: '모의하지 않음',
  panelsNote: (favour, gap) =>
    `치우친 평가자는 약한 팀에 척도의 ${favour}를 더합니다. 탈락 확률은 실제로 ${gap}점 나은 팀에 대한 것입니다. 오차는 두 팀 총점 차이의 표준편차(점)입니다.`,
  reducers: '평가자 점수를 모으는 방법을 바꾸면',
  rule: '방법',
  reducerNoise: '두 팀 차이의 오차(점)',
  rules: { mean: '평균', trimmed_mean: '절사평균', median: '중앙값' },
  thePlan: '(이 계획)',
  assumptions: '가정',
  assumptionsNote:
    '이 값들은 측정한 것이 아니라 가정입니다. 더 나은 값이 있으면 --assumptions 파일로 바꾸십시오. 비율은 원척도의 최저에서 최고까지를 1로 본 것입니다.',
  allAssumptions: (all) =>
    `항목 사이 실력의 상관 ${all.qualityCorrelation}, 후광(기준 사이 상관) ${all.halo}, 목표 모델 대비 ${percent(all.targetRatio)}, 치우침 ${percent(all.favour)}, 기준 차이 ${all.referenceGap}점, 등록된 벤치마크가 없으면 ${all.benchmarks}개`,
  partAssumptions: (part, rows) =>
    [
      `수준 ${percent(part.level)}, 팀 사이 SD ${percent(part.teamSpread)}`,
      {
        items: `벤치마크당 문항 ${formatCount(part.items)}개, 문항 SD ${percent(part.itemNoise)}, 반복 SD ${percent(part.runNoise)}`,
        values: `수치 하나의 오차 ${percent(part.figureNoise)}`,
        rubric: `평가자 관대함 SD ${percent(part.severity)}, 평가 잡음 SD ${percent(part.noise)}`,
        ratings: `평가자 관대함 SD ${percent(part.severity)}, 평가 잡음 SD ${percent(part.noise)}`,
      }[rows],
    ].join(', '),
}

const EN: CheckWords = {
  title: 'Check of the plan',
  simulated: (rounds, seed) =>
    `Simulated: these figures come from ${formatCount(rounds)} invented rounds (seed ${seed}) under the assumptions below. Nothing here was measured.`,
  noFindings: 'Nothing to remark.',
  weights: 'What each part really weighs',
  part: 'part',
  points: 'points',
  nominal: 'nominal',
  effective: 'effective',
  effectiveRange: '90% range',
  reached: 'teams get (90%)',
  reliability: 'true share',
  weightsNote:
    'Effective: the standard deviation of the points between teams, over the sum for all parts. True share: how much of the differences between teams true quality explains; the rest is chance.',
  separation: 'What gap can be told apart',
  noise: (points) =>
    `Two equal teams end with a standard deviation of ${points} points between them.`,
  detectable: (points) =>
    `A true gap of ${points} points is told apart with probability 80% (two-sided, 5%).`,
  beyond: (points) =>
    `Even a true gap of ${points} points is not told apart with probability 80% (two-sided, 5%).`,
  gap: 'true gap',
  observed: 'mean seen',
  behind: 'behind or level',
  dropped: 'dropped',
  power: 'told apart',
  field: (set, first) =>
    `Among teams drawn at random: all that should advance do ${set}, the best team is first ${first}.`,
  panels: 'A partial and an absent panellist',
  panel: 'panel',
  partialShift: 'one partial moves',
  partialDropped: 'better team dropped',
  absentAll: 'error, one absent for all',
  absentOne: 'one absent for one team',
  refused: 'refused',
  notSimulated: 'not simulated',
  panelsNote: (favour, gap) =>
    `A partial panellist adds ${favour} of the scale to the weaker team. Dropped: a team truly better by ${gap} points. Error: standard deviation, in points, of the gap between two teams.`,
  reducers: 'Other ways to combine the panellists',
  rule: 'rule',
  reducerNoise: 'error of the gap (points)',
  rules: { mean: 'mean', trimmed_mean: 'trimmed mean', median: 'median' },
  thePlan: '(this plan)',
  assumptions: 'Assumptions',
  assumptionsNote:
    'These are assumptions, not measurements; replace them with --assumptions FILE where better values are known. Shares are of the raw scale from its lowest to its highest value.',
  allAssumptions: (all) =>
    `correlation of quality between parts ${all.qualityCorrelation}, halo between criteria ${all.halo}, average team over target ${percent(all.targetRatio)}, favour ${percent(all.favour)}, reference gap ${all.referenceGap} points, ${all.benchmarks} benchmarks where none are registered`,
  partAssumptions: (part, rows) =>
    [
      `level ${percent(part.level)}, SD between teams ${percent(part.teamSpread)}`,
      {
        items: `${formatCount(part.items)} items per benchmark, item SD ${percent(part.itemNoise)}, run SD ${percent(part.runNoise)}`,
        values: `error of a figure ${percent(part.figureNoise)}`,
        rubric: `severity SD ${percent(part.severity)}, rating noise SD ${percent(part.noise)}`,
        ratings: `severity SD ${percent(part.severity)}, rating noise SD ${percent(part.noise)}`,
      }[rows],
    ].join(', '),
}

export const CHECK_WORDS: Readonly<Record<Language, CheckWords>> = { ko: KO, en: EN }
