import { Random } from '../../../core/random.ts'
import type { FrameTrain } from './frames.ts'
import type { Report } from './messages.ts'
import { sealPacket } from './packet.ts'

/** What can be wrong with a log, and how. */
export const FAULTS = {
  lost: 'a frame of a message is missing',
  doubled: 'a frame or a whole message comes twice',
  padded: 'zeros follow the message, up to two frames of them',
  interleaved: 'frames of two messages of one node alternate',
  corrupt: 'a bit is flipped, the CRC-16 is wrong',
  badlength: 'the length field or the CRC-8 is wrong, the CRC-16 is right',
  orphan: 'the first frame of a message is missing',
  restart: 'a message breaks off and is sent again from the start',
  truncate: 'the last line is cut',
  noise: 'comments, junk, standard IDs, remote and FD frames, lower-case hex',
} as const

/** One kind of fault. */
export type Fault = keyof typeof FAULTS

/** Share of the messages, for noise of the lines, that have a fault; truncate either happens or does not. */
export type FaultRates = ReadonlyMap<Fault, number>

/** Share of those that have a fault without a rate of its own. */
export const DEFAULT_RATE = 0.01

/** Faults of single messages; the other two are those of the log as a text. */
const MESSAGE_FAULTS = [
  'lost',
  'doubled',
  'padded',
  'interleaved',
  'corrupt',
  'badlength',
  'orphan',
  'restart',
] as const satisfies readonly Fault[]

/** A fault that one message can have. */
export type MessageFault = (typeof MESSAGE_FAULTS)[number]

const MOST_PADDING = 16

/** Breaks messages. Its random numbers are its own, so that what the home does is the same without faults. */
export class FaultInjector {
  readonly #rates: FaultRates
  readonly #random: Random
  /** More than 1 where the rates sum up to more: then every message has one of the faults, in their proportion. */
  readonly #scale: number

  constructor(seed: number, rates: FaultRates) {
    this.#rates = rates
    const sum = MESSAGE_FAULTS.reduce((sum, fault) => sum + (rates.get(fault) ?? 0), 0)
    this.#scale = Math.max(1, sum)
    this.#random = new Random(seed, 'faults')
  }

  /** The fault of the next message, mostly none. */
  next(): MessageFault | undefined {
    if (this.#rates.size === 0) return undefined
    let left = this.#random.unit() * this.#scale
    for (const fault of MESSAGE_FAULTS) {
      left -= this.#rates.get(fault) ?? 0
      if (left < 0) return fault
    }
    return undefined
  }

  /** Changes a packet; returns its length. */
  damage(fault: MessageFault, packet: Uint8Array, length: number, channel: Report['channel']): number {
    if (fault === 'corrupt') {
      const bit = 40 + this.#random.int((length - 5) * 8) // not in the length and its CRC-8: that is another fault
      packet[bit >> 3]! ^= 1 << (bit & 7)
    }
    if (fault === 'badlength') {
      if (this.#random.chance(0.5)) packet[2]! ^= 1 << this.#random.int(6)
      else packet[4]! ^= 1 + this.#random.int(255)
      return sealPacket(packet, length - 2)
    }
    if (fault !== 'padded' || channel === 'A') return length
    const padding = 1 + this.#random.int(MOST_PADDING)
    packet.fill(0, length, length + padding)
    return length + padding
  }

  /** Puts the frames of `train` into `into` as the fault has them. */
  rearrange(fault: MessageFault, train: FrameTrain, into: FrameTrain): void {
    const { count } = train
    const chosen = this.#random.int(count)
    if (fault === 'restart') copyFrames(train, into, 0, 1 + this.#random.int(count - 1))
    const twice = fault === 'doubled' && this.#random.chance(0.5)
    for (let frame = 0; frame < count; frame++) {
      if (fault === 'lost' && frame === chosen) continue
      if (fault === 'orphan' && frame === 0) continue
      into.copy(train, frame)
      if (fault === 'doubled' && !twice && frame === chosen) into.copy(train, frame)
    }
    if (twice) copyFrames(train, into, 0, count)
  }

  /** Puts the frames of two messages into `into` by turns. */
  interleave(one: FrameTrain, other: FrameTrain, into: FrameTrain): void {
    for (let frame = 0; frame < Math.max(one.count, other.count); frame++) {
      if (frame < one.count) into.copy(one, frame)
      if (frame < other.count) into.copy(other, frame)
    }
  }
}

function copyFrames(from: FrameTrain, into: FrameTrain, start: number, end: number): void {
  for (let frame = start; frame < end; frame++) into.copy(from, frame)
}
