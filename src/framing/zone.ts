/** How wall clocks of a place run against UTC, for the dates of logs that do not say where they were written. */
export interface Zone {
  /** What the clock of the place is ahead of UTC at a Unix time, both in seconds. */
  readonly offset: (seconds: number) => number
}

export const UTC: Zone = { offset: () => 0 }

/** The zone of this machine. */
export const LOCAL: Zone = { offset: seconds => -60 * new Date(seconds * 1000).getTimezoneOffset() }

const OFFSET = /^([+-])(\d{2}):?(\d{2})$/
/** Beyond it there are no dates (the limit of `Date`), in seconds. */
const MAX_SECONDS = 8.64e12
const DAY = 86_400

/** The zone that a user names: `utc`, `local`, `+02:00`, `Europe/Berlin`; undefined where there is none such. */
export function zoneOf(name: string): Zone | undefined {
  const lower = name.toLowerCase()
  if (lower === 'utc' || lower === 'z') return UTC
  if (lower === 'local') return LOCAL
  const [, sign, hours, minutes] = OFFSET.exec(name) ?? []
  if (sign !== undefined) {
    const offset = (Number(hours) * 3600 + Number(minutes) * 60) * (sign === '-' ? -1 : 1)
    return { offset: () => offset }
  }
  return namedZone(name)
}

function namedZone(name: string): Zone | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    return { offset: seconds => wallClock(format, seconds) - Math.floor(seconds) }
  } catch {
    return undefined // the name is of no zone
  }
}

/** What the clock shows, in seconds as if it stood in UTC. */
function wallClock(format: Intl.DateTimeFormat, seconds: number): number {
  const parts = Object.fromEntries(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000
}

/**
 * Unix seconds of what a wall clock shows, given as if it stood in UTC. Of an hour that comes twice it is the first; an
 * hour that is left out counts on from the one before it.
 */
export function fromWallClock(wall: number, zone: Zone): number {
  const offset = (seconds: number) => zone.offset(Math.min(Math.max(seconds, -MAX_SECONDS), MAX_SECONDS))
  const before = offset(wall - DAY)
  const early = wall - before
  const after = offset(early)
  const late = wall - after
  return after !== before && offset(late) === after ? late : early
}

/** What the wall clock of a zone shows at a time in Unix seconds, as if it stood in UTC. */
export function toWallClock(seconds: number, zone: Zone): number {
  return seconds + zone.offset(seconds)
}
