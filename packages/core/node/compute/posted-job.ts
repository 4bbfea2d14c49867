import { copyRows, JOB_KINDS, PART_BYTES, type TileJob, tileCount } from './tile-job.ts'
import type { TileRunner } from './tile-runner.ts'

/**
 * Memory that the calling thread shares with its workers. Jobs are posted one after the other as
 * plain numbers: the caller blocks while a job runs and could not serve a message queue.
 */
export type SharedMemory = {
  /** A ticket (64 bits), then fields (32 bits each), then the text of a failure. */
  readonly control: SharedArrayBuffer
  readonly a: SharedArrayBuffer
  readonly b: SharedArrayBuffer
  readonly out: SharedArrayBuffer
}

const FIELD = { done: 2, failed: 3, kind: 4, rowsA: 5, rowsB: 6, columns: 7 } as const
const FIELDS_BYTES = 64
const TEXT_BYTES = 448

/**
 * A ticket holds the number of the job in its upper half and the tiles taken so far in its lower
 * half. A thread takes a tile by exchanging the whole ticket, so one that fell asleep over an old
 * job cannot take a tile of the next. While the fields are written, all tiles count as taken.
 */
const LOWER_HALF = 0xffff_ffffn
const openTicket = (job: number): bigint => BigInt(job) << 32n
const closedTicket = (job: number): bigint => openTicket(job) | LOWER_HALF

const controlOf = ({ control }: SharedMemory) => ({
  ticket: new BigInt64Array(control, 0, 1),
  fields: new Int32Array(control, 0, FIELDS_BYTES / 4),
  text: new Uint8Array(control, FIELDS_BYTES, TEXT_BYTES),
})

export function allocateShared(): SharedMemory {
  const shared = {
    control: new SharedArrayBuffer(FIELDS_BYTES + TEXT_BYTES),
    a: new SharedArrayBuffer(PART_BYTES),
    b: new SharedArrayBuffer(PART_BYTES),
    out: new SharedArrayBuffer(PART_BYTES),
  }
  Atomics.store(controlOf(shared).ticket, 0, closedTicket(0))
  return shared
}

/** Lays the matrices into the shared buffers and publishes the job; the one before is finished. */
export function postJob(shared: SharedMemory, job: TileJob, number: number): void {
  const { ticket, fields } = controlOf(shared)
  const { kind, rowsA, rowsB, columns } = job.shape
  Atomics.store(ticket, 0, closedTicket(number))
  copyRows(job.a, columns, { first: 0, count: rowsA, to: new Float32Array(shared.a) })
  if (kind !== 'gram') {
    copyRows(job.b, columns, { first: 0, count: rowsB, to: new Float32Array(shared.b) })
  }
  fields.set([0, 0, JOB_KINDS.indexOf(kind), rowsA, rowsB, columns], FIELD.done)
  Atomics.store(ticket, 0, openTicket(number))
  Atomics.notify(ticket, 0)
}

/** The job that is posted now, on the shared buffers. */
function postedJob(shared: SharedMemory): TileJob {
  const { fields } = controlOf(shared)
  const field = (name: keyof typeof FIELD) => fields[FIELD[name]] as number
  const [rowsA, rowsB, columns] = [field('rowsA'), field('rowsB'), field('columns')]
  const kind = JOB_KINDS[field('kind')] ?? 'multiply'
  const sharedB = kind === 'gram' ? shared.a : shared.b
  return {
    shape: { kind, rowsA, rowsB, columns },
    a: { data: new Float32Array(shared.a, 0, rowsA * columns), order: null },
    b: { data: new Float32Array(sharedB, 0, rowsB * columns), order: null },
    out: shared.out,
  }
}

/** Works on the posted job until no tile is left; returns the ticket that says so. */
export function takeTiles(shared: SharedMemory, run: TileRunner): bigint {
  const { ticket, fields } = controlOf(shared)
  for (;;) {
    let held = Atomics.load(ticket, 0)
    if ((held & LOWER_HALF) === LOWER_HALF) return held
    // Read after the ticket: an exchange below succeeds only while this job is the posted one.
    const job = postedJob(shared)
    const tiles = BigInt(tileCount(job.shape))
    const number = held >> 32n
    while (held >> 32n === number) {
      const tile = held & LOWER_HALF
      if (tile >= tiles) return held
      const seen = Atomics.compareExchange(ticket, 0, held, held + 1n)
      if (seen !== held) {
        held = seen
        continue
      }
      run(job, Number(tile))
      Atomics.add(fields, FIELD.done, 1)
      Atomics.notify(fields, FIELD.done)
      held += 1n
    }
  }
}

/** The life of a worker: job after job, until the thread is ended from outside or a job fails. */
export function serveJobs(shared: SharedMemory, run: TileRunner): void {
  const { ticket, fields, text } = controlOf(shared)
  try {
    for (;;) Atomics.wait(ticket, 0, takeTiles(shared, run))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    text.set(Buffer.from(message.slice(0, TEXT_BYTES / 4)))
    Atomics.store(fields, FIELD.failed, 1)
    Atomics.notify(fields, FIELD.done)
  }
}

export type Waited = 'done' | 'stalled' | { readonly failure: string }

/** Blocks until all tiles of the posted job are done, a worker failed, or none got on for long. */
export function waitForTiles(
  shared: SharedMemory,
  limits: { readonly tiles: number; readonly stallSeconds: number },
): Waited {
  const { fields, text } = controlOf(shared)
  let quiet = 0
  for (;;) {
    const done = Atomics.load(fields, FIELD.done)
    if (done >= limits.tiles) return 'done'
    if (Atomics.load(fields, FIELD.failed) === 1) {
      const end = text.indexOf(0)
      return { failure: Buffer.from(text.slice(0, end < 0 ? TEXT_BYTES : end)).toString() }
    }
    // Seconds are counted one by one, so that a process that was halted as a whole is no stall.
    const isQuiet = Atomics.wait(fields, FIELD.done, done, 1000) === 'timed-out'
    quiet = isQuiet ? quiet + 1 : 0
    if (quiet >= limits.stallSeconds) return 'stalled'
  }
}
