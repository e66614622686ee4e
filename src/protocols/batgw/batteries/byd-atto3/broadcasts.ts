import type { CanMessage } from '../../../../core/can-bus.ts'
import type { Values } from '../../../../core/values.ts'
import type { StructSet } from '../../../../decode/struct-set.ts'
import type { Decoded } from '../../battery-driver.ts'
import { canKey, dataOf } from '../../can-message.ts'
import { booleanOf, negated, numberOf, reportedOf } from '../../value-of.ts'
import { isIntact } from './frames.ts'
import type { Sources } from './sources.ts'

/** Frames that say that the pack is alive. */
const ALIVE: ReadonlySet<string> = new Set(
  '244 245 286 344 345 347 34A 35E 360 36C 438 43A 43B 43C 43D 444 445 446 447 47B 524'.split(' '),
)

/** The frame with cells 103, 104 and 105; a standard pack has 104. */
const LAST_CELLS = 34

type Take = (values: Values, sources: Sources, at: number) => void

/** What the messages say that matters to the gateway; the others are for show. */
const TAKE: Readonly<Record<string, Take>> = {
  contactors: (values, sources, at) => sources.closed.set(booleanOf(values, 'main_closed'), at),
  allowed_power: (values, sources, at) => {
    sources.discharge.take('345', reportedOf(values, 'max_discharge_power'), at)
    sources.charge.take('345', reportedOf(values, 'max_charge_power'), at)
  },
  pack_voltage: (values, sources, at) => sources.voltage.take('438', reportedOf(values, 'pack_voltage', 10), at),
  cells: (values, sources) => {
    if (numberOf(values, 'index') === LAST_CELLS) sources.has105(reportedOf(values, 'cell_3') !== null)
  },
  pack_status: (values, sources, at) => {
    sources.voltage.take('444', reportedOf(values, 'voltage', 10), at)
    sources.current.take('444', negated(reportedOf(values, 'current', 10)), at)
    sources.soh(numberOf(values, 'soh') * 100)
  },
  cell_extremes: (values, sources, at) => {
    const places = { minAt: numberOf(values, 'min_cell'), maxAt: numberOf(values, 'max_cell') }
    sources.cells.take(
      '446',
      reportedOf(values, 'min_cell_voltage', 1000),
      reportedOf(values, 'max_cell_voltage', 1000),
      at,
      places,
    )
  },
  cell_temperatures: (values, sources, at) => {
    const places = { minAt: numberOf(values, 'min_sensor'), maxAt: numberOf(values, 'max_sensor') }
    const [min, max] = [reportedOf(values, 'min_temperature', 10), reportedOf(values, 'max_temperature', 10)]
    sources.temperatures.take('447', min, max, at, places)
    sources.average.take('447', reportedOf(values, 'average_temperature', 10), at)
    sources.soc.take('447', reportedOf(values, 'soc', 100), at)
  },
}

/** Takes a broadcast of the pack; gives what it said, undefined where it does not count or is not known. */
export function takeBroadcast(
  frame: CanMessage,
  structs: StructSet,
  sources: Sources,
  at: number,
): Decoded | undefined {
  const key = canKey(frame)
  if (key === '344') sources.feedbackSeen()
  if (!isIntact(frame)) {
    sources.tally.add(`checksum: ${key}`)
    return undefined
  }
  if (ALIVE.has(key)) sources.running.set(true, at)
  const codec = structs.codec([key])
  if (codec === undefined) return undefined
  const values = codec.decode(dataOf(frame))
  TAKE[codec.name]?.(values, sources, at)
  return { codec, values }
}
