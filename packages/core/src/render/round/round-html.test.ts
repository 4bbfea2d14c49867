import { describe, expect, it } from 'vitest'
import { publishViews } from '../../round/disclosure/publish-views.ts'
import type { Departure } from '../../round/docket/departures.ts'
import { parsePlan } from '../../round/plan/parse-plan.ts'
import { planTemplate } from '../../round/plan/template.ts'
import { runRound } from '../../round/run-round.ts'
import { keyFromSeed } from '../../round/seal/envelope.ts'
import { formatEntry } from '../../round/seal/record.ts'
import { sealPlan } from '../../round/seal/seal.ts'
import { CERTAINTY_WORDS } from './certainty-words.ts'
import { departureText } from './departure-words.ts'
import { DOCKET_WORDS } from './docket-words.ts'
import { renderRoundHtml } from './round-html.ts'
import { ROUND_WORDS } from './round-words.ts'
import { ENTRY_WORDS, RULE_WORDS } from './rule-words.ts'
import { koreanNote, koreanReason, koreanTrace } from './sentences-ko.ts'

function pageOf(change: (text: string) => string = (same) => same): string {
  const text = change(planTemplate({ stageId: 'stage-1' }))
  const key = keyFromSeed(new Uint8Array(32).fill(7))
  const sealing = { time: '2026-01-01T00:00:00Z', author: 'office', key, existingResults: [] }
  const entry = sealPlan({ parsed: parsePlan(text, 'plan.yaml'), record: [], ...sealing })
  const result = runRound({
    plan: { text, path: 'plan.yaml' },
    record: { text: formatEntry(entry), path: 'record.jsonl' },
    files: [],
  })
  const options = { secret: 'ab'.repeat(32), asOf: '2026-01-02T00:00:00Z' }
  return renderRoundHtml(publishViews(result, options).office, { language: 'ko' })
}

describe('the page of a stage', () => {
  it('is complete for a stage without any rows: open, not published, and nothing invented', () => {
    const page = pageOf()
    expect(page).toContain('누가 진출하는지 아직 정해지지 않았습니다.')
    expect(page).toContain('Who advances is still open.')
    expect(page).toContain('공표되지 않음')
    expect(page).not.toMatch(/undefined|NaN|\[object/)
  })

  it('writes names from outside as text, never as markup', () => {
    const hostile = '<img src=x onerror=alert(1)>'
    const page = pageOf((text) => text.replaceAll('Team A', hostile).replaceAll('가 팀', hostile))
    expect(page).toContain('&lt;img src=x')
    expect(page).not.toContain('<img')
  })

  it('says every message in both languages and fills every place', () => {
    const tables = [ROUND_WORDS, CERTAINTY_WORDS, DOCKET_WORDS, RULE_WORDS, ENTRY_WORDS]
    for (const [key, message] of tables.flatMap((table) => Object.entries(table))) {
      expect(message.ko.length, key).toBeGreaterThan(0)
      expect(message.en.length, key).toBeGreaterThan(0)
      const places = (text: string) =>
        new Set([...text.matchAll(/\{(\w+)[^}]*\}/g)].map((match) => match[1]))
      const declared = new Set([...Object.keys(message.values), 'n'])
      for (const place of [...places(message.ko), ...places(message.en)]) {
        expect(declared.has(place ?? ''), `${key} ${place}`).toBe(true)
      }
    }
  })
})

describe('Korean forms', () => {
  it.each([
    ['33.6 ≈ 9.2 + 14.4 + 10.0', '33.6 ≈ 9.2 + 14.4 + 10.0'],
    [
      '28.5 = mean of 8 of 10 raters, without 35 (highest) and 20 (lowest)',
      '28.5 = 10명 평가자 가운데 최고 35, 최저 20을(를) 뺀 나머지 8개 값의 평균',
    ],
    ['0.85 = mean of 40 items: 0 (×6), 1 (×34)', '0.85 = 40개 문항의 평균: 0 (×6), 1 (×34)'],
    ['0.804878 ≈ 165 / 205 (best team)', '0.804878 ≈ 165 / 205 (최고 팀)'],
    ['90.2 as published', '90.2 (공표값)'],
    ['unknown: no rows of "nia" were published', '알 수 없음: "nia"의 원자료가 공표되지 않음'],
  ])('of the trace "%s"', (english, korean) => {
    expect(koreanTrace(english)).toBe(korean)
  })

  it('leave a sentence that fits no pattern to be marked as English', () => {
    expect(koreanTrace('something entirely new happened')).toBeUndefined()
    expect(koreanReason('something entirely new happened')).toBeUndefined()
    expect(koreanNote('something entirely new happened')).toBeUndefined()
  })

  it('exist for every way of departing from a plan', () => {
    const departures: Departure[] = [
      { code: 'not_asked' },
      { code: 'window_open', until: '2026-01-15T00:00:00Z' },
      { code: 'quorum', axis: 'technical', voters: 2, quorum: 3 },
      { code: 'vote_says_other', axis: 'policy', counted: 'met', stated: 'not_met' },
      { code: 'unequal_window', term: 0, incumbentsDays: 181, newcomerDays: 150 },
    ]
    for (const departure of departures) {
      expect(departureText(departure, 'ko')).toMatch(/[가-힣]/)
      expect(departureText(departure, 'en')).not.toMatch(/[가-힣]/)
    }
  })
})
