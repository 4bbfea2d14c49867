import { expect, it } from 'vitest'
import { Patience } from './patience.ts'

const wait = (ms: number) => {
  for (const begun = performance.now(); performance.now() - begun < ms; );
  return 10
}

it('is not over while reads are quick, over for good once they have made us wait', () => {
  const patience = new Patience(20)
  expect(patience.spentOn(() => 7)).toBe(7)
  expect(patience.isOver).toBe(false)
  expect(patience.spentOn(() => wait(30))).toBe(10)
  expect(patience.isOver).toBe(true)
  patience.spentOn(() => 1e12)
  expect(patience.isOver).toBe(true)
})

it('gives long reads their time', () => {
  const patience = new Patience(0)
  patience.spentOn(() => {
    wait(2)
    return 100e6
  })
  expect(patience.isOver).toBe(false)
})

it('is not used up by a read that fails', () => {
  const patience = new Patience(Number.POSITIVE_INFINITY)
  expect(() =>
    patience.spentOn(() => {
      throw new Error('EIO')
    }),
  ).toThrow('EIO')
  expect(patience.isOver).toBe(false)
})
