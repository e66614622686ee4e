import { CAN, type CanFrame, dlcOf } from '../../core/can.ts'
import type { CanBus, CanListener, CanMessage } from '../../core/can-bus.ts'
import type { CanFilters } from '../../core/can-filter.ts'
import { type Clock, yieldToEvents } from '../../core/clock.ts'
import { CanDelivery } from './delivery.ts'
import { liveFrame, setTime } from './live-origin.ts'

/** Frames on their way. */
const WAITING = 4096
const LONGEST = 64
/** Frames after which other things that happen have their turn. */
const TURN = 1024

/** The buses of this program, by name: each is there as long as somebody has it open. */
export class VirtualBuses {
  readonly #buses = new Map<string, Wire>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  open(name: string, filters: CanFilters): CanBus {
    const wire = this.#buses.get(name) ?? new Wire(this.#clock)
    this.#buses.set(name, wire)
    return new Station(`virtual:${name}`, wire, new CanDelivery(`virtual:${name}`, liveFrame(name), filters), () => {
      if (wire.stations.size === 0) this.#buses.delete(name)
    })
  }
}

/** What all hear that one of them sends. It takes as many frames as there is room for, and delivers them a little later. */
class Wire {
  readonly stations = new Set<Station>()
  readonly #clock: Clock
  readonly #frames: WaitingFrame[] = []
  #first = 0
  #count = 0
  #isDelivering = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  send(from: Station, message: CanMessage): boolean {
    if (this.#count === WAITING) return false
    const place = (this.#first + this.#count) % WAITING
    const frame = this.#frames[place] ?? new WaitingFrame()
    this.#frames[place] = frame
    frame.keep(from, message)
    this.#count++
    if (!this.#isDelivering) void this.#deliver()
    return true
  }

  async #deliver(): Promise<void> {
    this.#isDelivering = true
    for (let sent = 1; this.#count > 0; sent++) {
      await (sent % TURN === 0 ? yieldToEvents() : undefined) // whoever sends goes on before others hear of it
      const frame = this.#frames[this.#first]!
      this.#first = (this.#first + 1) % WAITING
      this.#count--
      const now = this.#clock.now()
      for (const station of this.stations) if (station !== frame.from) station.hear(frame, now)
    }
    this.#first = 0 // so that a quiet bus needs few places
    this.#isDelivering = false
  }
}

/** A frame on its way; used again for others. */
class WaitingFrame {
  from: Station | undefined
  id = 0
  flags = 0
  length = 0
  dlc = 0
  readonly data = new Uint8Array(LONGEST)

  keep(from: Station, { id, flags, length, dlc = length, data }: CanMessage): void {
    this.from = from
    this.id = id
    this.flags = flags & ~(CAN.tx | CAN.rx)
    this.length = (flags & CAN.remote) !== 0 ? 0 : length
    this.dlc = (flags & CAN.fd) !== 0 ? dlcOf(length) : dlc
    for (let i = 0; i < this.length; i++) this.data[i] = data[i]!
  }

  fill(frame: CanFrame): void {
    frame.id = this.id
    frame.flags = this.flags
    frame.length = this.length
    frame.dlc = this.dlc
    for (let i = 0; i < this.length; i++) frame.data[i] = this.data[i]!
  }
}

class Station implements CanBus {
  readonly name: string
  readonly recorded = false
  readonly #wire: Wire
  readonly #delivery: CanDelivery
  readonly #closed: () => void

  constructor(name: string, wire: Wire, delivery: CanDelivery, closed: () => void) {
    this.name = name
    this.#wire = wire
    this.#delivery = delivery
    this.#closed = closed
    wire.stations.add(this)
  }

  listen(listener: CanListener): void {
    this.#delivery.listen(listener)
  }

  send(frame: CanMessage): boolean {
    const { flags, length } = frame
    const isTooLong = length > ((flags & CAN.fd) !== 0 ? LONGEST : 8)
    if (isTooLong || (flags & CAN.error) !== 0 || !this.#wire.stations.has(this)) return false
    return this.#wire.send(this, frame)
  }

  /** Takes a frame that another one has sent. */
  hear(message: WaitingFrame, now: number): void {
    const { frame } = this.#delivery
    message.fill(frame)
    setTime(frame, now)
    this.#delivery.deliver()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wire.stations.delete(this)
    this.#closed()
  }
}
