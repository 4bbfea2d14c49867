import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decisionInForce } from '../docket/docket.ts'
import { readDocket } from '../docket/read-docket.ts'
import { type Written, writeAct } from '../docket/write-act.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import type { InputFile } from '../rows/table.ts'
import { runRound } from '../run-round.ts'
import { keyFromSeed } from '../seal/envelope.ts'
import { formatEntry, type RecordEntry } from '../seal/record.ts'
import { amendPlan, sealPlan } from '../seal/seal.ts'
import { finding, judged } from '../testing/docket-desk.ts'
import { boardDepartures } from './check-decision.ts'
import type { ObjectionAnswered } from './decision-bodies.ts'
import { makeDecision } from './make-decision.ts'

const FOLDER = join(import.meta.dirname, '../../../../../testdata/rounds/small')
const ROLES = { rows: 'rows', panels: 'panel' } as const
const FILES: InputFile[] = (['rows', 'panels'] as const).flatMap((folder) =>
  readdirSync(join(FOLDER, folder)).map((name) => ({
    role: ROLES[folder],
    name: name.replace(/\.\w+$/, ''),
    path: `${folder}/${name}`,
    bytes: new Uint8Array(readFileSync(join(FOLDER, folder, name))),
  })),
)
const PLAN = readFileSync(join(FOLDER, 'plan.yaml'), 'utf8').replace(
  'recruitment: null',
  `recruitment: { places: open_places, eligible: Anybody, judged_by: The panel, equal_terms: [The same time to develop, The same support] }`,
)
const key = keyFromSeed(new Uint8Array(32).fill(7))
const sealing = { time: '2026-03-01T00:00:00Z', author: 'office', key, existingResults: [] }
const BLIND = 'ab'.repeat(32)
const NOW = { author: 'office', blind: BLIND }
const DECIDED = '2026-04-20T00:00:00Z'
const UNTIL = '2026-04-30T00:00:00Z'

/** A record in which the gate is decided for the teams, as given. */
function heard(outcomes: Record<string, 'met' | 'not_met'>): RecordEntry[] {
  let record = [sealPlan({ parsed: parsePlan(PLAN, 'plan.yaml'), record: [], ...sealing })]
  const blank = { retold: null, corrects: null }
  const keep = (written: Written) => {
    record = [...record, written.entry]
  }
  for (const team of Object.keys(outcomes)) {
    const body = {
      team,
      says: 'Please reply.',
      evidence: [],
      until: '2026-04-06T00:00:00Z',
      ...blank,
    }
    keep(writeAct('gate.asked', body, { ...NOW, record, time: '2026-04-01T00:00:00Z' }))
  }
  for (const [team, outcome] of Object.entries(outcomes)) {
    const technical = judged(outcome, { findings: [finding({ outcome })] })
    const body = {
      team,
      axes: { technical },
      published: null,
      replies: [],
      votes: null,
      decidedBy: 'The office',
      advice: [],
      dissent: [],
      ...blank,
    }
    keep(writeAct('gate.decided', body, { ...NOW, record, time: '2026-04-10T00:00:00Z' }))
  }
  return record
}

const resultOf = (record: readonly RecordEntry[], files = FILES) =>
  runRound({
    plan: { text: PLAN, path: 'plan.yaml' },
    record: { text: record.map(formatEntry).join(''), path: 'record.jsonl' },
    files,
  })

const ALL_MET = { alpha: 'met', beta: 'met', gamma: 'met' } as const
const reasons = (...teams: string[]) =>
  Object.fromEntries(teams.map((team) => [team, [{ says: `About ${team}.`, evidence: [] }]]))
const given = (...teams: string[]) => ({
  reasons: reasons(...teams),
  decidedBy: 'The office',
  dissent: [{ by: 'A panellist', says: 'The users were too few.', evidence: [] }],
  retold: null,
  corrects: null,
})

/** Decides and hands on the record with the decision at its end. */
function decided(outcomes: Record<string, 'met' | 'not_met'>, ...leaving: string[]): RecordEntry[] {
  const record = heard(outcomes)
  const written = makeDecision(resultOf(record), given(...leaving), { ...NOW, time: DECIDED })
  return [...record, written.entry]
}

