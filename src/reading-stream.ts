import { DecodeError, type FrameError } from './core/errors.ts'
import type { Packet } from './core/packet.ts'
import type { Framer, Message, Protocol } from './protocols/protocol.ts'
import type { Sink } from './sinks/sink.ts'

/** What became of packets: readings made, messages without a definition, and what was rejected, by reason. */
export interface StreamTally {
  readings: number
  unknown: number
  readonly rejects: Record<string, number>
}

/** Nothing yet. */
export function emptyTally(): StreamTally {
  return { readings: 0, unknown: 0, rejects: {} }
}

export interface StreamOptions {
  /** Publish fields that are marked as guesses. */
  readonly guesses: boolean
  /** Counts for several connections together. */
  readonly tally?: StreamTally
  /** Told of every rejected frame, for `--trace-bytes`. */
  readonly onReject?: (error: FrameError | DecodeError) => void
  /** Told of every good frame and part of one, before its reading; the views in it are valid until the call returns. */
  readonly onMessage?: (message: Message) => void
}

/** Packets in, readings out: the framer of one connection, the definitions, what is derived, and a sink. */
export class ReadingStream {
  readonly tally: StreamTally
  readonly #protocol: Protocol
  readonly #framer: Framer
  readonly #sink: Sink
  readonly #options: StreamOptions
  #pending: Promise<void>[] = []

  constructor(protocol: Protocol, sink: Sink, options: StreamOptions) {
    this.#protocol = protocol
    this.#framer = protocol.framer()
    this.#sink = sink
    this.#options = options
    this.tally = options.tally ?? emptyTally()
  }

  /** Takes a packet; resolves when the sink has kept up. */
  async push(packet: Packet): Promise<void> {
    this.#framer.push(packet, this.#emit, this.#reject)
    await this.#settled()
  }

  /** How long an unfinished frame may wait for its rest; undefined where the family has no such rule. */
  get idleMs(): number | undefined {
    return this.#framer.idleMs
  }

  /** Nothing has come for `idleMs`. */
  async idle(): Promise<void> {
    this.#framer.idle?.(this.#reject, this.#emit)
    await this.#settled()
  }

  /** The packets have ended. */
  async end(): Promise<void> {
    this.#framer.end(this.#reject, this.#emit)
    await this.#settled()
  }

  readonly #emit = (message: Message): void => {
    this.#options.onMessage?.(message)
    this.#publish(message)
  }

  #publish(message: Message): void {
    if (message.keys.length === 0) return
    const { structs, name } = this.#protocol
    const codec = structs.codec(message.keys, message.model)
    if (codec === undefined) {
      this.tally.unknown++
      return
    }
    try {
      const window = message.base === undefined ? {} : { base: message.base }
      const decoded = codec.decode(message.payload, { guesses: this.#options.guesses, short: 'omit', ...window })
      const values = message.header === undefined ? decoded : { ...message.header, ...decoded }
      this.#protocol.derive?.(codec.name, values, message.payload)
      if (Object.keys(values).length === 0) return // a message that says nothing we know of is no reading
      const { device, at } = message
      const called = message.name ?? codec.name
      const reading = { time: at, family: name, device, message: called, values, fields: codec.fields }
      this.tally.readings++
      const waiting = this.#sink.write(reading)
      if (waiting !== undefined) this.#pending.push(waiting)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#reject(error)
    }
  }

  readonly #reject = (error: FrameError | DecodeError): void => {
    const reason = String(error.context['reason'] ?? error.message)
    this.tally.rejects[reason] = (this.tally.rejects[reason] ?? 0) + 1
    this.#options.onReject?.(error)
  }

  async #settled(): Promise<void> {
    if (this.#pending.length === 0) return
    const waiting = this.#pending
    this.#pending = []
    await Promise.all(waiting)
  }
}
