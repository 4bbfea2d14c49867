import { Worker } from 'node:worker_threads'
import { assert } from '../../src/base/errors.ts'
import type { WasmModule } from '../wasm-kernel.ts'
import {
  allocateShared,
  postJob,
  type SharedMemory,
  takeTiles,
  waitForTiles,
} from './posted-job.ts'
import { resultBytes, type TileJob, tileCount } from './tile-job.ts'
import type { TileRunner } from './tile-runner.ts'

export type WorkerStart = { readonly module: WasmModule; readonly shared: SharedMemory }

export type Threads = {
  /** Computes the job together with the calling thread, which blocks meanwhile. */
  readonly run: (job: TileJob, own: TileRunner) => void
  readonly close: () => Promise<void>
}

export type ThreadOptions = {
  /** Threads beside the calling one. */
  readonly count: number
  readonly module: WasmModule
  readonly script?: URL
  /** Seconds without any progress after which a worker counts as lost; a tile takes far below one. */
  readonly stallSeconds?: number
}

/**
 * Starts workers and does not wait for them: those that are up take tiles, and the caller takes
 * all that they leave. So no start-up can be waited for in vain, although the caller, while it
 * computes, serves none of the messages with which threads start.
 */
export function startThreads(options: ThreadOptions): Threads {
  const shared = allocateShared()
  const script = options.script ?? new URL('./worker.ts', import.meta.url)
  const workerData: WorkerStart = { module: options.module, shared }
  let failure: string | null = null
  const workers = Array.from({ length: options.count }, () => {
    const worker = new Worker(script, { workerData })
    worker.on('error', (error) => {
      failure ??= error instanceof Error ? error.message : String(error)
    })
    worker.unref()
    return worker
  })
  let jobs = 0
  return {
    run: (job, own) => {
      assert(failure === null, `a computing thread failed: ${failure}`)
      jobs += 1
      postJob(shared, job, jobs)
      takeTiles(shared, own)
      const stallSeconds = options.stallSeconds ?? STALL_SECONDS
      const waited = waitForTiles(shared, { tiles: tileCount(job.shape), stallSeconds })
      if (waited === 'stalled') failure = `no progress for ${stallSeconds} s`
      else if (waited !== 'done') failure = waited.failure
      assert(failure === null, `a computing thread failed: ${failure}`)
      const bytes = resultBytes(job.shape)
      new Uint8Array(job.out).set(new Uint8Array(shared.out, 0, bytes))
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

const STALL_SECONDS = 60
