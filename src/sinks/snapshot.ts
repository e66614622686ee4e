import type { Clock } from '../core/clock.ts'
import type { Reading } from '../core/reading.ts'
import type { Values } from '../core/values.ts'
import { counted } from './counted.ts'
import { deviceId } from './device-id.ts'
import { isoTime } from './ndjson.ts'

/** What is known of a device. Valid until its next reading. */
export interface DeviceState {
  readonly family: string
  readonly device: string
  /** Time of the last reading, Unix ms; NaN where a recording has none. */
  readonly time: number
  /** When it came, Unix ms. */
  readonly seenAt: number
  /** The values of all its messages; of a name that stands in several, the last one. */
  readonly values: Values
}

/** Makes the document of all devices, the one heard last at the end; undefined while there is too little to show. */
export type MakeDocument = (devices: readonly DeviceState[]) => unknown

export interface SnapshotOptions {
  readonly clock: Clock
  /** A family's own document, in place of `time` and `devices`. */
  readonly document?: MakeDocument | undefined
  readonly maxDevices?: number
}

/** More devices than any house has: whoever invents names of devices does not fill the memory. */
const MAX_DEVICES = 256

/** The newest values of all devices. Of too many devices the one not heard longest is forgotten, and counted. */
export class Snapshot {
  /** How often a device was forgotten. */
  forgotten = 0
  /** The device heard last: another object after every reading. */
  newest: DeviceState | undefined
  readonly #clock: Clock
  readonly #document: MakeDocument
  readonly #maxDevices: number
  /** The one heard last is at the end. */
  readonly #devices = new Map<string, DeviceState>()

  constructor({ clock, document = defaultDocument, maxDevices = MAX_DEVICES }: SnapshotOptions) {
    this.#clock = clock
    this.#document = document
    this.#maxDevices = maxDevices
  }

  add({ family, device, time, values }: Reading): void {
    const key = JSON.stringify([family, device])
    const merged = Object.assign(this.#devices.get(key)?.values ?? {}, values)
    this.newest = { family, device, time, seenAt: this.#clock.now(), values: merged }
    this.#devices.delete(key)
    this.#devices.set(key, this.newest)
    if (this.#devices.size <= this.#maxDevices) return
    this.#devices.delete(this.#devices.keys().next().value!)
    this.forgotten++
  }

  /** The one heard last is at the end. */
  get devices(): readonly DeviceState[] {
    return [...this.#devices.values()]
  }

  /** The document of what is known now; undefined while there is too little to show. */
  document(): unknown {
    return this.newest === undefined ? undefined : this.#document(this.devices)
  }

  problems(): readonly string[] {
    if (this.forgotten === 0) return []
    return [`${counted(this.forgotten, 'device')} dropped from the snapshot, which has room for ${this.#maxDevices}`]
  }
}

/** The document of one device. */
export function deviceDocument({ family, device, time, values }: DeviceState): unknown {
  return { family, device, time: isoTime(time), values }
}

/** Devices with what a document calls them: their names, or the longer `deviceId` where two families share one. */
export function namedDevices(devices: readonly DeviceState[]): [string, DeviceState][] {
  const families = new Map<string, string>()
  for (const { family, device } of devices) families.set(device, families.has(device) ? '' : family)
  return devices.map(state => {
    const { family, device } = state
    return [families.get(device) === '' ? deviceId(family, device) : device, state]
  })
}

/** Devices stand in the order of their names, so that two documents can be compared. */
function defaultDocument(devices: readonly DeviceState[]): unknown {
  const named = namedDevices(devices).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    time: isoTime(devices.at(-1)!.time),
    devices: Object.fromEntries(named.map(([name, state]) => [name, deviceDocument(state)])),
  }
}
