import { readCapture } from '../capture-stream.ts'
import { isWattzupError } from '../core/errors.ts'
import type { PacketCapture } from '../core/ethernet.ts'
import { keepConnected, type LinkEvent } from '../core/keep-connected.ts'
import { captureFilter, MOST_FRAME } from '../protocols/myenergi/ethernet.ts'
import { counted } from '../sinks/counted.ts'
import { FaultReport } from '../sinks/fault-report.ts'
import type { Sniffer, SniffSource } from './energi-sniffer.ts'
import type { Io } from './io.ts'

/** A device that can be heard at all has been heard by then, ms. */
const HINT_MS = 60_000
const HINT =
  'are the devices on this network segment? Access points and switches with multicast filters keep frames back'

/**
 * Begins to capture on an interface. Throws `TransportError` where that is not possible, unless the interface is there
 * and only down.
 */
export async function openInterface(io: Io, iface: string): Promise<LiveSource> {
  const source = new LiveSource(io, iface)
  try {
    await source.open()
  } catch (error) {
    const waits = io.signal.aborted || (isWattzupError(error) && error.context['trouble'] === 'down')
    if (!waits) throw error
  }
  return source
}

/** Frames of an interface, which is waited for when it goes away. */
export class LiveSource implements SniffSource {
  readonly #io: Io
  readonly #iface: string
  readonly #faults: FaultReport
  /** Open, but not in use yet. */
  #first: PacketCapture | undefined
  #capture: PacketCapture | undefined
  #dropped = 0
  #heard = false

  constructor(io: Io, iface: string) {
    this.#io = io
    this.#iface = iface
    this.#faults = new FaultReport(line => this.#note(line))
  }

  /** Makes the first capture. Throws `TransportError`. */
  async open(): Promise<void> {
    this.#first = await this.#open(this.#io.signal)
    this.#note(`capturing on ${this.#iface} with ${this.#first.program}`)
  }

  async read(sniffer: Sniffer): Promise<void> {
    const { clock, random } = this.#io
    const { signal } = sniffer.run
    clock.sleep(HINT_MS, signal).then(
      () => this.#heard || this.#note(`nothing heard on ${this.#iface} yet; ${HINT}`),
      () => {}, // it is over already
    )
    await keepConnected(
      {
        open: async opening => this.#take() ?? (await this.#open(opening)),
        use: (capture, alive, using) => this.#read(capture, sniffer, alive, using),
        report: event => this.#report(event),
        random,
      },
      clock,
      signal,
    )
    this.#closed()
    if (this.#dropped > 0) this.#note(`${counted(this.#dropped, 'frame')} dropped by the kernel: they came too fast`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#take()?.[Symbol.asyncDispose]()
  }

  #open(signal: AbortSignal): Promise<PacketCapture> {
    const options = { iface: this.#iface, filter: captureFilter(this.#iface), snapLength: MOST_FRAME }
    return this.#io.network.capture(options, signal)
  }

  #take(): PacketCapture | undefined {
    const first = this.#first
    this.#first = undefined
    return first
  }

  async #read(capture: PacketCapture, sniffer: Sniffer, alive: () => void, signal: AbortSignal): Promise<void> {
    this.#capture = capture
    const stop = () => capture.close()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await readCapture(capture, {
      packet: packet => {
        this.#heard = true
        return sniffer.take(packet)
      },
      reject: error => sniffer.reject(error),
      drained: alive,
      stopped: () => signal.aborted,
    })
  }

  #report(event: LinkEvent): void {
    if (event.type === 'connected') this.#faults.worked(`now capturing on ${this.#iface}`)
    if (event.type !== 'lost') return
    this.#closed()
    if (isWattzupError(event.error)) this.#faults.failed(event.error, 'waiting for it')
  }

  /** The capture has ended, so that it is known what was dropped. */
  #closed(): void {
    this.#dropped += this.#capture?.dropped ?? 0
    this.#capture = undefined
  }

  #note(line: string): void {
    this.#io.err.write(`wattzup: ${line}\n`)
  }
}
