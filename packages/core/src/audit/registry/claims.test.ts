import { describe, expect, it } from 'vitest'
import { claimsFromScratch, isSameModel } from './claims.ts'

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
