import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64 } from '../../base/base64.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import { digestJson } from '../../base/digest.ts'
import { AppError } from '../../base/errors.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import { diffPlans } from './diff-plan.ts'
import { keyFromSeed, keyIdOf, openEnvelope, signEnvelope } from './envelope.ts'
import { formatEntry, nextEntry, parseRecord, type RecordEntry } from './record.ts'
import { amendPlan, sealPlan, sealsOf } from './seal.ts'

const FOLDER = join(import.meta.dirname, '../../../../../testdata/rounds/small')
const TEXT = readFileSync(join(FOLDER, 'plan.yaml'), 'utf8')
const KEY = keyFromSeed(new Uint8Array(32).fill(1))
const OTHER = keyFromSeed(new Uint8Array(32).fill(2))

const request = (record: readonly RecordEntry[], text = TEXT, key = KEY) => ({
  parsed: parsePlan(text, 'plan.yaml'),
  record,
  time: '2026-01-04T00:00:00Z',
  author: 'office',
  key,
  existingResults: [],
})
const note = (record: readonly RecordEntry[], text: string) =>
  nextEntry(record, {
    time: '2026-01-05T00:00:00Z',
    author: 'office',
    kind: 'note.added',
    body: { text },
  })

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return error instanceof AppError ? `${error.code}: ${error.message}` : String(error)
  }
  return 'nothing thrown'
}

/** A record of a seal and two notes. */
function threeEntries(): RecordEntry[] {
  const record: RecordEntry[] = [sealPlan(request([]))]
  record.push(note(record, 'one'))
  record.push(note(record, 'two'))
  return record
}
const textOf = (record: readonly RecordEntry[]) => record.map(formatEntry).join('')
const rehashed = (entry: RecordEntry): RecordEntry => {
  const { digest: _, ...rest } = entry
  return { ...rest, digest: digestJson(rest) }
}

