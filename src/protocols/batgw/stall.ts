/** Decisions are due ten times a second: when none was made for so long, the process or the machine stood still, ms. */
const STALL_MS = 1000

/** Frames that waited in the meantime come within so long, and are older than they seem, ms. */
const DEAF_MS = 200

/** Notices that the program did not run for a while. Times are monotonic ms. */
export class Stall {
  #ticked: number | undefined
  #deafUntil = Number.NEGATIVE_INFINITY

  /**
   * How long it stood still, ms; undefined where it did not. A clock that fell by as much is no better. Call it before
   * anything else is done.
   */
  check(at: number): number | undefined {
    const stood = Math.abs(at - (this.#ticked ?? at))
    if (stood <= STALL_MS) return undefined
    this.#ticked = at
    this.#deafUntil = at + DEAF_MS
    return stood
  }

  ticked(at: number): void {
    this.#ticked = at
  }

  /** Whether what comes now may have waited. */
  deaf(at: number): boolean {
    return at < this.#deafUntil
  }
}
