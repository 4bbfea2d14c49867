import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readInputFiles } from '../../node/round/round-folder.ts'
import { digestBytes } from '../base/digest.ts'
import { AppError } from '../base/errors.ts'
import { formatFraction } from '../base/rational.ts'
import { parsePlan } from './plan/parse-plan.ts'
import { readRows } from './rows/read-rows.ts'
import type { InputFile } from './rows/table.ts'
import { type RoundResult, runRound } from './run-round.ts'
import { scorePlan } from './score/score-plan.ts'
import type { Amount, GateState, PartScore } from './score/scoreboard.ts'
import { roundJson } from './score/scoreboard-json.ts'
import type { Trace } from './score/trace.ts'
import { keyFromSeed } from './seal/envelope.ts'
import { formatEntry, type RecordEntry } from './seal/record.ts'
import { amendPlan, sealPlan } from './seal/seal.ts'

const FOLDER = join(import.meta.dirname, '../../../../testdata/rounds/small')
const PLAN = readFileSync(join(FOLDER, 'plan.yaml'), 'utf8')
const FILES = await readInputFiles(FOLDER)
const KEY = keyFromSeed(new Uint8Array(32).fill(7))

const sealing = (text: string, record: readonly RecordEntry[] = []) => ({
  parsed: parsePlan(text, 'plan.yaml'),
  record,
  time: '2026-03-01T00:00:00Z',
  author: 'office',
  key: KEY,
  existingResults: [],
})
const sealed = (text: string) => [sealPlan(sealing(text))]

function run(
  text = PLAN,
  options: { record?: readonly RecordEntry[]; files?: readonly InputFile[] } = {},
): RoundResult {
  const record = (options.record ?? sealed(text)).map(formatEntry).join('')
  return runRound({
    plan: { text, path: 'plan.yaml' },
    record: { text: record, path: 'record.jsonl' },
    files: options.files ?? FILES,
  })
}

const edit = (from: string, to: string, text = PLAN) => {
  expect(text).toContain(from)
  return text.replace(from, to)
}
const changed = (path: string, from: string, to: string): InputFile[] =>
  FILES.map((file) => {
    if (file.path !== path) return file
    const text = edit(from, to, new TextDecoder().decode(file.bytes))
    return { ...file, bytes: new TextEncoder().encode(text) }
  })

const show = (amount: Amount | undefined) =>
  !amount ? 'nothing' : amount.kind === 'unknown' ? amount.reason : formatFraction(amount.value)
