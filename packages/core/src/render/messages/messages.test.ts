import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  CRITERIA,
  CRITERION_REASON_CODES,
  NOTE_CODES,
  type NoteCode,
  TEST_NAMES,
  VERDICTS,
} from '../../audit/result.ts'
import * as cases from '../testing/audit-cases.ts'
import { componentMeaning, componentName } from './components.ts'
import {
  CRITERION_REASON_MESSAGES,
  CRITERION_WORDS,
  criterionReasonText,
  missingReasonValues,
  OUTCOME_WORDS,
  orderedReasons,
} from './criteria.ts'
import * as headlines from './headlines.ts'
import { LANGUAGES, type Words } from './language.ts'
import { missingValues, NOTE_MESSAGES, noteGroup, noteText } from './notes.ts'
import { PAGE_WORDS } from './page-words.ts'
import { REPORT_WORDS } from './report-words.ts'
import { fill, type Message, placesOf, plainText, type ValueKind } from './template.ts'
import { TEST_WORDS, TIER_WORDS } from './tests.ts'
import { VERDICT_WORDS, verdictName } from './verdicts.ts'

const SAMPLE_VALUES: Readonly<Record<ValueKind, string | number>> = {
  count: 3,
  parameters: 7e9,
  bytes: 1e9,
  correlation: 0.5,
  detectable: 0.004,
  fraction: 0.3,
  chance: -40,
  log10: -40,
  name: 'a/b',
  component: 'vision_encoder',
  test: 'sign_up',
  verdict: 'derived',
  term: 'norm',
  list: 'x, y',
}

const messages: readonly (readonly [string, Message])[] = [
  ...Object.entries(NOTE_MESSAGES),
  ...Object.entries(CRITERION_REASON_MESSAGES),
  ...Object.entries(headlines.TITLE_MESSAGES).map(named('title')),
  ...Object.entries(headlines.GROUP_MESSAGES).map(named('group')),
  ['CLEAR_LIMIT', headlines.CLEAR_LIMIT],
  ['DIRECTION_LIMIT', headlines.DIRECTION_LIMIT],
  ['NO_EVIDENCE_WITHOUT_LIMIT', headlines.NO_EVIDENCE_WITHOUT_LIMIT],
  ...Object.entries(REPORT_WORDS),
  ...Object.entries(PAGE_WORDS).map(named('page')),
]

function named(prefix: string) {
  return ([name, message]: [string, Message]) => [`${prefix} ${name}`, message] as const
}

describe('every message', () => {
  it.each(messages)(
    '%s uses exactly the values that it declares, in both languages',
    (_, message) => {
      const declared = Object.keys(message.values).sort()
      for (const language of LANGUAGES) {
        const places = [...new Set(placesOf(message[language]))].sort()
        expect(places, language).toEqual(declared)
        // No place may be left over by a slip in its spelling.
        const values = Object.fromEntries(
          Object.entries(message.values).map(([name, kind]) => [name, SAMPLE_VALUES[kind]]),
        )
        const text = plainText(fill(message, language, values))
        expect(text).not.toMatch(/[{}]|undefined|기재 없음|not stated/)
        expect(text.trim()).toBe(text)
      }
    },
  )

  it.each(messages)('%s is Korean in Korean and not in English', (name, message) => {
    if (name === 'none') return
    expect(message.ko).toMatch(/[가-힣]/)
    expect(message.en).not.toMatch(/[가-힣]/)
  })

  it.each(messages)('%s avoids characters whose width depends on the terminal', (_, message) => {
    expect(message.ko + message.en).not.toMatch(/[\u2010-\u2027\u2212\u00b7\u00d7]/)
  })
})

describe('method pages', () => {
  it.each(TEST_NAMES)('of %s exist', (test) => {
    const page = new URL(`../../../../../docs/methods/${TEST_WORDS[test].page}`, import.meta.url)
    expect(existsSync(page)).toBe(true)
  })
})

