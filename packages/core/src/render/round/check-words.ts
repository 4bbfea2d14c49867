import type { Finding, FindingCode, Gravity } from '../../round/check/judgement.ts'
import type { Plan } from '../../round/plan/plan.ts'
import { allParts } from '../../round/plan/plan.ts'
import type { Text } from '../../round/plan/words.ts'
import type { Language, Words } from '../messages/language.ts'
import { fill, type Message, plainText, type Values } from '../messages/template.ts'

const PART = { part: 'name' } as const
const PANEL = { panel: 'name' } as const
const POINTS = { ...PART, points: 'name' } as const
const WEIGHTS = { ...PART, nominal: 'fraction', effective: 'fraction' } as const

/** One sentence per finding: what the rule does, and what follows. */
export const FINDING_MESSAGES: Readonly<Record<FindingCode, Message>> = {
  best_team_always_full: {
    values: PART,
    ko: '{part}: 1위 팀은 실력의 수준과 상관없이 항상 만점을 받습니다. 이 점수로는 수준을 알 수 없습니다.',
    en: '{part}: whoever comes first always gets full marks, so the score says nothing about the level.',
  },
  full_range_always_used: {
    values: PART,
    ko: '{part}: 최하위는 항상 0점, 최상위는 항상 만점입니다. 아무리 작은 차이도 배점 전체로 벌어집니다.',
    en: '{part}: the lowest team always gets 0 and the highest full marks; the smallest difference is stretched over all points.',
  },
  distance_ignored: {
    values: PART,
    ko: '{part}: 순위만 점수가 됩니다. 근소한 차이와 큰 차이가 같은 점수 차이가 됩니다.',
    en: '{part}: only the order earns points; a narrow lead and a wide one count the same.',
  },
  spread_always_equal: {
    values: PART,
    ko: '{part}: 팀 사이의 흩어짐이 항상 같은 점수 폭이 됩니다. 팀들이 비슷할수록 우연이 크게 반영됩니다.',
    en: '{part}: the teams are always spread over the same points; the closer they are, the more chance counts.',
  },
  points_nobody_can_lose: {
    values: POINTS,
    ko: '{part}: 척도의 가장 낮은 값도 {points}점을 받습니다. 모두가 받는 점수이므로 팀을 가르지 못합니다.',
    en: '{part}: the lowest value of the scale already earns {points} points. Everybody has them, so they separate nobody.',
  },
  points_out_of_reach: {
    values: POINTS,
    ko: '{part}: 척도의 가장 높은 값을 받아도 {points}점은 얻을 수 없습니다.',
    en: '{part}: {points} points cannot be earned even with the highest value of the scale.',
  },
  top_never_reached: {
    values: POINTS,
    ko: '{part}: 가정한 수준에서는 가장 강한 5%의 팀도 {points}점을 얻지 못하고 남깁니다.',
    en: '{part}: at the assumed level even the strongest 5% of teams leave {points} points unused.',
  },
  more_than_full_marks: {
    values: PART,
    ko: '{part}: 배점을 넘는 점수가 나올 수 있습니다. 상한이 없습니다.',
    en: '{part}: scores above full marks are possible; there is no cap.',
  },
  cap_hides_differences: {
    values: { ...PART, probability: 'fraction' },
    ko: '{part}: 모의 평가의 {probability}에서 둘 이상의 팀이 함께 만점에 닿아 서로 구별되지 않습니다.',
    en: '{part}: in {probability} of simulated rounds two or more teams reach full marks together and are not told apart.',
  },
  part_squeezed: {
    values: WEIGHTS,
    ko: '{part}: 배점 비중은 {nominal}이지만 실제로 팀을 가르는 비중은 {effective}입니다.',
    en: '{part}: worth {nominal} of the points, but only {effective} of what separates the teams.',
  },
  part_stretched: {
    values: WEIGHTS,
    ko: '{part}: 배점 비중은 {nominal}이지만 실제로 팀을 가르는 비중은 {effective}나 됩니다.',
    en: '{part}: worth {nominal} of the points, but as much as {effective} of what separates the teams.',
  },
  mostly_chance: {
    values: { ...PART, reliability: 'fraction' },
    ko: '{part}: 팀 사이의 점수 차이 가운데 실력으로 설명되는 몫은 {reliability}이고 나머지는 우연입니다.',
    en: '{part}: true quality explains {reliability} of the differences between teams; the rest is chance.',
  },
  one_panellist: {
    values: PANEL,
    ko: '{panel}: 평가자가 한 명이면 실력과 우연을 나눌 수 없습니다.',
    en: '{panel}: with a single panellist, quality and chance cannot be told apart.',
  },
  few_left_after_trimming: {
    values: { ...PART, left: 'count' },
    ko: '{part}: 최고점과 최저점을 빼면 {left}명만 남습니다.',
    en: '{part}: only {left} {left#panellist is|panellists are} left when the highest and lowest are dropped.',
  },
  absence_costs_a_rating: {
    values: PART,
    ko: '{part}: 합계로 점수를 내면서 빠진 평가를 제외하면, 평가가 하나 빠진 팀은 그만큼 점수를 잃습니다. 평균을 쓰거나 그 평가자를 모든 팀에서 빼십시오.',
    en: '{part}: ratings are added up and missing ones left out, so a team that lacks one rating loses its points. Use the mean, or leave that panellist out for every team.',
  },
  no_missing_rule: {
    values: PART,
    ko: '{part}: 빠진 자료를 다루는 규칙이 없습니다. 하나라도 빠지면 채점이 거부됩니다.',
    en: '{part}: there is no rule for missing data; a single gap will stop the scoring.',
  },
  no_quorum: {
    values: PANEL,
    ko: '{panel}: 정족수가 없습니다. 몇 명만 참여해도 점수로 인정됩니다.',
    en: '{panel}: there is no quorum; however few take part, their scores count.',
  },
  no_conflict_rule: {
    values: PANEL,
    ko: '{panel}: 이해상충에 관한 규칙이 없습니다.',
    en: '{panel}: there is no rule about conflicts of interest.',
  },
  conflicts_unchecked: {
    values: PANEL,
    ko: '{panel}: 이해상충을 누가 확인하는지 정해져 있지 않습니다.',
    en: '{panel}: it is not stated who checks conflicts of interest.',
  },
  names_visible: {
    values: PANEL,
    ko: '{panel}: 평가자에게 팀 이름이 보입니다. 이름값이 점수에 섞입니다.',
    en: '{panel}: panellists see the names of the teams, so reputation enters the scores.',
  },
  blinding_not_stated: {
    values: PANEL,
    ko: '{panel}: 팀 이름을 가리는지 정해져 있지 않습니다.',
    en: '{panel}: it is not stated whether team names are hidden.',
  },
  ties_unbroken: {
    values: { probability: 'fraction' },
    ko: '동점을 가르는 규칙이 없습니다. 모의 평가에서 합격선에 걸친 동점은 {probability}였습니다.',
    en: 'No rule breaks ties. In {probability} of simulated rounds a tie lies across the cut.',
  },
  ties_at_cut: {
    values: { probability: 'fraction' },
    ko: '모의 평가의 {probability}에서 합격선의 두 팀이 동점이 되어 동점 규칙이 당락을 정합니다.',
    en: 'In {probability} of simulated rounds the teams at the cut have equal totals and the tie rule decides.',
  },
  no_reply_before_gate: {
    values: {},
    ko: '관문을 결정하기 전에 팀이 소명할 권리가 정해져 있지 않습니다.',
    en: 'Teams have no stated right to reply before the gate is decided.',
  },
  gate_evidence_not_stated: {
    values: {},
    ko: '관문을 어떤 증거로 판단하는지 정해져 있지 않습니다.',
    en: 'It is not stated on what evidence the gate is decided.',
  },
  gate_vote_open: {
    values: {},
    ko: '관문 표결의 정족수나 가결 기준이 정해져 있지 않습니다.',
    en: 'The quorum or the majority of the vote on the gate is not stated.',
  },
  no_objection_window: {
    values: {},
    ko: '이의제기 기간이 정해져 있지 않습니다.',
    en: 'The length of the objection window is not stated.',
  },
  no_alternatives_sealed: {
    values: {},
    ko: '함께 봉인할 대안 규칙이 없습니다. 결과가 규칙에 얼마나 좌우되었는지 나중에 공정하게 보이기 어렵습니다.',
    en: 'No alternative rules are sealed with the plan, so it will be hard to show fairly how much the result hung on the rules.',
  },
  rests_on_assumptions: {
    values: { count: 'count' },
    ko: '공식 근거 없이 가정으로 채운 규칙이 {count}개 있습니다.',
    en: '{count} {count#rule rests|rules rest} on an assumption and not on an official text.',
  },
  better_team_dropped: {
    values: { gap: 'name', probability: 'fraction' },
    ko: '실제로 {gap}점 더 나은 팀이 바로 아래 팀 대신 탈락할 확률이 {probability}입니다.',
    en: 'A team that is truly better by {gap} points is dropped in favour of the next with probability {probability}.',
  },
  gap_not_told_apart: {
    values: { points: 'name' },
    ko: '실제 차이가 {points}점은 되어야 두 팀을 80%의 확률로 구별할 수 있습니다.',
    en: 'Two teams must truly differ by {points} points to be told apart with probability 80%.',
  },
  one_panellist_tips: {
    values: { ...PANEL, before: 'fraction', after: 'fraction' },
    ko: '{panel}: 평가자 한 명이 한 팀에 치우치면, 더 나은 팀이 탈락할 확률이 {before}에서 {after}로 오릅니다.',
    en: '{panel}: one partial panellist raises the probability that the better team is dropped from {before} to {after}.',
  },
  rule_without_answer: {
    values: { share: 'fraction' },
    ko: '모의 평가의 {share}에서 규칙이 점수를 내지 못했습니다.',
    en: 'In {share} of simulated rounds the rules give no score.',
  },
}

