/** Year, month 1 to 12, day, hour, minute, second, as a clock on the wall shows them. */
export type LocalTime = readonly [
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
]

/** The machine's own zone, or minutes east of UTC, or a zone of the time zone database. */
export type Zone = 'local' | number | Intl.DateTimeFormat

/** Reads `local`, `UTC`, `+02:00` or `Europe/Berlin`; undefined where there is no such zone. */
export function parseZone(text: string): Zone | undefined {
  if (text.toLowerCase() === 'local') return 'local'
  if (/^(utc|z)$/i.test(text)) return 0
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(text)
  if (offset !== null) return (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1)
  try {
    return new Intl.DateTimeFormat('en-US', { ...PARTS, timeZone: text })
  } catch {
    return undefined // RangeError: not in the database
  }
}

const PARTS: Intl.DateTimeFormatOptions = {
  ...{ calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
  ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
}

/** Unix ms of a wall clock's time; NaN for a day or time that does not exist in the calendar. */
export function toUnixMs(time: LocalTime, zone: Zone): number {
  const [year, month, day, hour, minute, second] = time
  const utc = Date.UTC(year, month - 1, day, hour, minute, second)
  const shown = new Date(utc)
  const exists = shown.getUTCMonth() === month - 1 && shown.getUTCDate() === day && shown.getUTCHours() === hour
  if (!exists || minute > 59 || second > 59) return Number.NaN
  if (zone === 'local') return new Date(year, month - 1, day, hour, minute, second).getTime()
  if (typeof zone === 'number') return utc - zone * 60_000
  const near = utc - offsetAt(zone, utc)
  return utc - offsetAt(zone, near) // again, for the hours around a change of the offset
}

/** Milliseconds that a zone is ahead of UTC at a moment. */
function offsetAt(zone: Intl.DateTimeFormat, ms: number): number {
  const parts = new Map(zone.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return wall - ms
}