describe('deciding', () => {
  it('takes who advances from the sealed rules, and ties the decision to scoreboard and plan', () => {
    const record = heard(ALL_MET)
    const result = resultOf(record)
    const { docket } = makeDecision(result, given('gamma'), { ...NOW, time: DECIDED })
    const decision = decisionInForce(docket)?.body
    expect(decision).toMatchObject({
      board: result.board.digest,
      plan: result.board.planDigest,
      advances: [{ team: 'alpha' }, { team: 'beta' }],
      leaves: [{ team: 'gamma', ground: 'score' }],
      openPlaces: 1,
      objectionsUntil: UNTIL,
    })
    expect(decision && boardDepartures(decision, result.board)).toEqual([])
  })

  it('excludes by the gate a team whose score would have gone on, and says so', () => {
    const record = heard({ ...ALL_MET, alpha: 'not_met' })
    const result = resultOf(record)
    const alpha = result.board.teams[0]!
    expect(alpha.advancesByScore).toEqual({ kind: 'known', value: true })
    const { docket } = makeDecision(result, given('alpha', 'gamma'), { ...NOW, time: DECIDED })
    expect(decisionInForce(docket)?.body.leaves.map(({ team, ground }) => [team, ground])).toEqual([
      ['alpha', 'gate'],
      ['gamma', 'score'],
    ])
  })

  it('refuses to decide while the gate is open for a team, naming it', () => {
    const record = heard({ alpha: 'met', gamma: 'met' })
    expect(() => makeDecision(resultOf(record), given('gamma'), { ...NOW, time: DECIDED })).toThrow(
      /beta: the gate has not been decided/,
    )
  })

  it('refuses a team that leaves without a reason', () => {
    const record = heard(ALL_MET)
    expect(() => makeDecision(resultOf(record), given(), { ...NOW, time: DECIDED })).toThrow(
      /no reason is given for gamma/,
    )
  })

  it('shows when the rows are no longer those that were decided on', () => {
    const record = decided(ALL_MET, 'gamma')
    const oneRatingLess = (bytes: Uint8Array) =>
      new TextEncoder().encode(new TextDecoder().decode(bytes).replace(/,5\n/, ',4\n'))
    const changed = FILES.map((file) =>
      file.name === 'user' ? { ...file, bytes: new Uint8Array(oneRatingLess(file.bytes)) } : file,
    )
    const body = decisionInForce(readDocket(record))!.body
    expect(boardDepartures(body, resultOf(record, changed).board)).toContainEqual({
      code: 'other_scoreboard',
    })
  })

  it('lets a new decision stand only as a correction, which opens a new window', () => {
    const record = decided(ALL_MET, 'gamma')
    const result = resultOf(record)
    const later = '2026-05-10T00:00:00Z'
    expect(() => makeDecision(result, given('gamma'), { ...NOW, time: later })).toThrow(/in force/)
    const corrects = { entry: record.at(-1)!.digest, reason: 'A reason was misprinted.' }
    const { docket } = makeDecision(
      result,
      { ...given('gamma'), corrects },
      { ...NOW, time: later },
    )
    expect(docket.decisions.map((entry) => entry.body.objectionsUntil)).toEqual([
      UNTIL,
      '2026-05-20T00:00:00Z',
    ])
  })

  it('refuses an act on a plan that an amendment has replaced', () => {
    const record = decided(ALL_MET, 'gamma')
    const amended = amendPlan({
      parsed: parsePlan(PLAN.replace('days: 10', 'days: 14'), 'plan.yaml'),
      record,
      ...sealing,
      time: '2026-04-21T00:00:00Z',
      reason: 'More time to object',
      approvedBy: [],
    })
    const body = decisionInForce(readDocket(record))!.body
    const { blind: _, ...rest } = body
    const corrects = { entry: record.at(-1)!.digest, reason: 'Again' }
    expect(() =>
      writeAct(
        'decision.made',
        { ...rest, corrects },
        {
          ...NOW,
          record: [...record, amended],
          time: '2026-04-22T00:00:00Z',
        },
      ),
    ).toThrow(/another plan than the one in force.*deadline is 2026-05-06/)
  })
})

const objecting = (record: readonly RecordEntry[], time: string) =>
  writeAct(
    'objection.filed',
    {
      by: 'Gamma',
      team: 'gamma',
      against: record.at(-1)!.digest,
      says: 'The target model was run by another version.',
      evidence: [],
      retold: null,
      corrects: null,
    },
    { ...NOW, record, time },
  )

const blank = { retold: null, corrects: null }
const closing = (record: readonly RecordEntry[], decision: string, time: string) =>
  writeAct(
    'objections.closed',
    { decision: decision as `sha256:${string}`, says: 'The window is over.', ...blank },
    { ...NOW, record, time },
  )

