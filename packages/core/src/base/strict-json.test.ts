import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue } from './canonical-json.ts'
import { AppError } from './errors.ts'
import { parseStrictJson, parseStrictJsonText } from './strict-json.ts'
import type { StrictJsonOptions } from './strict-json-options.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const parse = (text: string, options: Partial<StrictJsonOptions> = {}) =>
  parseStrictJson(bytesOf(text), { source: 'x.json', ...options })

function failure(run: () => unknown): AppError {
  try {
    run()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

test('whatever JSON.stringify writes is read back', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 6 }),
      fc.constantFrom(undefined, 1, '\t'),
      (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const again: JsonValue = JSON.parse(text)
        // Numbers that JavaScript itself cannot carry are refused, not rounded.
        fc.pre(!/\d{16}|e\+/.test(text))
        expect(JSON.stringify(parse(text))).toBe(JSON.stringify(again))
      },
    ),
    { numRuns: 2000 },
  )
})

test('bytes that JSON.parse refuses are refused too, and only by AppError', () => {
  const text = '{"a":[1,-2.5e3,"x\\u0041\\n",true,null],"b":{"c":{}},"d":"éü"}'
  const original = bytesOf(text)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      fc.option(fc.nat(original.length)),
      (changes, cut) => {
        const bytes = original.slice(0, cut ?? original.length)
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
        let lenient: unknown
        let accepted = true
        try {
          lenient = JSON.parse(
            new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
          )
        } catch {
          accepted = false
        }
        try {
          const strict = parseStrictJson(bytes, { source: 'x' })
          expect(accepted).toBe(true)
          expect(JSON.stringify(strict)).toBe(JSON.stringify(lenient))
        } catch (error) {
          if (!(error instanceof AppError)) throw error
        }
      },
    ),
    { numRuns: 5000 },
  )
})

test('a duplicate key is named with its path and byte, also when escapes hide it', () => {
  const error = failure(() => parse('{"é":[{"a":1,"\\u0061":2}]}'))
  expect(error.code).toBe('JSON_INVALID')
  expect(error.message).toBe('x.json: duplicate key "a" at $["é"][0].a (byte 14)')
})

test('__proto__ and constructor are keys like any other', () => {
  const value = parse('{"__proto__":{"polluted":1},"constructor":2}') as Record<string, JsonValue>
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(failure(() => parse('{"__proto__":1,"__proto__":2}')).message).toMatch(/duplicate key/)
})

test.each([
  ['9007199254740992', /cannot be carried/],
  ['1e400', /cannot be carried/],
  ['1e30', /cannot be carried/],
  ['NaN', /a value expected/],
  ['-Infinity', /a value expected/],
  ['01', /leading zero/],
  ['-01', /leading zero/],
  ['+1', /a value expected/],
  ['.5', /a value expected/],
  ['1.', /after the end/],
  ['0x10', /after the end/],
  ['-', /a value expected/],
])('the number %s is refused', (text, reason) => {
  expect(failure(() => parse(text)).message).toMatch(reason)
})

test('what cannot be carried can be asked for as text', () => {
  const text = '[1e400, NaN, -Infinity, 12345678901234567890, 1.5, -7]'
  const expected = ['1e400', 'NaN', '-Infinity', '12345678901234567890', 1.5, -7]
  expect(parse(text, { numbers: 'text' })).toEqual(expected)
})

test.each(['8e0', '8.0', '-0', '1E1'])('%s is no plain integer', (text) => {
  expect(failure(() => parse(text, { numbers: 'integers' })).message).toMatch(/plain integer/)
})

test('plain integers pass up to 2^53 − 1', () => {
  expect(parse('[0,7,-3,9007199254740991]', { numbers: 'integers' })).toEqual([
    0, 7, -3, 9007199254740991,
  ])
})

