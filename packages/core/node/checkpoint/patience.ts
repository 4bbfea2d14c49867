/** Reads that took longer than this, and than this for a megabyte, came from a disk or a network. */
const PATIENCE_MS = 50
const PATIENCE_MS_PER_MB = 2

/**
 * What the system has in memory is best copied by the thread that wants it: handing the call to another costs more, and
 * brings the bytes into the cache of another core. Files that make us wait are better read by threads.
 */
export class Patience {
  readonly #mostMs: number
  #ms = 0
  #bytes = 0
  #isOver = false

  constructor(mostMs = PATIENCE_MS) {
    this.#mostMs = mostMs
  }

  /** Whether reads have made us wait. Once over, it stays over. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** The number of bytes that a read on this thread gave. */
  spentOn(read: () => number): number {
    const begun = performance.now()
    const bytesRead = read()
    this.#ms += performance.now() - begun
    this.#bytes += bytesRead
    this.#isOver ||= this.#ms > this.#mostMs + (PATIENCE_MS_PER_MB * this.#bytes) / 1e6
    return bytesRead
  }
}