export const GRAVITY_WORDS: Readonly<
  Record<Gravity, { readonly mark: string; readonly name: Words }>
> = {
  serious: { mark: '[!!]', name: { ko: '봉인 전에 고칠 것', en: 'Mend before sealing' } },
  caution: { mark: '[!]', name: { ko: '알고 봉인할 것', en: 'Know before sealing' } },
  note: { mark: '[ ]', name: { ko: '참고', en: 'For the record' } },
}

/** A finding as a sentence, with the names that the plan gives to parts and panels. */
export function findingText(finding: Finding, plan: Plan, language: Language): string {
  const values: Record<string, string | number> = {}
  for (const [key, value] of Object.entries(finding)) {
    if (key === 'part') values[key] = partName(plan, String(value), language)
    else if (key === 'panel') values[key] = panelName(plan, String(value), language)
    else if (key === 'points' || key === 'gap') values[key] = formatPoints(Number(value))
    else values[key] = value
  }
  return plainText(fill(FINDING_MESSAGES[finding.code], language, values satisfies Values))
}

export function partName(plan: Plan, id: string, language: Language): string {
  return localised(allParts(plan.parts).find((part) => part.id === id)?.name ?? id, language)
}

export function panelName(plan: Plan, id: string, language: Language): string {
  return localised(plan.panels.find((panel) => panel.id === id)?.name ?? id, language)
}

export const localised = (text: Text, language: Language): string =>
  typeof text === 'string' ? text : text[language]

/** Points of a simulation: one digit is all that its assumptions carry, two below one point. */
export function formatPoints(points: number): string {
  const text = points.toFixed(Math.abs(points) < 1 ? 2 : 1)
  return Number(text) === 0 ? '0' : String(Number(text))
}
