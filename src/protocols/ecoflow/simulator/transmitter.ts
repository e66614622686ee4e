import type { Random } from '../../../core/random.ts'
import type { Bus } from './bus.ts'
import type { FaultInjector, MessageFault } from './faults.ts'
import { addParts, addSegments, addSerialTail, COMMAND, type FrameTrain } from './frames.ts'
import type { Report } from './messages.ts'
import type { Module } from './modules.ts'
import { LONGEST_PACKET, writePacket } from './packet.ts'
import type { Agenda } from './schedule.ts'

/** Sequence numbers start low, so that their top byte stays 0 for years, as on real modules. */
const FIRST_SEQUENCE = 1 << 20
/** Time that a battery takes to repeat a packet. */
const RELAY_US = 1800
const BATTERY_ADDRESS = 0x03

/** Turns reports into frames on the bus: numbers the packets, builds them, and lets the faults at them. */
export class Transmitter {
  readonly #bus: Bus
  readonly #agenda: Agenda
  readonly #faults: FaultInjector
  readonly #random: Random
  readonly #sequences = new Map<number, number>()
  readonly #packet = new Uint8Array(LONGEST_PACKET)
  /** Messages sent, relayed ones and single frames included. */
  messages = 0

  constructor(bus: Bus, agenda: Agenda, faults: FaultInjector, random: Random) {
    this.#bus = bus
    this.#agenda = agenda
    this.#faults = faults
    this.#random = random
  }

  /** Sends a report's present payload. */
  say(report: Report, at: number): void {
    const sequence = this.#nextSequence(report)
    const { relay } = report
    if (relay === undefined) {
      this.#send(report, sequence, report.header.from, at)
      return
    }
    const bytes = report.payload().slice()
    const kept = { ...report, payload: () => bytes }
    this.#send(kept, sequence, report.header.from, at)
    this.#agenda.once(at + RELAY_US, later => this.#send(kept, sequence, relay, later))
  }

  /** Sends half a serial number, `count` times. */
  sayTail(command: number, node: number, { serial, node: home }: Module, at: number, count = 1): void {
    for (let i = 0; i < count; i++) {
      const train = this.#bus.train()
      addSerialTail(train, command, node, serial)
      this.#bus.send(home, train, at)
      this.messages++
    }
  }

  #send(report: Report, sequence: number, hop: Module, at: number): void {
    const fault = this.#faults.next()
    const train = this.#bus.train()
    this.#build(train, report, sequence, hop, fault)
    this.#bus.send(hop.node, fault === undefined ? train : this.#broken(fault, train, report, hop), at)
    this.messages++
  }

  /** The frames of `train` as the fault has them, in another train. */
  #broken(fault: MessageFault, train: FrameTrain, report: Report, hop: Module): FrameTrain {
    const broken = this.#bus.train()
    if (fault === 'interleaved') {
      const second = this.#bus.train()
      this.#build(second, report, this.#nextSequence(report), hop, undefined)
      this.#faults.interleave(train, second, broken)
      this.#bus.release(second)
    } else {
      this.#faults.rearrange(fault, train, broken)
    }
    this.#bus.release(train)
    return broken
  }

  #build(
    train: FrameTrain,
    { channel, header, payload }: Report,
    sequence: number,
    hop: Module,
    fault: MessageFault | undefined,
  ): void {
    const packet = this.#packet
    const built = writePacket(packet, header, sequence, payload())
    const length = fault === undefined ? built : this.#faults.damage(fault, packet, built, channel)
    if (channel === 'A') {
      const padded = hop.address === BATTERY_ADDRESS || fault === 'padded'
      addSegments(train, packet, length, hop.address, header.to, padded)
    } else {
      addParts(train, packet, length, COMMAND[channel], hop.node, header.from.padded ?? false)
    }
  }

  #nextSequence({ header: { from, version } }: Report): number {
    const key = (from.node * 256 + from.address) * 256 + version
    const sequence = this.#sequences.get(key) ?? this.#random.int(FIRST_SEQUENCE)
    this.#sequences.set(key, (sequence + 1) >>> 0)
    return sequence
  }
}