test.each([
  ['"a\u0001"', /control character/],
  ['"\\x41"', /unknown escape/],
  ['"\\u00g0"', /unknown escape/],
  ['"\\ud800"', /surrogate/],
  ['"abc', /ends inside a string/],
  ['"abc\\', /unknown escape/],
  ['{"a":1,}', /key in quotes/],
  ['[1,]', /value expected/],
  ['[1 2]', /expected/],
  ['{"a" 1}', /':' expected/],
  ['', /ends where a value belongs/],
  ['{} {}', /after the end/],
  ['\ufeff{}', /begins with a byte order mark/],
  ['// c\n{}', /value expected/],
])('%j is refused', (text, reason) => {
  const error = failure(() => parse(text))
  expect(error.code).toBe('JSON_INVALID')
  expect(error.message).toMatch(reason)
})

test('leading whitespace can be refused while trailing spaces pass', () => {
  expect(parse('{}   ', { leadingWhitespace: 'refused' })).toEqual({})
  expect(failure(() => parse(' {}', { leadingWhitespace: 'refused' })).message).toMatch(/byte 0/)
})

test('the first byte that is not UTF-8 is named', () => {
  const cases: [number[], number][] = [
    [[0x22, 0xc3, 0xa9, 0xff, 0x22], 3],
    [[0x22, 0xed, 0xa0, 0x80, 0x22], 1],
    [[0x22, 0xc0, 0xaf, 0x22], 1],
    [[0x22, 0xf4, 0x90, 0x80, 0x80], 1],
    [[0x22, 0xe2, 0x82], 1],
  ]
  for (const [bytes, at] of cases) {
    const error = failure(() => parseStrictJson(Uint8Array.from(bytes), { source: 'x' }))
    expect(error.message).toBe(`x: not valid UTF-8 at byte ${at}`)
  }
})

test('depth, size and count are bounded', () => {
  const deep = '['.repeat(100_000)
  expect(failure(() => parse(deep)).code).toBe('LIMIT_EXCEEDED')
  expect(failure(() => parse('[1,2,3]', { maxValues: 3 })).code).toBe('LIMIT_EXCEEDED')
  expect(failure(() => parse('[1,2,3]', { maxBytes: 6 })).code).toBe('LIMIT_EXCEEDED')
  expect(parse('[[1]]', { maxDepth: 2 })).toEqual([[1]])
})

test('hostile names are escaped and cut in messages', () => {
  const name = `\\u001b[2J\\u202e${'x'.repeat(500)}`
  const { message } = failure(() => parse(`{"${name}":1,"${name}":2}`))
  expect(message).toContain('\\u001b[2J\\u202e')
  expect(message).not.toContain('\u001b')
  expect(message.length).toBeLessThan(500)
})

test('a header of 100,000 tensors in 10 MB takes a small multiple of JSON.parse', () => {
  const entries: string[] = []
  for (let i = 0; i < 100_000; i++) {
    const name = `model.layers.${i % 64}.mlp.experts.${i}.gate_proj.weight`
    entries.push(`"${name}":{"dtype":"BF16","shape":[1,1],"data_offsets":[${2 * i},${2 * i + 2}]}`)
  }
  const bytes = bytesOf(`{${entries.join(',')}}`)
  expect(bytes.length).toBeGreaterThan(10e6)
  let value: unknown
  const ours = shortestMs(() => {
    value = parseStrictJson(bytes, { source: 'x', numbers: 'integers' })
  })
  const builtIn = shortestMs(() => JSON.parse(new TextDecoder().decode(bytes)))
  expect(Object.keys(value as object).length).toBe(100_000)
  // About 2 on an idle machine, where JSON.parse takes 0.1 s.
  expect(ours / builtIn).toBeLessThan(12)
})

function shortestMs(run: () => void): number {
  const times = [0, 1, 2].map(() => {
    const before = performance.now()
    run()
    return performance.now() - before
  })
  return Math.min(...times)
}

