import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gateInForce } from '../docket/docket.ts'
import { readDocket } from '../docket/read-docket.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import { planTemplate } from '../plan/template.ts'
import { nextEntry } from '../seal/record.ts'
import { Desk, finding, gateBody, judged } from '../testing/docket-desk.ts'
import { gateStates } from './gate-states.ts'
import { votedOutcome, voterCheck } from './votes.ts'

const ASKED = '2026-01-10T09:00:00Z'
const IN_WINDOW = '2026-01-15T09:00:00Z'
const AFTER = '2026-01-15T09:00:01Z'

const ask = (desk: Desk, change: { team?: string; time?: string; until?: string | null } = {}) =>
  desk.write('gate.asked', change.time ?? ASKED, {
    team: change.team ?? 'team-a',
    says: 'The vision encoder agrees with another model.',
    evidence: [],
    until: change.until === undefined ? '2026-01-15T09:00:00Z' : change.until,
  })

const reply = (desk: Desk, asked: string | null, change: { time?: string; final?: boolean } = {}) =>
  desk.write('gate.replied', change.time ?? '2026-01-12T09:00:00Z', {
    team: 'team-a',
    asked: asked as `sha256:${string}` | null,
    says: 'It can be replaced at any time.',
    evidence: [],
    final: change.final ?? false,
  })

const considered = (digest: string, is = true) => [
  { reply: digest as `sha256:${string}`, considered: is, says: 'Weighed; it is frozen inside.' },
]

const withVotes = (text: string) =>
  text.replace(
    'decision: { rule: authority }',
    'decision: { rule: vote, panel: experts, quorum: 3, majority: 0.5 }',
  )

const ballots = (...outcomes: ('met' | 'not_met' | 'conditional' | 'abstain')[]) =>
  outcomes.map((outcome, i) => ({
    voter: `e${i + 1}`,
    axes: { technical: outcome, policy: 'met', ethical: 'met' } as const,
  }))

describe('right of reply', () => {
  it('refuses a decision when the team was never asked', () => {
    const desk = new Desk()
    expect(() => desk.write('gate.decided', AFTER, gateBody())).toThrow(/was asked for its reply/)
  })

  it('refuses a decision while the window is open, up to its last second', () => {
    const desk = new Desk()
    ask(desk)
    expect(() => desk.write('gate.decided', IN_WINDOW, gateBody())).toThrow(
      /may reply until 2026-01-15T09:00:00Z/,
    )
    desk.write('gate.decided', AFTER, gateBody())
  })

  it('lets the gate be decided early once the team calls its reply final', () => {
    const desk = new Desk()
    const question = ask(desk)
    const answer = reply(desk, question.entry.digest, { final: true })
    const replies = considered(answer.entry.digest)
    desk.write('gate.decided', IN_WINDOW, gateBody({ replies }))
  })

  it('refuses a decision that passes over a reply, or says that it was not considered', () => {
    const desk = new Desk()
    const question = ask(desk)
    const answer = reply(desk, question.entry.digest)
    expect(() => desk.write('gate.decided', AFTER, gateBody())).toThrow(/reply in entry 2 is not/)
    const replies = considered(answer.entry.digest, false)
    expect(() => desk.write('gate.decided', AFTER, gateBody({ replies }))).toThrow(/entry 2 is not/)
  })

  it('gives the window that the plan says, and no other', () => {
    const desk = new Desk()
    expect(() => ask(desk, { until: '2026-01-11T09:00:00Z' })).toThrow(
      /deadline is 2026-01-15T09:00:00Z/,
    )
  })

  it('does not take a final reply for an answer to what was asked after it', () => {
    const desk = new Desk()
    const first = ask(desk)
    const answer = reply(desk, first.entry.digest, { final: true })
    ask(desk, { time: '2026-01-14T09:00:00Z', until: '2026-01-19T09:00:00Z' })
    const replies = considered(answer.entry.digest)
    expect(() => desk.write('gate.decided', AFTER, gateBody({ replies }))).toThrow(
      /until 2026-01-19/,
    )
  })

  it('asks of a second question a second window', () => {
    const desk = new Desk()
    ask(desk)
    ask(desk, { time: '2026-01-14T09:00:00Z', until: '2026-01-19T09:00:00Z' })
    expect(() => desk.write('gate.decided', AFTER, gateBody())).toThrow(/until 2026-01-19/)
  })

  it('waits for a final reply where the plan names no number of days', () => {
    const desk = new Desk({ change: (text) => text.replace('days: 5 }', 'days: null }') })
    const question = ask(desk, { until: null })
    expect(() => desk.write('gate.decided', AFTER, gateBody())).toThrow(/not made a final reply/)
    const answer = reply(desk, question.entry.digest, { time: AFTER, final: true })
    const replies = considered(answer.entry.digest)
    desk.write('gate.decided', AFTER, gateBody({ replies }))
  })

  it('keeps a retold decision with what it departs from', () => {
    const desk = new Desk()
    const answer = reply(desk, null)
    const { docket } = desk.write('gate.decided', AFTER, {
      ...gateBody({ replies: considered(answer.entry.digest, false) }),
      retold: { on: '2026-01-15', sources: ['https://example.org/release'] },
    })
    const decision = gateInForce(docket, 'team-a')
    expect(decision?.departures).toEqual([
      { code: 'not_asked' },
      { code: 'reply_passed_over', sequence: 1 },
    ])
    expect(decision?.underStartingRule).toBeUndefined()
  })

  it('shows what the usual rule would have asked for where the plan sealed none', () => {
    const without = (text: string) =>
      text.replace(/reply: \{ before_decision: true, days: 5 \}/, 'reply: null')
    const desk = new Desk({ change: without })
    const answer = reply(desk, null)
    const { docket } = desk.write('gate.decided', AFTER, {
      ...gateBody({ replies: considered(answer.entry.digest, false) }),
      retold: { on: '2026-01-15', sources: ['https://example.org/release'] },
    })
    const decision = gateInForce(docket, 'team-a')
    expect(decision?.departures).toEqual([])
    expect(decision?.underStartingRule?.map((entry) => entry.code)).toEqual([
      'not_asked',
      'reply_passed_over',
    ])
  })
})

