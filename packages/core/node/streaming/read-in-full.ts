import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { FullReader, StepResult, StreamedFiles } from '../../src/audit/full-read/full-read.ts'
import type { FullReadPlan, ReadStep } from '../../src/audit/full-read/plan-full-read.ts'
import { planUnits } from '../../src/audit/full-read/read-units.ts'
import type { Digest } from '../../src/base/digest.ts'
import {
  AppError,
  AssertionFault,
  assert,
  ERROR_CODES,
  type ErrorCode,
} from '../../src/base/errors.ts'
import type { TensorSource } from '../../src/model/checkpoint.ts'
import type { FilePlace } from '../checkpoint/file-store.ts'
import type { OpenedModel } from '../checkpoint/open-checkpoint.ts'
import { defaultCacheFolder } from '../remote/range-cache.ts'
import { loadKernel } from '../wasm-kernel.ts'
import { type FinishedUnits, finishedUnits } from './finished-units.ts'
import { streamUnit, type UnitJob, type UnitResult } from './stream-unit.ts'
import { streamFrom } from './streamed-file.ts'
import { SUMS } from './sum-kernel.ts'
import type { Places, WorkerMessage, WorkerStart } from './unit-worker.ts'

export type FullReadOptions = {
  /** Threads; default one for each core of this process. The answer does not depend on it. */
  readonly workers?: number
  /** Where finished files are noted for a run that was killed; null keeps nothing. */
  readonly cacheFolder?: string | null
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

/** Extents in flight: a disk needs two to be busy, a server as many as hide its distance. */
const AHEAD_ON_DISK = 1
const AHEAD_ON_SERVER = 15

/**
 * Reads every byte of both models: files of this machine by worker threads, files on servers by
 * this one, which a network does not fill. Throws AppError UNREADABLE for files that change or end.
 */
export function fullReader(options: FullReadOptions = {}): FullReader {
  return async (plan, sources) => {
    const models = {
      candidate: withFiles(sources.candidate),
      reference: withFiles(sources.reference),
    }
    const places = {
      candidate: placesOf(models.candidate, plan.candidateFiles),
      reference: placesOf(models.reference, plan.referenceFiles),
    }
    const isLocal = [...places.candidate.values(), ...places.reference.values()].every(
      ({ path }) => path !== null,
    )
    const workers = isLocal ? (options.workers ?? availableParallelism()) : 1
    const units = planUnits(plan, workers)
    const jobs = units.map(
      (unit): UnitJob => ({ unit, steps: unit.steps.map((at) => plan.steps[at] as ReadStep) }),
    )
    const folder = options.cacheFolder === undefined ? defaultCacheFolder() : options.cacheFolder
    const finished = folder === null ? null : finishedUnits(folder, places)
    const progress = progressOf(plan, options.onProgress)
    const results = isLocal
      ? await runInWorkers(jobs, { places, workers, finished, progress })
      : await runHere(jobs, { models, finished, progress })
    return joinResults(plan, jobs, results)
  }
}

function withFiles(source: TensorSource): OpenedModel {
  assert('store' in source, 'a full read needs models that were opened from files')
  return source as OpenedModel
}

function placesOf(
  model: OpenedModel,
  files: FullReadPlan['candidateFiles'],
): ReadonlyMap<string, FilePlace> {
  return new Map(files.map(({ path }) => [path, model.store.placeOf(path)]))
}

type Progress = { readonly add: (bytes: number) => void; readonly skip: (job: UnitJob) => void }

function progressOf(plan: FullReadPlan, show: FullReadOptions['onProgress']): Progress {
  const files = [...plan.candidateFiles, ...plan.referenceFiles]
  const total = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  const sizes = {
    candidate: new Map(plan.candidateFiles.map((file) => [file.path, file.sizeBytes])),
    reference: new Map(plan.referenceFiles.map((file) => [file.path, file.sizeBytes])),
  }
  let done = 0
  const add = (bytes: number) => {
    done = Math.min(total, done + bytes)
    show?.(done, total)
  }
  return {
    add,
    skip: ({ unit }) =>
      add(
        (sizes.candidate.get(unit.candidate ?? '') ?? 0) +
          (sizes.reference.get(unit.reference ?? '') ?? 0),
      ),
  }
}

type Models = { readonly candidate: OpenedModel; readonly reference: OpenedModel }

type Run = { readonly finished: FinishedUnits | null; readonly progress: Progress }

async function runHere(
  jobs: readonly UnitJob[],
  run: Run & { readonly models: Models },
): Promise<UnitResult[]> {
  const { models, finished, progress } = run
  const results: UnitResult[] = []
  for (const job of jobs) {
    const held = await finished?.find(job)
    if (held) progress.skip(job)
    const files = {
      candidate: async (file: string) => streamFrom(file, models.candidate.store),
      reference: async (file: string) => streamFrom(file, models.reference.store),
    }
    const result =
      held ??
      (await streamUnit(job, files, {
        ahead: AHEAD_ON_SERVER,
        isReadByOthers: () => true,
        onBytes: progress.add,
      }))
    if (!held) await finished?.keep(job, result)
    results.push(result)
  }
  return results
}

async function runInWorkers(
  jobs: readonly UnitJob[],
  run: Run & { readonly places: Places; readonly workers: number },
): Promise<UnitResult[]> {
  const { finished, progress } = run
  const results: UnitResult[] = []
  const open: number[] = []
  for (const [at, job] of jobs.entries()) {
    const held = await finished?.find(job)
    if (!held) open.push(at)
    else {
      results[at] = held
      progress.skip(job)
    }
  }
  const start: WorkerStart = {
    places: run.places,
    ahead: AHEAD_ON_DISK,
    kernel: loadKernel(SUMS),
    hasNoHelp: Math.min(run.workers, open.length) >= availableParallelism(),
  }
  const threads = Array.from(
    { length: Math.min(run.workers, open.length) },
    () => new Thread(start),
  )
  try {
    await Promise.all(
      threads.map(async (thread) => {
        for (let at = open.shift(); at !== undefined; at = open.shift()) {
          const job = jobs[at] as UnitJob
          const result = await thread.run(job, progress.add)
          await finished?.keep(job, result)
          results[at] = result
        }
      }),
    )
  } finally {
    await Promise.all(threads.map((thread) => thread.end()))
  }
  return results
}

type Task = {
  readonly onBytes: (count: number) => void
  readonly resolve: (result: UnitResult) => void
  readonly reject: (error: Error) => void
}

/** A worker that does one unit at a time. */
class Thread {
  readonly #worker: Worker
  #task: Task | null = null

  constructor(start: WorkerStart) {
    this.#worker = new Worker(new URL('./unit-worker.ts', import.meta.url), { workerData: start })
    this.#worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'bytes') this.#task?.onBytes(message.count)
      else if (message.kind === 'done') this.#task?.resolve(message.result)
      else this.#task?.reject(errorOf(message))
    })
    this.#worker.on('error', (error) =>
      this.#task?.reject(error instanceof Error ? error : new AssertionFault(String(error))),
    )
    this.#worker.on('exit', (code) =>
      this.#task?.reject(new AssertionFault(`a reading thread ended with ${code}`)),
    )
  }

  run(job: UnitJob, onBytes: Task['onBytes']): Promise<UnitResult> {
    return new Promise((resolve, reject) => {
      this.#task = { onBytes, resolve, reject }
      this.#worker.postMessage(job)
    })
  }

  async end(): Promise<void> {
    this.#task = null
    await this.#worker.terminate()
  }
}

function errorOf({ code, message, hint }: Extract<WorkerMessage, { kind: 'failed' }>): Error {
  const known = ERROR_CODES.find((entry): entry is ErrorCode => entry === code)
  if (known === undefined) return new AssertionFault(message)
  return new AppError(known, message, hint === undefined ? {} : { hint })
}

function joinResults(
  plan: FullReadPlan,
  jobs: readonly UnitJob[],
  results: readonly UnitResult[],
): StreamedFiles {
  const candidate = new Map<string, Digest>()
  const reference = new Map<string, Digest>()
  const steps: StepResult[] = plan.steps.map(() => ({ isIdentical: null, sums: null }))
  for (const [at, { unit }] of jobs.entries()) {
    const result = results[at] as UnitResult
    if (unit.candidate !== null && result.candidate) candidate.set(unit.candidate, result.candidate)
    if (unit.reference !== null && result.reference) reference.set(unit.reference, result.reference)
    for (const [index, step] of unit.steps.entries())
      steps[step] = result.steps[index] as StepResult
  }
  return { candidate, reference, steps }
}
