import type { CanFrame } from '../core/can.ts'
import { interfaceOf } from '../core/can-address.ts'
import type { CanBus } from '../core/can-bus.ts'
import type { Clock } from '../core/clock.ts'
import type { ByteWriter } from '../core/writer.ts'
import type { CandumpStamp } from '../framing/writers/candump-stamp.ts'
import { logFrame } from '../framing/writers/candump-text.ts'
import { BusNotes } from './can-bus-notes.ts'
import { BusTally } from './can-bus-tally.ts'
import type { PlayTarget } from './can-play-target.ts'
import { sendSoon } from './can-send.ts'
import type { FewLines } from './few-lines.ts'
import type { Io } from './io.ts'

/** Where the frames of a log go that is played. */
export interface PlayOutlet {
  readonly target: PlayTarget
  /** Frames that it did not take. */
  readonly unsent: number
  /** Takes a frame; the promise is of one that needs a while. */
  send(frame: CanFrame): Promise<void> | undefined
}

/** A bus, which is listened to for what goes wrong on it. */
export class BusOutlet implements PlayOutlet {
  readonly target: PlayTarget
  unsent = 0
  readonly #bus: CanBus
  readonly #io: Io
  #isDown = false

  constructor(target: PlayTarget, bus: CanBus, lines: FewLines, io: Io) {
    this.target = target
    this.#bus = bus
    this.#io = io
    const notes = new BusNotes(new BusTally(bus.name, false), lines, false)
    bus.listen({
      frame: () => {},
      event: event => {
        if (event.type === 'down' || event.type === 'up') this.#isDown = event.type === 'down'
        notes.event(event)
      },
    })
  }

  send(frame: CanFrame): Promise<void> | undefined {
    if (this.#bus.send(frame)) return undefined
    if (!this.#isDown) return this.#sendSoon(frame)
    this.unsent++
    return undefined
  }

  async #sendSoon(frame: CanFrame): Promise<void> {
    if (!(await sendSoon(this.#bus, frame, this.#io, this.#io.signal))) this.unsent++
  }
}

/** Standard output, with the time at which each frame would go out. */
export class PrintOutlet implements PlayOutlet {
  readonly target: PlayTarget
  readonly unsent = 0
  readonly #out: ByteWriter
  readonly #clock: Clock
  readonly #stamp: CandumpStamp

  /** `stamp` is for all that is printed. */
  constructor(target: PlayTarget, out: ByteWriter, stamp: CandumpStamp, clock: Clock) {
    this.target = target
    this.#out = out
    this.#stamp = stamp
    this.#clock = clock
  }

  send(frame: CanFrame): undefined {
    const out = this.#out
    const ms = this.#clock.now()
    const seconds = Math.floor(ms / 1000)
    this.#stamp.write({ seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) }, out)
    out.text(` ${interfaceOf(this.target.address)} `)
    logFrame(out, frame)
    out.endLine()
  }
}

/** A clock on which nothing takes time but sleeping, which is over at once. */
export class DryClock implements Clock {
  #now = 0

  now(): number {
    return this.#now
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#now += ms
  }
}
