import type { Instant } from '../stamp.ts'

/** Below it a time counts from the start of a log, not from 1970. */
export const RELATIVE_SECONDS = 100_000_000

/** What the dates of logs can express, in seconds from 1970: years 1900 to 9999. */
const FIRST_DATE = -2_208_988_800
const LAST_DATE = 253_402_300_799

/** The second that the times of a log count from that begins with this one. */
export function startOf({ seconds }: Instant): number {
  return Math.min(Math.max(seconds, FIRST_DATE), LAST_DATE)
}
