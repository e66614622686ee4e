import type { FrameError, WattzupError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'
import type { Reading } from '../core/reading.ts'
import { writePcapHeader, writePcapPacket } from '../framing/pcap-writer.ts'
import { myenergiDevice } from '../protocols/myenergi/device-info.ts'
import { ETHERNET } from '../protocols/myenergi/ethernet.ts'
import { myenergi, withStructure } from '../protocols/myenergi/myenergi.ts'
import { Publisher } from '../protocols/myenergi/publisher.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { ReadingStream } from '../reading-stream.ts'
import type { RawLogFormat } from '../sinks/raw-log/format.ts'
import type { Sink } from '../sinks/sink.ts'
import { OriginalLayout } from './energi-mqtt.ts'
import { CaptureTally } from './energi-tally.ts'
import type { Io } from './io.ts'
import type { LiveFlags } from './live-options.ts'
import { type LiveRun, openLiveRun } from './live-run.ts'
import { openStructs } from './open-structs.ts'

/** What of the packets is published, and where. */
export interface SnifferOptions extends LiveFlags {
  readonly debugKeys?: true
  readonly compatKeys?: true
  readonly structural?: true
  readonly strict?: true
}

/** Where packets come from. */
export interface SniffSource extends AsyncDisposable {
  /** Prints the readings of a recording, which waits for whoever reads them. Of live packets the run drops what is too much. */
  readonly printer?: Sink
  /** Hands on packets to the end, or until the run is over. Throws `TransportError`. */
  read(sniffer: Sniffer): Promise<void>
}

/** The most frequent record comes every 2 s. */
const INTERVAL_MS = 2000

const PCAP_LOG: RawLogFormat = {
  extension: 'pcap',
  header: (out, { linkType = ETHERNET }) => writePcapHeader(out, linkType),
  record: (out, { at, data }) => writePcapPacket(out, at, data),
}

/** Bytes of a rejected packet that `--trace-bytes` shows. */
const TRACED = 128

/** Opens what packets of a source go through. */
export async function openSniffer(io: Io, options: SnifferOptions, { printer }: SniffSource): Promise<Sniffer> {
  const protocol = await protocolOf(io, options)
  const { format, json, ...quiet } = options
  const flags = printer === undefined ? options : quiet
  const traits = {
    protocol,
    reasons: {},
    log: PCAP_LOG,
    intervalMs: INTERVAL_MS,
    countsItself: true,
    deviceInfo: myenergiDevice,
    layout: new OriginalLayout(options),
  }
  // what is implausible here depends on what came before: the publisher knows, the run would judge by one reading
  const run = await openLiveRun(io, { ...flags, filter: false }, traits)
  return new Sniffer(io, options, protocol, run, printer)
}

async function protocolOf(io: Io, { structs, structural }: SnifferOptions): Promise<Protocol> {
  const library = await openStructs(io, structs)
  const keys = library.load('myenergi')
  return myenergi(structural === true ? withStructure(keys, library.load('myenergi-structural')) : keys)
}

/** Takes captured packets, and hands what is published of them to the sinks of a run. Always `finish` it. */
export class Sniffer {
  readonly run: LiveRun
  readonly #io: Io
  readonly #options: SnifferOptions
  readonly #publisher: Publisher
  readonly #printer: Sink | undefined
  readonly #stream: ReadingStream
  readonly #tally = new CaptureTally()
  /** The one that is being decoded. */
  #packet: Packet | undefined

  constructor(io: Io, options: SnifferOptions, protocol: Protocol, run: LiveRun, printer: Sink | undefined) {
    const { filter, debugKeys, compatKeys, structural, guesses, traceBytes } = options
    this.#io = io
    this.#options = options
    this.run = run
    this.#printer = printer
    this.#publisher = new Publisher({ filter, debugKeys: debugKeys === true, compatKeys: compatKeys === true })
    const sink = { write: (reading: Reading) => this.#write(reading), close: () => {} }
    this.#stream = new ReadingStream(protocol, sink, {
      guesses: structural === true || guesses === true,
      ...(traceBytes === true ? { onReject: error => this.#trace(error) } : {}),
    })
  }

  /** Takes a packet, whose bytes are valid until the call returns; resolves when the sinks have kept up. */
  take(packet: Packet): Promise<void> {
    this.#tally.add(packet)
    this.run.received(packet)
    this.#packet = packet
    return this.#stream.push(packet)
  }

  /** Takes what is wrong with the capture itself. */
  reject(error: FrameError): void {
    this.#tally.reject(String(error.context['reason']))
  }

  /** Writes out what is pending and says what became of everything; sets the exit status. */
  async finish(): Promise<void> {
    await this.#stream.end()
    await this.#printer?.close()
    for (const line of this.#tally.summary(this.#stream.tally, this.#publisher.filter.counts)) this.run.note(line)
    await this.run.finish()
    if (this.#options.strict === true && this.#tally.isBad(this.#stream.tally)) this.#io.status.code ||= 1
  }

  /** Throws where the capture `name` held nothing that could be of use. */
  checkLinkTypes(name: string): void {
    this.#tally.checkLinkTypes(name)
  }

  #write(reading: Reading): void | Promise<void> {
    const published = this.#publisher.publish(reading)
    if (published === undefined || !this.run.bounds.take()) return
    void this.#printer?.write(published)
    return this.run.sink.write(published)
  }

  #trace(error: WattzupError): void {
    const { origin, data } = this.#packet!
    const hex = Buffer.from(data.subarray(0, TRACED)).toString('hex')
    this.run.note(`rejected from ${origin}: ${error.message}: ${hex}${data.length > TRACED ? ' ..' : ''}`)
  }
}