describe('every word of the vocabulary', () => {
  const words: readonly (readonly [string, Words])[] = [
    ...VERDICTS.flatMap((verdict) => {
      const { name, meaning, limit } = VERDICT_WORDS[verdict]
      return [name, meaning, limit].map((text) => [verdict, text] as const)
    }),
    ...TEST_NAMES.flatMap((test) => {
      const { name, question, statistic, cell } = TEST_WORDS[test]
      return [name, question, statistic, cell].map((text) => [test, text] as const)
    }),
    ...Object.entries(TIER_WORDS).flatMap(([tier, { name, meaning }]) =>
      [name, meaning].map((text) => [tier, text] as const),
    ),
    ...CRITERIA.flatMap((criterion) =>
      [CRITERION_WORDS[criterion].name, CRITERION_WORDS[criterion].question].map(
        (text) => [criterion, text] as const,
      ),
    ),
    ...Object.entries(OUTCOME_WORDS).flatMap(([outcome, { name, meaning }]) =>
      [name, meaning].map((text) => [outcome, text] as const),
    ),
  ]

  it.each(words)('%s is there in both languages', (_, text) => {
    expect(text.ko).toMatch(/[가-힣]/)
    expect(text.en).toMatch(/[a-z]/i)
    expect(text.en).not.toMatch(/[가-힣]/)
  })

  it('keeps verdicts, tests and outcomes apart', () => {
    for (const language of LANGUAGES) {
      const verdicts = VERDICTS.map((verdict) => verdictName(verdict, language))
      expect(new Set(verdicts).size).toBe(VERDICTS.length)
      const tests = TEST_NAMES.map((test) => TEST_WORDS[test].name[language])
      expect(new Set(tests).size).toBe(TEST_NAMES.length)
    }
  })

  it('says what each verdict leaves open', () => {
    for (const verdict of VERDICTS) {
      expect(VERDICT_WORDS[verdict].limit.en.length).toBeGreaterThan(30)
    }
    expect(VERDICT_WORDS.shared_initialisation.meaning.en).toContain('empirical judgement')
    expect(VERDICT_WORDS.shared_initialisation.meaning.ko).toContain('경험적 판단')
    expect(VERDICT_WORDS.no_evidence.limit.en).toContain('does not prove')
  })

  it('does not take a component called __proto__ or constructor for one of its own', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(componentName(name, 'ko')).toBe(name)
      expect(componentMeaning(name, 'ko')).toBeNull()
      expect(verdictName(name, 'en')).toBe(name)
    }
    expect(componentName('vision_encoder', 'ko')).toBe('비전 인코더')
  })
})