describe('objections', () => {
  it('are in time up to the last second of the window, and recorded as late after it', () => {
    const record = decided(ALL_MET, 'gamma')
    const timely = objecting(record, UNTIL)
    expect(timely.docket.objections[0]?.timeliness).toBe('in_time')
    const late = objecting(record, '2026-04-30T00:00:01Z')
    expect(late.docket.objections[0]?.timeliness).toBe('late')
  })

  it('need a decision to object to', () => {
    expect(() => objecting(heard(ALL_MET), DECIDED)).toThrow(/no decision is on record/)
  })

  it('cannot be called closed while the window is open', () => {
    const record = decided(ALL_MET, 'gamma')
    const decision = record.at(-1)!.digest
    expect(() => closing(record, decision, UNTIL)).toThrow(/may be filed until/)
    closing(record, decision, '2026-04-30T00:00:01Z')
  })
})

describe('the next stage', () => {
  const LATER = '2026-05-02T00:00:00Z'
  const term = (change: object = {}) => ({ says: 'Kept.', windows: null, agreed: null, ...change })
  const opening = (record: readonly RecordEntry[], terms: object[], places = 1) =>
    writeAct(
      'recruitment.opened',
      { places, until: null, terms: terms as never, evidence: [], ...blank },
      { ...NOW, record, time: LATER },
    )
  const windows = (newcomerTo: string) => ({
    incumbents: { from: '2026-01-01', to: '2026-06-30' },
    newcomer: { from: '2026-02-01', to: newcomerTo },
  })
  const equal = [term({ term: 0, windows: windows('2026-07-31') }), term({ term: 1 })]

  it('offers no more places than are open, on every equal term of the plan', () => {
    const record = decided(ALL_MET, 'gamma')
    opening(record, equal)
    expect(() => opening(record, equal, 2)).toThrow(/2 places, and 1 are open/)
    expect(() => opening(record, equal.slice(1))).toThrow(/equal term 1 of the plan/)
  })

  it('refuses a shorter development window unless the difference was agreed to', () => {
    const record = decided(ALL_MET, 'gamma')
    const shorter = term({ term: 0, windows: windows('2026-06-30') })
    expect(() => opening(record, [shorter, equal[1]!])).toThrow(/150 days for the newcomer, 181/)
    const agreed = { ...shorter, agreed: { by: ['alpha', 'beta'], says: 'In a meeting.' } }
    opening(record, [agreed, equal[1]!])
  })

  it('begins with those who advanced and those recruited, after every objection is answered', () => {
    let record = decided(ALL_MET, 'gamma')
    record = [...record, objecting(record, '2026-04-25T00:00:00Z').entry]
    const objection = record.at(-1)!
    record = [...record, opening(record, equal).entry]
    const selected = [
      { team: 'delta', name: 'Delta', reasons: [{ says: 'Chosen.', evidence: [] }] },
    ]
    const recruits = { applicants: 2, decidedBy: 'The panel', dissent: [], ...blank }
    const opened = record.at(-1)!.digest
    const writing = { ...NOW, time: LATER }
    record = [
      ...record,
      writeAct('recruitment.closed', { opened, selected, ...recruits }, { ...writing, record })
        .entry,
    ]
    const team = (id: string, from: 'advanced' | 'recruited') => ({
      team: id,
      name: id,
      from,
      conditions: [],
    })
    const next = [team('alpha', 'advanced'), team('beta', 'advanced'), team('delta', 'recruited')]
    const carrying = (teams: typeof next, on = record) =>
      writeAct(
        'stage.carried',
        { stage: { id: 'two', name: 'Stage two' }, teams, inherits: [], ...blank },
        { ...writing, record: on },
      )
    expect(() => carrying(next)).toThrow(/objection in entry \d+ has no answer/)
    const answer = {
      objection: objection.digest,
      answer: 'rejected',
      says: 'The version was registered.',
      evidence: [],
      answeredBy: 'The office',
      ...blank,
    } satisfies Omit<ObjectionAnswered, 'blind'>
    record = [...record, writeAct('objection.answered', answer, { ...writing, record }).entry]
    expect(() => carrying(next.slice(0, 2), record)).toThrow(/by the record: alpha .*delta/)
    expect(carrying(next, record).docket.carried).toHaveLength(1)
  })
})
