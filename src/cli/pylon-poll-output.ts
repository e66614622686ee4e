import type { DeviceInfo } from '../core/device-info.ts'
import type { Reading } from '../core/reading.ts'
import type { Values } from '../core/values.ts'
import type { StructSet } from '../decode/struct-set.ts'
import { deviceOf } from '../protocols/pylontech/exchange.ts'
import { predecessorDocument } from '../protocols/pylontech/predecessor.ts'
import { MODULE, STACK, StackReadings } from '../protocols/pylontech/readings.ts'
import { joined } from '../protocols/pylontech/snapshot.ts'
import { type StackState, withoutSerials } from '../protocols/pylontech/stack-state.ts'
import type { Sink } from '../sinks/sink.ts'

export interface PollOutputOptions {
  /** Documents and NDJSON as the program before this one had them. */
  readonly compat: boolean
  /** Mask serial numbers. */
  readonly redact: boolean
  /** Write totals and modules as readings of their own, too. */
  readonly parts: boolean
  /** Takes one line for the user. */
  readonly note: (line: string) => void
}

/** Turns what is known of stacks into readings and documents, and tells the user of modules that fail. */
export class PollOutput {
  readonly #readings: StackReadings
  readonly #options: PollOutputOptions
  readonly #documents = new Map<number, Values>()
  readonly #errors = new Map<number, string>()

  constructor(structs: StructSet, options: PollOutputOptions) {
    this.#readings = new StackReadings(structs)
    this.#options = options
  }

  /** The snapshot of all stacks as they were published last; undefined while there is none. */
  readonly document = (): Values | undefined => {
    const documents = [...this.#documents].sort(([a], [b]) => a - b).map(([, values]) => values)
    const whole = joined(documents)
    return whole !== undefined && this.#options.compat ? predecessorDocument(whole) : whole
  }

  /** Writes the readings of a stack that has been asked at `time`, Unix ms. */
  async publish(group: number, state: StackState, time: number, sink: Sink): Promise<void> {
    this.#tellChanges(state)
    const shown = this.#options.redact ? withoutSerials(state) : state
    const whole = this.#readings.whole(group, shown, time)
    this.#documents.set(group, whole.values)
    await sink.write(this.#options.compat ? { ...whole, values: predecessorDocument(whole.values) } : whole)
    if (!this.#options.parts) return
    for (const reading of this.#readings.parts(group, shown, time)) await sink.write(reading)
  }

  #tellChanges({ packs }: StackState): void {
    for (const { address, error } of packs.values()) {
      const before = this.#errors.get(address)
      if (error === null) this.#errors.delete(address)
      else this.#errors.set(address, error)
      if (error !== null && error !== before) this.#options.note(`module ${deviceOf(address)}: ${error}`)
      if (error === null && before !== undefined) this.#options.note(`module ${deviceOf(address)} answers again`)
    }
  }
}

/** A broker gets the parts, everybody else the whole. */
export function forBroker({ message }: Reading): boolean {
  return message !== STACK
}

/** What Home Assistant is told of a stack or a module. */
export function deviceInfo({ message, device, values }: Reading): DeviceInfo {
  if (message !== MODULE) return { name: `Pylontech ${device}`, manufacturer: 'Pylontech' }
  const { serial, firmware, group } = values
  return {
    name: `Pylontech module ${device}`,
    manufacturer: 'Pylontech',
    viaDevice: `stack${group}`,
    ...(typeof serial === 'string' ? { serial } : {}),
    ...(typeof firmware === 'string' ? { swVersion: firmware } : {}),
  }
}
