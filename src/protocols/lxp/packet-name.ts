import type { Endpoint } from '../../core/endpoint.ts'
import { toUnixMs, type Zone } from './local-time.ts'

/** `YYYY-MMDD-HHMMSS.HOST.NNNN.bin`, perhaps with a suffix where a file of that name existed. */
const NAME = /^(\d{4})-(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)\.[A-Za-z0-9_-]+\.\d{4,}(?:[._-][A-Za-z0-9]+)?\.bin$/

/** When a saved packet came, Unix ms, by the name of its file in `zone`; NaN for other names. */
export function timeOfName(path: string, zone: Zone): number {
  const match = NAME.exec(path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1))
  if (match === null) return Number.NaN
  const [, year, month, day, hour, minute, second] = match.map(Number)
  return toUnixMs([year!, month!, day!, hour!, minute!, second!], zone)
}

/** Port of a dongle as it is delivered: names do not mention it. */
export const DONGLE_PORT = 8000

/** Name of the file for a frame that came at `at`, Unix ms, as the `number`th of its burst. */
export function packetName(at: number, from: Endpoint, number: number, utc: boolean): string {
  return `${stamp(at, utc)}.${originPart(from)}.${digits(number, 4)}.bin`
}

/** What names of files say of a dongle's address. */
export function originPart({ host, port }: Endpoint): string {
  return (port === DONGLE_PORT ? host : `${host}_${port}`).replace(/[^A-Za-z0-9-]/g, '_')
}

/** `YYYY-MMDD-HHMMSS` of a time in Unix ms. */
export function stamp(at: number, utc: boolean): string {
  const date = new Date(utc ? at : at - new Date(at).getTimezoneOffset() * 60_000)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(part => digits(part, 2)).join('')
  return `${digits(year, 4)}-${digits(month, 2)}${digits(day, 2)}-${time}`
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0')
}