const partsOf = (result: RoundResult, team: string) => {
  const flat = (parts: readonly PartScore[]): [string, string][] =>
    parts.flatMap((part) => [[part.part, show(part.amount)], ...flat(part.parts)])
  return Object.fromEntries(flat(result.board.teams.find((t) => t.team === team)?.parts ?? []))
}
const errorOf = (act: () => unknown): AppError => {
  try {
    act()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a small round', () => {
  it('gives the scores that a hand calculation gives, exactly', () => {
    // common: alpha code 1, math (1 + .5)/2, so .875 × 30; beta code (1 + 0)/2, math (.5 + .5)/2.
    // own: alpha (72/80 + 1)/2; beta capped at 1; gamma 40.5/81. expert: 22 24 27 30 and so on.
    // user: sums 12, 14 and 8 against the best, 14.
    const result = run()
    expect(partsOf(result, 'alpha')).toEqual({
      bench: '181/4',
      common: '105/4',
      own: '19',
      expert: '51/2',
      user: '120/7',
    })
    expect(partsOf(result, 'beta')).toEqual({
      bench: '35',
      common: '15',
      own: '20',
      expert: '93/4',
      user: '20',
    })
    expect(partsOf(result, 'gamma')).toEqual({
      bench: '185/8',
      common: '105/8',
      own: '10',
      expert: '18',
      user: '80/7',
    })
    expect(result.board.teams.map((team) => show(team.total))).toEqual([
      '2461/28',
      '313/4',
      '2943/56',
    ])
    expect(result.board.ranking).toEqual(['alpha', 'beta', 'gamma'])
  })

  it('tells how every number came about, down to lines of files', () => {
    const alpha = run().board.teams[0]
    expect(alpha?.trace.says).toBe('87.89 ≈ 45.25 + 25.50 + 17.14')
    const bench = alpha?.trace.from[0]
    expect(bench?.says).toBe('bench: 45.25 = 26.25 + 19.00')
    expect(bench?.from[0]?.says).toBe('common: 26.25 = 0.875 × 30')
    const expert = alpha?.trace.from[1]
    expect(expert?.says).toBe(
      'expert: 25.5 = mean of 2 of 4 raters, without 30 (highest) and 22 (lowest)',
    )
    expect(expert?.from[0]?.says).toBe('e1: 24 = 8 + 16')
    const places = (trace: Trace): string[] => [
      ...trace.rows.map((row) => `${row.path}:${row.lines}`),
      ...trace.from.flatMap(places),
    ]
    expect(new Set(places(expert!))).toEqual(
      new Set([2, 3, 8, 9, 12, 13, 18, 19].map((line) => `rows/expert.csv:${line}`)),
    )
    // Every row of alpha is reachable from its total, each once.
    const all = places(alpha!.trace)
    expect(all).toHaveLength(6 + 2 + 8 + 3)
    expect(new Set(all).size).toBe(all.length)
  })

  it('has a trace in which each sum is the sum of its parts', () => {
    const check = (trace: Trace) => {
      if (trace.rule === 'sum' && trace.exact) {
        const exact = trace.from.map((from) => from.exact ?? '0/1')
        const value = (fraction: string) => {
          const [n = '0', d = '1'] = fraction.split('/')
          return Number(n) / Number(d)
        }
        const sum = exact.map(value).reduce((a, b) => a + b, 0)
        expect(sum).toBeCloseTo(value(trace.exact), 12)
      }
      trace.from.forEach(check)
    }
    for (const team of run().board.teams) check(team.trace)
  })

  it('is the same whatever the order of rows, files and columns', () => {
    const turned = [...FILES].reverse().map((file) => {
      if (!file.path.endsWith('.csv')) return file
      const [header = '', ...lines] = new TextDecoder().decode(file.bytes).trim().split('\n')
      return { ...file, bytes: new TextEncoder().encode([header, ...lines.reverse()].join('\n')) }
    })
    const [a, b] = [run(), run(PLAN, { files: turned })]
    expect(b.board.digest).toBe(a.board.digest)
    expect(b.board.rowsDigest).toBe(a.board.rowsDigest)
    // Which bytes were read is reported all the same.
    expect(b.board.inputs).not.toEqual(a.board.inputs)
    expect(b.sensitivity).toEqual(a.sensitivity)
  })

  it('has another digest when a rule or a row changes, even if no rank does', () => {
    const digests = [
      run(),
      run(edit('rule: drop_lowest, n: 1', 'rule: top, n: 2')),
      run(edit('seed: small', 'seed: other')),
      run(PLAN, { files: changed('rows/user.csv', 'u1,gamma,3', 'u1,gamma,4') }),
    ].map((result) => result.board.digest)
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('shows what the sealed alternatives would have given', () => {
    const { alternatives } = run().sensitivity
    expect(alternatives.map(({ rule, ranking }) => [rule, ranking])).toEqual([
      ['user_fixed', ['alpha', 'beta', 'gamma']],
      ['user_fixed_heavier', ['alpha', 'beta', 'gamma']],
    ])
    // 45.25 + 25.5 + 20 × 4/5, then 45.25 + 20 × 25.5/30 + 30 × 4/5.
    expect(alternatives.map((entry) => entry.totals['alpha'])).toEqual(['86.75', '86.25'])
  })

  it('prints one JSON document with the promised keys', () => {
    const json = JSON.parse(JSON.stringify(roundJson(run())))
    expect(json).toMatchObject({
      schemaVersion: 'dokja.scoreboard/1',
      planDigest: expect.stringMatching(/^sha256:/),
    })
    expect(json.teams[0]).toMatchObject({
      team: 'alpha',
      total: 87.89,
      rank: 1,
      gate: 'undecided',
      advances: null,
    })
    expect(json.teams[0].parts[0]).toMatchObject({
      part: 'bench',
      points: 50,
      score: 45.25,
      trace: { says: '45.25 = 26.25 + 19.00' },
    })
    expect(json.teams[2].advances).toBe(false)
    expect(json.sensitivity).toMatchObject({
      alternatives: expect.any(Array),
      weightSwaps: expect.any(Array),
      rankProbabilities: expect.any(Array),
    })
  })
})

describe('rules of a round', () => {
  it('refuse to score without a seal', () => {
    expect(errorOf(() => run(PLAN, { record: [] })).code).toBe('PLAN_UNSEALED')
  })

  it('refuse a plan that was edited after the seal, and name every change by its path', () => {
    const text = edit('quorum: { least: 3 }', 'quorum: { least: 2 }', edit('drop: 1', 'drop: 2'))
    const error = errorOf(() => run(text, { record: sealed(PLAN) }))
    expect(error.code).toBe('PLAN_TAMPERED')
    expect(error.message).toContain(
      'plan.yaml was edited after it was sealed on 2026-03-01T00:00:00Z by office',
    )
    const line = (part: string) => text.slice(0, text.indexOf(part)).split('\n').length
    expect(error.message).toContain(
      `\n  plan.yaml:${line('quorum: { least: 2 }')}:22 panels[experts].quorum.least: 3 → 2`,
    )
    expect(error.message).toContain(
      `\n  plan.yaml:${line('drop: 2')}:53 parts[expert].measure.steps[1].drop: 1 → 2`,
    )
  })

  it('refuse even a changed comment, and say that no rule changed', () => {
    const error = errorOf(() => run(`${PLAN}# new\n`, { record: sealed(PLAN) }))
    expect(error.code).toBe('PLAN_TAMPERED')
    expect(error.message).toContain('no rule changed, but comments or layout did')
  })

  it('call a plan that no longer parses tampered with, not merely invalid', () => {
    expect(errorOf(() => run(`${PLAN}: [`, { record: sealed(PLAN) })).code).toBe('PLAN_TAMPERED')
  })

  it('keep the result under the earlier rules beside the amended one', () => {
    const text = edit('rule: best_team }', 'rule: fraction_of_full_marks, full: 15 }')
    const [first] = sealed(PLAN)
    const amendment = amendPlan({
      ...sealing(text, [first!]),
      time: '2026-03-20T00:00:00Z',
      existingResults: [
        { path: 'rows/user.csv', digest: `sha256:${'0'.repeat(64)}`, seenBy: ['office'] },
      ],
      reason: 'the scale was misread',
      approvedBy: ['board'],
    })
    const result = run(text, { record: [first!, amendment] })
    expect(partsOf(result, 'beta')['user']).toBe('56/3')
    expect(result.earlier).toHaveLength(1)
    const before = result.earlier[0]!
    expect(before.outcome.kind === 'scored' && before.outcome.board.digest).toBe(run().board.digest)
    expect(result.sealed.current.amendment).toEqual({
      replaces: result.sealed.earlier[0]!.planDigest,
      reason: 'the scale was misread',
      approvedBy: ['board'],
    })
    expect(result.sealed.current.existingResults[0]).toMatchObject({
      path: 'rows/user.csv',
      seenBy: ['office'],
    })
  })

  it('report a row file that changed after the seal that listed it', () => {
    const existing = FILES.filter((file) => file.role === 'rows').map((file) => ({
      path: file.path,
      digest: digestBytes(file.bytes),
      seenBy: null,
    }))
    const record = [sealPlan({ ...sealing(PLAN), existingResults: existing })]
    expect(run(PLAN, { record }).changes).toEqual([])
    const files = changed('rows/user.csv', 'u1,gamma,3', 'u1,gamma,3.0').filter(
      (file) => file.path !== 'rows/expert.csv',
    )
    const result = run(PLAN, { record, files })
    expect(result.changes.map(({ what, after }) => [what, after === null])).toEqual([
      [{ kind: 'file', path: 'rows/expert.csv' }, true],
      [{ kind: 'file', path: 'rows/user.csv' }, false],
    ])
  })

  it('leave a part without a score when the quorum is not reached', () => {
    const result = run(edit('quorum: { least: 3 }', 'quorum: { least: 4 }'))
    // e2 has a conflict with gamma, so only three experts judged it.
    expect(partsOf(result, 'gamma')['expert']).toBe('3 panellists; the quorum of "experts" is 4')
    expect(result.board.teams[2]?.total.kind).toBe('unknown')
    expect(partsOf(result, 'alpha')['expert']).toBe('51/2')
    expect(result.board.ranking).toEqual([])
  })

  it('compare nobody with a team whose rows are too few', () => {
    const text = edit(
      'absent: exclude, least_coverage: 0.5',
      'absent: exclude, least_coverage: 0.9',
    )
    const result = run(text, { files: changed('rows/user.csv', 'u3,gamma,2\n', '') })
    const reason = '2 of 3 rows scored; the plan asks for a share of 0.9'
    expect(partsOf(result, 'gamma')['user']).toBe(reason)
    expect(partsOf(result, 'alpha')['user']).toBe(
      `best_team compares the teams, and one has no value: ${reason}`,
    )
  })

  it('name a missing panellist, criterion and item with team and file', () => {
    const rows = (path: string, line: string) =>
      errorOf(() => run(PLAN, { files: changed(path, `${line}\n`, '') }))
    const error = rows('rows/expert.csv', 'e3,gamma,result,11')
    expect(error.code).toBe('ROWS_INVALID')
    expect(error.message).toContain(
      'rows/expert.csv: missing: no row of panellist e3, criterion result for team gamma',
    )
    expect(rows('rows/common.csv', 'beta,math,2,1,0,').message).toContain(
      'rows/common.csv: missing: no row of benchmark math, item 2, epoch 1 for team beta',
    )
    // The users' rule excludes what is absent, so here nothing is refused.
    expect(
      run(PLAN, { files: changed('rows/user.csv', 'u3,gamma,2\n', '') }).board.ranking,
    ).toHaveLength(3)
  })

  it('treat an error, a wrong answer and a missing row as three things', () => {
    const common = (rule: string, least = '0.5') =>
      partsOf(
        run(
          edit(
            'missing: { not_scored: zero, absent: refuse, least_coverage: 0.5 }',
            `missing: { not_scored: ${rule}, absent: refuse, least_coverage: ${least} }`,
          ),
        ),
        'beta',
      )['common']
    expect(common('zero')).toBe('15')
    // Without the timeout, code is 1 of 1 run.
    expect(common('exclude')).toBe('45/2')
    expect(common('exclude', '0.9')).toBe('5 of 6 rows scored; the plan asks for a share of 0.9')
    expect(errorOf(() => common('refuse')).message).toContain(
      'rows/common.csv:13: not scored (timeout)',
    )
  })

  it('leave a panellist out for all teams where the plan says so', () => {
    const result = run(
      edit(
        'absent: exclude, least_coverage: 0.5',
        'absent: exclude_panellist, least_coverage: 0.5',
      ),
      {
        files: changed('rows/user.csv', 'u3,gamma,2\n', ''),
      },
    )
    expect(partsOf(result, 'alpha')['user']).toBe('140/9')
    expect(result.board.notes).toContain(
      'user: u3 is left out for all teams, because a row of theirs is absent',
    )
  })

  it('break ties as sealed, and leave open what no rule breaks', () => {
    // Everything but the users is worth little, and two teams have equal ratings everywhere.
    const equal = FILES.map((file) => {
      const text = new TextDecoder().decode(file.bytes)
      const lines = text.trimEnd().split('\n')
      if (
        file.path === 'rows/common.csv' ||
        file.path === 'rows/user.csv' ||
        file.path === 'rows/expert.csv'
      ) {
        const same = lines
          .filter((l) => !/\bbeta\b/.test(l))
          .flatMap((l) => (/\balpha\b/.test(l) ? [l, l.replace('alpha', 'beta')] : [l]))
        return { ...file, bytes: new TextEncoder().encode(`${same.join('\n')}\n`) }
      }
      if (file.path.startsWith('rows/own')) {
        return {
          ...file,
          bytes: new TextEncoder().encode(
            text
              .replace('beta,vqa,60', 'beta,vqa,66')
              .replace('"score":81.00', '"score":72')
              .replace('tool,80', 'tool,72')
              .replace('alpha,ocr,80', 'alpha,ocr,72'),
          ),
        }
      }
      return file
    })
    const tied = run(PLAN, { files: equal })
    expect(tied.board.teams.slice(0, 2).map((t) => show(t.total))).toEqual([
      show(tied.board.teams[0]?.total),
      show(tied.board.teams[0]?.total),
    ])
    expect(tied.board.teams.map((t) => t.rank)).toEqual(
      [1, 1, 3].map((value) => ({ kind: 'known', value })),
    )
    const top = run(edit('rule: drop_lowest, n: 1', 'rule: top, n: 1'), { files: equal })
    expect(top.board.teams[0]?.advancesByScore).toMatchObject({
      kind: 'open',
      reason: expect.stringContaining('tied'),
    })
    const lot = edit(
      'ties: [{ rule: higher_part, part: expert }]',
      'ties: [{ rule: lot, seed: drawn in public }]',
    )
    const drawn = run(lot, { files: equal })
    expect(
      drawn.board.teams
        .slice(0, 2)
        .map((t) => t.rank.kind === 'known' && t.rank.value)
        .sort(),
    ).toEqual([1, 2])
    expect(run(lot, { files: equal }).board.ranking).toEqual(drawn.board.ranking)
  })

  it('compare only ranked teams with each other when the gate comes first and the plan says so', () => {
    const first = edit('gate: after_ranking', 'gate: before_ranking')
    const state = (outcome: GateState['outcome']): GateState => ({
      outcome,
      axes: {},
      reasons: [],
      evidence: [],
    })
    const gate = new Map([
      ['alpha', state('passes')],
      ['beta', state('excluded')],
      ['gamma', state('passes')],
    ])
    const board = (text: string) => {
      const { plan, planDigest } = parsePlan(text, 'plan.yaml')
      return scorePlan(plan, { planDigest, rows: readRows(plan, FILES), gate }).board
    }
    const kept = board(first)
    const narrowed = board(edit('relative_to: all_teams', 'relative_to: ranked_teams', first))
    // Beta has the best ratings, 14; without it alpha's 12 is the best.
    const user = (b: typeof kept) => show(b.teams[0]?.parts[2]?.amount)
    expect([user(kept), user(narrowed)]).toEqual(['120/7', '20'])
    expect(narrowed.ranking).toEqual(['alpha', 'gamma'])
    expect(narrowed.teams.map((team) => team.advances)).toEqual([
      { kind: 'known', value: true },
      { kind: 'known', value: false },
      { kind: 'known', value: false },
    ])
    expect(narrowed.openPlaces).toEqual({ kind: 'known', value: 2 })
    gate.delete('gamma')
    expect(board(first).teams[0]?.rank).toMatchObject({ kind: 'open' })
  })

  it('round before adding up only where declared', () => {
    const text = edit(
      'carried: { leaf: null, group: null, total: null }',
      'carried: { leaf: 1, group: null, total: 0 }',
    )
    const result = run(text)
    expect(partsOf(result, 'alpha')).toMatchObject({
      common: '263/10',
      user: '171/10',
      bench: '453/10',
    })
    expect(show(result.board.teams[0]?.total)).toBe('88')
  })
})