describe('judging the axes', () => {
  const decide = (axes: Parameters<typeof gateBody>[0]) => {
    const desk = new Desk()
    ask(desk)
    return () => desk.write('gate.decided', AFTER, gateBody(axes))
  }
  const rest = { policy: judged('met'), ethical: judged('met') }

  it('needs every axis of the plan', () => {
    expect(decide({ axes: rest })).toThrow(/axis "technical" is not judged/)
  })

  it('needs evidence on something that the plan counts before an axis is not met', () => {
    const uncounted = judged('not_met', {
      findings: [finding({ role: 'inference_code', outcome: 'not_met' })],
    })
    expect(decide({ axes: { ...rest, technical: uncounted } })).toThrow(/no finding with evidence/)
    const bare = judged('not_met', { findings: [finding({ outcome: 'not_met', evidence: [] })] })
    expect(decide({ axes: { ...rest, technical: bare } })).toThrow(/no finding with evidence/)
  })

  it('needs everything judged that the plan counts before an axis is met', () => {
    const half = judged('met', { findings: [finding()] })
    expect(decide({ axes: { ...rest, technical: half } })).toThrow(/any\/tokenizer/)
  })

  it('refuses "met" beside a counted finding of "not met"', () => {
    const both = judged('met', {
      findings: [...judged('met').findings, finding({ outcome: 'not_met' })],
    })
    expect(decide({ axes: { ...rest, technical: both } })).toThrow(/vision_encoder\/weights/)
  })

  it('needs a condition before an axis is met on condition', () => {
    expect(decide({ axes: { ...rest, technical: judged('conditional') } })).toThrow(/condition/)
  })

  it('lets nobody state the outcome by hand', () => {
    expect(decide({ published: 'passes' })).toThrow(/follows from the axes/)
  })

  it('excludes by the outcomes that the plan names, and passes a conditional one', () => {
    const desk = new Desk()
    const plan = parsePlan(planTemplate({ stageId: 'stage-1' }), 'plan.yaml').plan
    ask(desk)
    ask(desk, { team: 'team-b' })
    const bad = { ...rest, technical: judged('not_met') }
    const kept = judged('conditional', { conditions: [{ says: 'Replace it.', due: '2026-06-30' }] })
    desk.write('gate.decided', AFTER, gateBody({ axes: bad }))
    desk.write(
      'gate.decided',
      AFTER,
      gateBody({ team: 'team-b', axes: { ...rest, technical: kept } }),
    )
    const states = gateStates(plan, desk.record)
    expect(states.get('team-a')).toMatchObject({
      outcome: 'excluded',
      axes: { technical: 'not_met', policy: 'met', ethical: 'met' },
      evidence: [`sha256:${'1'.repeat(64)} components/vision_encoder`],
    })
    expect(states.get('team-b')?.outcome).toBe('passes')
  })
})

