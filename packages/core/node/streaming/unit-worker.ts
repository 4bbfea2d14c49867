import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../../src/base/errors.ts'
import type { FilePlace } from '../checkpoint/file-store.ts'
import { Patience } from '../checkpoint/patience.ts'
import { adoptKernel, type WasmModule } from '../wasm-kernel.ts'
import { streamUnit, type UnitJob, type UnitResult } from './stream-unit.ts'
import { openPlace } from './streamed-file.ts'
import { SUMS } from './sum-kernel.ts'

// One thread of the full read: takes a unit, reports its bytes as they pass, answers with its result.

export type Places = {
  readonly candidate: ReadonlyMap<string, FilePlace>
  readonly reference: ReadonlyMap<string, FilePlace>
}

export type WorkerStart = {
  readonly places: Places
  readonly ahead: number
  readonly kernel: WasmModule
  /** No core is left for others: what lies in memory is copied by this thread. */
  readonly hasNoHelp: boolean
}

export type WorkerMessage =
  | { readonly kind: 'bytes'; readonly count: number }
  | { readonly kind: 'done'; readonly result: UnitResult }
  | {
      readonly kind: 'failed'
      readonly code: string | null
      readonly message: string
      readonly hint?: string
    }

/** Reported in steps of this, so that messages cost nothing beside the work. */
const REPORT_BYTES = 64 * 2 ** 20

if (parentPort) {
  const port = parentPort
  const { places, ahead, kernel, hasNoHelp } = workerData as WorkerStart
  adoptKernel(SUMS, kernel)
  const patience = hasNoHelp ? new Patience() : null
  const isReadByOthers = () => patience === null || patience.isOver
  const send = (message: WorkerMessage) => port.postMessage(message)
  const open = (side: keyof Places) => (file: string) =>
    openPlace(file, places[side].get(file) as FilePlace, patience)
  port.on('message', async (job: UnitJob) => {
    let unsent = 0
    const onBytes = (count: number) => {
      unsent += count
      if (unsent < REPORT_BYTES) return
      send({ kind: 'bytes', count: unsent })
      unsent = 0
    }
    try {
      const files = { candidate: open('candidate'), reference: open('reference') }
      const result = await streamUnit(job, files, { ahead, isReadByOthers, onBytes })
      send({ kind: 'bytes', count: unsent })
      send({ kind: 'done', result })
    } catch (error) {
      send(failure(error))
    }
  })
}

function failure(error: unknown): WorkerMessage {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof AppError)) return { kind: 'failed', code: null, message }
  return {
    kind: 'failed',
    code: error.code,
    message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }
}
