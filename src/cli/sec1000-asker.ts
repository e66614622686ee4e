import { type Endpoint, endpointText } from '../core/endpoint.ts'
import type { WattzupError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'
import type { Reading } from '../core/reading.ts'
import type { Message } from '../protocols/protocol.ts'
import { ask, type Controller, reasonText } from '../protocols/sec1000/ask.ts'
import { PORT, type ReadPoll } from '../protocols/sec1000/sec1000.ts'
import type { Io } from './io.ts'
import type { Judge } from './sec1000-judge.ts'
import type { RequestFlags } from './sec1000-options.ts'
import type { Sec1000Run } from './sec1000-run.ts'

/** A good reply and what it says. */
export interface Answer {
  readonly message: Message
  readonly reading: Reading
}

/** Asks one controller as the options say, and reports the tries that fail. */
export class Asker {
  /** Name of the controller in messages. */
  readonly name: string
  readonly #io: Io
  readonly #flags: RequestFlags
  readonly #opened: Sec1000Run
  readonly #device: string
  readonly #controller: Controller

  constructor(io: Io, endpoint: Endpoint, flags: RequestFlags, opened: Sec1000Run) {
    this.name = endpointText(endpoint)
    this.#io = io
    this.#flags = flags
    this.#opened = opened
    this.#device = endpoint.port === PORT ? endpoint.host : this.name
    const open = (signal: AbortSignal) => io.network.connect(endpoint, flags.deadline * 1000, signal)
    const received = (packet: Packet) => this.#received(packet)
    this.#controller = { name: this.name, open, protocol: opened.protocol, received }
  }

  /** A reply that is good and that `judge` believes. Throws as `ask` does. */
  async ask(poll: ReadPoll, judge: Judge): Promise<Answer> {
    const { retries: tries, retryWait, deadline } = this.#flags
    const failed = (error: WattzupError, number: number) => this.#failed(error, number)
    const answer = await ask(
      this.#controller,
      { ...poll, timeoutMs: deadline * 1000 },
      message => this.#answer(message, judge),
      { tries, waitMs: retryWait * 1000, failed },
      this.#io.clock,
      this.#opened.run.signal,
    )
    this.#opened.notes.clear('try')
    return answer
  }

  #answer(message: Message, judge: Judge): Answer {
    const { structs, name, derive } = this.#opened.protocol
    const codec = structs.codec(message.keys)!
    const values = codec.decode(message.payload)
    derive?.(codec.name, values, message.payload)
    const from = { family: name, device: this.#device, message: codec.name }
    const reading = { time: message.at, ...from, values, fields: codec.fields }
    judge(reading, message.frame)
    return { message, reading }
  }

  #received(packet: Packet): void {
    const { run } = this.#opened
    run.bounds.answered()
    run.received(packet)
  }

  /** What there is no reply of at all is not rejected. */
  #failed(error: WattzupError, number: number): void {
    const { retries, retryWait } = this.#flags
    const { notes, rejected } = this.#opened
    if (error.context['reason'] !== undefined) rejected(error)
    const text = reasonText(error)
    if (number >= retries) return // the summary says it
    notes.change('try', text, `try ${number} of ${retries}: ${text}; next try in ${retryWait} s`)
  }
}