describe('notes', () => {
  it('fall into three groups, none empty', () => {
    const groups = new Map<string, NoteCode[]>()
    for (const code of NOTE_CODES) {
      groups.set(noteGroup(code), [...(groups.get(noteGroup(code)) ?? []), code])
    }
    expect([...groups.keys()].sort()).toEqual(['caution', 'reason', 'untested'])
  })

  it('say openly when a value is missing, and name it for the tests of others', () => {
    const note = { code: 'closer_relative', values: {} } as const
    expect(plainText(noteText(note, 'en'))).toContain('(not stated)')
    expect(plainText(noteText(note, 'ko'))).toContain('(기재 없음)')
    expect(missingValues(note)).toEqual(['reference'])
  })

  it('state the detection limit when nothing was found, or that there is none', () => {
    const found = (minDetectableCorrelation: number) =>
      plainText(
        noteText({ code: 'nothing_found', values: { minDetectableCorrelation, tests: 1 } }, 'en'),
      )
    expect(found(0.0043)).toContain('0.0043 or more would have been found')
    expect(found(0.0043)).toContain('1 test found')
    expect(found(1)).toContain('no detection limit')
  })

  it('count in the singular where there is one', () => {
    const read = (count: number) =>
      plainText(noteText({ code: 'constant_tensors_excluded', values: { count } }, 'en'))
    expect(read(1)).toContain('1 tensor holding one constant value was')
    expect(read(2)).toContain('2 tensors holding one constant value were')
  })

  it('choose the Korean particle by sound', () => {
    const text = noteText(
      { code: 'deterministic_tensor_excluded', values: { tensor: '층1', why: 'sinusoids' } },
      'ko',
    )
    expect(plainText(text)).toContain('층1은 학습과')
    expect(plainText(text)).toContain('사인파로 계산된 값')
  })

  it('mark names from outside as names, so that a page can isolate them', () => {
    const text = noteText({ code: 'closer_relative', values: { reference: 'x/\u202ey' } }, 'en')
    expect(text.find((piece) => piece.kind === 'name')?.text).toBe('x/[U+202E]y')
  })

  it('carry every value that their texts need, in all the sample reports', () => {
    const reports = [
      cases.borrowedVisionReport(),
      cases.allClearReport(),
      cases.notTestableReport(),
      cases.hostileReport(),
    ]
    const comparisons = [
      ...reports.flatMap((one) => one.comparisons),
      cases.identicalComparison(),
      cases.sharedInitialisationComparison(),
    ]
    for (const part of comparisons.flatMap((one) => one.components)) {
      const notes = [...part.reasons, ...part.tests.flatMap((test) => test.notes)]
      expect(notes.flatMap(missingValues)).toEqual([])
    }
  })
})

describe('criterion reasons', () => {
  it('have a text for every code', () => {
    expect(Object.keys(CRITERION_REASON_MESSAGES).sort()).toEqual(
      [...CRITERION_REASON_CODES].sort(),
    )
  })

  const untested = (why: string) =>
    ({
      code: 'component_untested',
      // As the audit fills it: values of the component, none of the note that caused it.
      values: { component: 'tokenizer', reference: '', minDetectableCorrelation: 1, why },
      evidence: null,
    }) as const

  it('explain an untested component by its cause, without the numbers that they lack', () => {
    for (const code of NOTE_CODES) {
      for (const language of LANGUAGES) {
        const text = plainText(criterionReasonText(untested(code), language))
        expect(text).not.toMatch(/not stated|기재 없음|[{}]|_/)
        expect(text.length).toBeGreaterThan(20)
      }
    }
    expect(plainText(criterionReasonText(untested('widths_differ'), 'en'))).toBe(
      'Tokenizer: not tested. Its widths differ from those of the references, and the tests need equal widths.',
    )
    expect(missingReasonValues(untested('no_weights'))).toEqual([])
  })

  it('state no limit and no chance where there is none', () => {
    const clear = {
      code: 'component_clear',
      values: { component: 'projector', references: 1, minDetectableCorrelation: 1 },
      evidence: null,
    } as const
    expect(plainText(criterionReasonText(clear, 'en'))).toContain('no detection limit')
    const same = {
      code: 'component_descends',
      values: { component: 'projector', verdict: 'identical', reference: 'a/b', log10P: 0 },
      evidence: null,
    } as const
    expect(plainText(criterionReasonText(same, 'en'))).toBe(
      'Projector: not independent of the weights of a/b (verdict "Identical").',
    )
  })

  it('stand in the order of their weight', () => {
    const codes = [
      'limits_of_search',
      'component_clear',
      'component_untested',
      'component_descends',
    ]
    const given = codes.map((code) => ({ code, values: {}, evidence: null }))
    const ordered = orderedReasons(given as Parameters<typeof orderedReasons>[0])
    expect(ordered.map(({ code }) => code)).toEqual([
      'component_descends',
      'component_untested',
      'component_clear',
      'limits_of_search',
    ])
  })

  it('keep a cause in free words', () => {
    const values = { component: 'decoder', why: 'the file is cut off' }
    const reason = { code: 'component_untested', values, evidence: null } as const
    expect(plainText(criterionReasonText(reason, 'en'))).toBe(
      'decoder: not tested. the file is cut off',
    )
  })
})
