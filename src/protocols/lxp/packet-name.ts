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
