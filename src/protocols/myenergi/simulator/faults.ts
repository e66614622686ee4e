import { Random } from '../../../core/random.ts'
import { ETHERNET_HEADER } from './frames.ts'

/** What can be wrong with a capture, and how. */
export const EDDI_FAULTS = {
  zero: 'a history record 0x36 is all zeros',
  dropout: 'generation is 0 in a record 0x2B',
  blank: 'the firmware words of a record 0x27 are 0',
  magic: 'the magic number is wrong',
  cut: 'a frame ends before its record does',
  unknown: 'a frame has a length byte that nobody knows',
  foreign: 'a frame of another EtherType comes between',
  vlan: 'a frame wears a VLAN tag',
  padding: 'a frame is filled up behind its record',
} as const

/** One kind of fault. */
export type EddiFault = keyof typeof EDDI_FAULTS

/** Share of the frames, for the first three of the records that can have it. */
export type EddiFaultRates = ReadonlyMap<EddiFault, number>

/** Faults that only one kind of record has. */
const RECORD_OF: Readonly<Partial<Record<EddiFault, string>>> = { zero: '0x36', dropout: '0x2B', blank: '0x27' }

const BODY = ETHERNET_HEADER + 0x1e
const SERIAL_OF_HISTORY = ETHERNET_HEADER + 0x4a
const LENGTH_AT = ETHERNET_HEADER + 0x18
const ETHER_TYPE_AT = ETHERNET_HEADER - 2

/** Breaks frames. Its random numbers are its own, so that what the house does is the same without faults. */
export class EddiFaultInjector {
  readonly #rates: EddiFaultRates
  readonly #random: Random

  constructor(seed: number, rates: EddiFaultRates) {
    this.#rates = rates
    this.#random = new Random(seed, 'faults')
  }

  /** The fault of the next frame, mostly none. */
  next(message: string): EddiFault | undefined {
    for (const [fault, rate] of this.#rates) {
      if ((RECORD_OF[fault] ?? message) === message && this.#random.chance(rate)) return fault
    }
    return undefined
  }

  /** The frames to send instead of `frame`. */
  damage(fault: EddiFault, frame: Uint8Array): readonly Uint8Array[] {
    if (fault === 'foreign') return [foreign(frame), frame]
    if (fault === 'vlan') return [tagged(frame)]
    if (fault === 'padding') return [Uint8Array.of(...frame, 0, 0, 0, 0)]
    if (fault === 'cut') return [frame.subarray(0, frame.length - 1 - this.#random.int(20))]
    const changed = frame.slice()
    if (fault === 'zero') changed.fill(0, BODY, SERIAL_OF_HISTORY)
    if (fault === 'dropout') changed.fill(0, ETHERNET_HEADER + 0x3c, ETHERNET_HEADER + 0x40)
    if (fault === 'blank') changed.fill(0, ETHERNET_HEADER + 0x36, ETHERNET_HEADER + 0x3a)
    if (fault === 'magic') changed[ETHERNET_HEADER]! ^= 1 << this.#random.int(8)
    if (fault === 'unknown') changed[LENGTH_AT] = 0x1e
    return [changed]
  }
}

function foreign(frame: Uint8Array): Uint8Array {
  const other = frame.slice()
  other.set([0x08, 0x06], ETHER_TYPE_AT)
  return other
}

function tagged(frame: Uint8Array): Uint8Array {
  return Uint8Array.of(...frame.subarray(0, ETHER_TYPE_AT), 0x81, 0x00, 0x00, 0x07, ...frame.subarray(ETHER_TYPE_AT))
}
