import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dokjaAt, ROOT } from './run-cli.ts'

// A whole small round through the real commands. Its rows, teams and models are invented.

const HOME = mkdtempSync(join(tmpdir(), 'dokja-docket-'))
afterAll(() => rmSync(HOME, { recursive: true, force: true }))

const run = (...args: string[]) => dokjaAt(HOME, args)
const round = (...args: string[]) => run('round', ...args)

/** Writes the file of an act and records it; the parsed JSON of what was recorded. */
function act(command: string, body: string, time: string) {
  const file = join(HOME, 'act.yaml')
  writeFileSync(file, body)
  const done = round(
    ...command.split(' '),
    'stage',
    file,
    '--time',
    time,
    '--author',
    'Office',
    '--json',
  )
  return done.status === 0 ? JSON.parse(done.out) : done
}

const JUDGED = (team: string, outcome: string, rest = '') => `
team: ${team}
axes:
  technical:
    outcome: ${outcome}
    reasons:
      - says: { ko: 판단, en: Judged on the audit. }
        evidence: [{ title: The audit, file: evidence/audit.json, at: components/vision_encoder }]
    findings:
      - component: vision_encoder
        role: weights
        outcome: ${outcome}
        says: What the audit found.
        evidence: [{ title: The audit, file: evidence/audit.json, at: components/vision_encoder }]
${rest}`

