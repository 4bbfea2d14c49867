import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dokjaAt, ROOT } from './run-cli.ts'

// Both real stages through the real commands. What was decided is published fact; the rows are
// simulated, because the real ones never were published.

const HOME = mkdtempSync(join(tmpdir(), 'dokja-korea-'))
afterAll(() => rmSync(HOME, { recursive: true, force: true }))

const round = (...args: string[]) => dokjaAt(HOME, ['round', ...args])

function docketOf(stage: number) {
  const example = join(ROOT, `examples/korea-2026-stage${stage}`)
  cpSync(example, join(HOME, `stage${stage}`), { recursive: true })
  return JSON.parse(round('docket', `stage${stage}`, '--json').out)
}

const view = (stage: number, name: string) => {
  const path = join(HOME, `stage${stage}/published`, name)
  return {
    path: join(path, 'view.json'),
    json: JSON.parse(readFileSync(join(path, 'view.json'), 'utf8')),
    html: readFileSync(join(path, 'index.html'), 'utf8'),
  }
}

type File = {
  team: string
  replies: { body: { says: { en: string } } }[]
  decisions: {
    body: {
      axes: Record<string, { outcome: string; reasons: { evidence: { link: string }[] }[] }>
      published: string | null
      replies: { considered: boolean; says: { en: string } }[]
    }
    departures: { code: string }[]
    underStartingRule: { code: string }[]
  }[]
}

describe('January 2026', () => {
  const docket = docketOf(1)
  const file = (team: string): File => docket.gate.find((entry: File) => entry.team === team)

  it('has Naver Cloud not met on all three axes, with published reasons and their sources', () => {
    const [decision] = file('naver-cloud').decisions
    const axes = Object.entries(decision!.body.axes)
    expect(axes.map(([axis, { outcome }]) => `${axis} ${outcome}`).sort()).toEqual([
      'ethical not_met',
      'policy not_met',
      'technical not_met',
    ])
    for (const [, { reasons }] of axes) {
      const links = reasons.flatMap((reason) => reason.evidence.map((one) => one.link))
      expect(links).toContain('https://www.korea.kr/briefing/pressReleaseView.do?newsId=156739871')
    }
    for (const team of ['lg', 'skt', 'upstage', 'nc-ai']) {
      expect(file(team).decisions[0]!.body).toMatchObject({ axes: {}, published: 'passes' })
    }
  })

  it('keeps the reply of Naver Cloud, that it was not considered, and what a rule would have asked', () => {
    const { replies, decisions } = file('naver-cloud')
    expect(replies[0]!.body.says.en).toMatch(/100 % own technology.*replaced by an own one/)
    expect(decisions[0]!.body.replies).toMatchObject([
      { considered: false, says: { en: expect.stringContaining('was not considered') } },
    ])
    // The real plan sealed no right of reply: nothing was broken, and this is what was lacking.
    expect(decisions[0]!.departures).toEqual([])
    expect(decisions[0]!.underStartingRule.map((one) => one.code)).toEqual([
      'not_asked',
      'reply_passed_over',
    ])
  })

  it('sends LG, SKT and Upstage on, NC AI out by score, Naver Cloud out by the gate, and opens one place', () => {
    const [{ body }] = docket.decisions
    expect(body.advances.map((one: { team: string }) => one.team)).toEqual(['lg', 'skt', 'upstage'])
    expect(
      body.leaves.map((one: { team: string; ground: string }) => [one.team, one.ground]),
    ).toEqual([
      ['naver-cloud', 'gate'],
      ['nc-ai', 'score'],
    ])
    expect(body.openPlaces).toBe(1)
    expect(body.objectionsUntil).toBe('2026-01-25T06:00:00Z')
  })

  it('records that nobody objected, and Motif as the fourth team on equal terms', () => {
    expect(docket.objections).toEqual([])
    expect(docket.closed).toHaveLength(1)
    const [{ body }] = docket.recruitments
    expect(body.places).toBe(1)
    expect(body.terms[1].windows).toEqual({
      incumbents: { from: '2026-01-01', to: '2026-06-30' },
      newcomer: { from: '2026-02-01', to: '2026-07-31' },
    })
    expect(docket.recruits[0].body.selected[0].team).toBe('motif')
    const next = docket.carried[0].body.teams.map((one: { team: string; from: string }) => one)
    expect(next.map((one: { team: string; from: string }) => `${one.team} ${one.from}`)).toEqual([
      'lg advanced',
      'skt advanced',
      'upstage advanced',
      'motif recruited',
    ])
  })

  it('publishes what the ministry published and no more, and marks all that is simulated', () => {
    expect(round('publish', 'stage1', '--time', '2026-11-24T00:00:00Z').status).toBe(0)
    const open = view(1, 'public')
    const shown = open.json.aggregates.find((one: { part: string }) => one.part === 'expert')
    expect(shown).toMatchObject({
      best: { state: 'shown', value: { kind: 'published', text: '31.6' } },
      bestTeams: { state: 'shown', value: ['lg'] },
      mean: { state: 'shown', value: { kind: 'published', text: '28.56' } },
      gap: { state: 'withheld' },
    })
    for (const team of open.json.teams) {
      expect(team.total).toEqual({ state: 'withheld' })
      expect(team.rank).toEqual({ state: 'withheld' })
    }
    expect(open.html).toContain('LG AI Research, SK Telecom and Upstage advance')
    expect(open.html).toContain('Naver Cloud: in by score, excluded by the independence gate')
    expect(open.html).toContain('소명 규칙이 있었다면')
    expect(open.html).toContain('모의 자료로 계산했습니다')
    const own = view(1, 'teams/naver-cloud')
    const verified = round('verify-view', own.path, '--against', open.path, '--json')
    expect(verified.status).toBe(0)
    expect(JSON.parse(verified.out).proven).toBe(17)
    expect(own.json.simulated).toContain('total')
  })
})

describe('August 2026', () => {
  const docket = docketOf(2)

  it('drops Motif by score, and nobody by the gate', () => {
    const [{ body }] = docket.decisions
    expect(body.advances.map((one: { team: string }) => one.team).sort()).toEqual([
      'lg',
      'skt',
      'upstage',
    ])
    expect(body.leaves).toMatchObject([{ team: 'motif', ground: 'score' }])
    expect(body.openPlaces).toBe(0)
    expect(docket.gate.map((one: File) => one.decisions[0]!.body.published)).toEqual(
      Array(4).fill('passes'),
    )
  })

  it('says that neither axes, votes nor the length of the objection window were published', () => {
    const [decision] = docket.gate[0].decisions
    expect(decision.departures.map((one: { code: string }) => one.code)).toEqual([
      'axis_missing',
      'axis_missing',
      'axis_missing',
      'no_votes',
    ])
    expect(docket.decisions[0].body.objectionsUntil).toBeNull()
    expect(round('publish', 'stage2', '--time', '2026-11-24T00:00:00Z').status).toBe(0)
    expect(view(2, 'public').html).toContain('이의제기 기간은 공표되지 않았습니다')
  })
})
