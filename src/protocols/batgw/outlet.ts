import type { CanMessage } from '../../core/can-bus.ts'

/** A bus refuses frames for so long before it counts as stuck, ms: its queue may be full for a moment. */
const STUCK_MS = 1000

/** One bus as it is sent to: whether it is up, and whether it takes what it is given. Times are monotonic ms. */
export class Outlet {
  isUp = true
  readonly #transmit: (frame: CanMessage) => boolean
  readonly #unsent: () => void
  #refusedSince: number | undefined

  /** `unsent` is told of each frame that was not taken. */
  constructor(transmit: (frame: CanMessage) => boolean, unsent: () => void) {
    this.#transmit = transmit
    this.#unsent = unsent
  }

  /** Hands over all of the frames, whatever becomes of the first ones; whether the bus took them all. */
  send(frames: readonly CanMessage[], at: number): boolean {
    if (frames.length === 0) return true
    let isTaken = true
    for (const frame of frames) {
      if (this.isUp && this.#transmit(frame)) continue
      this.#unsent()
      isTaken = false
    }
    if (isTaken || !this.isUp) this.#refusedSince = undefined
    else this.#refusedSince ??= at
    return isTaken
  }

  /** Whether it is up and still does not take what it is given, for longer than a moment. */
  isStuck(at: number): boolean {
    return this.isUp && this.#refusedSince !== undefined && at - this.#refusedSince >= STUCK_MS
  }
}
