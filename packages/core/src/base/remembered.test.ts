import { expect, it } from 'vitest'
import { remembered } from './remembered.ts'

it('asks once for each text, undefined among the answers, and lets go of all when there are too many', () => {
  const asked: string[] = []
  const answer = remembered((text) => {
    asked.push(text)
    return text === 'none' ? undefined : text.length
  }, 2)
  expect(['a', 'none', 'a', 'none'].map(answer)).toEqual([1, undefined, 1, undefined])
  expect(asked).toEqual(['a', 'none'])
  expect(['bcd', 'bcd', 'a'].map(answer)).toEqual([3, 3, 1])
  expect(asked).toEqual(['a', 'none', 'bcd', 'a'])
})
