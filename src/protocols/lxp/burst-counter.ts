/** So long without a byte is between two bursts, ms. */
const GAP_MS = 1000

/** Numbers the frames of a burst from 1 on. */
export class BurstCounter {
  #last = Number.NEGATIVE_INFINITY
  #number = 0

  /** Bytes have come at `at`, Unix ms. */
  received(at: number): void {
    if (at - this.#last > GAP_MS) this.#number = 0
    this.#last = at
  }

  /** The number of the next frame. */
  next(): number {
    return ++this.#number
  }
}
