import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dokjaAt, ROOT } from './run-cli.ts'

const HOME = mkdtempSync(join(tmpdir(), 'dokja-cli-'))
afterAll(() => rmSync(HOME, { recursive: true, force: true }))

const dokja = (...args: string[]) => dokjaAt(HOME, ['round', ...args])

describe('dokja round', () => {
  it('goes from nothing to a sealed round that can be scored', () => {
    expect(dokja('new', 'stage')).toMatchObject({ status: 0, err: '' })
    const unsealed = dokja('score', 'stage')
    expect(unsealed.status).toBe(2)
    expect(unsealed.out).toBe('')
    expect(unsealed.err).toMatch(
      /^error: plan\.yaml is not sealed.*\nhint: run `dokja round seal DIR`/,
    )
    const sealed = dokja(
      'seal',
      'stage',
      '--author',
      'Office',
      '--time',
      '2026-01-04T00:00:00Z',
      '--json',
    )
    expect(sealed.status).toBe(0)
    const seal = JSON.parse(sealed.out)
    expect(seal).toMatchObject({
      sequence: 0,
      author: 'Office',
      time: '2026-01-04T00:00:00Z',
      existingResults: [],
    })
    expect(statSync(join(HOME, 'config/dokja/signing-key.json')).mode & 0o777).toBe(0o600)
    const scored = dokja('score', 'stage', '--json')
    expect(scored).toMatchObject({ status: 0, err: '' })
    const board = JSON.parse(scored.out)
    expect(board.planDigest).toBe(seal.planDigest)
    expect(board.teams.map((team: { total: unknown }) => team.total)).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(dokja('seal', 'stage').err).toContain('sealed already')
  }, 60_000)

  it('scores rows, refuses an edited plan, and shows both rules after an amendment', () => {
    cpSync(join(ROOT, 'testdata/rounds/small'), join(HOME, 'small'), { recursive: true })
    expect(dokja('seal', 'small').status).toBe(0)
    const before = JSON.parse(dokja('score', 'small', '--json').out)
    expect(before.teams[0]).toMatchObject({ team: 'alpha', total: 87.89, rank: 1 })
    const plan = join(HOME, 'small/plan.yaml')
    writeFileSync(
      plan,
      readFileSync(plan, 'utf8').replace(
        '{ rule: best_team }',
        '{ rule: fraction_of_full_marks, full: 15 }',
      ),
    )
    const tampered = dokja('score', 'small')
    expect(tampered.status).toBe(1)
    expect(tampered.err).toMatch(
      /plan\.yaml:\d+:\d+ parts\[user\]\.measure\.steps\[1\]\.rule: "best_team" → "fraction_of_full_marks"/,
    )
    const amended = dokja(
      'amend',
      'small',
      '--reason',
      'A misprint',
      '--seen-by',
      'Office',
      '--json',
    )
    expect(JSON.parse(amended.out).existingResults[0]).toMatchObject({
      path: 'rows/common.csv',
      seenBy: ['Office'],
    })
    const after = JSON.parse(dokja('score', 'small', '--json').out)
    expect(after.teams[0].total).not.toBe(87.89)
    expect(after.underEarlierRules[0].teams[0].total).toBe(87.89)
    expect(dokja('score', 'small', '--lang', 'ko').out).toContain('개정 전 규칙')
  }, 60_000)

  it('says what is wrong with a folder, an option and a key', () => {
    expect(dokja('score', 'nowhere')).toMatchObject({ status: 2 })
    expect(dokja('amend', 'small')).toMatchObject({ status: 2 })
    expect(dokja('seal', 'small', '--key', 'none.json').err).toMatch(/^error: .*none\.json/)
    expect(dokja('--help').out).toContain('dokja round seal stage-1')
  }, 60_000)
})
