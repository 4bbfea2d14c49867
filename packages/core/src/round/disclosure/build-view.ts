import { formatDecimal } from '../../base/rational.ts'
import type { Docket } from '../docket/docket.ts'
import type { Part } from '../plan/measure.ts'
import { isLeaf, type Plan } from '../plan/plan.ts'
import type { FactCheck } from '../published/check-facts.ts'
import type { RoundResult } from '../run-round.ts'
import type { PartScore, TeamScore } from '../score/scoreboard.ts'
import { envelopeOf } from '../seal/seal.ts'
import { aggregatesOf } from './aggregates.ts'
import { docketView, isDecisionPublic, isOutcomePublic } from './docket-view.ts'
import { figureOf, showIf } from './figures.ts'
import type { Opening, ScoreTree } from './leaves.ts'
import { keepTrace, redactTrace, type ShownTrace } from './redact-trace.ts'
import { type Audience, type Rights, rightsOf } from './rights.ts'
import { sensitivityView } from './sensitivity-view.ts'
import { simulatedParts } from './simulated.ts'
import {
  type PartView,
  type PublishedFigure,
  type RoundView,
  type SealView,
  type TeamView,
  VIEW_SCHEMA_VERSION,
} from './view.ts'

export type ViewSource = {
  readonly result: RoundResult
  readonly docket: Docket
  readonly tree: ScoreTree
  readonly asOf: string
}

/** The stage as this audience may see it by the sealed plan. */
export function buildView(source: ViewSource, audience: Audience): RoundView {
  const { result, docket, tree } = source
  const { board, published } = result
  const { plan, planDigest } = result.sealed.current
  const rights = rightsOf(plan, audience)
  const facts = published.checks.map((check) => check.fact)
  const simulated = simulatedParts(plan, board.inputs)
  const last = result.record.at(-1)
  const coverage = board.coverage.filter((entry) => rights.scoresOf(entry.team))
  return {
    schemaVersion: VIEW_SCHEMA_VERSION,
    audience,
    asOf: source.asOf,
    programme: plan.programme,
    stage: plan.stage,
    points: plan.points,
    shows: rights.words,
    simulated,
    commitment: {
      tree: 'RFC 6962 SHA-256',
      root: tree.root,
      leaves: tree.size,
      planDigest,
      record: last ? { sequence: last.sequence, digest: last.digest } : null,
    },
    seals: sealViews(result, rights),
    plan: showIf(rights.sees('rules'), plan),
    teams: board.teams.map((team) => teamView(team, source, rights)),
    ranking: showIf(rights.sees('ranks'), board.ranking),
    aggregates: aggregatesOf(plan, { board, facts, simulated }, rights),
    figures: published.checks.map((check) => figureView(check, rights)),
    contradiction: contradictionView(result, rights),
    changes: result.changes.map(({ what, since }) => ({ what, since })),
    openPlaces: showIf(isDecisionPublic(docket, rights), board.openPlaces),
    coverage: showIf(coverage.length > 0, coverage),
    panels: showIf(rights.sees('rules'), board.panels),
    inputs: showIf(
      rights.sees('raw_rows'),
      board.inputs.map(({ path, digest, rows }) => ({ path, digest, rows })),
    ),
    notes: showIf(rights.sees('rules'), notesFor(board.notes, rights)),
    sensitivity: sensitivityView(result.sensitivity, rights),
    docket: docketView(docket, rights, { plan, board }),
    openings: openingsFor(source, rights),
  }
}

function teamView(team: TeamScore, source: ViewSource, rights: Rights): TeamView {
  const { plan } = source.result.sealed.current
  const advancement = rights.advancementOf(team.team) || isDecisionPublic(source.docket, rights)
  const entry = plan.teams.find((candidate) => candidate.id === team.team)
  const parts = team.parts.map((part, i) => partView(part, plan.parts[i], { team, plan, rights }))
  const from = parts.flatMap((part) => (part.trace.state === 'shown' ? [part.trace.value] : []))
  return {
    team: team.team,
    name: entry?.name ?? team.team,
    model: entry?.model ?? null,
    total: showIf(
      rights.totalOf(team.team),
      figureOf(team.total, plan.rounding.printed.total, plan),
    ),
    totalTrace: showIf(rights.tracesOf(team.team), withChildren(team.trace, from)),
    rank: showIf(rights.rankOf(team.team), team.rank),
    gate: showIf(isOutcomePublic(source.docket, team.team, rights), team.gate.outcome),
    advancesByScore: showIf(advancement, team.advancesByScore),
    advances: showIf(advancement, team.advances),
    parts,
  }
}

