import { describe, expect, it } from 'vitest'
import { both } from './both.ts'

describe('two promises', () => {
  it('give both results', async () => {
    expect(await both(Promise.resolve(1), Promise.resolve('b'))).toEqual([1, 'b'])
  })

  it('are both settled before one of them fails', async () => {
    let isSettled = false
    const late = new Promise<void>((resolve) => setTimeout(resolve, 20)).then(() => {
      isSettled = true
    })
    await expect(both(Promise.reject(new Error('early')), late)).rejects.toThrow('early')
    expect(isSettled).toBe(true)
  })
})
