import type { Reading } from '../../core/reading.ts'
import { deviceId } from '../device-id.ts'
import { Device } from './device.ts'

/** More devices than any house has: whoever invents names of devices does not fill memory and broker. */
const MAX_DEVICES = 1000

/** The devices that have been heard. Each keeps its name in topics for the whole run. */
export class Devices {
  /** Readings of devices that were too many. */
  refused = 0
  readonly #devices = new Map<string, Device>()
  readonly #ids = new Map<string, Device>()

  get all(): readonly Device[] {
    return [...this.#devices.values()]
  }

  /** The device of a reading; undefined where there are too many already. */
  of({ family, device }: Reading): Device | undefined {
    const key = JSON.stringify([family, device])
    const known = this.#devices.get(key)
    if (known !== undefined) return known
    if (this.#devices.size >= MAX_DEVICES) {
      this.refused++
      return undefined
    }
    const added = new Device(family, device, this.#freeId(family, device))
    this.#devices.set(key, added)
    this.#ids.set(added.id, added)
    return added
  }

  withId(id: string): Device | undefined {
    return this.#ids.get(id)
  }

  problems(): readonly string[] {
    if (this.refused === 0) return []
    return [`readings dropped because there are more than ${MAX_DEVICES} devices: ${this.refused}`]
  }

  /** Two names may differ in characters that no topic has: the second one is marked by a hash of its own. */
  #freeId(family: string, device: string): string {
    const id = deviceId(family, device).slice(0, MAX_ID)
    return this.#ids.has(id) ? `${id}_${hashOf(device)}` : id
  }
}

/** Long enough for every serial number; Home Assistant cuts off what is longer than 255 with all that it adds. */
const MAX_ID = 100

/** FNV-1a in hex. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
