import { afterEach, describe, expect, it, vi } from 'vitest'
import { plainEngine } from '../../src/numeric/matrix-engine.ts'
import { normalRows } from '../../src/numeric/testing/random-rows.ts'
import { openMatrixEngine, type ThreadedEngine } from './matrix-engine.ts'

const script = (name: string) => new URL(`./testing/${name}-worker.ts`, import.meta.url)
const a = normalRows('a', 600, 300)
const b = normalRows('b', 500, 300)

let engine: ThreadedEngine
afterEach(() => engine.close())

function open(name: string): void {
  engine = openMatrixEngine({
    workers: 2,
    sharedWorkMin: 0,
    stallSeconds: 1,
    script: script(name),
  })
}

/** Job after job without a pause: a worker must come up while the calling thread never waits. */
function computeUntilFailure(): void {
  const until = performance.now() + 30_000
  while (performance.now() < until) engine.multiply(a, b)
}

describe('a worker', () => {
  it('that fails ends the calculation with its reason, and every one after it', () => {
    open('throwing')
    expect(computeUntilFailure).toThrow('a computing thread failed: out of luck')
    expect(() => engine.multiply(a, b)).toThrow('out of luck')
  })

  it('that vanishes with a tile is noticed: no hang', () => {
    open('vanishing')
    expect(computeUntilFailure).toThrow('a computing thread failed: no progress for 1 s')
  })

  it('that does not come up leaves the work to the others, and is told of', async () => {
    open('unloadable')
    expect(engine.multiply(a, b)).toEqual(plainEngine.multiply(a, b))
    const again = () => engine.multiply(a, b)
    await vi.waitFor(() => expect(again).toThrow('no such luck'), { timeout: 30_000 })
  })
})
