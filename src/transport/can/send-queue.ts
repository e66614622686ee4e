import type { Clock } from '../../core/clock.ts'
import type { Transport } from '../../core/transport.ts'

/** Lines that wait for a slow adapter or server. */
const WAITING = 256
/** So long the end of a connection waits for what is to be sent. */
const PATIENCE_MS = 1000

/** Lines on their way to a transport: they are taken at once, as long as there are not too many, and sent in order. */
export class SendQueue {
  readonly #transport: Transport
  readonly #waiting: Uint8Array[] = []
  readonly #stop = new AbortController()
  #sending: Promise<void> | undefined

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Takes a line, which must not change any more; false when too many wait or nothing can be sent any more. */
  push(line: Uint8Array): boolean {
    if (this.#stop.signal.aborted || this.#waiting.length >= WAITING) return false
    this.#waiting.push(line)
    this.#sending ??= this.#send()
    return true
  }

  /** Sends what waits, for a bounded time, and nothing more. */
  async end(clock: Clock): Promise<void> {
    const late = new AbortController()
    const patience = clock.sleep(PATIENCE_MS, late.signal).catch(() => {}) // it was all sent in time
    await Promise.race([this.#sending, patience])
    late.abort()
    this.drop()
  }

  /** Sends nothing more. */
  drop(): void {
    this.#stop.abort()
  }

  /** A connection that fails is lost for whoever reads from it, who says so. */
  async #send(): Promise<void> {
    try {
      for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
        await this.#transport.send(line, this.#stop.signal)
      }
    } catch {
      this.#stop.abort()
    }
    this.#sending = undefined
  }
}
