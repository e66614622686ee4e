import type { ByteSource } from '../core/bytes.ts'
import { CanFrame, type FrameSink } from '../core/can.ts'
import type { FrameError } from '../core/errors.ts'
import type { CapturedPacket, CaptureReader } from './capture.ts'
import { type BinaryLogReader, LogTally } from './log-reader.ts'
import { PcapReader } from './pcap.ts'
import { PcapngReader } from './pcapng.ts'
import { PlainOrigin } from './plain-origin.ts'
import { readCanPacket } from './socketcan-packet.ts'

/** What is wrong with a capture, as the count of it calls it. */
const REASONS: Readonly<Record<string, string>> = {
  unknown_interface: 'packets of an unknown interface',
  lying_length: 'packets that are longer than their block',
}

/**
 * Reads captures of CAN, pcap and pcapng. Source: docs/protocols/log-formats.md, section 7.
 *
 * Interfaces have the names that a pcapng file gives them, else `can0`, `can1`, ... A packet without a time has that of
 * the one before.
 */
export class CaptureLogReader implements BinaryLogReader {
  readonly kind = 'binary'
  readonly format: 'pcap' | 'pcapng'
  readonly tally = new LogTally()
  readonly #sink: FrameSink
  readonly #reader: CaptureReader
  readonly #origin = new PlainOrigin()
  readonly #frame = new CanFrame(this.#origin)
  readonly #take = (packet: CapturedPacket) => this.#packet(packet)
  readonly #reject = (error: FrameError) => this.#rejected(error)
  #cut: FrameError | undefined

  constructor(format: 'pcap' | 'pcapng', sink: FrameSink) {
    this.format = format
    this.#sink = sink
    this.#reader = format === 'pcap' ? new PcapReader() : new PcapngReader()
  }

  get damage(): FrameError | undefined {
    return this.#reader.damage ?? this.#cut
  }

  read({ bytes }: ByteSource, start: number, end: number): number {
    this.#reader.push(bytes.subarray(start, end), this.#take, this.#reject)
    return end
  }

  end(): void {
    this.#reader.end(this.#reject)
  }

  #packet(packet: CapturedPacket): void {
    this.tally.lines++
    if (packet.hasTime) {
      this.#origin.seconds = packet.seconds
      this.#origin.nanos = packet.nanos
    }
    this.#origin.bus = packet.interface
    this.#origin.name = packet.name
    const problem = readCanPacket(packet, this.#frame)
    if (problem === undefined) this.#sink.frame(this.#frame)
    else this.tally.reject(problem, packet.offset)
  }

  #rejected(error: FrameError): void {
    const reason = String(error.context['reason'])
    if (reason === 'cut_tail') {
      this.#cut = error
      return
    }
    this.tally.lines++
    this.tally.reject(REASONS[reason] ?? reason, Number(error.context['at']))
  }
}
