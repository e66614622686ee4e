import type { StructSet } from '../../../decode/struct-set.ts'
import { HouseDay, type HouseState } from './day.ts'
import { EddiFaultInjector, type EddiFaultRates } from './faults.ts'
import { ethernetFrame } from './frames.ts'
import { RECORD_KINDS, recordPayload } from './records.ts'

export interface EddiOptions {
  readonly seed: number
  /** Unix ms, whole seconds. */
  readonly start: number
  readonly seconds: number
  readonly serial: number
  readonly faults: EddiFaultRates
}

/** A frame that a pretended eddi sends. */
export interface EddiFrame {
  /** Unix ms. */
  readonly at: number
  /** Name of the record's message. */
  readonly message: string
  readonly data: Uint8Array
  /** What was true of the house. */
  readonly state: HouseState
}

/** ms between two records of the same second. */
const SPACING = 13

/** The frames of an eddi over some time; the same options give the same bytes. `structs` are those with structure. */
export function* eddiFrames(structs: StructSet, options: EddiOptions): Generator<EddiFrame> {
  const { seed, start, seconds, serial } = options
  const house = new HouseDay(seed, start / 1000)
  const faults = new EddiFaultInjector(seed, options.faults)
  for (let second = 0; second < seconds; second++) {
    const state = house.step()
    let at = start + second * 1000
    for (const kind of RECORD_KINDS) {
      if (second % kind.every !== kind.first % kind.every) continue
      const { message } = kind
      const frame = ethernetFrame(recordPayload(structs, kind, serial, state))
      const fault = faults.next(message)
      for (const data of fault === undefined ? [frame] : faults.damage(fault, frame)) {
        yield { at, message, data, state }
        at += SPACING
      }
    }
  }
}
