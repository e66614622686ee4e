import { type Endpoint, endpointText } from '../core/endpoint.ts'
import { isWattzupError, WattzupError } from '../core/errors.ts'
import { keepConnected } from '../core/keep-connected.ts'
import type { Transport } from '../core/transport.ts'
import { analysisDocument } from '../protocols/lxp/analysis.ts'
import { BurstCounter } from '../protocols/lxp/burst-counter.ts'
import type { FrameDecoder } from '../protocols/lxp/decoded.ts'
import { parseFrame } from '../protocols/lxp/frame.ts'
import type { LxpOptions } from '../protocols/lxp/lxp.ts'
import { DONGLE_PORT } from '../protocols/lxp/packet-name.ts'
import type { Message } from '../protocols/protocol.ts'
import { readLink } from '../read-link.ts'
import type { Io } from './io.ts'
import type { LiveFlags } from './live-options.ts'
import type { LiveRun } from './live-run.ts'
import type { LabelLayout } from './modbus-collect-labels.ts'
import { RawFile } from './modbus-collect-raw.ts'
import { FrameStore } from './modbus-collect-store.ts'
import { CONNECT_MS, SILENT_MS, unreadableText } from './modbus-dongle.ts'

export interface CollectOptions extends LiveFlags, LxpOptions {
  readonly hosts: readonly Endpoint[]
  readonly outputDir: string
  readonly nosave?: true
  readonly once?: true
  /** Answer heartbeats. */
  readonly heartbeat?: true
  readonly utc?: true
  /** Save the untouched bytes of each connection too. */
  readonly raw?: true
  /** Print every frame as `modbus analyze` does. */
  readonly analyze?: true
}

/** Connects to every dongle, saves and shows what it sends. */
export class Collector {
  readonly #io: Io
  readonly #options: CollectOptions
  readonly #run: LiveRun
  readonly #store: FrameStore
  readonly #decoder: FrameDecoder
  readonly #labels: LabelLayout | undefined
  #lostRaw = 0

  constructor(io: Io, options: CollectOptions, run: LiveRun, decoder: FrameDecoder, labels: LabelLayout | undefined) {
    this.#io = io
    this.#options = options
    this.#run = run
    this.#store = new FrameStore(io.files, options.outputDir, options.utc === true, text => run.note(text))
    this.#decoder = decoder
    this.#labels = labels
  }

  async all(): Promise<void> {
    const { hosts, once } = this.#options
    const outcomes = await Promise.allSettled(hosts.map(host => this.#host(host)))
    const failures = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []))
    const defect = failures.find(error => !isWattzupError(error))
    if (defect !== undefined) throw defect
    if (once === true && failures.length === hosts.length) throw new WattzupError('no host could be reached')
  }

  /** Says what was saved; what was lost makes the run a failure. */
  sumUp(): void {
    const { saved, lost } = this.#store
    if (this.#options.nosave !== true) this.#run.note(`${saved} frames saved in ${this.#options.outputDir}`)
    if (lost > 0) this.#run.note(`${lost} frames could not be saved`)
    if (this.#lostRaw > 0) this.#run.note(`${this.#lostRaw} raw bytes could not be saved`)
    if (lost > 0 || this.#lostRaw > 0) this.#io.status.code = 1
  }

  #host(host: Endpoint): Promise<void> {
    const { once } = this.#options
    const { clock, network, random } = this.#io
    const name = endpointText(host)
    return keepConnected(
      {
        open: signal => network.connect(host, CONNECT_MS, signal),
        use: (link, alive, signal) => this.#read(link, host, alive, signal),
        report: this.#run.linkReporter(name),
        random,
        once: once === true,
        silentMs: SILENT_MS,
      },
      clock,
      this.#run.signal,
    )
  }

  async #read(link: Transport, host: Endpoint, alive: () => void, signal: AbortSignal): Promise<void> {
    const burst = new BurstCounter()
    const raw = this.#rawFile(host)
    let frames = 0
    const stream = this.#run.stream(message => {
      if (message.frame === undefined) return
      frames++
      alive()
      if (message.name === 'heartbeat') this.#answer(link, message.frame, signal)
      else this.#take(message, message.frame, host, burst)
    })
    let bytes = 0
    try {
      await readLink(link, stream, this.#io.clock, signal, packet => {
        bytes += packet.data.length
        burst.received(packet.at)
        this.#run.received(packet)
        raw?.write(packet)
      })
    } finally {
      raw?.close()
      this.#lostRaw += raw?.lostBytes ?? 0
      if (frames === 0 && bytes > 0) this.#run.note(unreadableText(endpointText(host)))
    }
  }

  #take({ at }: Message, frame: Uint8Array, host: Endpoint, burst: BurstCounter): void {
    if (!this.#run.bounds.take()) return
    const number = burst.next()
    if (this.#options.nosave !== true) this.#store.save(frame, at, host, number)
    if (this.#options.analyze === true || this.#labels !== undefined) this.#decode(frame, host)
  }

  #decode(bytes: Uint8Array, host: Endpoint): void {
    const frame = parseFrame(bytes, 'reply')
    if (typeof frame === 'string') return // not of a frame that was parsed before
    const decoded = this.#decoder.decode(frame)
    this.#labels?.add(decoded)
    if (this.#options.analyze !== true) return
    const name = host.port === DONGLE_PORT ? host.host : endpointText(host)
    const document = { host: name, ...analysisDocument(decoded, false) }
    this.#io.out.write(`${JSON.stringify(document, null, 2)}\n`)
  }

  /** Sends a heartbeat back as it is. */
  #answer(link: Transport, frame: Uint8Array, signal: AbortSignal): void {
    if (this.#options.heartbeat !== true) return
    link.send(Uint8Array.from(frame), signal).catch(error => {
      if (!isWattzupError(error) && error !== signal.reason) throw error // whoever reads the connection says that it is lost
    })
  }

  #rawFile(host: Endpoint): RawFile | undefined {
    const { raw, outputDir, utc } = this.#options
    if (raw !== true) return undefined
    return new RawFile(this.#io.files, outputDir, host, utc === true, text => this.#run.note(text))
  }
}
