import { type Departure, departureSentence } from '../../round/docket/departures.ts'
import type { Language } from '../messages/language.ts'
import { particle } from '../messages/particle.ts'
import { docketWords } from './docket-words.ts'

type Korean = {
  readonly [code in Departure['code']]: (
    departure: Extract<Departure, { readonly code: code }>,
  ) => string
}

const axis = (id: 'technical' | 'policy' | 'ethical') => docketWords(id, 'ko')
const outcome = (id: 'met' | 'conditional' | 'not_met' | 'not_determinable') =>
  docketWords(id, 'ko')

const KOREAN: Korean = {
  no_gate: () => '계획에 관문이 없습니다',
  unknown_team: (it) => `계획에 "${it.team}" 팀이 없습니다`,
  unknown_axis: (it) => `계획의 관문에 ${axis(it.axis)} 측면이 없습니다`,
  axis_missing: (it) => `${axis(it.axis)} 측면의 판단이 공표되지 않았습니다`,
  outcome_by_hand: () => '배제 여부는 측면별 결과에서 나오며 직접 적을 수 없습니다',
  not_asked: () => '팀에 소명을 물었다는 기록이 없습니다',
  window_open: (it) => `팀은 ${it.until}까지 소명할 수 있습니다`,
  window_without_end: () => '소명 기간의 길이가 정해지지 않았고 팀의 최종 소명도 없습니다',
  reply_passed_over: (it) => `기록 ${it.sequence}번의 소명이 고려되지 않았습니다`,
  not_judged: (it) => `${axis(it.axis)}: 판단 대상인 ${it.what}의 확인 내용이 없습니다`,
  no_counted_ground: (it) =>
    `${axis(it.axis)}: 판단 대상인 구성 요소와 역할에 대해 증거가 있는 확인 내용이 없습니다`,
  met_against_finding: (it) =>
    `${axis(it.axis)}: ${it.what}이(가) 미충족인데 충족이라고 적었습니다`,
  no_condition: (it) => `${axis(it.axis)}: 조건부 충족인데 조건이 없습니다`,
  no_votes: () => '계획은 표결로 정하게 했으나 표결 기록이 공표되지 않았습니다',
  votes_without_rule: () => '계획은 표결로 정하지 않습니다',
  majority_unknown: () => '의결 정족 비율이 공표되지 않아 표를 결과로 바꿀 수 없습니다',
  voter_twice: (it) => `"${it.voter}"의 표가 둘입니다`,
  voter_not_entitled: (it) => `"${it.voter}"에게 투표 자격이 없습니다 (${it.why})`,
  quorum: (it) => `${axis(it.axis)}: ${it.quorum}명이 필요한데 ${it.voters}명이 투표했습니다`,
  vote_says_other: (it) =>
    `${axis(it.axis)}: 표결 결과는 ‘${outcome(it.counted)}’인데 ‘${outcome(it.stated)}’${particle(outcome(it.stated), ['이라고', '라고'])} 적었습니다`,
  wrong_deadline: (it) => `계획에 따른 기한은 ${it.until ?? '알 수 없음'}입니다`,
  correction_unnamed: (it) => `기록 ${it.sequence}번이 유효합니다. 정정임을 밝혀야 합니다`,
  corrects_nothing: () => '유효하지 않은 기록을 정정하고 있습니다',
  no_such_entry: (it) => `가리키는 기록이 없습니다 (${it.what})`,
  teams_do_not_add_up: (it) => `팀이 맞지 않습니다 (${it.what})`,
  gate_undecided: (it) => `${it.team}의 관문 판단이 없습니다`,
  score_open: (it) => `${it.team}의 점수가 정해지지 않았습니다`,
  against_the_rules: (it) =>
    `봉인된 규칙에 따르면 ${it.team} 팀은 ${it.advances ? '진출합니다' : '진출하지 않습니다'}`,
  other_scoreboard: () => '지금의 원자료와 계획이 내는 점수표가 아닙니다',
  other_plan: () => '유효한 계획이 아닙니다',
  no_reason: (it) => `${it.team}의 이유가 없습니다`,
  no_decision: () => '결정이 기록되지 않았습니다',
  objection_unanswered: (it) => `기록 ${it.sequence}번의 이의에 답변이 없습니다`,
  objections_open: (it) => `${it.until}까지 이의를 제기할 수 있습니다`,
  no_recruitment_rule: () => '계획에 추가 공모 규칙이 없습니다',
  too_many_places: (it) => `${it.places}자리를 모집하나 빈 자리는 ${it.open}입니다`,
  term_missing: (it) => `계획의 조건 ${it.term + 1}에 대한 설명이 한 번씩 있어야 합니다`,
  unequal_window: (it) =>
    `조건 ${it.term + 1}: 새 팀 ${it.newcomerDays}일, 기존 팀 ${it.incumbentsDays}일이며 합의가 없습니다`,
}

/** How an act departs from the plan, as a sentence for a page. */
export function departureText(departure: Departure, language: Language): string {
  if (language === 'en') return departureSentence(departure)
  return (KOREAN[departure.code] as (it: Departure) => string)(departure)
}
