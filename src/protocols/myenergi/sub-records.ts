import type { Values } from '../../core/values.ts'

/** Where the sub-records of a device record begin, and of a harvi's, by message. */
const FIRST = 0x30
const FIRST_HARVI = 0x26
const HARVI = '0x28'

const CT_TAG = 0x08
const CT_IDS: readonly number[] = [0x11, 0x21, 0x31]
const CT_LENGTH = 8
const VOLTAGE_TAG = 0x0114
const VOLTAGE_LENGTH = 4

/**
 * Values of the tagged sub-records of a payload, by the input that they name and not by their order: which current
 * transformer comes first depends on the wiring. Little-endian:
 *
 *     current transformer: 08 | id 1 (11, 21, 31: input 1 to 3) | type 1 | ? 1 | power i16, W | current i16, 0.01 A
 *     voltage:             14 01 | voltage u16, 0.1 V
 *
 * Reading stops at the first tag that is neither.
 */
export function subRecords(message: string, payload: Uint8Array): Values {
  const values: Values = {}
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  let at = message === HARVI ? FIRST_HARVI : FIRST
  for (;;) {
    const left = payload.length - at
    if (left >= CT_LENGTH && payload[at] === CT_TAG && CT_IDS.includes(payload[at + 1]!)) {
      const name = `ct${payload[at + 1]! >> 4}`
      values[`${name}/power`] = view.getInt16(at + 4, true)
      values[`${name}/current`] = view.getInt16(at + 6, true) / 100
      values[`${name}/type`] = payload[at + 2]!
      at += CT_LENGTH
    } else if (left >= VOLTAGE_LENGTH && view.getUint16(at, true) === VOLTAGE_TAG) {
      values['voltage'] = view.getUint16(at + 2, true) / 10
      at += VOLTAGE_LENGTH
    } else return values
  }
}

const POWERS = '0x22'
const GRID_AT = 0x1e
/** No house connection carries more, W. */
export const MOST_GRID_POWER = 250_000

/** The grid power of a message 0x22 as the 32-bit number it seems to be, W, where 16 bits do not hold it. */
export function wideGridPower(message: string, payload: Uint8Array): number | undefined {
  if (message !== POWERS || payload.length < GRID_AT + 4) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const wide = view.getInt32(GRID_AT, true)
  return wide !== view.getInt16(GRID_AT, true) && Math.abs(wide) <= MOST_GRID_POWER ? wide : undefined
}
