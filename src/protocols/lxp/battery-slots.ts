import { latin1 } from '../../decode/text.ts'

/** First input register of the battery slots of EG4 inverters. */
const FIRST = 5002
/** Registers of a slot, and slots. */
export const SLOT_REGISTERS = 30
export const SLOTS = 4
const CONNECTED = 0xc0
/** The module's serial number: 16 characters from register 17 of its slot. */
const SERIAL = 17 * 2
const SERIAL_END = SERIAL + 16

/** A slot with a module in it. */
export interface BatterySlot {
  /** Serial number of the module, which may be in another slot next time; the number of the slot where it has none. */
  readonly module: string
  readonly payload: Uint8Array
}

/** The slots that lie wholly in a block of input registers from `register` on; `data` are its words. */
export function batterySlots(register: number, data: Uint8Array): BatterySlot[] {
  const slots: BatterySlot[] = []
  for (let slot = 0; slot < SLOTS; slot++) {
    const at = (FIRST + slot * SLOT_REGISTERS - register) * 2
    if (at < 0 || at + SLOT_REGISTERS * 2 > data.length || data[at + 1] !== CONNECTED) continue
    const payload = data.subarray(at, at + SLOT_REGISTERS * 2)
    slots.push({ module: latin1(payload, SERIAL, SERIAL_END, true) || String(slot + 1), payload })
  }
  return slots
}
