import { groundOf } from '../decision/check-decision.ts'
import { notJudged } from '../gate/judgement.ts'
import type { Plan } from '../plan/plan.ts'
import type { Text } from '../plan/words.ts'
import type { RoundResult } from '../run-round.ts'
import type { Docket } from './docket.ts'
import { standingOnly } from './standing.ts'

/**
 * The file for a gate decision about one team: every axis, everything that the plan counts, every
 * reply on record. What a person has to judge is marked with TODO and refused until it is written.
 */
export function gateDecisionTemplate(plan: Plan, docket: Docket, team: string): string {
  const { gate } = plan
  const replies = standingOnly(docket.gate.get(team)?.replies ?? [])
  const counted = gate ? notJudged(gate, []) : []
  const votes =
    gate?.decision.rule === 'vote'
      ? [
          '# 표결 · one line per voter: met | conditional | not_met | not_determinable | abstain',
          'votes:',
          `  - { voter: TODO, axes: { ${gate.axes.map((axis) => `${axis.id}: TODO`).join(', ')} } }`,
        ]
      : []
  return lines([
    '# 독자성 관문 결정 · Gate decision. outcome: met | conditional | not_met | not_determinable',
    `team: ${team}`,
    'axes:',
    ...(gate?.axes ?? []).flatMap((axis) => [
      `  # ${oneLine(axis.criterion)}`,
      `  ${axis.id}:`,
      '    outcome: TODO',
      '    reasons:',
      '      - TODO',
      '    findings:',
      ...counted.flatMap((what) => findingLines(what)),
      '    conditions: []   # [{ says: …, due: 2026-06-30 }] when the outcome is conditional',
    ]),
    replies.length === 0 ? 'replies: []' : 'replies:',
    ...replies.flatMap(({ entry, body }) => [
      `  # ${oneLine(body.says)}`,
      `  - { reply: ${entry.sequence}, considered: TODO, says: TODO }`,
    ]),
    ...votes,
    'dissent: []   # [{ by: …, says: … }]',
  ])
}

function findingLines(what: string): string[] {
  const [component = '', role = ''] = what.split('/')
  return [
    `      - component: ${component === 'any' ? 'TODO' : component}`,
    `        role: ${role}`,
    '        outcome: TODO',
    '        says: TODO',
    '        evidence:',
    '          - { title: 감사 보고서 · Audit report, file: evidence/audit.json, at: components/TODO }',
  ]
}

/** The file for the decision: one list of reasons for every team that leaves. */
export function decisionTemplate(result: RoundResult): string {
  const leaving = result.board.teams.flatMap((team) => {
    const ground = groundOf(team)
    return ground ? [{ team: team.team, ground }] : []
  })
  const open = result.board.teams.filter((team) => team.advances.kind === 'open')
  return lines([
    '# 결정 · Decision. Who advances follows from the sealed rules; here stand the reasons.',
    ...open.map(({ team, advances }) =>
      advances.kind === 'open' ? `# 미정 · open: ${team}: ${advances.reason}` : '',
    ),
    leaving.length === 0 ? 'reasons: {}' : 'reasons:',
    ...leaving.flatMap(({ team, ground }) => [
      `  # ${ground}`,
      `  ${team}:`,
      '    - says: TODO',
      '      evidence: []',
    ]),
    'dissent: []   # [{ by: …, says: … }]',
  ])
}

const oneLine = (text: Text): string =>
  (typeof text === 'string' ? text : `${text.ko} · ${text.en}`).replace(/\s+/g, ' ').slice(0, 200)

const lines = (list: readonly string[]): string => `${list.join('\n')}\n`
