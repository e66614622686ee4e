import { utf8 } from '../core/bytes.ts'
import { CAN, type CanFrame, dlcOf } from '../core/can.ts'
import type { CsvCells } from './csv-cells.ts'

const MINUS = 45
const D = 0x64
const R = 0x72
const T = 0x74
const TIME_STAMP = utf8('time stamp')

/** Whether a row of SavvyCAN's CSV is the header: `Time Stamp,ID,Extended,[Dir,]Bus,LEN,D1` and on. */
export function isHeader(cells: CsvCells): boolean {
  return cells.is(0, TIME_STAMP)
}

/** Whether a header is that of V2, which has a column for the direction. */
export function headerHasDirection(cells: CsvCells): boolean {
  return cells.first(3) === D
}

/** Reads ID, flags and data of a row into the frame; gives why not, if so. */
export function readRow(cells: CsvCells, hasDirection: boolean, frame: CanFrame): string | undefined {
  const data = hasDirection ? 6 : 5
  if (cells.count < data) return 'lines that are no frames'
  const id = cells.hex(1)
  const length = cells.decimal(data - 1)
  if (length < 0 || length > frame.data.length) return 'frames with a bad length'
  if (id < 0 || id > 0x1fffffff) return 'frames with a bad ID'
  for (let i = 0; i < length; i++) {
    const byte = cells.hex(data + i)
    if (byte < 0 || byte > 0xff) return 'frames with bad data'
    frame.data[i] = byte
  }
  const direction = hasDirection ? cells.first(3) : 0
  frame.id = id
  frame.flags =
    (id > 0x7ff || cells.first(2) === T ? CAN.extended : 0) |
    (direction === R ? CAN.rx : direction === T ? CAN.tx : 0) |
    (length > 8 ? CAN.fd : 0)
  frame.length = length
  frame.dlc = dlcOf(length)
  return undefined
}

/** The row's bus, 0 where it is no number. */
export function rowBus(cells: CsvCells, hasDirection: boolean): number {
  return Math.max(0, cells.decimal(hasDirection ? 4 : 3))
}

/** The row's time stamp in microseconds, undefined where it is no whole number of up to 16 digits. */
export function rowMicros(cells: CsvCells): number | undefined {
  const isNegative = cells.first(0) === MINUS
  const micros = cells.decimal(0, isNegative ? 1 : 0)
  if (micros < 0) return undefined
  return isNegative ? 0 - micros : micros
}