function partView(
  score: PartScore,
  part: Part | undefined,
  context: { readonly team: TeamScore; readonly plan: Plan; readonly rights: Rights },
): PartView {
  const { team, plan, rights } = context
  const parts = score.parts.map((child, i) => partView(child, part?.parts?.[i], context))
  const from = parts.flatMap((child) => (child.trace.state === 'shown' ? [child.trace.value] : []))
  const trace =
    part && isLeaf(part) ? redactTrace(score.trace, part, rights) : withChildren(score.trace, from)
  return {
    part: score.part,
    name: part?.name ?? score.part,
    points: part?.points ?? 0,
    score: showIf(
      rights.scoresOf(team.team),
      figureOf(score.amount, plan.rounding.printed.score, plan),
    ),
    trace: showIf(rights.tracesOf(team.team), trace),
    parts,
  }
}

/** A sum keeps its own sentence; below it stand its parts, each cut by its own rule. */
const withChildren = (trace: TeamScore['trace'], from: readonly ShownTrace[]): ShownTrace => ({
  ...keepTrace({ ...trace, from: [] }),
  from,
})

function sealViews(result: RoundResult, rights: Rights): SealView[] {
  return [...result.sealed.earlier, result.sealed.current].map((seal) => {
    // Digests of result files could be matched against guesses of their few values.
    const isSafe = seal.existingResults.length === 0 || rights.sees('raw_rows')
    const entry = result.record[seal.sequence]
    const envelope = entry && rights.sees('rules') && isSafe ? envelopeOf(entry) : undefined
    return {
      sequence: seal.sequence,
      time: seal.time,
      author: seal.author,
      planDigest: seal.planDigest,
      textDigest: seal.textDigest,
      publicKey: seal.publicKey,
      amendment: seal.amendment && {
        reason: seal.amendment.reason,
        approvedBy: seal.amendment.approvedBy,
        seenBy: seal.existingResults[0]?.seenBy ?? null,
        existing: seal.existingResults.length,
      },
      envelope: envelope ? { state: 'shown', value: envelope } : { state: 'withheld' },
    }
  })
}

function figureView(check: FactCheck, rights: Rights): PublishedFigure {
  const { fact, verdict, computed } = check
  return {
    part: fact.part,
    statistic: fact.statistic,
    teams: fact.teams,
    value: fact.value ? formatDecimal(fact.value, fact.digits) : null,
    source: fact.source,
    verdict,
    computed: showIf(rights.sees('all_scores'), computed),
  }
}

function contradictionView(result: RoundResult, rights: Rights): PublishedFigure[] | null {
  const { contradiction } = result.published
  if (!contradiction) return null
  return contradiction.map((fact) =>
    figureView({ fact, verdict: 'contradicts', computed: null }, rights),
  )
}

/** A note may name a panellist whose row is missing; that name is for those who see raw rows. */
function notesFor(notes: readonly string[], rights: Rights): string[] {
  if (rights.sees('raw_rows')) return [...notes]
  const kept = notes.filter((note) => !/ is left out for all teams/.test(note))
  const named = notes.length - kept.length
  if (named === 0) return kept
  return [
    ...kept,
    `${named} panellists are left out for all teams, because a row of theirs is absent`,
  ]
}

function openingsFor(source: ViewSource, rights: Rights): Opening[] {
  const { tree, result, docket } = source
  const open = (allowed: boolean, team: string, item: string): Opening[] => {
    const opening = allowed ? tree.open(team, item) : undefined
    return opening ? [opening] : []
  }
  const ofParts = (parts: readonly PartScore[], team: string): Opening[] =>
    parts.flatMap((part) => [
      ...open(true, team, `part/${part.part}`),
      ...ofParts(part.parts, team),
    ])
  return [
    ...result.board.teams.flatMap(({ team, parts }) => [
      ...(rights.scoresOf(team) ? ofParts(parts, team) : []),
      ...open(rights.totalOf(team), team, 'total'),
      ...open(rights.rankOf(team), team, 'rank'),
      ...open(isOutcomePublic(docket, team, rights), team, 'gate'),
      ...open(rights.advancementOf(team) || isDecisionPublic(docket, rights), team, 'advances'),
    ]),
    ...open(rights.sees('all_scores') && rights.sees('totals'), '', 'board'),
    ...open(rights.sees('raw_rows'), '', 'rows'),
  ]
}
