/**
 * The plan that `dokja round new` writes: valid as it stands, with every rule explained where it
 * is decided. Comments are in Korean and English because both audiences edit it.
 */
export function planTemplate(options: { readonly stageId: string }): string {
  return TEMPLATE.replaceAll('{{stage}}', options.stageId)
}

const TEMPLATE = `# 평가 계획 · Plan of one stage.
# 봉인 전에는 아무것도 채점되지 않습니다. Nothing is scored before this file is sealed.
# 공표되지 않은 규칙은 null 로 둡니다. A rule that was never published stays null; it is not invented.
# 항목 설명 · every key is explained in docs/formats/plan.md
schemaVersion: dokja.plan/1

programme:
  id: my-programme
  name: { ko: 사업 이름, en: Name of the programme }
  owner: { ko: 주관 기관, en: Owner }

stage:
  id: {{stage}}
  name: { ko: 1차 단계평가, en: Stage 1 }
  scoring_starts: null   # YYYY-MM-DD
  scoring_ends: null

# 참가팀 · Teams. The id is what row files use.
teams:
  - { id: team-a, name: { ko: 가 팀, en: Team A } }
  - { id: team-b, name: { ko: 나 팀, en: Team B } }
  - { id: team-c, name: { ko: 다 팀, en: Team C } }
  - { id: team-d, name: { ko: 라 팀, en: Team D } }

# 평가단 · Panels. Who sat on them is listed in panels/<id>.csv
panels:
  - id: experts
    name: { ko: 전문가 평가단, en: Experts }
    kind: expert                      # expert | expert_user | public
    planned: 10
    selection: { ko: 추천 후 이해상충 확인, en: Recommended and checked for conflicts of interest }
    quorum: { least: 8 }              # 정족수 · fewer than this, and the part has no score
    conflicts:                        # 이해상충 · conflict of interest
      declared: true
      checked_by: { ko: 사무국, en: The programme office }
      effect: recused_from_team       # recused_from_team | excluded_from_panel
    blinding: { team_names: hidden }
    session: null
  - id: users
    name: { ko: 이용자 평가단, en: Users }
    kind: expert_user
    planned: 50
    selection: { ko: 공개 모집 후 추첨, en: Open call and draw by lot }
    quorum: { least: 40 }
    conflicts:
      declared: true
      checked_by: { ko: 사무국, en: The programme office }
      effect: excluded_from_panel
    blinding: { team_names: hidden }
    session:
      order: random                   # 제시 순서 · order of the models
      least_minutes: 3
      guideline: { ko: 내용과 품질을 평가하고 화면은 평가하지 않습니다, en: Judge what the model writes and not the screen }

# 배점 · Points. At every level the parts must add up.
points: 100
parts:
  - id: benchmark
    name: { ko: 벤치마크, en: Benchmark }
    points: 40
    measure:
      rows: items                     # rows/benchmark.csv: team,benchmark,item,epoch,score,status
      by: { ko: 사무국, en: The programme office }
      source: benchmark
      scale: { min: 0, max: 1 }
      benchmarks: null                # [{ id: math }, …], or null: taken from the rows
      sets_per_team: same             # same | own
      epochs: 5                       # 반복 횟수 · runs of every item
      missing:                        # 결측 · an error is not a wrong answer
        not_scored: zero              # zero | exclude | refuse
        absent: refuse                # zero | exclude | exclude_panellist | refuse
        least_coverage: 0.95
      # 단계 · steps from rows to points, in this order. Each dimension is reduced once.
      steps:
        - { rule: mean, over: epochs }
        - { rule: mean, over: items }
        - { rule: mean, over: benchmarks }
        - { rule: fraction_of_full_marks, full: 1 }
        # 다른 환산 · other scalings: as_points, ratio_to_target, best_team, min_max,
        # rank_points, z_score, anchors

  - id: expert
    name: { ko: 전문가 평가, en: Experts }
    points: 35
    measure:
      rows: rubric                    # rows/expert.csv: panellist,team,criterion,score
      by: { ko: 전문가 평가단, en: The experts }
      source: expert
      panel: experts
      criteria:
        - { id: technology, name: { ko: 개발 전략 및 기술, en: Strategy and technology }, scale: { min: 0, max: 10, step: 0.5 } }
        - { id: results, name: { ko: 개발 성과 및 계획, en: Results and plan }, scale: { min: 0, max: 15, step: 0.5 } }
        - { id: ripple, name: { ko: 파급효과, en: Ripple effect }, scale: { min: 0, max: 10, step: 0.5 } }
      missing: { not_scored: refuse, absent: refuse, least_coverage: 1 }
      steps:
        - { rule: sum, over: criteria }
        - { rule: trimmed_mean, over: raters, drop: 1 }   # 최고·최저 제외 · without highest and lowest
        - { rule: as_points }

  - id: user
    name: { ko: 이용자 평가, en: Users }
    points: 25
    measure:
      rows: ratings                   # rows/user.csv: panellist,team,score
      by: { ko: 이용자 평가단, en: The users }
      source: user
      panel: users
      scale:
        min: 1
        max: 5
        step: 1
        labels:
          - { value: 1, name: { ko: 매우미흡, en: very poor } }
          - { value: 5, name: { ko: 매우우수, en: very good } }
      missing: { not_scored: refuse, absent: exclude_panellist, least_coverage: 0.9 }
      steps:
        - { rule: mean, over: raters }
        - { rule: fraction_of_full_marks, full: 5 }

# 반올림 · Rounding. carried: before a score is added up or ranked (null: exact). printed: on pages.
rounding:
  mode: half_up
  carried: { leaf: null, group: null, total: 2 }
  printed: { score: 2, total: 2 }

# 동점 · Ties, tried in order; what is still tied shares its rank.
ties:
  - { rule: higher_part, part: expert }

# 독자성 관문 · The independence gate never becomes points.
gate:
  id: independence
  name: { ko: 독자성, en: Independence }
  counts:
    - { component: any, roles: [weights, tokenizer] }
  axes:
    - id: technical
      criterion: { ko: 가중치를 초기화한 뒤 직접 학습, en: Weights initialised and then trained by the team }
      excludes: [not_met]
    - id: policy
      criterion: { ko: 외부 통제나 간섭 없이 개발·운용, en: Developed and operated free of outside control }
      excludes: [not_met]
    - id: ethical
      criterion: { ko: 라이선스 준수와 출처 고지, en: Licences kept and references named }
      excludes: [not_met]
  decided_by: { ko: 주관 기관, en: The owner }
  decision: { rule: authority }       # or { rule: vote, panel: experts, quorum: 8, majority: 0.5 }
  evidence:
    - { ko: 독자성 검증 보고서, en: The independence audit report }
    - { ko: 팀의 소명, en: The reply of the team }
  reply: { before_decision: true, days: 5 }   # 소명 · right of reply before the decision

# 진출 · Who goes on.
advancement:
  gate: after_ranking                 # before_ranking | after_ranking
  relative_to: all_teams              # all_teams | ranked_teams
  rule: { rule: drop_lowest, n: 1 }   # top | drop_lowest | threshold
  next_stage_places: 3

# 추가 공모 · Additional recruitment, on equal terms; null: none.
recruitment:
  places: open_places
  eligible: { ko: 역량 있는 모든 기업, en: Any capable company }
  judged_by: { ko: 전문가 평가단, en: The experts }
  equal_terms:
    - { ko: 같은 개발 기간과 지원, en: The same development time and support }

# 공개 범위 · What each audience sees.
disclosure:
  - audience: public
    shows: [rules, part_best, part_mean, totals, ranks, gate_outcomes, advancement, sensitivity]
  - audience: team
    shows: [rules, own_scores, traces, gate_evidence]
  - audience: panel
    shows: [rules, part_mean]

# 이의제기 · Objections.
objections:
  days: 10
  to: { ko: 주관 기관, en: The owner }
  answered_by: { ko: 사무국, en: The programme office }

# 대안 규칙 · Rules that were not chosen; the result under them is shown beside the official one.
alternatives:
  - id: user_best_team
    name: { ko: 이용자 최고점 기준 환산, en: Users relative to the best team }
    parts:
      - part: user
        steps: [{ rule: mean, over: raters }, { rule: best_team }]
  - id: expert_median
    name: { ko: 전문가 중앙값, en: Median of the experts }
    parts:
      - part: expert
        steps: [{ rule: sum, over: criteria }, { rule: median, over: raters }, { rule: fraction_of_full_marks, full: 35 }]

# 민감도 분석 · Sensitivity analysis beside the decision.
analysis: { seed: {{stage}}, draws: 10000, clear: 0.95, likely: 0.8 }
`
