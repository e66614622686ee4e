import { yieldToEvents } from '../core/clock.ts'
import type { Packet } from '../core/packet.ts'
import type { Reading } from '../core/reading.ts'
import type { StructSet } from '../decode/struct-set.ts'
import { pylontech } from '../protocols/pylontech/pylontech.ts'
import { snapshot } from '../protocols/pylontech/snapshot.ts'
import { EMPTY_STACK, type StackState, withReply } from '../protocols/pylontech/stack-state.ts'
import { emptyTally, ReadingStream } from '../reading-stream.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Io } from './io.ts'
import type { MonitorSource, Snapshot, SourceEvents } from './pylon-monitor-source.ts'
import { recordedPackets } from './pylon-recording.ts'

/** Packets between two looks at keys and signals where no time passes. */
const TURN_PACKETS = 256
/** A pause of a recording is never longer than this, ms: gaps of hours are no use to anybody. */
const LONGEST_PAUSE_MS = 10_000

/** A log of frames or a capture, as if it happened now, `speed` times as fast; times are those of the recording. */
export class ReplaySource implements MonitorSource {
  readonly name: string
  readonly intervalMs: number
  readonly #io: Io
  readonly #structs: StructSet
  readonly #speed: number
  readonly #tally = emptyTally()
  #at = Number.NaN
  #state: StackState = EMPTY_STACK

  constructor(io: Io, path: string, structs: StructSet, speed: number, intervalMs: number) {
    this.#io = io
    this.name = path
    this.#structs = structs
    this.#speed = speed
    this.intervalMs = intervalMs
  }

  now(): number {
    return Number.isNaN(this.#at) ? this.#io.clock.now() : this.#at
  }

  async once(signal: AbortSignal): Promise<Snapshot | undefined> {
    for await (const _ of this.#states(signal, Number.POSITIVE_INFINITY)) {
      // the last one counts
    }
    return this.#state.packs.size === 0 ? undefined : this.#snapshot()
  }

  async run(events: SourceEvents, signal: AbortSignal): Promise<void> {
    for await (const _ of this.#states(signal, this.#speed)) events.snapshot(this.#snapshot())
    events.problem('the recording is at its end')
  }

  problems(): readonly string[] {
    const lost = Object.entries(this.#tally.rejects).map(([reason, count]) => `${count} ${reason}`)
    return lost.length === 0 ? [] : [`skipped: ${lost.join(', ')}`]
  }

  /** Comes back after every packet that has changed the state, at its time. */
  async *#states(signal: AbortSignal, speed: number): AsyncGenerator<void> {
    const options = { guesses: false, tally: this.#tally }
    const stream = new ReadingStream(pylontech(this.#structs), this.#sink(), options)
    const input = await this.#io.open(this.name)
    let count = 0
    try {
      for await (const packet of recordedPackets(input, signal)) {
        await this.#pause(packet, speed, signal)
        if (++count % TURN_PACKETS === 0) await yieldToEvents()
        const before = this.#state
        await stream.push(packet)
        if (this.#state !== before) yield
      }
      const before = this.#state
      await stream.end()
      if (this.#state !== before) yield
    } finally {
      input.close()
    }
  }

  async #pause({ at }: Packet, speed: number, signal: AbortSignal): Promise<void> {
    const before = this.#at
    if (!Number.isNaN(at)) this.#at = at
    const ms = Math.min((at - before) / speed, LONGEST_PAUSE_MS)
    if (ms >= 1) await this.#io.clock.sleep(ms, signal).catch(() => {}) // whoever reads looks at the signal
  }

  #sink(): Sink {
    return {
      write: ({ message, values }: Reading) => {
        this.#state = withReply(this.#state, { message, values, time: this.now() })
      },
      close: () => {},
    }
  }

  #snapshot(): Snapshot {
    return { document: snapshot(this.#state), at: this.now() }
  }
}
