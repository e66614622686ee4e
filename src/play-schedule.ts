import type { Instant } from './framing/stamp.ts'

/** How the times of a log become times of now. */
export interface Pace {
  /** So many times as fast; 0: without waiting. */
  readonly speed: number
  /** At least so long between two frames, ms. */
  readonly gapMs: number
  /** No longer than that between two frames, ms, before the speed counts. */
  readonly longestMs?: number | undefined
}

/** As it was recorded. */
export const RECORDED_PACE: Pace = { speed: 1, gapMs: 0 }

/** A frame that is behind the one before by no more stands in the wrong place; more, and the clock was set back, ms. */
const DISORDER_MS = 1000
/** Who was held up for longer, or whose clock was set, goes on from there: frames are not sent all at once then, ms. */
const SLACK_MS = 1000
/** A log that goes round takes at least so long: one frame alone would fill the bus, ms. */
const ROUND_MS = 1

/** Says when the frames of a log are due, one after the other. */
export class PlaySchedule {
  readonly #pace: Pace
  #due = Number.NaN
  /** The time that the next one is measured from. */
  #seconds = Number.NaN
  #nanos = 0
  #hasTimes = false

  constructor(pace: Pace) {
    this.#pace = pace
  }

  /** Whether two frames have had different times: a log may be without. */
  get hasTimes(): boolean {
    return this.#hasTimes
  }

  /** The log begins anew: its first frame follows the last one. */
  restart(): void {
    this.#seconds = Number.NaN
  }

  /**
   * The ms until the next frame is due, 0 or less when it is time. One with a time before that of the last frame is due
   * at once.
   */
  waitMs({ seconds, nanos }: Instant, now: number): number {
    const gap = this.#gapTo(seconds, nanos)
    const due = this.#due + gap
    if (Number.isNaN(due) || now - due > SLACK_MS) this.#due = now
    else if (due - now > gap + SLACK_MS) this.#due = now + gap
    else this.#due = due
    return this.#due - now
  }

  #gapTo(seconds: number, nanos: number): number {
    const { speed, gapMs, longestMs = Number.POSITIVE_INFINITY } = this.#pace
    const recorded = (seconds - this.#seconds) * 1000 + (nanos - this.#nanos) / 1e6
    if (!(recorded < 0 && recorded >= -DISORDER_MS)) {
      this.#seconds = seconds
      this.#nanos = nanos
    }
    if (Number.isNaN(recorded)) return Math.max(gapMs, ROUND_MS)
    if (recorded !== 0) this.#hasTimes = true
    const gap = Math.min(Math.max(recorded, 0), longestMs)
    return Math.max(speed === 0 ? 0 : gap / speed, gapMs)
  }
}
