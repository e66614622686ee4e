import { addTime, type Instant } from './framing/stamp.ts'

/** A moment of a log: from its first frame on, or Unix time. */
export interface Moment extends Readonly<Instant> {
  readonly isRelative: boolean
}

/** Which part of a log is played. */
export interface PlayRange {
  readonly from?: Moment | undefined
  readonly until?: Moment | undefined
}

/** Where in the range a frame is. */
export type Place = 'before' | 'within' | 'after'

/** Finds out where the frames of a log are; the first one says when it begins. */
export class RangeFinder {
  readonly #range: PlayRange
  #from: Instant | undefined
  #until: Instant | undefined
  #isBegun = false

  constructor(range: PlayRange) {
    this.#range = range
  }

  /** The log begins anew. */
  restart(): void {
    this.#isBegun = false
  }

  placeOf(time: Instant): Place {
    if (!this.#isBegun) this.#begin(time)
    if (this.#from !== undefined && isBefore(time, this.#from)) return 'before'
    return this.#until !== undefined && isBefore(this.#until, time) ? 'after' : 'within'
  }

  #begin(first: Instant): void {
    const { from, until } = this.#range
    this.#isBegun = true
    this.#from = from && absolute(from, first)
    this.#until = until && absolute(until, first)
  }
}

/** Whether no frame can be in a range, as far as that can be told without its log. */
export function isEmptyRange({ from, until }: PlayRange): boolean {
  return from !== undefined && until !== undefined && from.isRelative === until.isRelative && isBefore(until, from)
}

function absolute({ seconds, nanos, isRelative }: Moment, first: Instant): Instant {
  const time = { seconds, nanos }
  if (isRelative) addTime(time, first)
  return time
}

function isBefore(a: Instant, b: Instant): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos)
}
