import { UsageError } from '../../core/errors.ts'
import type { Value } from '../../core/values.ts'
import type { Change } from './change.ts'
import { type LocalTime, toUnixMs, type Zone } from './local-time.ts'
import type { WriteRequest } from './request.ts'

/** What the clock of an inverter is called in `NAME=VALUE`, and its registers: year, month | day, hour | minute, second. */
export const CLOCK = 'clock'
export const CLOCK_REGISTER = 12
export const CLOCK_COUNT = 3

/** A clock that is so near is right: it counts whole seconds, and an answer takes a moment. */
const TOLERANCE_MS = 3000

/** Registers count years from here; what is before `FIRST_YEAR` is a slip. */
const CENTURY = 2000
const FIRST_YEAR = 2020

/** Reads `now`, or `2026-03-01T10:00:00` as the inverter shall show it. Throws `UsageError`. */
export function parseClock(text: string, zone: Zone): Change {
  if (text === 'now') return new ClockChange(now => wallMs(now, zone))
  const match = /^(20\d\d)-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?$/.exec(text)
  const [, year, month, day, hour, minute, second = 0] = (match ?? []).map(part => Number(part ?? 0))
  const wall = match === null ? Number.NaN : toUnixMs([year!, month!, day!, hour!, minute!, second], 0)
  if (Number.isNaN(wall) || year! < FIRST_YEAR) {
    throw new UsageError(`${CLOCK} cannot be ${text}; write now, or 2026-03-01T10:00:00 as the inverter shall show it`)
  }
  let begun: number | undefined
  return new ClockChange(now => {
    begun ??= now
    return wall + now - begun
  })
}

/** Whether words are a time that a clock can have. */
export function isClock(words: readonly number[]): boolean {
  const ms = clockMs(words)
  return words.length === CLOCK_COUNT && new Date(ms).getUTCFullYear() >= FIRST_YEAR
}

/** The clock of the inverter. Times on it are kept as the Unix ms at which a clock in UTC shows the same. */
class ClockChange implements Change {
  readonly name = CLOCK
  readonly register = CLOCK_REGISTER
  readonly count = CLOCK_COUNT
  readonly unit = ''
  readonly isCommand = false
  readonly #wanted: (now: number) => number

  constructor(wanted: (now: number) => number) {
    this.#wanted = wanted
  }

  request(_before: readonly number[], now: number): WriteRequest {
    return { type: 'write_multi', register: CLOCK_REGISTER, values: clockWords(this.#wanted(now)) }
  }

  isIn(words: readonly number[], now: number): boolean {
    return Math.abs(clockMs(words) - this.#wanted(now)) <= TOLERANCE_MS
  }

  show(words: readonly number[]): Value {
    const ms = clockMs(words)
    return Number.isNaN(ms) ? null : new Date(ms).toISOString().slice(0, 19)
  }
}

function clockWords(ms: number): number[] {
  const time = new Date(ms)
  const pairs = [
    [time.getUTCFullYear() - CENTURY, time.getUTCMonth() + 1],
    [time.getUTCDate(), time.getUTCHours()],
    [time.getUTCMinutes(), time.getUTCSeconds()],
  ] as const
  return pairs.map(([low, high]) => low | (high << 8))
}

/** NaN where the words are no time. */
function clockMs(words: readonly number[]): number {
  const [year, month, day, hour, minute, second] = words.flatMap(word => [word & 0xff, word >> 8])
  return toUnixMs([CENTURY + year!, month!, day!, hour!, minute!, second!], 0)
}

/** What a clock on the wall of a zone shows, as the Unix ms at which one in UTC shows the same. */
function wallMs(now: number, zone: Zone): number {
  return toUnixMs(wallTime(now, zone), 0)
}

function wallTime(now: number, zone: Zone): LocalTime {
  if (typeof zone === 'number') {
    const time = new Date(now + zone * 60_000)
    const date = [time.getUTCFullYear(), time.getUTCMonth() + 1, time.getUTCDate()] as const
    return [...date, time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()]
  }
  const time = new Date(now)
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()] as const
  if (zone === 'local') return [...date, time.getHours(), time.getMinutes(), time.getSeconds()]
  const parts = new Map(zone.formatToParts(now).map(({ type, value }) => [type, Number(value)]))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  return [part('year'), part('month'), part('day'), part('hour'), part('minute'), part('second')]
}