describe('voting', () => {
  const decide = (votes: ReturnType<typeof ballots> | null, technical = judged('not_met')) => {
    const desk = new Desk({
      change: withVotes,
      mayVote: (team) => (voter) =>
        team === 'team-a' && voter === 'e9' ? 'has a conflict of interest' : undefined,
    })
    ask(desk)
    const axes = { technical, policy: judged('met'), ethical: judged('met') }
    return () => desk.write('gate.decided', AFTER, gateBody({ axes, votes }))
  }

  it('decides an axis by more than the share that the plan names', () => {
    const { docket } = decide(ballots('not_met', 'not_met', 'met'))()
    expect(gateInForce(docket, 'team-a')?.tallies.technical).toMatchObject({ not_met: 2, met: 1 })
    expect(decide(ballots('not_met', 'not_met', 'met', 'met'))).toThrow(/the vote gives "met"/)
  })

  it('refuses too few votes, no votes, double votes and votes with a conflict of interest', () => {
    expect(decide(ballots('not_met', 'not_met', 'abstain'))).toThrow(/2 voted, 3 are needed/)
    expect(decide(null)).toThrow(/no vote is on record/)
    const twice = ballots('not_met', 'not_met', 'not_met')
    expect(decide([...twice, ...twice.slice(0, 1)])).toThrow(/"e1" votes twice/)
    const conflicted = twice.map((ballot, i) => (i === 2 ? { ...ballot, voter: 'e9' } : ballot))
    expect(decide(conflicted)).toThrow(/has a conflict of interest/)
  })

  it('lets those vote who sat on the panel, attended, and have no conflict with the team', () => {
    const plan = parsePlan(withVotes(planTemplate({ stageId: 'stage-1' })), 'plan.yaml').plan
    const panellist = (id: string, attended: boolean, ...conflicts: string[]) => ({
      id,
      group: undefined,
      attended,
      conflicts,
    })
    const panellists = [
      panellist('e1', true),
      panellist('e2', false),
      panellist('e3', true, 'team-a'),
    ]
    const check = voterCheck(plan.gate, new Map([['experts', { panel: 'experts', panellists }]]))
    const why = (voter: string, team = 'team-a') => check?.(team)(voter)
    expect([why('e1'), why('e2'), why('e3'), why('e4')]).toEqual([
      undefined,
      'did not attend',
      'has a conflict of interest',
      'not on the panel "experts"',
    ])
    expect(why('e3', 'team-b')).toBeUndefined()
  })

  it('keeps opinions out of a decision that is not voted on', () => {
    const desk = new Desk()
    ask(desk)
    const votes = ballots('met', 'met', 'met')
    expect(() => desk.write('gate.decided', AFTER, gateBody({ votes }))).toThrow(/under advice/)
  })

  it('never lets one more vote for "not met" help a team', () => {
    const order = ['met', 'not_determinable', 'conditional', 'not_met']
    const counts = fc.record({
      met: fc.nat(6),
      conditional: fc.nat(6),
      not_met: fc.nat(6),
      not_determinable: fc.nat(6),
      abstain: fc.nat(3),
    })
    fc.assert(
      fc.property(counts, fc.constantFrom(0.5, 0.6, 2 / 3), (tally, majority) => {
        const rounded = Number(majority.toFixed(4))
        const before = votedOutcome(tally, rounded)
        const after = votedOutcome(
          { ...tally, met: Math.max(0, tally.met - 1), not_met: tally.not_met + 1 },
          rounded,
        )
        if (tally.met > 0)
          expect(order.indexOf(after)).toBeGreaterThanOrEqual(order.indexOf(before))
      }),
    )
  })
})

describe('correcting', () => {
  it('takes a second decision only as a correction of the one in force, with the reason', () => {
    const desk = new Desk()
    ask(desk)
    const first = desk.write('gate.decided', AFTER, gateBody())
    const later = '2026-01-20T09:00:00Z'
    expect(() => desk.write('gate.decided', later, gateBody())).toThrow(/entry 2 is in force/)
    const corrects = { entry: first.entry.digest, reason: 'A finding was attributed wrongly.' }
    const second = desk.write('gate.decided', later, { ...gateBody(), corrects })
    const decisions = second.docket.gate.get('team-a')?.decisions ?? []
    expect(decisions.map((entry) => entry.replacedBy?.sequence ?? null)).toEqual([3, null])
    expect(() => desk.write('gate.decided', later, { ...gateBody(), corrects })).toThrow(
      /not in force/,
    )
  })
})

describe('reading a record that did not keep to the plan', () => {
  it('names the entry that was appended past the checks', () => {
    const desk = new Desk()
    const body = { ...gateBody(), blind: 'cd'.repeat(32), retold: null, corrects: null }
    const entry = nextEntry(desk.record, {
      time: AFTER,
      author: 'office',
      kind: 'gate.decided',
      body: JSON.parse(JSON.stringify(body)),
    })
    expect(() => readDocket([...desk.record, entry])).toThrow(/entry 1 \(gate\.decided\)/)
  })

  it('names the entry whose time runs backwards', () => {
    const desk = new Desk()
    ask(desk)
    expect(() =>
      ask(desk, { time: '2026-01-09T09:00:00Z', until: '2026-01-14T09:00:00Z' }),
    ).toThrow(/lies before that of entry 1/)
  })
})
