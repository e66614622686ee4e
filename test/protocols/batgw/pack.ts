/** What an Atto 3 pack reports, in the units of a person: V, mV, °C, %, W, A (positive = discharging). */
export interface PackState {
  readonly volts: number
  readonly minMv: number
  readonly maxMv: number
  readonly minC: number
  readonly maxC: number
  readonly soc: number
  readonly chargeW: number
  readonly dischargeW: number
  readonly amps: number
  readonly closed: boolean
}

/** The pack of the worked vectors. */
export const PACK: PackState = {
  volts: 422,
  minMv: 3324,
  maxMv: 3328,
  minC: 22,
  maxC: 23,
  soc: 95,
  chargeW: 50_600,
  dischargeW: 21_100,
  amps: -3.1,
  closed: true,
}

/** Byte 7 makes the sum of all bytes FF: docs/protocols/byd-atto3.md. */
export function withChecksum(id: string, bytes: readonly number[]): string {
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  return hex(id, [...bytes, 255 - (sum % 256)])
}

function hex(id: string, bytes: readonly number[]): string {
  return `${id}#${Buffer.from(bytes).toString('hex').toUpperCase()}`
}

const low = (value: number) => value & 0xff
const high = (value: number) => (value >> 8) & 0xff

/** The broadcasts of a pack, packed by hand from the tables of the protocol page. */
export function broadcasts(change: Partial<PackState> = {}): Record<string, string> {
  const { volts, minMv, maxMv, minC, maxC, soc, chargeW, dischargeW, amps, closed } = { ...PACK, ...change }
  const dv = Math.round(volts * 10)
  const current = Math.round(amps * 10) + 5000
  const promille = Math.round(soc * 10)
  const [charge, discharge] = [chargeW / 100, dischargeW / 100]
  return {
    '344': withChecksum('344', [closed ? 0x84 : 0x02, 0x41, 0x1f, 0, 0, 0, 8]),
    '345': withChecksum('345', [low(discharge), high(discharge), low(charge), high(charge), 0, 0xcb, 1]),
    '438': withChecksum('438', [0x55, 0x55, 1, 0xd6, 0x47, low(dv), high(dv)]),
    '444': withChecksum('444', [
      low(Math.floor(volts)),
      high(Math.floor(volts)),
      low(current),
      high(current),
      100,
      Math.floor(soc),
      150,
    ]),
    '446': withChecksum('446', [1, low(minMv), high(minMv), 0, 37, low(maxMv), high(maxMv)]),
    '447': withChecksum('447', [
      9,
      minC + 40,
      1,
      maxC + 40,
      low(promille),
      high(promille),
      Math.floor((minC + maxC + 1) / 2) + 40,
    ]),
  }
}

/** All of them, one after the other. */
export function broadcastList(change: Partial<PackState> = {}): string[] {
  return Object.values(broadcasts(change))
}

/** An answer of the pack to a question by UDS. */
export function answer(did: number, value: number, bytes: 1 | 2): string {
  const data = bytes === 1 ? [value] : [low(value), high(value)]
  return hex('7EF', [3 + bytes, 0x62, high(did), low(did), ...data, ...Array<number>(4 - bytes).fill(0xaa)])
}
