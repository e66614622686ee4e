import { FrameError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'
import { ByteQueue } from './byte-queue.ts'
import type { CapturedPacket, CaptureReader, RejectPacket } from './capture.ts'
import { isPcap, PcapReader } from './pcap.ts'
import { isPcapng, PcapngReader } from './pcapng.ts'

const MAGIC = 4

/** Takes a captured packet; its `data` is the reader's memory, valid until the call returns. */
export type EmitPacket = (packet: Packet) => void

/** Reads a capture file of either format, chosen by its first four bytes, as packets of their own. */
export class CaptureFile {
  readonly #origin: string
  readonly #head = new ByteQueue()
  #reader: CaptureReader | undefined
  #refused: FrameError | undefined

  /** `origin` is passed on with every packet. */
  constructor(origin: string) {
    this.#origin = origin
  }

  /** Why nothing more can be read from this file, where that is so; not told to `reject`. */
  get damage(): FrameError | undefined {
    return this.#refused ?? this.#reader?.damage
  }

  /** Bytes that wait for their rest: less than one packet between two calls. */
  get pending(): number {
    return this.#head.length + (this.#reader?.pending ?? 0)
  }

  push(bytes: Uint8Array, emit: EmitPacket, reject: RejectPacket): void {
    if (this.#reader !== undefined) this.#reader.push(bytes, captured => emit(this.#packet(captured)), reject)
    else if (this.#refused === undefined) this.#begin(bytes, emit, reject)
  }

  /** The bytes have ended: a packet that is not complete is rejected, reason `cut_tail`. */
  end(reject: RejectPacket): void {
    if (this.#reader === undefined) this.#refused ??= refusal('it is too short')
    this.#reader?.end(reject)
  }

  #begin(bytes: Uint8Array, emit: EmitPacket, reject: RejectPacket): void {
    this.#head.append(bytes)
    if (this.#head.length < MAGIC) return
    const magic = this.#head.peek(MAGIC).getUint32(0)
    const { length } = this.#head
    if (isPcap(magic)) this.#reader = new PcapReader()
    else if (isPcapng(magic)) this.#reader = new PcapngReader()
    else this.#refused = refusal(`it begins with ${magic.toString(16).padStart(8, '0')}`)
    const head = this.#head.peek(length)
    const whole = new Uint8Array(head.buffer, head.byteOffset, length)
    this.#reader?.push(whole, captured => emit(this.#packet(captured)), reject)
    this.#head.drop(length)
  }

  #packet(captured: CapturedPacket): Packet {
    const { bytes, start, length, original, linkType, hasTime, seconds, nanos } = captured
    return {
      data: bytes.subarray(start, start + length),
      at: hasTime ? seconds * 1000 + nanos / 1e6 : Number.NaN,
      origin: this.#origin,
      linkType,
      truncated: length < original,
    }
  }
}

function refusal(why: string): FrameError {
  return new FrameError(`no capture in pcap or pcapng format: ${why}`, { reason: 'format' })
}
