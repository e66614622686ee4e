import type { Clock } from '../src/core/clock.ts'
import { TransportError } from '../src/core/errors.ts'
import type { Packet } from '../src/core/packet.ts'
import type { Transport } from '../src/core/transport.ts'

/** The two ends of a connection in memory, as TCP would have them: bounded, and slow when the other end does not read. */
export interface MemoryPair {
  readonly near: MemoryTransport
  readonly far: MemoryTransport
}

export interface MemoryOptions {
  /** What the near end calls the far one. */
  readonly origin?: string
  /** Bytes that wait for a reader before `send` has to wait; one packet always fits. */
  readonly capacity?: number
}

/** Connects two ends. Packets keep their borders, and get the time of `clock` when they are sent. */
export function memoryPair(clock: Clock, { origin = 'memory', capacity = 65_536 }: MemoryOptions = {}): MemoryPair {
  const near = new MemoryTransport(clock, origin, capacity)
  const far = new MemoryTransport(clock, 'near end', capacity)
  near.peer = far
  far.peer = near
  return { near, far }
}

export class MemoryTransport implements Transport {
  readonly origin: string
  peer: MemoryTransport | undefined
  readonly #clock: Clock
  readonly #capacity: number
  readonly #inbox: Packet[] = []
  #waiting = 0
  #closed = false
  #lost: TransportError | undefined
  readonly #wakers = new Set<() => void>()

  constructor(clock: Clock, origin: string, capacity: number) {
    this.#clock = clock
    this.origin = origin
    this.#capacity = capacity
  }

  /** Bytes that wait for this end's reader. */
  get waiting(): number {
    return this.#waiting
  }

  get closed(): boolean {
    return this.#closed
  }

  async *packets(signal: AbortSignal): AsyncGenerator<Packet, void> {
    for (;;) {
      if (signal.aborted) return this.close()
      if (this.#lost !== undefined) throw this.#lost
      const packet = this.#inbox.shift()
      if (packet !== undefined) {
        this.#waiting -= packet.data.length
        this.peer?.wake()
        yield packet
      } else if (this.#closed) {
        return
      } else {
        await this.#change(signal)
      }
    }
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const data = Uint8Array.from(bytes)
    for (;;) {
      signal.throwIfAborted()
      if (this.#closed) throw this.#lost ?? new TransportError(`lost ${this.origin}: it is closed`)
      if (this.peer!.take(data)) return
      await this.#change(signal)
    }
  }

  /** Ends the connection in order: what has been sent can still be read. */
  close(): void {
    for (const end of [this, this.peer!]) {
      end.#closed = true
      end.wake()
    }
  }

  /** The connection breaks: both ends get an error. */
  lose(why = 'the connection was reset'): void {
    for (const end of [this, this.peer!]) end.#lost = new TransportError(`lost ${end.origin}: ${why}`)
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /** Takes what the other end sends; false where there is no room yet. */
  take(data: Uint8Array): boolean {
    if (this.#waiting > 0 && this.#waiting + data.length > this.#capacity) return false
    this.#inbox.push({ data, at: this.#clock.now(), origin: this.origin })
    this.#waiting += data.length
    this.wake()
    return true
  }

  /** Something has changed: whoever waits looks again. */
  wake(): void {
    for (const waker of this.#wakers) waker()
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        this.#wakers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#wakers.add(done)
      signal.addEventListener('abort', done)
    })
  }
}
