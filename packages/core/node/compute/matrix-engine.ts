import { availableParallelism } from 'node:os'
import { AppError } from '../../src/base/errors.ts'
import type { MatrixEngine } from '../../src/numeric/matrix-engine.ts'
import { loadKernel, type WasmModule } from '../wasm-kernel.ts'
import { openRowMeasurer } from './row-kernel.ts'
import { multiplyInParts, nearestInParts } from './split-job.ts'
import { startThreads, type ThreadOptions, type Threads } from './threads.ts'
import { type JobShape, PART_BYTES, resultBytes, type TileJob, tileCount } from './tile-job.ts'
import { type TileRunner, tileRunner } from './tile-runner.ts'

export const WORKERS_MAX = 64

export type EngineOptions = {
  /** Threads that compute, the calling one among them; all cores of the process when left out. */
  readonly workers?: number | undefined
  /** Multiplications from which a job is shared out; for tests. */
  readonly sharedWorkMin?: number
} & Pick<ThreadOptions, 'script' | 'stallSeconds'>

export type ThreadedEngine = MatrixEngine & {
  /** Threads beside the calling one that run now. */
  readonly threads: () => number
  readonly close: () => Promise<void>
}

/**
 * Multiplications from which a job is shared out, a tenth of a second on one core: comparisons of
 * small models and of samples stay below and start no thread.
 */
const SHARED_WORK_MIN = 2e9

/**
 * The engine of a Node process: SIMD through WebAssembly, and worker threads once a job is large.
 * The bits are those of `plainEngine`, whatever the number of threads: every product is added up
 * by one thread in a fixed order, and best places are compared in the order of rows.
 * Throws AppError USAGE for a number of workers outside 1 to 64; an assertion where a thread fails.
 */
export function openMatrixEngine(options: EngineOptions = {}): ThreadedEngine {
  const workers = options.workers ?? Math.min(WORKERS_MAX, availableParallelism())
  if (!Number.isInteger(workers) || workers < 1 || workers > WORKERS_MAX) {
    throw new AppError('USAGE', `${workers} is not a number of workers`, {
      hint: `give a whole number from 1 to ${WORKERS_MAX}`,
    })
  }
  const sharedWorkMin = options.sharedWorkMin ?? SHARED_WORK_MIN
  let kernel: { readonly module: WasmModule; readonly own: TileRunner } | null = null
  let threads: Threads | null = null
  const run = (job: TileJob): void => {
    if (!kernel) {
      const module = loadKernel('row-products')
      kernel = { module, own: tileRunner(module) }
    }
    const { rowsA, rowsB, columns } = job.shape
    if (workers > 1 && rowsA * rowsB * columns >= sharedWorkMin && fitsBuffers(job.shape)) {
      threads ??= startThreads({ ...options, count: workers - 1, module: kernel.module })
      threads.run(job, kernel.own)
      return
    }
    for (let tile = 0; tile < tileCount(job.shape); tile++) kernel.own(job, tile)
  }
  return {
    rows: openRowMeasurer(),
    multiply: (a, b) => multiplyInParts(run, { a, b }),
    nearest: (a, b, options) => nearestInParts(run, { a, b }, options),
    threads: () => (threads ? workers - 1 : 0),
    close: async () => {
      await threads?.close()
      threads = null
    },
  }
}

/** All but matrices with rows of millions of columns, which the calling thread works on alone. */
const fitsBuffers = (shape: JobShape): boolean =>
  4 * Math.max(shape.rowsA, shape.rowsB) * shape.columns <= PART_BYTES &&
  resultBytes(shape) <= PART_BYTES
