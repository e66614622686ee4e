import type { Instant } from './stamp.ts'

/** The first letters of months in English and German, as they stand in Latin-1 and, for March, in UTF-8 read as that. */
const MONTHS: Readonly<Record<string, number>> = {
  jan: 0,
  feb: 1,
  mar: 2,
  mär: 2,
  'mã¤': 2,
  mrz: 2,
  apr: 3,
  may: 4,
  mai: 4,
  jun: 5,
  jul: 6,
  aug: 7,
  sep: 8,
  oct: 9,
  okt: 9,
  nov: 10,
  dec: 11,
  dez: 11,
}

const DATE =
  /([^\s\d.]{3})[^\s\d.]*\.?\s+(\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:\s*([ap]m))?\s+(\d{4})\b/i

/**
 * What the wall clock shows in the date of an ASC file, in seconds as if it stood in UTC:
 * `Tue Nov 14 10:13:20.123 pm 2023`, in English or German, with 12 hours or 24. Undefined where it is no date.
 */
export function parseAscDate(text: string): Instant | undefined {
  const match = DATE.exec(text)
  if (match === null) return undefined
  const [, name = '', day, hours, minutes, seconds, fraction = '', half, year] = match
  const month = MONTHS[name.toLowerCase()]
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
  if (month === undefined || Number(day) > 31 || hour > 23 || Number(minutes) > 59) return undefined
  const wall = Date.UTC(Number(year), month, Number(day), hour, Number(minutes), Number(seconds))
  return { seconds: wall / 1000, nanos: Number(fraction.padEnd(9, '0')) }
}

const WEEKDAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTH_NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The date of an ASC file for a wall clock, in seconds as if it stood in UTC: `Tue Nov 14 22:13:20.000 2023`. */
export function ascDate(wall: number): string {
  const date = new Date(wall * 1000)
  const weekday = WEEKDAY_NAMES[date.getUTCDay()]
  const month = MONTH_NAMES[date.getUTCMonth()]
  const day = String(date.getUTCDate()).padStart(2, '0')
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  return `${weekday} ${month} ${day} ${date.toISOString().slice(-13, -1)} ${year}`
}
