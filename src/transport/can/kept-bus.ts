import type { CanBus, CanListener, CanMessage } from '../../core/can-bus.ts'
import type { Clock } from '../../core/clock.ts'
import { TransportError } from '../../core/errors.ts'
import { keepConnected, type LinkEvent } from '../../core/keep-connected.ts'
import type { CanDelivery } from './delivery.ts'

/** A connection to a bus, as long as it lasts. */
export interface CanLink extends AsyncDisposable {
  /** Delivers what comes until the link ends or `signal` aborts; throws `TransportError` when it is lost. */
  run(delivery: CanDelivery, signal: AbortSignal): Promise<void>
  /** Takes a frame, or does not: see `CanBus`. */
  send(frame: CanMessage): boolean
}

export interface KeptBusOptions {
  readonly name: string
  readonly delivery: CanDelivery
  /** Makes a connection; rejects with `TransportError`. */
  readonly open: (signal: AbortSignal) => Promise<CanLink>
  /** Numbers in [0, 1), for the jitter of waits. */
  readonly random: () => number
}

/** Opens a bus that is opened again whenever it is lost, until it is disposed of. Rejects where it cannot be opened now. */
export async function openKeptBus(options: KeptBusOptions, clock: Clock, signal: AbortSignal): Promise<CanBus> {
  const link = await options.open(signal)
  return new KeptBus(options, link, clock)
}

class KeptBus implements CanBus {
  readonly name: string
  readonly recorded = false
  readonly #options: KeptBusOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #first: CanLink | undefined
  #link: CanLink | undefined

  constructor(options: KeptBusOptions, first: CanLink, clock: Clock) {
    this.name = options.name
    this.#options = options
    this.#first = first
    this.#running = this.#run(clock)
  }

  listen(listener: CanListener): void {
    this.#options.delivery.listen(listener)
  }

  send(frame: CanMessage): boolean {
    return this.#link?.send(frame) ?? false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the bus has been closed'))
    await this.#running
  }

  async #run(clock: Clock): Promise<void> {
    const { open, random } = this.#options
    const { signal } = this.#stop
    try {
      await keepConnected(
        {
          open: async opening => this.#take() ?? (await open(opening)),
          use: (link, alive, using) => this.#use(link, alive, using),
          report: event => this.#report(event),
          random,
        },
        clock,
        signal,
      )
    } finally {
      await this.#take()?.[Symbol.asyncDispose]()
    }
  }

  #take(): CanLink | undefined {
    const first = this.#first
    this.#first = undefined
    this.#link = first
    return first
  }

  async #use(link: CanLink, alive: () => void, signal: AbortSignal): Promise<void> {
    this.#link = link
    alive()
    try {
      await link.run(this.#options.delivery, signal)
    } catch (error) {
      this.#lost(error) // before the link is closed, which may take a while
      throw error
    } finally {
      this.#link = undefined
      alive() // a link that lasted was good, whether or not anything came
    }
  }

  #report(event: LinkEvent): void {
    if (event.type === 'connected') this.#options.delivery.up()
    else if (event.type === 'lost') this.#lost(event.error)
  }

  #lost(error: unknown): void {
    const { delivery, name } = this.#options
    const unknown = () => new TransportError(`lost ${name}: the other side has closed it`, { bus: name }, error)
    delivery.down(error instanceof TransportError ? error : unknown())
  }
}
