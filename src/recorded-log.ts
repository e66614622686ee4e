import type { CanBus, CanListener } from './core/can-bus.ts'
import { type CanFilters, NO_FILTERS } from './core/can-filter.ts'
import type { Clock } from './core/clock.ts'
import { isWattzupError, TransportError } from './core/errors.ts'
import type { ByteInput } from './core/input.ts'
import { FrameQueue } from './frame-queue.ts'
import type { LogResult } from './pipeline.ts'
import { type PlayRun, playLog } from './play-log.ts'
import { type Pace, PlaySchedule } from './play-schedule.ts'
import { CanDelivery } from './transport/can/delivery.ts'

export interface RecordedLogOptions {
  readonly choose: PlayRun['choose']
  readonly pace: Pace
  /** Asked after each frame: the promise is of listeners who cannot take the next one yet. */
  readonly busy?: (() => Promise<void> | undefined) | undefined
  /** Told what became of the log, once it is over; of one that is no log, nothing. */
  readonly done: (result: LogResult) => void
  /** Told why the log could not be played to its end, or not for a bus; the buses say so too. */
  readonly failed: (error: TransportError) => void
}

/**
 * A log that stands for the buses it was recorded on: its interfaces share one clock. It begins to play when somebody
 * listens to every bus that has been opened.
 */
export class RecordedLog {
  readonly #input: ByteInput
  readonly #options: RecordedLogOptions
  readonly #clock: Clock
  readonly #stop = new AbortController()
  readonly #queue = new FrameQueue()
  readonly #buses: RecordedBus[] = []
  /** Which buses the frames of an interface go to, by its number in the log. */
  readonly #routes: RecordedBus[][] = []
  #playing: Promise<void> | undefined

  constructor(input: ByteInput, options: RecordedLogOptions, clock: Clock) {
    this.#input = input
    this.#options = options
    this.#clock = clock
  }

  /** A bus that hears an interface of the log, or all of them. Its `name` is for messages. */
  bus(name: string, iface: string | undefined, filters: CanFilters = NO_FILTERS): CanBus {
    const delivery = new CanDelivery(name, this.#queue.current, filters)
    const bus = new RecordedBus(name, iface, delivery, () => this.#changed())
    this.#buses.push(bus)
    this.#routes.length = 0
    return bus
  }

  /** Somebody listens, or has closed a bus. */
  async #changed(): Promise<void> {
    if (this.#buses.every(bus => bus.isClosed)) {
      this.#stop.abort(new Error('the recording has been closed'))
      if (this.#playing === undefined) this.#input.close()
      await this.#playing
    } else if (this.#playing === undefined && this.#buses.every(bus => bus.isReady)) {
      this.#playing = this.#play()
    }
  }

  async #play(): Promise<void> {
    const { choose, pace, done, failed } = this.#options
    const queue = this.#queue
    const take = () => this.#take()
    let failure: TransportError | undefined
    try {
      await Promise.resolve() // whoever has just begun to listen may have more to set up
      const schedule = new PlaySchedule(pace)
      const result = await playLog(this.#input, { choose, queue, schedule, take }, this.#clock, this.#stop.signal)
      failure = result.failure
      done(result)
    } catch (error) {
      if (!isWattzupError(error)) throw error
      failure = error instanceof TransportError ? error : new TransportError(error.message, error.context, error)
    } finally {
      this.#input.close()
    }
    if (failure !== undefined) failed(failure)
    const known = queue.interfaces.map(name => new TextDecoder().decode(name))
    for (const bus of this.#buses) {
      const missing = bus.end(failure, known)
      if (missing !== undefined) failed(missing)
    }
  }

  #take(): Promise<void> | undefined {
    const { bus } = this.#queue
    const route = this.#routes[bus] ?? this.#routeOf(bus)
    for (const { delivery } of route) delivery.deliver()
    return this.#options.busy?.()
  }

  #routeOf(bus: number): readonly RecordedBus[] {
    const name = this.#queue.interfaces[bus]
    const text = name === undefined ? undefined : new TextDecoder().decode(name)
    const route = this.#buses.filter(({ iface }) => iface === undefined || iface === text)
    if (bus >= 0) this.#routes[bus] = route
    return route
  }
}

class RecordedBus implements CanBus {
  readonly name: string
  readonly recorded = true
  readonly iface: string | undefined
  readonly delivery: CanDelivery
  isReady = false
  isClosed = false
  readonly #changed: () => Promise<void>

  constructor(name: string, iface: string | undefined, delivery: CanDelivery, changed: () => Promise<void>) {
    this.name = name
    this.iface = iface
    this.delivery = delivery
    this.#changed = changed
  }

  listen(listener: CanListener): void {
    if (this.isClosed) return
    this.delivery.listen(listener)
    this.isReady = true
    void this.#changed()
  }

  /** Nothing goes anywhere. */
  send(): boolean {
    return !this.isClosed
  }

  /** The log is over; `known` are the interfaces that it has. Gives why nothing came, if its own is none of them. */
  end(failure: TransportError | undefined, known: readonly string[]): TransportError | undefined {
    if (this.isClosed) return undefined
    const { iface } = this
    const isMissing = failure === undefined && iface !== undefined && !known.includes(iface)
    const missing = isMissing ? this.#unknown(iface, known) : undefined
    const trouble = failure ?? missing
    if (trouble !== undefined) this.delivery.down(trouble)
    this.delivery.event({ type: 'end' })
    return missing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true
    this.isReady = true
    this.delivery.listen(NOBODY)
    await this.#changed()
  }

  #unknown(iface: string, known: readonly string[]): TransportError {
    const has = known.length === 0 ? 'there are no frames in it' : `it has ${known.join(', ')}`
    return new TransportError(`${this.name}: no frame of ${iface}; ${has}`, { bus: this.name })
  }
}

const NOBODY: CanListener = { frame: () => {}, event: () => {} }
