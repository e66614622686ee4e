import type { Values } from '../../../core/values.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import { HEATER_POWER, type HouseState } from './day.ts'

/** Place of the length byte, from which a record counts. */
const HEADER = 0x18

/** One kind of record: how often it is sent and what the house makes of it. */
export interface RecordKind {
  readonly message: string
  readonly length: number
  /** Seconds between two, and the second of the first. */
  readonly every: number
  readonly first: number
  /** The type word of the record header. */
  readonly type: number
  readonly values: (state: HouseState) => Values
  /** Bytes that no field describes: the tags of sub-records. */
  readonly tags?: readonly (readonly [at: number, bytes: readonly number[]])[]
  /** Current transformers by the places of their power: what they measure. */
  readonly transformers?: readonly (readonly [at: number, of: 'diverted' | 'grid' | 'generation'])[]
}

const DEVICE_STATUS = 0x3510
const SUMMARY = 0x3601
const HISTORY = 0x5a5a

const CT = (input: number, type: number) => [0x08, (input << 4) | 1, type, 0] as const

/** The records of an eddi with about the intervals that were seen. */
export const RECORD_KINDS: readonly RecordKind[] = [
  device('0x1F', 24, 5, ({ voltage }) => ({ voltage: voltage / 10 }), { tags: [[0x30, [0x14, 0x01]]] }),
  device('0x20', 12, 3, divertValues, { tags: [[0x30, CT(1, 1)]], transformers: [[0x34, 'diverted']] }),
  { message: '0x22', length: 0x22, every: 2, first: 0, type: SUMMARY, values: powerValues },
  device('0x27', 4, 1, firmwareValues),
  device('0x2B', 12, 7, ({ diverted }) => ({ divert_pwr: diverted }), {
    tags: [
      [0x30, CT(2, 2)],
      [0x38, CT(3, 3)],
    ],
    transformers: [
      [0x34, 'grid'],
      [0x3c, 'generation'],
    ],
  }),
  device('0x2C', 12, 9, () => ({})),
  device('0x2D', 12, 11, () => ({})),
  { message: '0x36', length: 0x36, every: 2, first: 1, type: HISTORY, values: historyValues },
  {
    message: '0x37',
    length: 0x37,
    every: 30,
    first: 13,
    type: 0x7979,
    values: ({ diverted }) => ({ '0x37/v1': diverted }),
  },
  { message: '0x38', length: 0x38, every: 30, first: 17, type: 0x7878, values: gridValues },
  device('0x39', 60, 19, () => ({}), { tags: [[0x30, [0xce, 0x00]]] }),
  {
    message: '0x3A',
    length: 0x3a,
    every: 60,
    first: 23,
    type: 0x7878,
    values: ({ heatsink }) => ({ '0x3A/v2': heatsink }),
  },
]

function device(
  message: string,
  every: number,
  first: number,
  values: RecordKind['values'],
  more: Pick<RecordKind, 'tags' | 'transformers'> = {},
): RecordKind {
  const all = (state: HouseState) => ({ ...prefix(state), ...values(state) })
  return { message, length: Number(message), every, first, type: DEVICE_STATUS, values: all, ...more }
}

/** What all device records begin with. */
function prefix({ frequency, divertedToday, heater, boost, hot }: HouseState): Values {
  const status = (heater << 8) | 0x20 | (boost ? 0x10 : 0) | (hot ? 0x08 : 0) | 1
  return {
    frequency: frequency / 100,
    diverted_kWh: divertedToday / 100,
    max_power: HEATER_POWER,
    flags_24: '20',
    status,
  }
}

function divertValues({ diverted, stopped }: HouseState): Values {
  return { divert_pwr: diverted, stopped: stopped ? 1 : 0 }
}

function powerValues({ generation, grid, diverted }: HouseState): Values {
  return { gen_pwr: generation, grid_pwr: grid, divert_pwr: diverted }
}

function firmwareValues({ diverted }: HouseState): Values {
  return { '0x27/fw1': 2107, '0x27/fw2': 3345, '0x27/v1': Math.floor(diverted / 25), '0x27/v6': 0x6c }
}

function historyValues({ generation, voltage, frequency, heatsink }: HouseState): Values {
  const [positive, negative] = generation < 0 ? [0, generation] : [generation, 0]
  return {
    '0x36/v6': positive,
    '0x36/v7': negative,
    '0x36/v9': voltage,
    '0x36/v10': frequency,
    '0x36/v11': heatsink,
  }
}

function gridValues({ frequency, voltage }: HouseState): Values {
  return { '0x38/v3': frequency, '0x38/v4': voltage }
}

/** The payload of a record behind the Ethernet header. `structs` are the definitions with structure. */
export function recordPayload(structs: StructSet, kind: RecordKind, serial: number, state: HouseState): Uint8Array {
  const values = { ...kind.values(state), serial }
  const payload = structs
    .message(kind.message)!
    .encode(values, HEADER + kind.length)
    .slice(0, HEADER + kind.length)
  const view = new DataView(payload.buffer)
  view.setUint32(0, 0xcbdae9f8)
  view.setUint32(0x14, 1, true)
  payload[HEADER] = kind.length
  payload[HEADER + 1] = 0x53
  view.setUint16(0x1a, kind.type, true)
  payload[0x1c] = 1
  payload[0x1d] = 0xff
  // the definition has 16 bits of it, as the original; zappi owners read 32
  if (kind.type === SUMMARY) view.setInt32(0x1e, state.grid, true)
  for (const [at, bytes] of kind.tags ?? []) payload.set(bytes, at)
  for (const [at, of] of kind.transformers ?? []) {
    view.setInt16(at, state[of], true)
    view.setInt16(at + 2, Math.round((state[of] * 1000) / state.voltage), true)
  }
  return payload
}
