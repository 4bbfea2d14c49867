/**
 * Counts distinct texts without keeping them, by 64-bit fingerprints: 100,000 of them collide by chance
 * once in 4·10⁹ documents. Who makes two texts collide on purpose gets them taken for one.
 */
export class KeyTally {
  #slots = new Int32Array(2 ** 10)
  #count = 0

  /** False if this text was added before. */
  add(fingerprint: Fingerprint): boolean {
    if (4 * this.#count >= this.#slots.length) this.#grow()
    if (!place(this.#slots, fingerprint.low, fingerprint.high)) return false
    this.#count += 1
    return true
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Int32Array(2 * old.length)
    for (let at = 0; at < old.length; at += 2) {
      const low = old[at] as number
      const high = old[at + 1] as number
      if (low !== 0 || high !== 0) place(this.#slots, low, high)
    }
  }
}

/** Of the UTF-16 units of a text, fed one by one; reused from text to text. */
export class Fingerprint {
  low = 0
  high = 0

  begin(): void {
    this.low = 0x811c9dc5 | 0
    this.high = 0x2545f491
  }

  feed(unit: number): void {
    this.low = Math.imul(this.low ^ unit, 0x01000193)
    const mixed = Math.imul(this.high ^ unit, 0x9e3779b1 | 0)
    this.high = mixed ^ (mixed >>> 15)
  }

  feedAll(text: string): void {
    for (let at = 0; at < text.length; at++) this.feed(text.charCodeAt(at))
  }
}

/** Open addressing over pairs of words; a pair of zeros is a free place. */
function place(slots: Int32Array, low: number, high: number): boolean {
  const mask = slots.length - 2
  const stored = low === 0 && high === 0 ? 1 : low
  for (let at = (2 * (stored ^ (high >>> 7))) & mask; ; at = (at + 2) & mask) {
    const held = slots[at] as number
    const heldHigh = slots[at + 1] as number
    if (held === stored && heldHigh === high) return false
    if (held === 0 && heldHigh === 0) {
      slots[at] = stored
      slots[at + 1] = high
      return true
    }
  }
}
