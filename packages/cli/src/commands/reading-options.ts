import { availableParallelism } from 'node:os'
import { DEFAULT_BUDGET_BYTES, type FullReader } from '@dokja/core'
import { type Command, InvalidArgumentError } from 'commander'
import { byteProgress } from '../output/progress-text.ts'
import type { createProgress } from '../output/terminal.ts'

/** What every command that reads weights may be told. */
export type WorkOptions = {
  readonly allowPrivateHosts?: boolean
  readonly workers?: number
  readonly budget: number
}

/** What `compare` and `audit` may be told besides. */
export type ReadingOptions = WorkOptions & {
  readonly deep?: boolean
  readonly full?: boolean
}

const WORKERS_MAX = 64

export function addReadingOptions(command: Command): Command {
  command
    .option('--deep', 'undo reordering and rotation in a few layers of large models; reads more')
    .option('--full', 'also read every byte: digests of all files, statistics of all tensors')
  return addWorkOptions(command, 'read at most this much of each model')
}

export function addWorkOptions(command: Command, budget: string): Command {
  return command
    .option('--allow-private-hosts', 'read from addresses of this machine or its network')
    .option(
      '--workers <n>',
      'threads for long work, one per processor at most; the answer does not depend on it',
      parseWorkers,
    )
    .option('--budget <bytes>', budget, parseBytes, DEFAULT_BUDGET_BYTES)
}

/** The reader of every byte, loaded where it was asked for, telling its progress. */
export async function fullReadOf(
  options: ReadingOptions,
  progress: ReturnType<typeof createProgress>,
): Promise<{ readonly fullReader?: FullReader }> {
  if (!options.full) return {}
  const { fullReader } = await import('./full-reader.ts')
  const textOf = byteProgress()
  return {
    fullReader: fullReader({
      ...(options.workers === undefined ? {} : { workers: options.workers }),
      onProgress: (done, total) => progress.show(textOf(done, total)),
    }),
  }
}

/** '64MB', '1.5GB' or plain bytes. */
function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(B|kB|KB|MB|GB)?$/.exec(text)
  const unit = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 }[match?.[2] ?? 'B'] ?? 1
  const bytes = Number(match?.[1]) * unit
  if (!match || !(bytes >= 1e5)) {
    throw new InvalidArgumentError('a size of at least 100 kB, such as 64MB')
  }
  return Math.round(bytes)
}

function parseWorkers(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > WORKERS_MAX) {
    throw new InvalidArgumentError(`a number of threads from 1 to ${WORKERS_MAX}`)
  }
  // More would take turns on the same processors and push each other's data out of their caches.
  return Math.min(count, availableParallelism())
}
