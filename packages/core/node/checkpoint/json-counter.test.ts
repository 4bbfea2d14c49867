import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainJsonCounter } from '../../src/base/json-bytes.ts'
import { jsonCounter } from './json-counter.ts'

// The kernel counts what its twin counts, wherever a window ends.

function expectTwins(text: string, kernel = jsonCounter(2 ** 12)): void {
  const bytes = new TextEncoder().encode(text)
  const beginByte = 0
  expect(kernel.countNumberedNames(bytes, beginByte)).toEqual(
    plainJsonCounter.countNumberedNames(bytes, beginByte),
  )
  expect(kernel.countStrings(bytes, beginByte)).toEqual(
    plainJsonCounter.countStrings(bytes, beginByte),
  )
}

const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"\\u00e9"', '"é"', '"\\/"', '"/"', '"\\ud83d"', '"\\x"', '"\\u12"', '"a', '""'),
)
const space = fc.constantFrom('', '', ' ', '\n\t', '\r')
const row = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom('01', '0', '-1', '1.5', '', '999999999999999', '9999999999999999', '"1"'),
)

test('objects of names and numbers', () => {
  const member = fc
    .tuple(piece, space, row, space)
    .map(([a, b, c, d]) => `${b}${a}${d}:${b}${c}${d}`)
  fc.assert(
    fc.property(
      fc.array(member, { maxLength: 6 }),
      fc.constantFrom('}', ',}', '', '}}'),
      (all, end) => expectTwins(`{${all.join(',')}${end}`),
    ),
    { numRuns: 2000 },
  )
})

test('arrays of strings, and of arrays of them', () => {
  const inner = fc
    .tuple(fc.array(piece, { maxLength: 3 }), space)
    .map(([all, between]) => `[${between}${all.join(`${between},`)}${between}]`)
  fc.assert(
    fc.property(
      fc.array(fc.oneof(piece, inner), { maxLength: 6 }),
      space,
      fc.constantFrom(']', ',]', '', ']]', '}'),
      (all, between, end) => expectTwins(`[${between}${all.join(`${between},`)}${end}`),
    ),
    { numRuns: 2000 },
  )
})

test('what a window ends in is read whole with the next one', () => {
  const members = ['"a\\n\\u00e9":123', ' "b\\\\" : 45 ', '"é😀\\"" :6', '"1234567890abcdef":0']
  const pieces = ['["a\\n\\u00e9", "b"]', ' "c\\\\" ', '[ "é😀","d" ]', '"1234567890abcdef"']
  for (let windowBytes = 40; windowBytes < 120; windowBytes++) {
    const kernel = jsonCounter(windowBytes)
    expectTwins(`{${members.join(',')}}`, kernel)
    expectTwins(`{"": 7, ${members.join(',')}}`, kernel)
    expectTwins(`[${pieces.join(',')}]`, kernel)
    expectTwins(`["",${pieces.join(',')}, ${pieces.join(',')}]`, kernel)
    expectTwins(`{${members.join(',')},"a\\n\\u00E9":1}`, kernel)
  }
})

test('many names, the last of which comes twice or not', () => {
  const names = Array.from({ length: 150_000 }, (_, at) => `"n${at.toString(36)}":${at}`)
  for (const last of ['"n0":1', '"\\u006e0":1', '"other":1', '"n":1']) {
    expectTwins(`{${names.join(',')},${last}}`, jsonCounter())
  }
  const all = new TextEncoder().encode(`{${names.join(',')}}`)
  expect(jsonCounter().countNumberedNames(all, 0)).toEqual({ count: 150_000, endByte: all.length })
})

test('a name larger than a window is left to the reader, and so is a document without an end', () => {
  const counter = jsonCounter(64)
  const bytesOf = (text: string) => new TextEncoder().encode(text)
  expect(counter.countNumberedNames(bytesOf(`{"${'x'.repeat(64)}":1}`), 0)).toBeNull()
  expect(counter.countNumberedNames(bytesOf(`{"${'x'.repeat(30)}":1}`), 0)?.count).toBe(1)
  for (const text of ['', '{', '[', '["a', '["a"', '["a",', '[["a"', '{"a":1', '{"a":1,', '{"a"']) {
    expect(counter.countStrings(bytesOf(text), 0)).toBeNull()
    expect(counter.countNumberedNames(bytesOf(text), 0)).toBeNull()
  }
})

test('bytes are compared as the plain way compares them', () => {
  const kernel = jsonCounter()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (a, b) => {
      for (const [x, y] of [
        [a, b],
        [a, a.slice()],
      ] as const) {
        expect(kernel.areEqual(x, y)).toBe(plainJsonCounter.areEqual(x, y))
      }
    }),
  )
})

test('a name that comes again is refused, however many are between', () => {
  const names = Array.from({ length: 50_000 }, (_, at) => `"token ${at}":${at}`)
  expectTwins(`{${names.join(',')}}`)
  expectTwins(`{${[...names, '"token 7":1'].join(',')}}`)
})