test('a list that is not wanted is checked like the rest and comes out empty', () => {
  const text =
    '{"list":[1],"model":{"vocab":{"list":[2]},"list":[[3,[4]],{"list":[5]}],"after":[6]}}'
  expect(parse(text, { emptied: ['model', 'list'] })).toEqual({
    list: [1],
    model: { vocab: { list: [2] }, list: [], after: [6] },
  })
  expect(parse('[1,[2]]', { emptied: [] })).toEqual([])
  for (const broken of ['{"model":{"list":[[1,2,]]}}', '{"model":{"list":[{"a":1,"a":2}]}}']) {
    expect(failure(() => parse(broken, { emptied: ['model', 'list'] })).code).toBe('JSON_INVALID')
  }
  for (const broken of ['["a\\q"]', '["a\n"]', '["a', '["\\ud800"]']) {
    const within = `{"model":{"list":${broken}}}`
    expect(failure(() => parse(within, { emptied: ['model', 'list'] }))).toEqual(
      failure(() => parse(within)),
    )
  }
  const many = { emptied: ['model', 'list'], maxValues: 5 }
  expect(failure(() => parse('{"model":{"list":[1,2,3,4]}}', many)).code).toBe('LIMIT_EXCEEDED')
})

test('text is read as its bytes are, and counts as many', () => {
  const text = '{"é":["ü",1]}'
  expect(parseStrictJsonText(text, { source: 'x.json' })).toEqual(parse(text))
  const bytes = bytesOf(text).length
  expect(parseStrictJsonText(text, { source: 'x.json', maxBytes: bytes })).toEqual(parse(text))
  for (const maxBytes of [bytes - 1, text.length - 1]) {
    const options = { source: 'x.json', maxBytes }
    expect(failure(() => parseStrictJsonText(text, options)).code).toBe('LIMIT_EXCEEDED')
  }
})

test('an object put into a map is checked like the rest and comes out empty', () => {
  const into = new Map<string, JsonValue>()
  const mapped = { keys: ['model', 'vocab'], into }
  const text = '{"vocab":{"a":1},"model":{"vocab":{"b":2,"__proto__":3,"vocab":{"c":4}}}}'
  expect(parse(text, { mapped })).toEqual({ vocab: { a: 1 }, model: { vocab: {} } })
  expect([...into]).toEqual([
    ['b', 2],
    ['__proto__', 3],
    ['vocab', { c: 4 }],
  ])
  for (const broken of ['{"model":{"vocab":{"a":1,"a":2}}}', '{"model":{"vocab":{"a":1,}}}']) {
    const options = { mapped: { ...mapped, into: new Map<string, JsonValue>() } }
    expect(failure(() => parse(broken, options)).code).toBe('JSON_INVALID')
  }
})

test('an object of which only the members are counted is checked like the rest', () => {
  const keys = ['model', 'vocab']
  const countOf = (text: string) => {
    const seen: JsonValue[] = []
    const value = parse(text, { counted: { keys, onMember: (member) => seen.push(member) } })
    return { value, seen }
  }
  const text = '{"vocab":{"a":1},"model":{"vocab":{"b":2,"\\u0062b":3,"vocab":{"c":4}},"d":5}}'
  expect(countOf(text)).toEqual({
    value: { vocab: { a: 1 }, model: { vocab: {}, d: 5 } },
    seen: [2, 3, { c: 4 }],
  })
  expect(countOf('{"model":{"vocab":{}}}').seen).toEqual([])
  const many = Array.from({ length: 20_000 }, (_, i) => `"token ${i}":${i}`)
  expect(countOf(`{"model":{"vocab":{${many.join(',')}}}}`).seen.length).toBe(20_000)
  const repeated = `{"model":{"vocab":{${many.join(',')},"token \\u0037":1}}}`
  expect(failure(() => countOf(repeated))).toEqual(failure(() => parse(repeated)))
  for (const broken of ['{"a":1,}', '{"a" 1}', '{a:1}', '{"a":1', '{"a\n":1}', '{"\\ud800":1}']) {
    expect(failure(() => countOf(`{"model":{"vocab":${broken}}}`)).code).toBe('JSON_INVALID')
  }
})
