import type { Clock } from './clock.ts'

/** A clock for durations: it goes on evenly whatever happens to the time of day. */
export interface MonotonicClock extends Pick<Clock, 'sleep'> {
  /** ms since some moment, with fractions; never set back, never set forward. */
  monotonic(): number
}
