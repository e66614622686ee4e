const LONGEST = 100

/** Names that Windows takes for devices, with any ending. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|(com|lpt)\d)$/i

/** What the files of an origin are called: `192_0_2_7_8000` of `192.0.2.7:8000`. */
export function originName(origin: string): string {
  const name = origin.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, LONGEST)
  return name === '' || WINDOWS_DEVICE.test(name) ? `_${name}` : name
}

/** `20260301-100000`, UTC; sorts by time. */
export function fileStamp(ms: number): string {
  const [day, time] = new Date(ms).toISOString().split('T') as [string, string]
  return `${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`
}

/** Those of `names` that are files of an origin, the oldest first; other files in the folder are nobody's business. */
export function filesOf(name: string, extension: string, names: readonly string[]): string[] {
  const [start, end] = [`${name}.`, `.${extension}`]
  const length = start.length + STAMP_LENGTH + end.length
  const isOurs = (file: string) =>
    file.length === length && file.startsWith(start) && file.endsWith(end) && STAMP.test(file.slice(start.length))
  return names.filter(isOurs).sort()
}

const STAMP = /^\d{8}-\d{6}\./
const STAMP_LENGTH = 15
