import type { Instant } from './stamp.ts'

/** Where the columns of a row are: which word of it, from 0; -1 for those that it has not. */
export interface TrcColumns {
  readonly offset: number
  readonly type: number
  readonly bus: number
  readonly id: number
  readonly direction: number
  /** Data length code. */
  readonly code: number
  /** Number of bytes, which some files have in place of the code. */
  readonly length: number
  /** The first byte of data; the others follow. */
  readonly data: number
}

/** Columns by version as `$COLUMNS` lists them, for files that do not. */
const COLUMNS: Readonly<Record<string, string>> = {
  '1.0': 'N,O,I,L,D',
  '1.1': 'N,O,T,I,L,D',
  '1.2': 'N,O,B,T,I,L,D',
  '1.3': 'N,O,B,T,I,R,L,D',
  '2.0': 'N,O,T,I,d,l,D',
  '2.1': 'N,O,T,B,I,d,R,L,D',
}

/** Places of the columns of a list such as `N,O,T,B,I,d,R,L,D`; undefined where rows of it would be no frames. */
export function trcColumns(list: string): TrcColumns | undefined {
  const letters = list.split(',').map(letter => letter.trim())
  const at = (letter: string) => letters.indexOf(letter)
  const [offset, id, code, length, data] = [at('O'), at('I'), at('L'), at('l'), at('D')]
  if (offset < 0 || id < 0 || data < 0 || (code < 0 && length < 0)) return undefined
  return { offset, type: at('T'), bus: at('B'), id, direction: at('d'), code, length, data }
}

/** The columns of a version of the format; those of 1.0 where the version is none that is known. */
export function columnsOfVersion(version: string): TrcColumns {
  const list = COLUMNS[version] ?? COLUMNS[version.startsWith('2.') ? '2.1' : '1.0']!
  return trcColumns(list)!
}

/** Seconds from 1899-12-30, where the days of the files begin, to 1970-01-01. */
const TO_UNIX = 25_569 * 86_400
const MICROS_OF_DAY = 86_400n * 1_000_000n
/** Decimals of days: of more than the first number the rest says nothing, the second is enough for microseconds. */
const READ_DECIMALS = 15
const WRITTEN_DECIMALS = 12

/**
 * The instant that `$STARTTIME` stands for, days since 1899-12-30 with decimals, rounded to the microsecond as if it
 * were UTC; undefined where it is no number. Worked out in whole numbers: a float of days is 0.6 us coarse.
 */
export function trcStart(days: string): Instant | undefined {
  const match = /^(\d{1,7})(?:[.,](\d*))?$/.exec(days.trim())
  if (match === null) return undefined
  const unit = 10n ** BigInt(READ_DECIMALS)
  const decimals = (match[2] ?? '').slice(0, READ_DECIMALS).padEnd(READ_DECIMALS, '0')
  const micros = Number(BigInt(match[1]!) * MICROS_OF_DAY + (BigInt(decimals) * MICROS_OF_DAY + unit / 2n) / unit)
  const seconds = Math.floor(micros / 1e6)
  return { seconds: seconds - TO_UNIX, nanos: (micros - seconds * 1e6) * 1000 }
}

/** `$STARTTIME` of a whole second from 1900 on, given as if its clock stood in UTC, with decimals for `trcStart`. */
export function trcDays(seconds: number): string {
  const unit = 10n ** BigInt(WRITTEN_DECIMALS)
  const scaled = (BigInt(seconds + TO_UNIX) * unit + 43_200n) / 86_400n
  return `${scaled / unit}.${String(scaled % unit).padStart(WRITTEN_DECIMALS, '0')}`
}
