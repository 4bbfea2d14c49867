import type { Note, NoteCode } from '../../audit/result.ts'
import type { Language } from './language.ts'
import { CAUTION_MESSAGES } from './note-cautions.ts'
import { REASON_MESSAGES } from './note-reasons.ts'
import { UNTESTED_MESSAGES } from './note-untested.ts'
import { fill, type Message, type Piece, plainText } from './template.ts'
import { lookUpTerm } from './terms.ts'

/** Every code has a text: a new code does not compile until it has been given one. */
export const NOTE_MESSAGES: Readonly<Record<NoteCode, Message>> = {
  ...REASON_MESSAGES,
  ...UNTESTED_MESSAGES,
  ...CAUTION_MESSAGES,
}

export type NoteGroup = 'reason' | 'untested' | 'caution'

/** Where a note belongs in a report: why, not tested, or to bear in mind. */
export function noteGroup(code: NoteCode): NoteGroup {
  if (Object.hasOwn(REASON_MESSAGES, code)) return 'reason'
  return Object.hasOwn(UNTESTED_MESSAGES, code) ? 'untested' : 'caution'
}

/** Tests that count matches have no limit in terms of correlation; 1 stands for that. */
const NOTHING_FOUND_WITHOUT_LIMIT: Message = {
  values: { tests: 'count' },
  ko: '검정 {tests}건에서 우연을 넘는 일치가 나오지 않았습니다. 이 검정에는 상관으로 나타낼 검출 한계가 없습니다.',
  en: '{tests} {tests#test|tests} found no agreement beyond chance. These tests have no detection limit that can be put as a correlation.',
}

export function noteText(note: Note, language: Language): readonly Piece[] {
  const limit = note.values['minDetectableCorrelation']
  const unlimited = note.code === 'nothing_found' && typeof limit === 'number' && limit >= 1
  const message = unlimited ? NOTHING_FOUND_WITHOUT_LIMIT : NOTE_MESSAGES[note.code]
  return fill(message, language, note.values)
}

/** Values that a note should carry for its text and does not; empty when it is complete. */
export function missingValues(note: Note): readonly string[] {
  return Object.keys(NOTE_MESSAGES[note.code].values).filter(
    (name) => !Object.hasOwn(note.values, name),
  )
}

type Noted = {
  readonly reasons: readonly Note[]
  readonly tests: readonly { readonly notes: readonly Note[] }[]
}

/** Tests after several alignments: one sentence that lists them, in place of one for each. */
const ALIGNED_IN_WAYS: Message = {
  values: { alignments: 'list' },
  ko: '배열을 되돌려 맞춘 뒤에도 검정했습니다: {alignments}.',
  en: 'Some tests were made after alignment: {alignments}.',
}

function alignedInWays(notes: readonly Note[], language: Language): readonly Piece[] | null {
  const ways = notes.flatMap(({ code, values }) =>
    code === 'aligned_by' ? [String(values['alignment'])] : [],
  )
  const names = [...new Set(ways)].map((way) => lookUpTerm(way, language) ?? way)
  return names.length < 2 ? null : fill(ALIGNED_IN_WAYS, language, { alignments: names.join('; ') })
}

/** Cautions of a component and of its tests, each once. */
export function cautionsOf(part: Noted, language: Language): (readonly Piece[])[] {
  return notesOf(part, 'caution', language)
}

/** What was not tested in a component, and why, each once. */
export function untestedOf(part: Noted, language: Language): (readonly Piece[])[] {
  return notesOf(part, 'untested', language)
}

function notesOf(part: Noted, group: NoteGroup, language: Language): (readonly Piece[])[] {
  const texts = new Map<string, readonly Piece[]>()
  const notes = [...part.reasons, ...part.tests.flatMap((test) => test.notes)]
  const aligned = alignedInWays(notes, language)
  for (const note of notes) {
    if (noteGroup(note.code) !== group) continue
    const pieces = (note.code === 'aligned_by' ? aligned : null) ?? noteText(note, language)
    texts.set(plainText(pieces), pieces)
  }
  return [...texts.values()]
}
