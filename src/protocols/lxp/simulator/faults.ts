import type { Random } from '../../../core/random.ts'

/** What can go wrong on a connection to a dongle. */
export const DONGLE_FAULTS = {
  split: 'a frame comes in pieces, with pauses between them',
  glue: 'several frames come in one piece',
  garbage: 'bytes that are no frame, or only begin like one, stand before a frame',
  corrupt: 'a bit is flipped, the checksum is wrong',
  length: 'the length field lies',
  drop: 'a frame is not sent',
  short: 'a block has fewer registers than it should',
  exception: 'a request is refused',
  foreign: 'something nobody here asked for comes first: of another inverter, of other registers',
  slow: 'a frame comes 2 to 15 s late',
  silence: 'nothing is said for 1 to 10 minutes',
  reset: 'the connection breaks off in the middle of a frame',
} as const
export type DongleFault = keyof typeof DONGLE_FAULTS

/** What can go wrong with broadcasts. */
export const BROADCAST_FAULTS = {
  cut: 'a datagram ends before its frame does',
  garbage: 'a datagram that is no frame, or only begins like one, comes first',
  corrupt: 'a bit is flipped, the checksum is wrong',
  length: 'the length field lies',
  drop: 'a datagram is not sent',
  short: 'a block has fewer registers than it should',
  foreign: 'a datagram of another inverter comes first',
} as const
export type BroadcastFault = keyof typeof BROADCAST_FAULTS

/** Share of the frames that have a fault, 0 to 1. */
export type FaultRates<Fault extends string> = ReadonlyMap<Fault, number>

/** Decides which faults happen, and counts them. Its random numbers are its own: without faults all else is the same. */
export class FaultDice<Fault extends string> {
  readonly random: Random
  readonly #rates: FaultRates<Fault>
  readonly #made: Map<string, number>

  /** What happens is added to `made`, by name. */
  constructor(random: Random, rates: FaultRates<Fault>, made: Map<string, number>) {
    this.random = random
    this.#rates = rates
    this.#made = made
  }

  /** Whether a fault happens here, where it can happen. */
  hits(fault: Fault): boolean {
    const rate = this.#rates.get(fault) ?? 0
    if (rate === 0 || !this.random.chance(rate)) return false
    this.#made.set(fault, (this.#made.get(fault) ?? 0) + 1)
    return true
  }
}
