export type Room = {
  readonly bytes: Uint8Array
  /** The room may be lent again: what lies in it is gone. */
  readonly giveBack: () => void
}

/** Longer reads get memory of their own. */
const ROOM_BYTES = 2 ** 20
/** Rooms that are kept for the next: as many as are read at once. */
const KEPT_MAX = 8

/** Room for bytes that are wanted for a moment, used again and again. */
export class RoomPool {
  readonly #free: Uint8Array[] = []

  borrow(sizeBytes: number): Room {
    if (sizeBytes > ROOM_BYTES) return { bytes: new Uint8Array(sizeBytes), giveBack: () => {} }
    const whole = this.#free.pop() ?? new Uint8Array(ROOM_BYTES)
    return {
      bytes: whole.subarray(0, sizeBytes),
      giveBack: () => {
        if (this.#free.length < KEPT_MAX) this.#free.push(whole)
      },
    }
  }
}
