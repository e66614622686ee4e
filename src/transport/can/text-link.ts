import { utf8 } from '../../core/bytes.ts'
import type { CanFrame } from '../../core/can.ts'
import type { CanMessage } from '../../core/can-bus.ts'
import type { Clock } from '../../core/clock.ts'
import { TransportError } from '../../core/errors.ts'
import type { Transport } from '../../core/transport.ts'
import type { CanDelivery } from './delivery.ts'
import type { CanLink } from './kept-bus.ts'
import { liveFrame } from './live-origin.ts'
import { SendQueue } from './send-queue.ts'

/** Whoever answers at all is gone after so long a silence, ms. */
const SILENT_MS = 30_000

/** A connection that still has something to deliver is closed within, ms. */
const CLOSE_MS = 1000
const NEVER = new AbortController().signal

/** A CAN bus behind a connection that speaks text: what adapters and servers have in common. */
export abstract class TextLink implements CanLink {
  protected readonly name: string
  protected readonly clock: Clock
  protected delivery: CanDelivery | undefined
  /** When the bytes at hand came, Unix ms. */
  protected heardAt: number
  readonly #transport: Transport
  readonly #queue: SendQueue
  readonly #closing = new AbortController()
  readonly #unheard = liveFrame('')
  #reading: Promise<Error> | undefined
  #isLost = false

  /** `name` is for messages. The transport is disposed of with the link. */
  constructor(transport: Transport, name: string, clock: Clock) {
    this.name = name
    this.clock = clock
    this.heardAt = clock.now()
    this.#transport = transport
    this.#queue = new SendQueue(transport)
  }

  abstract send(frame: CanMessage): boolean

  /** Takes bytes as they come. */
  protected abstract take(bytes: Uint8Array): void

  /** So often is the other side asked whether it is there, ms. */
  protected abstract readonly lookMs: number

  /** Asks whether the other side is there; gives whether that makes sense. */
  protected abstract look(): boolean

  /** Writes what the other side should know before it is left. */
  protected leave(): void {}

  /** To be filled with what comes next. */
  get frame(): CanFrame {
    return this.delivery?.frame ?? this.#unheard
  }

  /** The end of reading, which begins with the first call; gives why. */
  protected get read(): Promise<Error> {
    this.#reading ??= this.#read()
    return this.#reading
  }

  protected write(text: string): boolean {
    return this.writeBytes(utf8(text))
  }

  /** Takes bytes that do not change any more; false when too much waits. */
  protected writeBytes(bytes: Uint8Array): boolean {
    return this.#queue.push(bytes)
  }

  async run(delivery: CanDelivery, signal: AbortSignal): Promise<void> {
    this.delivery = delivery
    const ended = new AbortController()
    const stop = AbortSignal.any([signal, ended.signal])
    const stopped = new Promise<undefined>(resolve => {
      stop.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    try {
      const error = await Promise.race([this.read, this.#watch(stop), stopped])
      if (error === undefined || signal.aborted) return
      this.#isLost = true
      throw error
    } finally {
      ended.abort()
      this.delivery = undefined
    }
  }

  /** What was sent is still delivered, unless the connection is lost: then nothing is waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isLost) this.#closing.abort()
    else {
      this.leave()
      await this.#queue.end(this.clock)
      const closed = this.#transport[Symbol.asyncDispose]()
      await within(CLOSE_MS, closed, undefined, this.clock, NEVER)
      this.#closing.abort()
    }
    this.#queue.drop()
    await this.#transport[Symbol.asyncDispose]()
    await this.read
  }

  protected lost(why: string): TransportError {
    return new TransportError(`lost ${this.name}: ${why}`, { bus: this.name })
  }

  protected refused(why: string): TransportError {
    return new TransportError(`cannot open ${this.name}: ${why}`, { bus: this.name })
  }

  async #read(): Promise<Error> {
    try {
      for await (const { data, at } of this.#transport.packets(this.#closing.signal)) {
        this.heardAt = at
        this.take(data)
      }
      return this.lost('the other side has closed it')
    } catch (error) {
      return error as Error
    }
  }

  /** Gives why the link is given up, once nothing comes any more. */
  async #watch(signal: AbortSignal): Promise<Error | undefined> {
    for (;;) {
      await this.clock.sleep(this.lookMs, signal).catch(() => {}) // it is looked at next
      if (signal.aborted) return undefined
      if (this.look() && this.clock.now() - this.heardAt >= SILENT_MS) {
        return this.lost(`it has been silent for ${SILENT_MS / 1000} s`)
      }
    }
  }
}

/** The first of what is waited for, or `late` after `ms`. Throws the reason of `signal` when that aborts first. */
export async function within<T, L>(
  ms: number,
  waiting: PromiseLike<T>,
  late: L,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | L> {
  const over = new AbortController()
  const timer = clock.sleep(ms, AbortSignal.any([signal, over.signal])).then(
    () => late,
    () => late, // it is over, one way or the other
  )
  try {
    const first = await Promise.race([waiting, timer])
    signal.throwIfAborted()
    return first
  } finally {
    over.abort()
  }
}
