import type { Clock } from '../../../core/clock.ts'
import type { Packet } from '../../../core/packet.ts'
import type { Transport } from '../../../core/transport.ts'
import { LinkReader } from '../poll/link-reader.ts'
import { Traffic } from '../poll/traffic.ts'
import { consoleAnswer } from './answers.ts'
import type { ConsoleCommand } from './commands.ts'

/** What became of a command: what was printed, or why there is nothing: `timeout`, `noise`, `refused`. */
export type Printed = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

export interface ConsoleOptions {
  /** Told at every complete answer. */
  readonly onAlive: () => void
  /** Takes what was sent and what came back. */
  readonly onTraffic: (packet: Packet) => void
}

const TRIES = 2
const LIMIT_MS = 5000
/** Between two commands. */
const GAP_MS = 50
/** More than any answer has. */
const LONGEST = 65_536
/** The end of an answer, on a line of its own; line ends vary. */
const END = /[\r\n]\$\$\s*[\r\n]/
/** What the console prints when it waits for a command: `pylon>`, `pylon_debug>`. */
const PROMPT = /pylon\w*>/
const PROMPT_MS = 1000
/** A long list waits for a key. */
const MORE = '[Enter]'

/** The text console of the RS232 plug. Reads the transport from the start; dispose of it before the transport. */
export class ConsoleSession implements AsyncDisposable {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #options: ConsoleOptions
  readonly #reader: LinkReader
  readonly #traffic: Traffic
  #text = ''
  /** Characters of the text that have been looked at for a request to go on. */
  #seen = 0
  #changed: () => void = () => {}

  constructor(transport: Transport, clock: Clock, options: ConsoleOptions, signal: AbortSignal) {
    this.#transport = transport
    this.#clock = clock
    this.#options = options
    this.#traffic = new Traffic(transport.origin, options.onTraffic)
    this.#reader = new LinkReader(transport, packet => this.#take(packet), signal)
  }

  get origin(): string {
    return this.#transport.origin
  }

  /** Does nothing for so long; rejects when the connection is lost. */
  rest(ms: number): Promise<void> {
    return this.#clock.sleep(ms, this.#reader.over)
  }

  /** Presses Enter, once a second, until the console shows that it is there; tells whether it did. Rejects like `command`. */
  async prompt(tries: number): Promise<boolean> {
    for (let i = 0; i < tries; i++) {
      await this.#exchange('\r\n', PROMPT, PROMPT_MS)
      if (PROMPT.test(this.#text)) return true
    }
    return false
  }

  /** Types a command; rejects with `TransportError` when the connection is lost, or the reason of the signal. */
  async command(command: ConsoleCommand): Promise<Printed> {
    for (let tries = 1; ; tries++) {
      const printed = await this.#type(command)
      if (printed.ok) this.#options.onAlive()
      if (printed.ok || tries >= TRIES) return printed
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#reader[Symbol.asyncDispose]()
  }

  async #type(command: ConsoleCommand): Promise<Printed> {
    await this.rest(GAP_MS)
    await this.#exchange(`${command}\r`, END, LIMIT_MS)
    const text = this.#text
    if (END.test(text)) return consoleAnswer(text).complete ? { ok: true, text } : { ok: false, reason: 'refused' }
    return { ok: false, reason: text.replaceAll('\0', '') === '' ? 'timeout' : 'noise' }
  }

  /** Types, and waits until what comes back has the pattern, or for so long. */
  async #exchange(typed: string, pattern: RegExp, limitMs: number): Promise<void> {
    this.#text = ''
    this.#seen = 0
    const { over } = this.#reader
    const settled = new AbortController()
    try {
      const ended = new Promise<void>((resolve, reject) => {
        over.addEventListener('abort', () => reject(over.reason), { signal: settled.signal })
        this.#clock.sleep(limitMs, settled.signal).then(resolve, () => {})
        this.#changed = () => {
          if (pattern.test(this.#text) || this.#text.length >= LONGEST) resolve()
        }
      })
      await Promise.all([ended, this.#send(typed)])
    } finally {
      settled.abort()
      this.#changed = () => {}
      this.#traffic.flush()
    }
  }

  #take(packet: Packet): void {
    this.#traffic.received(packet)
    if (this.#text.length < LONGEST) this.#text += Buffer.from(packet.data).toString('latin1')
    const more = this.#text.indexOf(MORE, this.#seen)
    if (more >= 0) {
      this.#seen = more + MORE.length
      this.#send('\r').catch(() => {}) // the reader is told of a lost connection
    }
    this.#changed()
  }

  async #send(text: string): Promise<void> {
    const data = Buffer.from(text)
    this.#traffic.sent(data, this.#clock.now())
    await this.#transport.send(data, this.#reader.over)
  }
}
