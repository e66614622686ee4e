import { type CanAddress, canUrl, parseCanUrl, type RecordingAddress } from '../core/can-address.ts'
import type { CanBus } from '../core/can-bus.ts'
import type { CanFilters } from '../core/can-filter.ts'
import type { ByteInput } from '../core/input.ts'
import type { CanOptions } from '../core/network.ts'
import { type Pace, RECORDED_PACE } from '../play-schedule.ts'
import { RecordedLog } from '../recorded-log.ts'
import { skippedText } from './can-convert-report.ts'
import type { Io } from './io.ts'
import { LogChooser } from './log-chooser.ts'

export interface CanBusesOptions {
  /** What messages call the command. */
  readonly command: string
  /** How recordings are played; as they were recorded by default. */
  readonly pace?: Pace
  /** Asked after each frame of a recording: the promise is of listeners who cannot take the next one yet. */
  readonly busy?: () => Promise<void> | undefined
  /** Told of what a recording waits for beside its own time. */
  readonly reading?: (work: Promise<unknown>) => void
}

/** The CAN buses of a run, of all kinds. Buses of one recording share its clock. They are closed together. */
export class CanBuses implements AsyncDisposable {
  readonly #io: Io
  readonly #options: CanBusesOptions
  readonly #recordings = new Map<string, RecordedLog>()
  readonly #open: CanBus[] = []
  /** A recording could not be played to its end. */
  hasFailed = false

  constructor(io: Io, options: CanBusesOptions) {
    this.#io = io
    this.#options = options
  }

  /**
   * Opens the bus of a URL. Rejects with `UsageError` where it is none, `TransportError` where the bus cannot be opened, or
   * the reason of `signal`.
   */
  async open(url: string | CanAddress, options: Omit<CanOptions, 'random'>, signal: AbortSignal): Promise<CanBus> {
    const address = typeof url === 'string' ? parseCanUrl(url) : url
    const { network, random } = this.#io
    const bus =
      address.kind === 'file'
        ? await this.#recorded(address, options.filters)
        : await network.openCan(address, { ...options, random }, signal)
    this.#open.push(bus)
    return bus
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#open.map(bus => bus[Symbol.asyncDispose]()))
  }

  async #recorded(address: RecordingAddress, filters: CanFilters | undefined): Promise<CanBus> {
    const { path, iface } = address
    const known = this.#recordings.get(path)
    const recording = known ?? (await this.#load(path))
    this.#recordings.set(path, recording)
    return recording.bus(canUrl(address), iface, filters)
  }

  async #load(path: string): Promise<RecordedLog> {
    const { clock, err } = this.#io
    const { command, pace = RECORDED_PACE, busy, reading } = this.#options
    const chooser = new LogChooser(false, false, command, { zeroIsTime: true })
    const input = await this.#io.open(path)
    return new RecordedLog(
      reading === undefined ? input : watched(input, reading),
      {
        choose: (name, head, complete, queue) => chooser.choose(name, head, complete, () => queue),
        pace,
        busy,
        done: result => {
          const skipped = skippedText(result)
          if (skipped !== undefined) err.write(`wattzup: ${path}: ${skipped}\n`)
        },
        failed: () => {
          this.hasFailed = true
        },
      },
      clock,
    )
  }
}

/** An input that says when it waits for bytes. */
function watched(input: ByteInput, reading: (work: Promise<unknown>) => void): ByteInput {
  return {
    name: input.name,
    size: input.size,
    live: input.live,
    read: (into, at) => {
      const count = input.read(into, at)
      if (typeof count !== 'number') reading(count)
      return count
    },
    close: () => input.close(),
  }
}