describe('the record', () => {
  it('reads back what was written', () => {
    const record = threeEntries()
    expect(parseRecord(textOf(record), 'record.jsonl')).toEqual(record)
    expect(parseRecord('', 'record.jsonl')).toEqual([])
  })

  it('names the line that was altered, removed, moved or cut', () => {
    const lines = textOf(threeEntries()).trimEnd().split('\n')
    const read = (changed: string[]) =>
      codeOf(() => parseRecord(`${changed.join('\n')}\n`, 'record.jsonl'))
    const [a = '', b = '', c = ''] = lines
    expect(read([a, b.replace('"one"', '"won"'), c])).toBe(
      'LOG_INVALID: record.jsonl:2: was altered: its digest is another',
    )
    expect(read([a, c])).toContain('record.jsonl:2: entry 2 where entry 1 belongs')
    expect(read([b, a, c])).toContain('record.jsonl:1: entry 1 where entry 0 belongs')
    expect(read([a, b.slice(0, -10), c])).toContain('record.jsonl:2: not a line of JSON')
    expect(read([a, '', c])).toContain('record.jsonl:2: not a line of JSON')
    const forged = JSON.parse(b) as RecordEntry
    const recomputed = rehashed({ ...forged, body: { text: 'won' } })
    expect(read([a, canonicalJson(recomputed), c])).toBe(
      'LOG_INVALID: record.jsonl:3: does not follow the entry before it',
    )
  })

  it('shows every single changed character', () => {
    const text = textOf(threeEntries())
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom('0', 'a', '"', ' ', '\n'),
        (at, letter) => {
          fc.pre(text[at] !== letter)
          const changed = text.slice(0, at) + letter + text.slice(at + 1)
          expect(codeOf(() => sealsOf(parseRecord(changed, 'record.jsonl')))).toMatch(
            /^LOG_INVALID/,
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('a seal', () => {
  it('carries the plan, and its signature covers plan, time, author and place', () => {
    const [seal] = sealsOf(threeEntries())
    const { plan, planDigest } = parsePlan(TEXT, 'plan.yaml')
    expect(seal).toMatchObject({
      plan,
      planDigest,
      author: 'office',
      publicKey: KEY.public,
      amendment: null,
    })
    const [entry] = threeEntries()
    for (const change of [{ author: 'someone' }, { time: '2026-01-05T00:00:00Z' }]) {
      const forged = rehashed({ ...entry!, ...change })
      expect(codeOf(() => sealsOf([forged]))).toContain('belongs to another place, time or author')
    }
    const moved = rehashed({ ...entry!, previous: entry!.digest })
    expect(codeOf(() => sealsOf([moved]))).toContain('belongs to another place')
  })

  it('is refused when the signature is of another key or the payload was changed', () => {
    const [entry] = threeEntries()
    const body = entry!.body as { envelope: { payload: string } } & Record<string, unknown>
    const swapped = rehashed({ ...entry!, body: { ...body, publicKey: OTHER.public } as never })
    expect(codeOf(() => sealsOf([swapped]))).toContain(
      'it is not signed with the key that it names',
    )
    const payload = JSON.parse(new TextDecoder().decode(decodeBase64(body.envelope.payload)))
    payload.plan.points = 99
    const changed = encodeBase64(new TextEncoder().encode(canonicalJson(payload)))
    const forged = rehashed({
      ...entry!,
      body: { ...body, envelope: { ...body.envelope, payload: changed } } as never,
    })
    expect(codeOf(() => sealsOf([forged]))).toContain('its signature does not hold')
  })

  it('is made once; afterwards only an amendment changes the plan', () => {
    const [first] = threeEntries()
    expect(codeOf(() => sealPlan(request([first!])))).toContain(
      'USAGE: the plan of this round is sealed already',
    )
    const amend = (text: string, record: RecordEntry[]) =>
      amendPlan({ ...request(record, text), reason: 'a reason', approvedBy: [] })
    expect(codeOf(() => amend(TEXT, []))).toContain('PLAN_UNSEALED')
    expect(codeOf(() => amend(TEXT, [first!]))).toContain('nothing to amend')
    const second = amend(TEXT.replace('drop: 1', 'drop: 2'), [first!])
    const seals = sealsOf([first!, second])
    expect(seals.map((seal) => seal.amendment?.reason)).toEqual([undefined, 'a reason'])
    // An amendment of a plan that never was in force cannot be slipped in.
    const orphan = rehashed({ ...second, sequence: 0, previous: null })
    expect(codeOf(() => sealsOf([orphan]))).toMatch(/LOG_INVALID/)
  })
})

describe('an envelope', () => {
  it('matches the DSSE test vector of the pre-authentication encoding through its signature', () => {
    // https://github.com/secure-systems-lab/dsse/blob/master/protocol.md, PAE of "hello world":
    // DSSEv1 29 http://example.com/HelloWorld 11 hello world
    const envelope = signEnvelope('hello world', 'http://example.com/HelloWorld', KEY)
    expect(new TextDecoder().decode(decodeBase64(envelope.payload))).toBe('"hello world"')
    expect(openEnvelope(envelope, 'http://example.com/HelloWorld', KEY.public).kind).toBe('signed')
    expect(openEnvelope(envelope, 'http://example.com/Other', KEY.public).kind).toBe('invalid')
    expect(openEnvelope({ ...envelope, payloadType: 'x' }, 'x', KEY.public).kind).toBe('invalid')
    expect(envelope.signatures[0]?.keyid).toBe(keyIdOf(KEY.public))
  })

  it('signs as RFC 8032 does (test 1: empty message)', () => {
    const hex = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
    const seed = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
    expect(keyFromSeed(seed).public).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    )
  })
})

describe('base64', () => {
  it('gives back the bytes, agrees with the platform, and takes no other spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = encodeBase64(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64'))
        expect(decodeBase64(text)).toEqual(new Uint8Array(bytes))
      }),
    )
    for (const text of ['a', 'ab', 'abc', 'ab==cd==', 'a-_=', 'ab= =', 'aR==', '====']) {
      expect(decodeBase64(text), text).toBeUndefined()
    }
  })
})

describe('the difference of two plans', () => {
  it('matches entries by id, so that one inserted team is one change', () => {
    const before = {
      teams: [
        { id: 'a', name: 'A' },
        { id: 'b', name: 'B' },
      ],
      points: 100,
    }
    const after = {
      teams: [
        { id: 'z', name: 'Z' },
        { id: 'a', name: 'A' },
        { id: 'b', name: 'B!' },
      ],
      points: 100,
    }
    expect(diffPlans(before, after)).toEqual([
      { at: 'teams[b].name', path: ['teams', 2, 'name'], before: '"B"', after: '"B!"' },
      { at: 'teams[z]', path: ['teams', 0], before: '(nothing)', after: '{"id":"z","name":"Z"}' },
    ])
    const swapped = { ...before, teams: [...before.teams].reverse() }
    expect(diffPlans(before, swapped)).toEqual([
      { at: 'teams (order)', path: ['teams'], before: 'a b', after: 'b a' },
    ])
  })

  it('is empty exactly for equal plans', () => {
    const carriable = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, true, 0, 1, 0.5, 'a', 'b'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('id', 'x', 'y'), tie('value'), { maxKeys: 3 }),
      ),
    })).value
    fc.assert(
      fc.property(carriable, carriable, (a, b) => {
        const equal = canonicalJson(a as never) === canonicalJson(b as never)
        expect(diffPlans(a, b).length === 0).toBe(equal)
      }),
    )
  })
})