describe('a round from gate to next stage', () => {
  it('is ready: sealed, with the report of a real audit as evidence', () => {
    cpSync(join(ROOT, 'testdata/rounds/small'), join(HOME, 'stage'), { recursive: true })
    const plan = join(HOME, 'stage/plan.yaml')
    writeFileSync(
      plan,
      readFileSync(plan, 'utf8')
        .replace(
          'recruitment: null',
          'recruitment: { places: open_places, eligible: Anybody, judged_by: The panel, equal_terms: [The same time] }',
        )
        .replace(
          'shows: [rules, totals, ranks] }',
          'shows: [rules, part_mean, gate_outcomes, advancement] }\n  - { audience: team, shows: [own_scores, traces, gate_evidence] }',
        ),
    )
    expect(round('seal', 'stage', '--time', '2026-03-01T00:00:00Z').status).toBe(0)
    const models = (name: string) => join(ROOT, 'testdata/models', name)
    const audit = run(
      'audit',
      models('vlm-borrowed-tuned'),
      '--against',
      models('vlm-donor'),
      '--out',
      join(HOME, 'stage/evidence'),
    )
    expect(audit.status).toBe(1)
  })

  it('refuses to decide the gate before the team was asked and its window is over', () => {
    const early = act('gate decide', JUDGED('alpha', 'not_met'), '2026-04-01T00:00:00Z')
    expect(early.status).toBe(2)
    expect(early.err).toMatch(/^error: gate\.decided is refused: .*was asked for its reply\nhint: /)
    for (const team of ['alpha', 'beta', 'gamma']) {
      const asked = act(
        'gate ask',
        `team: ${team}\nsays: Please reply to the audit.`,
        '2026-04-01T00:00:00Z',
      )
      expect(asked).toMatchObject({ kind: 'gate.asked', replyUntil: '2026-04-06T00:00:00Z' })
    }
    const open = act('gate decide', JUDGED('alpha', 'not_met'), '2026-04-05T00:00:00Z')
    expect(open.err).toContain('the team may reply until 2026-04-06T00:00:00Z')
  })

  it('keeps the reply, and refuses evidence that is not what it is said to be', () => {
    const replied = act('reply', 'team: beta\nsays: It can be replaced.', '2026-04-03T00:00:00Z')
    expect(replied).toMatchObject({ sequence: 4, kind: 'gate.replied' })
    const after = '2026-04-07T00:00:00Z'
    const place = JUDGED('beta', 'not_met').replaceAll(
      'components/vision_encoder',
      'components/none',
    )
    expect(act('gate decide', place, after).err).toContain('has no place components/none')
    const typo = act('gate decide', 'team: beta\naxes: {}\nvote: []', after)
    expect(typo.err).toMatch(/act\.yaml:3:1 vote: unknown key "vote"/)
    const passedOver = act('gate decide', JUDGED('beta', 'not_met'), after)
    expect(passedOver.err).toContain('reply in entry 4 is not answered')
  })

  it('prints a file to fill in, with what the plan counts and the reply on record', () => {
    const template = round('gate', 'decide', 'stage', '--template', 'beta')
    expect(template.out).toContain('role: weights')
    expect(template.out).toContain('reply: 4')
    expect(act('gate decide', template.out, '2026-04-07T00:00:00Z').err).toContain('TODO')
  })

  it('decides the gate on evidence and replies, and says what follows', () => {
    const time = '2026-04-07T00:00:00Z'
    const replies = 'replies: [{ reply: 4, considered: true, says: Weighed. }]'
    expect(act('gate decide', JUDGED('beta', 'not_met', replies), time)).toMatchObject({
      team: 'beta',
      axes: ['technical not_met'],
    })
    const undecided = act('decide', 'reasons: {}', time)
    expect(undecided.err).toContain('alpha: the gate has not been decided for this team')
    for (const team of ['alpha', 'gamma']) {
      expect(act('gate decide', JUDGED(team, 'met'), time).kind).toBe('gate.decided')
    }
  })

  it('decides by the scoreboard alone, with a deadline for objections', () => {
    const reasons = 'reasons: { beta: [Excluded by the gate.], gamma: [The lowest total.] }'
    expect(act('decide', reasons, '2026-04-20T00:00:00Z')).toMatchObject({
      advances: ['alpha'],
      leaves: ['beta (gate)', 'gamma (score)'],
      openPlaces: 2,
      objectionsUntil: '2026-04-30T00:00:00Z',
    })
  })

  it('takes objections, the late one too, and answers them', () => {
    const filed = act('object', 'by: Gamma\nteam: gamma\nsays: Recount.', '2026-04-25T00:00:00Z')
    expect(filed.timeliness).toBe('in_time')
    const late = act('object', 'by: A reader\nsays: And me.', '2026-05-02T00:00:00Z')
    expect(late.timeliness).toBe('late')
    const carry = 'stage: { id: two, name: Stage two }'
    expect(act('carry', carry, '2026-05-03T00:00:00Z').err).toContain('has no answer')
    const answer = `objection: ${filed.sequence}\nanswer: rejected\nsays: Recounted, the same.`
    expect(act('answer', answer, '2026-05-03T00:00:00Z').kind).toBe('objection.answered')
    expect(act('close', 'says: The window is over.', '2026-05-03T00:00:00Z').sequence).toBe(12)
  })

  it('recruits on equal terms and carries everybody over', () => {
    const time = '2026-05-04T00:00:00Z'
    const call = (to: string) => `
places: 1
terms:
  - term: 1
    says: Six months each.
    windows:
      incumbents: { from: 2026-01-01, to: 2026-06-30 }
      newcomer: { from: 2026-02-01, to: ${to} }`
    expect(act('recruit open', call('2026-06-30'), time).err).toContain('150 days for the newcomer')
    expect(act('recruit open', call('2026-07-31'), time).kind).toBe('recruitment.opened')
    const chosen = 'applicants: 2\nselected: [{ team: delta, name: Delta, reasons: [Chosen.] }]'
    expect(act('recruit select', chosen, time).kind).toBe('recruitment.closed')
    const next = act('carry', 'stage: { id: two, name: Stage two }', time)
    expect(next.teams).toEqual(['alpha', 'delta'])
  })

  it('publishes editions under one root, which private views verify against offline', () => {
    const done = round('publish', 'stage', '--time', '2026-05-05T00:00:00Z', '--json')
    expect(done.status).toBe(0)
    const { root, written } = JSON.parse(done.out)
    expect(written).toHaveLength(10)
    const view = (name: string) => join(HOME, 'stage/published', name, 'view.json')
    const verified = round('verify-view', view('teams/beta'), '--against', view('public'))
    expect(verified).toMatchObject({ status: 0 })
    expect(verified.out).toContain(root)
    const text = readFileSync(view('teams/beta'), 'utf8')
    const own = JSON.parse(text)
    own.openings[0].leaf.value = { kind: 'exact', text: '99.99', exact: '9999/100' }
    writeFileSync(join(HOME, 'forged.json'), JSON.stringify(own))
    const forged = round('verify-view', join(HOME, 'forged.json'), '--root', root, '--json')
    expect(forged.status).toBe(1)
    expect(JSON.parse(forged.out).failures[0]).toContain('do not lead to the root')
    expect(JSON.parse(readFileSync(view('public'), 'utf8')).teams[0].total).toEqual({
      state: 'withheld',
    })
  })

  it('names the entry of a record that was altered or extended by hand', () => {
    const file = join(HOME, 'stage/record.jsonl')
    const record = readFileSync(file, 'utf8')
    writeFileSync(file, record.replace('Recounted, the same.', 'Recounted, another.'))
    const altered = round('docket', 'stage')
    expect(altered.status).toBe(1)
    expect(altered.err).toMatch(/record\.jsonl:12: was altered/)
    writeFileSync(file, record)
    appendFileSync(file, record.trimEnd().split('\n').at(-1) ?? '')
    expect(round('docket', 'stage').err).toMatch(/record\.jsonl:18: /)
    writeFileSync(file, record)
    const docket = JSON.parse(round('docket', 'stage', '--json').out)
    expect(docket.objections.map((one: { timeliness: string }) => one.timeliness)).toEqual([
      'in_time',
      'late',
    ])
  })
})
