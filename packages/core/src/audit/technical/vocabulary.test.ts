import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Checkpoint } from '../../model/checkpoint.ts'
import { countTokens } from './count-tokens.ts'
import { bothTokenRows, tokensOfSameFile } from './vocabulary.ts'

const modelWith = (tokenizer: string | null, isFile = false): Checkpoint => ({
  id: 'model',
  format: 'safetensors',
  tensors: [],
  files: [],
  config: null,
  graph: undefined,
  texts: new Map(tokenizer === null ? [] : [['tokenizer.json', tokenizer]]),
  ...(tokenizer !== null && isFile
    ? { textBytes: new Map([['tokenizer.json', new TextEncoder().encode(tokenizer)]]) }
    : {}),
  notes: [],
})

const wordPiece = (vocab: string) => `{"model":{"vocab":${vocab},"merges":["a b"]}}`

describe('tokens of one tokenizer file in two models', () => {
  it.each([
    ['words with rows', wordPiece('{"a":0,"b":1,"ab":2}'), 3],
    ['values that are no rows', wordPiece('{"a":0,"b":-1,"c":"x","d":1.5,"e":[1]}'), 1],
    ['a list of pieces', wordPiece('[["a",-1.5],["b",-2]]'), 2],
    ['no vocabulary', '{"model":{}}', null],
    ['a key twice', wordPiece('{"a":0,"a":1}'), null],
    ['no JSON', '{"model":', null],
  ])('%s: as many as the vocabulary holds once it is read', (_, text, count) => {
    const [a, b] = [modelWith(text), modelWith(text)]
    expect(tokensOfSameFile(a, b)).toBe(count)
    const files = [modelWith(text, true), modelWith(text, true)] as const
    expect(tokensOfSameFile(...files)).toBe(count)
    expect(bothTokenRows(a, b).candidate?.size ?? null).toBe(count)
    expect(tokensOfSameFile(a, b)).toBe(count)
  })

  it('different files, or none, are not counted', () => {
    const a = modelWith(wordPiece('{"a":0}'))
    expect(tokensOfSameFile(a, modelWith(wordPiece('{"a":1}')))).toBeNull()
    expect(tokensOfSameFile(a, modelWith(null))).toBeNull()
    expect(tokensOfSameFile(modelWith(null), modelWith(null))).toBeNull()
    const file = modelWith(wordPiece('{"a":0}'), true)
    expect(tokensOfSameFile(file, modelWith(wordPiece('{"a":1}'), true))).toBeNull()
    expect(tokensOfSameFile(file, a)).toBe(1)
  })
})

const count = (text: string, isFile: boolean) =>
  tokensOfSameFile(modelWith(text, isFile), modelWith(text, isFile))

describe('tokens counted from bytes', () => {
  const bytesOf = (text: string) => new TextEncoder().encode(text)

  it('counts plain tokenizers without making their text', () => {
    const text = `{ "a" : [1, {"b": "}"}], "model": {"type":"BPE",\n "vocab": {"x":0, "é\\n\\u00e9" : 17},
      "merges": ["a b", ["c", "d"]]} }`
    expect(countTokens(bytesOf(text))).toEqual({
      tokens: 2,
      values: 6,
      rest: `{ "a" : [1, {"b": "}"}], "model": {"type":"BPE",\n "vocab": {},\n      "merges": []} }`,
    })
    expect(count(text, true)).toBe(2)
  })

  it.each([
    ['a name written in two ways', wordPiece('{"\\u0061":0,"a":1}')],
    ['letters of a pair written in two ways', wordPiece('{"\\ud83d\\ude00":0,"😀":1}')],
    ['half of a pair', wordPiece('{"\\ud83d":0}')],
    ['a control character', wordPiece('{"a\u0001":0}')],
    ['an unknown escape', wordPiece('{"a\\x":0}')],
    ['a leading zero', wordPiece('{"a":01}')],
    ['no comma', wordPiece('{"a":1 "b":2}')],
    ['a comma too many', wordPiece('{"a":1,}')],
    ['text behind the end', `${wordPiece('{"a":1}')}x`],
    ['two models', '{"model":{"vocab":{"a":1}},"model":{}}'],
    ['two models, one hidden', '{"model":{"vocab":{"a":1}},"m\\u006fdel":{}}'],
    ['two vocabularies', '{"model":{"vocab":{"a":1},"vocab":{"b":2}}}'],
    ['two vocabularies, one hidden', '{"model":{"vocab":{"a":1},"\\u0076ocab":{"b":2}}}'],
    ['brackets that do not match', '{"x":[}],"model":{"vocab":{"a":1}}}'],
    ['merges with a fault', '{"model":{"vocab":{"a":1},"merges":["\\q"]}}'],
    ['merges too deep', `{"model":{"vocab":{"a":1},"merges":${'['.repeat(70)}${']'.repeat(70)}}}`],
  ])('%s: none, as when the document is read', (_, text) => {
    expect(count(text, false)).toBeNull()
    expect(count(text, true)).toBeNull()
  })

  it('holds the bound on values of the whole document', () => {
    const merges = (length: number) =>
      `{"model":{"vocab":{"a":1},"merges":[${Array(length).fill('"a b"').join(',')}]}}`
    for (const [length, tokens] of [
      [2_000_000 - 5, 1],
      [2_000_000 - 4, null],
    ] as const) {
      expect(count(merges(length), false)).toBe(tokens)
      expect(count(merges(length), true)).toBe(tokens)
    }
  })

  it('says what reading says, of whatever was done to the bytes', () => {
    const original = bytesOf(
      `{"v":"1","model":{"type":"B","vocab":{"a":0,"b\\n":1,"é":2,"\\u00e9x":3,"":44},"merges":["a b",["é","x"]]},"z":[{}]}`,
    )
    const signs = [...bytesOf('"\\{}[]:,0 1-e.au\n')]
    const position = fc.nat(original.length - 1)
    const change = fc.tuple(position, fc.constantFrom(0, 1, 2), fc.constantFrom(...signs))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = [...original]
        for (const [at, removed, sign] of changes) bytes.splice(at, removed, sign)
        const text = new TextDecoder().decode(new Uint8Array(bytes))
        expect(count(text, true)).toBe(count(text, false))
      }),
      { numRuns: 20_000 },
    )
  })

  it('says what reading says of any vocabulary', () => {
    const row = fc.oneof(fc.nat(), fc.constantFrom(-1, 1.5, 'x', null, [1], {}, 1e20))
    const names = fc.dictionary(fc.string({ unit: 'grapheme' }), row)
    const document = fc.record({
      added: fc.jsonValue(),
      model: fc.record({ merges: fc.jsonValue(), vocab: names, unk: fc.jsonValue() }),
    })
    fc.assert(
      fc.property(document, fc.constantFrom(undefined, 1), fc.boolean(), (value, indent, ascii) => {
        const written = JSON.stringify(value, null, indent)
        const text = ascii
          ? written.replace(
              /[\u007f-\uffff]/g,
              (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
            )
          : written
        expect(count(text, true)).toBe(count(text, false))
      }),
      { numRuns: 3000 },
    )
  })
})
