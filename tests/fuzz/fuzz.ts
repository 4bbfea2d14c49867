import { expect } from 'vitest'
import { AppError } from '../../packages/core/src/base/errors.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import { mutate } from './mutate.ts'

/** An input of a few hundred bytes has no business taking longer, even on a busy machine. */
const SLOWEST_MS = 2000
/** What the process may grow by while a reader is fuzzed. */
const GROWTH_MB = 400

export type Fuzzed = {
  readonly seeds: readonly Uint8Array[]
  readonly read: (bytes: Uint8Array) => unknown
  readonly inputs: number
  /** After a mutation: repairs a digest, so that what lies behind it is reached. */
  readonly repair?: (bytes: Uint8Array) => Uint8Array
  /** For readers that refuse nothing, or nearly nothing. */
  readonly refusedMin?: number
  /** For readers that let no change pass. */
  readonly refusedMax?: number
}

/**
 * Feeds a reader with mutated inputs: each is read or refused with an AppError, within a bounded time
 * and memory. The seeds themselves must be read.
 */
export async function fuzz(name: string, options: Fuzzed): Promise<void> {
  const { seeds, read, inputs, repair = (bytes) => bytes, refusedMin = inputs / 10 } = options
  const { refusedMax = inputs - 1 } = options
  for (const seed of seeds) await read(seed)
  const rng = createRng('fuzz').fork(name)
  let refused = 0
  let slowestMs = 0
  const before = process.memoryUsage().rss
  let peak = before
  for (let i = 0; i < inputs; i++) {
    const bytes = repair(mutate(seeds, rng))
    const started = performance.now()
    try {
      const result = read(bytes)
      if (result instanceof Promise) await result
    } catch (error) {
      if (!(error instanceof AppError)) {
        throw new Error(`input ${i}: ${Buffer.from(bytes).toString('hex')}`, { cause: error })
      }
      refused++
    }
    slowestMs = Math.max(slowestMs, performance.now() - started)
    if (i % 1000 === 0) peak = Math.max(peak, process.memoryUsage().rss)
  }
  expect(refused).toBeGreaterThanOrEqual(refusedMin)
  expect(refused).toBeLessThanOrEqual(refusedMax)
  expect(slowestMs).toBeLessThan(SLOWEST_MS)
  expect((peak - before) / 2 ** 20).toBeLessThan(GROWTH_MB)
}
