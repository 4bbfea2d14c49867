import { describe, expect, it } from 'vitest'
import { judgePlan } from '../../round/check/judge-plan.ts'
import type { Finding, FindingCode, PlanJudgement } from '../../round/check/judgement.ts'
import { parsePlan } from '../../round/plan/parse-plan.ts'
import { simulateRound } from '../../round/testing/simulated-round.ts'
import { LANGUAGES } from '../messages/language.ts'
import { placesOf } from '../messages/template.ts'
import { displayWidth } from '../terminal/width.ts'
import { renderPlanCheck } from './check-terminal.ts'
import { FINDING_MESSAGES, findingText, formatPoints } from './check-words.ts'

const SIZES = { teams: 4, benchmarks: 2, items: 10, epochs: 2, experts: 6, criteria: 3, users: 30 }
const plan = parsePlan(simulateRound({ seed: 'words', sizes: SIZES }).planText, 'plan.yaml').plan
const judgement: PlanJudgement = judgePlan(plan, { rounds: 60 })
const CODES = Object.keys(FINDING_MESSAGES) as FindingCode[]

describe('the words of a plan check', () => {
  it('fill the same places in both languages', () => {
    for (const code of CODES) {
      const { ko, en, values } = FINDING_MESSAGES[code]
      expect(new Set(placesOf(ko))).toEqual(new Set(placesOf(en)))
      expect(new Set(placesOf(ko))).toEqual(new Set(Object.keys(values)))
    }
  })

  it('leave no place empty for any finding that was made', () => {
    for (const language of LANGUAGES) {
      for (const finding of judgement.findings) {
        const text = findingText(finding, plan, language)
        expect(text).not.toMatch(/undefined|NaN|[{}]|not stated\)|기재 없음/)
      }
    }
  })

  it('name parts and panels as the plan does', () => {
    const finding: Finding = {
      code: 'points_nobody_can_lose',
      gravity: 'caution',
      part: 'user',
      points: 5,
    }
    expect(findingText(finding, plan, 'en')).toBe(
      'Users: the lowest value of the scale already earns 5 points. Everybody has them, so they separate nobody.',
    )
  })

  it('print points with the digits that a simulation carries', () => {
    expect([0, 0.004, 0.5, 0.05, 1.96, 4, 12.34].map(formatPoints)).toEqual([
      '0',
      '0',
      '0.5',
      '0.05',
      '2',
      '4',
      '12.3',
    ])
  })
})

describe('a plan check on the terminal', () => {
  it('says first that nothing was measured, and last what was assumed', () => {
    const text = renderPlanCheck(judgement, plan, { language: 'en', color: false, width: 100 })
    expect(text.split('\n')[1]).toMatch(/^Simulated: .* 60 invented rounds \(seed words\)/)
    expect(text).toContain('Nothing here was measured.')
    expect(text.slice(text.indexOf('Assumptions'))).toContain('- Users: level 65%')
    expect(text.endsWith('\n')).toBe(true)
  })

  it('stays within the width and needs no colour, in both languages', () => {
    for (const language of LANGUAGES) {
      for (const width of [60, 80, 100]) {
        const plain = renderPlanCheck(judgement, plan, { language, color: false, width })
        expect(plain).not.toContain('\u001b')
        for (const line of plain.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width)
      }
    }
  })
})
