import { describe, expect, it } from 'vitest'
import type { Checkpoint } from '../../model/checkpoint.ts'
import { bothTokenRows, tokensOfSameFile } from './vocabulary.ts'

const modelWith = (tokenizer: string | null): Checkpoint => ({
  id: 'model',
  format: 'safetensors',
  tensors: [],
  files: [],
  config: null,
  graph: undefined,
  texts: new Map(tokenizer === null ? [] : [['tokenizer.json', tokenizer]]),
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
    expect(bothTokenRows(a, b).candidate?.size ?? null).toBe(count)
    expect(tokensOfSameFile(a, b)).toBe(count)
  })

  it('different files, or none, are not counted', () => {
    const a = modelWith(wordPiece('{"a":0}'))
    expect(tokensOfSameFile(a, modelWith(wordPiece('{"a":1}')))).toBeNull()
    expect(tokensOfSameFile(a, modelWith(null))).toBeNull()
    expect(tokensOfSameFile(modelWith(null), modelWith(null))).toBeNull()
  })
})
