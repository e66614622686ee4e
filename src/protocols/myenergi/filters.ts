import { LeastRecent } from '../../core/least-recent.ts'
import type { Reading } from '../../core/reading.ts'
import type { Value, Values } from '../../core/values.ts'
import { CurrentTransformerFilter } from './ct-filter.ts'
import { MOST_GRID_POWER } from './sub-records.ts'

/** What is held back, and how the summary calls it. */
export const HELD_BACK = {
  serial: 'serial number 0',
  history: 'history of zeros',
  frequency: 'frequency',
  voltage: 'voltage',
  power: 'power',
  generation: 'negative generation',
  heaters: 'both heaters',
  firmware: 'blank firmware word',
  diverted: 'falling counter',
  ct: 'current transformer',
} as const

/** A reason for holding a value or a frame back. */
export type HeldBack = keyof typeof HELD_BACK

/** Bounds of plausible values, both allowed: Hz, V, W. */
const FREQUENCY = { least: 45, most: 65 }
const VOLTAGE = { least: 80, most: 290 }
const MOST_POWER = 30_000
const LEAST_GENERATION = -100
/** The counter begins again at midnight: a value below this may follow any, kWh. */
const AFTER_MIDNIGHT = 0.5

const FIRMWARE: readonly string[] = ['0x27/fw1', '0x27/fw2']
const ALL_KINDS = Object.keys(HELD_BACK) as HeldBack[]

/** What is remembered of a device. */
interface Memory {
  diverted: number
  readonly firmware: Map<string, Value>
  readonly transformers: CurrentTransformerFilter
}

/** Holds back values that cannot be, device faults that are known, and counts them. One for all devices of a run. */
export class PlausibilityFilter {
  /** How often each kind was held back. */
  readonly counts: Record<HeldBack, number> = Object.fromEntries(ALL_KINDS.map(kind => [kind, 0])) as Record<
    HeldBack,
    number
  >
  readonly #memories = new LeastRecent<Memory>(() => ({
    diverted: 0,
    firmware: new Map(),
    transformers: new CurrentTransformerFilter(),
  }))

  /** The values that are plausible; undefined where none of the frame is to be believed. */
  apply({ device, values, fields }: Reading): Values | undefined {
    if (values['serial'] === 0) return this.#drop('serial')
    if (values['0x36/v9'] === 0 && values['0x36/v10'] === 0) return this.#drop('history')
    const memory = this.#memories.of(device)
    const kept: Values = {}
    const units = new Map(fields.map(({ name, unit }) => [name, unit]))
    const heaters = values['heater1'] === 1 && values['heater2'] === 1
    if (heaters) this.counts.heaters++
    for (const [name, value] of Object.entries(values)) {
      if (heaters && (name === 'heater1' || name === 'heater2')) continue
      const kind = typeof value === 'number' ? implausible(name, value, units.get(name) ?? '') : undefined
      if (kind !== undefined) this.counts[kind]++
      else this.#remember(name, value, memory, kept)
    }
    this.counts.ct += memory.transformers.apply(kept)
    return kept
  }

  #drop(kind: HeldBack): undefined {
    this.counts[kind]++
    return undefined
  }

  /** Keeps a value unless what came before speaks against it. */
  #remember(name: string, value: Value, memory: Memory, kept: Values): void {
    if (name === 'diverted_kWh' && typeof value === 'number') {
      if (value < memory.diverted && value >= AFTER_MIDNIGHT) {
        this.counts.diverted++
        return
      }
      memory.diverted = value
    }
    kept[name] = value
    if (!FIRMWARE.includes(name)) return
    if (value !== 0) {
      memory.firmware.set(name, value)
      return
    }
    this.counts.firmware++
    const last = memory.firmware.get(name)
    if (last === undefined) delete kept[name]
    else kept[name] = last
  }
}

function implausible(name: string, value: number, unit: string): HeldBack | undefined {
  if (unit === 'Hz') return value < FREQUENCY.least || value > FREQUENCY.most ? 'frequency' : undefined
  if (unit === 'V') return value < VOLTAGE.least || value > VOLTAGE.most ? 'voltage' : undefined
  if (unit !== 'W') return undefined
  if (name === 'gen_pwr' && value < LEAST_GENERATION && value >= -MOST_POWER) return 'generation'
  return Math.abs(value) > (name === 'grid_power' ? MOST_GRID_POWER : MOST_POWER) ? 'power' : undefined
}
