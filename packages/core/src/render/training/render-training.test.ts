import { describe, expect, it } from 'vitest'
import { FINDING_LISTS, type FindingCode, finding } from '../../audit/technical/training/finding.ts'
import type { TrainingReport } from '../../audit/technical/training/judge-training.ts'
import { placesOf, plainText } from '../messages/template.ts'
import { displayWidth } from '../terminal/width.ts'
import { FINDING_MESSAGES } from './finding-messages.ts'
import { renderTraining } from './render-training.ts'
import { trainingFindingText } from './training-words.ts'

const CODES = Object.keys(FINDING_LISTS) as FindingCode[]

const sample: TrainingReport = {
  schemaVersion: 'dokja.training/1',
  model: 'hostile \u001b[31mname\u202e',
  declaredBy: { name: 'x', date: '2026-01-01T00:00:00Z' },
  outcome: 'contradicted',
  openChecks: [],
  isCommittedDuringTraining: false,
  steps: [0, 10],
  consistent: [finding('files', 'files_match', { values: { files: 2 } })],
  contradicts: [
    finding('links', 'link_independent', {
      tier: 'exact',
      values: { from: 0, to: 10, component: 'language_model', log10P: -0.2 },
    }),
  ],
  missing: [finding('log', 'log_missing')],
}

describe('words of a training report', () => {
  it.each(CODES)('%s has both languages with the same values', (code) => {
    const { ko, en, values } = FINDING_MESSAGES[code]
    const names = new Set(Object.keys(values))
    for (const text of [ko, en]) {
      expect(new Set([...placesOf(text), ...names])).toEqual(names)
    }
    expect(new Set(placesOf(en))).toEqual(new Set(placesOf(ko)))
    expect(en).not.toMatch(/\bproved|proves\b/)
  })

  it('fills a finding in words', () => {
    const found = finding('initialisation', 'init_differs', { values: { tensor: 'w', share: 0.5 } })
    expect(plainText(trainingFindingText(found, 'en'))).toBe(
      'w: 50% of its values differ from what the declared seed gives. Check seed, scheme, version, and whether the code drew anything before.',
    )
  })

  it('says which checks decided, or what keeps the outcome open', () => {
    const lines = (report: TrainingReport): string =>
      renderTraining(report, { language: 'en', width: 100, color: false })
    expect(lines(sample)).toContain('Contradicted by: Links')
    const open = { ...sample, outcome: 'not_determinable', contradicts: [] } as const
    expect(lines({ ...open, openChecks: ['imprint', 'log'] })).toContain(
      'What keeps it open: Imprint of the start, Log',
    )
    expect(lines({ ...open, outcome: 'consistent' })).not.toMatch(/keeps it open|Contradicted by/)
  })

  it.each([
    ['ko', 100],
    ['en', 100],
    ['ko', 40],
    ['en', 40],
  ] as const)('keeps its lines within the terminal: %s, %i columns', (language, width) => {
    const text = renderTraining(sample, { language, width, color: false })
    for (const line of text.split('\n')) {
      if (!line.includes('name')) expect(displayWidth(line)).toBeLessThanOrEqual(width)
    }
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('\u202e')
    expect(text.indexOf(language === 'ko' ? '모순되는 것' : 'Contradicts')).toBeGreaterThan(0)
  })
})
