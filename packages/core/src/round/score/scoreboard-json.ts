import type { JsonValue } from '../../base/canonical-json.ts'
import { formatDecimal, formatFraction } from '../../base/rational.ts'
import type { Part } from '../plan/measure.ts'
import type { Plan } from '../plan/plan.ts'
import type { Fact } from '../rows/facts.ts'
import type { RoundResult } from '../run-round.ts'
import { keyIdOf } from '../seal/envelope.ts'
import type { Amount, Answer, PartScore, Scoreboard, TeamScore } from './scoreboard.ts'
import type { Trace } from './trace.ts'

export const SCOREBOARD_SCHEMA_VERSION = 'dokja.scoreboard/1'

/**
 * The result as one JSON document. Scores are numbers at the printed digits, with the exact
 * fraction beside them; what is not known is null, with the reason and, where published figures
 * bound it, the range.
 */
export function roundJson(result: RoundResult): JsonValue {
  const { current } = result.sealed
  const { plan } = current
  return {
    schemaVersion: SCOREBOARD_SCHEMA_VERSION,
    programme: plan.programme.id,
    stage: plan.stage.id,
    ...boardJson(result.board, plan),
    sealed: {
      time: current.time,
      author: current.author,
      key: keyIdOf(current.publicKey),
      amendments: result.sealed.earlier.length,
    },
    underEarlierRules: result.earlier.map(({ seal, outcome }) => ({
      planDigest: seal.planDigest,
      sealedAt: seal.time,
      ...(outcome.kind === 'scored'
        ? { scored: true, ...boardJson(outcome.board, seal.plan) }
        : { scored: false, reason: outcome.reason }),
    })),
    published: publishedJson(result),
    changes: result.changes.map((change) => ({ ...change, what: { ...change.what } })),
    sensitivity: result.sensitivity as unknown as JsonValue,
  }
}

function publishedJson({ published }: RoundResult): JsonValue {
  return {
    figures: published.checks.map(({ fact, verdict, computed }) => ({
      ...factJson(fact),
      verdict,
      computed,
    })),
    contradiction: published.contradiction ? published.contradiction.map(factJson) : null,
  }
}

const factJson = (fact: Fact): { [key: string]: JsonValue } => ({
  part: fact.part,
  statistic: fact.statistic,
  teams: fact.teams,
  value: fact.value ? formatDecimal(fact.value, fact.digits) : null,
  source: fact.source,
  file: fact.file,
  line: fact.line,
})

function boardJson(board: Scoreboard, plan: Plan): { [key: string]: JsonValue } {
  return {
    planDigest: board.planDigest,
    rowsDigest: board.rowsDigest,
    digest: board.digest,
    teams: board.teams.map((team) => teamJson(team, plan)),
    ranking: board.ranking,
    ...answerJson('openPlaces', board.openPlaces),
    coverage: board.coverage.map((entry) => ({ ...entry })),
    panels: board.panels.map((entry) => ({ ...entry })),
    inputs: board.inputs.map((entry) => ({ ...entry })),
    notes: board.notes,
  }
}

function teamJson(team: TeamScore, plan: Plan): JsonValue {
  const digits = plan.rounding.printed
  const total = amountJson(team.total, digits.total, plan)
  const names = new Map(plan.teams.map((entry) => [entry.id, entry.name]))
  const { score, ...rest } = total
  return {
    team: team.team,
    name: names.get(team.team) ?? team.team,
    total: score ?? null,
    totalDetail: rest,
    ...answerJson('rank', team.rank),
    gate: team.gate.outcome === 'none' ? null : team.gate.outcome,
    gateDetail: {
      axes: { ...team.gate.axes },
      reasons: team.gate.reasons,
      evidence: team.gate.evidence,
    },
    ...answerJson('advancesByScore', team.advancesByScore),
    ...answerJson('advances', team.advances),
    trace: traceJson(team.trace),
    parts: team.parts.map((part, i) => partJson(part, { part: plan.parts[i], plan })),
  }
}

function partJson(
  score: PartScore,
  context: { readonly part: Part | undefined; readonly plan: Plan },
): JsonValue {
  const { part, plan } = context
  return {
    part: score.part,
    name: part?.name ?? score.part,
    points: Number(formatDecimal(score.points, 12)),
    ...amountJson(score.amount, plan.rounding.printed.score, plan),
    trace: traceJson(score.trace),
    parts: score.parts.map((child, i) => partJson(child, { part: part?.parts?.[i], plan })),
  }
}

function amountJson(amount: Amount, digits: number, plan: Plan): { [key: string]: JsonValue } {
  const { mode } = plan.rounding
  if (amount.kind === 'exact') {
    return {
      score: Number(formatDecimal(amount.value, digits, mode)),
      certainty: 'exact',
      exact: formatFraction(amount.value),
    }
  }
  if (amount.kind === 'published') {
    const score = Number(formatDecimal(amount.value, amount.digits, mode))
    return { score, certainty: 'published', printedDigits: amount.digits }
  }
  const range =
    amount.least && amount.most
      ? {
          least: Number(formatDecimal(amount.least, digits + 2, 'down')),
          most: Number(formatDecimal(amount.most, digits + 2, 'up')),
        }
      : null
  return { score: null, certainty: 'unknown', reason: amount.reason, range }
}

function answerJson<T extends JsonValue>(
  name: string,
  answer: Answer<T>,
): { [key: string]: JsonValue } {
  if (answer.kind === 'known') return { [name]: answer.value }
  return { [name]: null, [`${name}Reason`]: answer.reason }
}

function traceJson(trace: Trace): JsonValue {
  return {
    says: trace.says,
    value: trace.value,
    exact: trace.exact,
    rule: trace.rule,
    from: trace.from.map(traceJson),
    rows: trace.rows.map((row) => ({ ...row })),
  }
}
