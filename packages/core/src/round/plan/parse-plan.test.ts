import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FaultsError } from '../../base/faults.ts'
import { planJsonSchema } from './json-schema.ts'
import { parsePlan } from './parse-plan.ts'
import { planTemplate } from './template.ts'

const ROOT = join(import.meta.dirname, '../../../../..')
const SMALL = readFileSync(join(ROOT, 'testdata/rounds/small/plan.yaml'), 'utf8')

/** Faults as `line:column path: message`. */
function faultsOf(text: string): string[] {
  try {
    parsePlan(text, 'plan.yaml')
  } catch (error) {
    if (!(error instanceof FaultsError)) throw error
    expect(error.code).toBe('PLAN_INVALID')
    return error.faults.map((f) => `${f.line}:${f.column} ${f.at ?? ''}: ${f.message}`)
  }
  return []
}

/** The small plan with one text replaced; the text must be there, once. */
function edited(from: string, to: string): string {
  expect(SMALL.split(from)).toHaveLength(2)
  return SMALL.replace(from, to)
}
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length

describe('a plan', () => {
  it('is valid as `dokja round new` writes it, and in every example', () => {
    expect(faultsOf(planTemplate({ stageId: 'stage-1' }))).toEqual([])
    expect(faultsOf(SMALL)).toEqual([])
    for (const stage of [1, 2]) {
      const text = readFileSync(join(ROOT, `examples/korea-2026-stage${stage}/plan.yaml`), 'utf8')
      expect(faultsOf(text)).toEqual([])
    }
  })

  it('has its schema published as it is in code', () => {
    const published = readFileSync(join(ROOT, 'docs/formats/plan.schema.json'), 'utf8')
    expect(published).toBe(planJsonSchema())
    expect(JSON.parse(published).$defs.plan.title).toBe('Dokja plan of one stage')
  })

  it('has one digest for its rules and another for its text', () => {
    const plan = parsePlan(SMALL, 'plan.yaml')
    const commented = parsePlan(`${SMALL}# a comment\n`, 'plan.yaml')
    expect(commented.planDigest).toBe(plan.planDigest)
    expect(commented.textDigest).not.toBe(plan.textDigest)
    const other = parsePlan(edited('drop: 1', 'drop: 2'), 'plan.yaml')
    expect(other.planDigest).not.toBe(plan.planDigest)
  })

  it('says where points do not add up, at every node', () => {
    const text = edited('        points: 20\n', '        points: 19.5\n')
    expect(faultsOf(text)).toEqual([
      `${lineOf(text, 'points: 50')}:13 parts[0].points: points do not add up: "bench" has 50, its parts have 30 + 19.5 = 49.5`,
    ])
    expect(faultsOf(edited('points: 100\n', 'points: 99\n'))[0]).toContain(
      'points: points do not add up: the stage has 99, its parts have 50 + 30 + 20 = 100',
    )
  })

  it('adds points exactly: 0.1 + 0.2 is 0.3', () => {
    const parts = SMALL.replace('points: 50', 'points: 0.3')
      .replace('        points: 30\n', '        points: 0.1\n')
      .replace('        points: 20\n', '        points: 0.2\n')
    const faults = faultsOf(parts)
    expect(faults.some((fault) => fault.includes('"bench"'))).toBe(false)
  })

  it('refuses a cycle of alternatives and names it', () => {
    const text = edited(
      '    name: Users against a fixed maximum\n',
      '    name: Users against a fixed maximum\n    extends: user_fixed_heavier\n',
    )
    expect(faultsOf(text)).toEqual([
      `${lineOf(text, '    extends: user_fixed_heavier')}:14 alternatives[0].extends: a cycle: user_fixed extends user_fixed_heavier extends user_fixed`,
      `${lineOf(text, '    extends: user_fixed\n')}:14 alternatives[1].extends: a cycle: user_fixed_heavier extends user_fixed extends user_fixed_heavier`,
    ])
  })

  it('refuses an unknown rule and offers the nearest', () => {
    const text = edited('{ rule: best_team }', '{ rule: best_teem }')
    expect(faultsOf(text)).toEqual([
      `${lineOf(text, 'best_teem')}:19 parts[2].measure.steps[1].rule: unknown rule "best_teem"; did you mean "best_team"? known: mean, median, sum, trimmed_mean, weighted_mean, as_points, fraction_of_full_marks, ratio_to_target, best_team, min_max, rank_points, z_score, anchors`,
    ])
  })

  it('refuses a key that it does not know, at the key', () => {
    const text = edited('stage: { id: one,', 'stage: { id: one, coment: x,')
    expect(faultsOf(text)).toEqual(['4:19 stage.coment: unknown key "coment"'])
  })

  it('reports all faults of one kind at once', () => {
    const text = SMALL.replace('planned: 5', 'planned: -5').replace('draws: 2000', 'draws: many')
    expect(faultsOf(text)).toHaveLength(2)
  })

  it.each([
    [
      '{ rule: mean, over: epochs }',
      '{ rule: mean, over: raters }',
      'rows of kind "items" have no raters',
    ],
    ['            - { rule: mean, over: items }\n', '', 'nothing reduces: items'],
    ['        - { rule: as_points }\n', '', 'no scaling step'],
    ['{ rule: sum, over: raters }', '{ rule: sum, over: criteria }', 'have no criteria'],
    ['step: 0.5 }', 'step: 0.3 }', 'never reach 10'],
    ['    panel: users', '    panel: crowd', 'no panel "crowd"'],
    ['part: expert }]', 'part: experts }]', 'no part "experts"'],
    ['{ rule: drop_lowest, n: 1 }', '{ rule: drop_lowest, n: 3 }', 'nobody is left'],
    ['{ id: gamma, name: Gamma }', '{ id: beta, name: Gamma }', 'the team "beta" is there twice'],
    ['source: own\n', 'source: common\n', 'the row source "common" is there twice'],
    ['id: own\n', 'id: common\n', 'the part "common" is there twice'],
    ['full: 1 }', 'full: 0 }', 'full and zero are the same'],
    ['likely: 0.8', 'likely: 0.99', '"likely" begins above "clear"'],
    [
      '{ rule: as_points }\n',
      '{ rule: as_points }\n        - { rule: best_team }\n',
      'a second scaling step',
    ],
    ['scale: { min: 1, max: 5, step: 1 }', 'scale: { min: 5, max: 1 }', 'min is not below max'],
    ['    extends: user_fixed\n', '    extends: nothing\n', 'no alternative "nothing"'],
    [
      'points: 30 }, { part: expert, points: 20,',
      'points: 30 }, { part: expert, points: 25,',
      'under "user_fixed_heavier", points do not add up',
    ],
    ['max: 20, step: 1', 'max: 25, step: 1', 'full marks are 35, but the part has 30 points'],
  ])('refuses %s → %s', (from, to, message) => {
    const faults = faultsOf(edited(from, to))
    expect(
      faults.some((fault) => fault.includes(message)),
      faults.join('\n'),
    ).toBe(true)
    for (const fault of faults) expect(fault).toMatch(/^\d+:\d+ [a-z]/)
  })

  it.each([
    ['an alias', 'a: &x 1\nb: *x\n', 'an anchor'],
    ['an alias bomb', `a: &a [1]\n${'b'.repeat(3)}: [*a, *a]\n`, 'an alias'],
    ['a cycle of aliases', 'a: &a [*a]\n', 'alias'],
    ['a tag', 'a: !!binary aGk=\n', 'tag'],
    ['a custom tag', 'a: !function x\n', 'tag'],
    ['a duplicate key', 'a: 1\na: 2\n', 'unique'],
    ['a key that is no text', '? [1]\n: 2\n', 'a key that is not text'],
    ['NaN', 'a: .nan\n', '.nan is not a plain decimal'],
    ['too many digits', 'a: 0.1234567890123456789\n', 'more than 15 significant digits'],
    ['deep nesting', `a: ${'['.repeat(100)}${']'.repeat(100)}\n`, 'nested deeper than 40'],
    ['nesting without end', `a: ${'['.repeat(200_000)}\n`, ''],
    ['two documents', '--- 1\n--- 2\n', 'document'],
    ['nothing', '', ''],
  ])('refuses %s', (_what, text, message) => {
    const faults = faultsOf(text)
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.join('\n')).toContain(message)
  })
})
