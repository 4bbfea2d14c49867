import { describe, expect, it } from 'vitest'
import type { Checkpoint } from '../../model/checkpoint.ts'
import { isSameModel, readClaims } from './claims.ts'
import { claimsFromScratch } from './from-scratch.ts'

describe('a claim of training from scratch', () => {
  it.each([
    'This model was trained from scratch.',
    'It is pre-trained entirely from scratch on 2T tokens.',
    'A 7B model built from the ground up for Korean.',
    'Not only trained from scratch but also fully open.',
    'It is not a fine-tune. It was trained from scratch.',
    'We used no external weights: the model was trained from scratch.',
    'No other team helped, and the model was trained from scratch.',
    '이 모델은 프롬 스크래치로 학습했습니다.',
    '이 모델은 처음부터 자체 개발하였습니다.',
    'from scratch로 학습된 모델입니다.',
    '처음부터 학습했지만 데이터는 공개하지 않았습니다.',
    'We trained this model from scratch.',
    'We train a 7B model from scratch.',
    'The model is trained purely from scratch.',
    'trained from random initialization',
    'It has been trained, from scratch, on Korean text.',
    'The first fully from-scratch Korean LLM.',
    'From scratch training on 3T tokens.',
    'This model was trained\nfrom scratch.',
    'Unlike models that are not trained from scratch, ours was trained from scratch.',
    'The model and its tokenizer were trained from scratch.',
    '본 모델은 밑바닥부터 학습되었습니다.',
    '프롬 스크래치 모델입니다.',
    '사전학습을 처음부터 수행했습니다.',
    '바닥부터 새로 학습한 한국어 모델',
    'from-scratch로 사전학습한 모델',
  ])('is made: %s', (text) => {
    expect(claimsFromScratch(text)).toBe(true)
  })

  it.each([
    'This model was not trained from scratch.',
    "It isn't trained from scratch.",
    'It isn’t trained from scratch.',
    'It was never trained from scratch.',
    'The model has not been pre-trained from scratch.',
    "This wasn't, strictly speaking, trained from scratch.",
    'The model was not actually ever fully trained from scratch.',
    'A merge rather than a model trained from scratch.',
    'Neither encoder was trained from scratch.',
    'No part of it was trained from scratch.',
    '이 모델은 처음부터 학습하지 않았습니다.',
    '이 모델은 처음부터 학습한 것이 아닙니다.',
    '이 모델은 처음부터 학습된 것은 아니다.',
    '프롬 스크래치로 개발한 모델이 아닙니다.',
    '프롬 스크래치로 학습하지는 못했습니다.',
    '처음부터 학습한 적이 없습니다.',
    'It was trained on top of s1, not from scratch.',
    'Training from scratch is expensive, so we fine-tuned.',
    'If you want to train from scratch, see the guide.',
    'The tokenizer was trained from scratch.',
    'The model uses a tokenizer trained from scratch.',
    'It avoids being trained from scratch.',
    'Cheaper than a model trained from scratch.',
    'As opposed to models trained from scratch, ours is a merge.',
    '프롬 스크래치가 아닌 모델',
    '프롬 스크래치 모델이 아닙니다.',
    '처음부터 학습할 필요 없이 미세조정했습니다.',
    '처음부터 학습하는 대신 공개 모델을 사용했습니다.',
    '처음부터 끝까지 학습 과정을 공개합니다.',
    '토크나이저는 처음부터 학습했습니다.',
    'Fine-tuned from s1.',
    '',
  ])('is not made: %s', (text) => {
    expect(claimsFromScratch(text)).toBe(false)
  })

  it('is made where one sentence denies it of a part and another one claims it', () => {
    const text =
      'The encoder was not trained from scratch. The language model was trained from scratch.'
    expect(claimsFromScratch(text)).toBe(true)
  })
})

describe('ids of one model', () => {
  it.each([
    ['Org/Name', 'org/name', true],
    ['org/name@main', 'org/name', true],
    ['/models/org/name', 'org/name', true],
    ['org/name', 'other/name', false],
    ['/models/name', 'name', false],
  ] as const)('%s and %s: %s', (a, b, isSame) => {
    expect(isSameModel(a, b)).toBe(isSame)
  })
})

describe('the front matter of a card', () => {
  const basesIn = (text: string) =>
    readClaims({ texts: new Map([['README.md', text]]) } as unknown as Checkpoint).baseModels

  it.each([
    ['---\nbase_model: a/b\n---\n', ['a/b']],
    ['---\nbase_model:\n- a/b\n- c/d\n- a/b\nbase_model_relation: merge\n---\n', ['a/b', 'c/d']],
    ['\uFEFF\n\n---  \r\nbase_model: a/b\r\n---\t\r\nA model.', ['a/b']],
    ['---\nbase_model: a/b\nbase_model: c/d\n---\n', ['c/d']],
    ['---\nbase_model: [a/b, 5, null, {x: 1}]\n---\n', ['a/b']],
    ['---\nbase_model: &a [*a]\n---\n', []],
    ['A model.\n---\nbase_model: a/b\n---\n', []],
  ])('is read as hubs read it: %j', (text, bases) => {
    expect(basesIn(text)).toEqual(bases)
  })

  it('is cut where it names more models than any merge has', () => {
    const many = Array.from({ length: 5000 }, (_, i) => `o/m${i}`)
    expect(basesIn(`---\nbase_model: [${many.join(', ')}]\n---\n`)).toEqual(many.slice(0, 64))
  })

  it('prints nothing of its own, as a warning would', () => {
    const warned: unknown[] = []
    const warn = (...all: unknown[]) => warned.push(all)
    process.on('warning', warn)
    const { emitWarning } = process
    process.emitWarning = warn as typeof process.emitWarning
    try {
      expect(basesIn('---\nbase_model: !!js/function "x"\n---\n')).toEqual(['x'])
    } finally {
      process.emitWarning = emitWarning
      process.off('warning', warn)
    }
    expect(warned).toEqual([])
  })
})
