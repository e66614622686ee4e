import { FrameError } from '../core/errors.ts'
import { ByteQueue } from './byte-queue.ts'
import type { CaptureReader, EmitPacket, RejectPacket } from './capture.ts'
import { isPcap, PcapReader } from './pcap.ts'
import { isPcapng, PcapngReader } from './pcapng.ts'

const MAGIC = 4

/** Reads a capture file of either format, chosen by its first four bytes. */
export class CaptureFile implements CaptureReader {
  readonly #origin: string
  readonly #head = new ByteQueue()
  #reader: CaptureReader | undefined
  #refused: FrameError | undefined

  /** `origin` is passed on with every packet. */
  constructor(origin: string) {
    this.#origin = origin
  }

  get damage(): FrameError | undefined {
    return this.#refused ?? this.#reader?.damage
  }

  get pending(): number {
    return this.#head.length + (this.#reader?.pending ?? 0)
  }

  push(bytes: Uint8Array, emit: EmitPacket, reject: RejectPacket): void {
    if (this.#reader !== undefined) this.#reader.push(bytes, emit, reject)
    else if (this.#refused === undefined) this.#begin(bytes, emit, reject)
  }

  end(reject: RejectPacket): void {
    if (this.#reader === undefined) this.#refused ??= refusal('it is too short')
    this.#reader?.end(reject)
  }

  #begin(bytes: Uint8Array, emit: EmitPacket, reject: RejectPacket): void {
    this.#head.append(bytes)
    if (this.#head.length < MAGIC) return
    const magic = this.#head.peek(MAGIC).getUint32(0)
    const { length } = this.#head
    if (isPcap(magic)) this.#reader = new PcapReader(this.#origin)
    else if (isPcapng(magic)) this.#reader = new PcapngReader(this.#origin)
    else this.#refused = refusal(`it begins with ${magic.toString(16).padStart(8, '0')}`)
    const head = this.#head.peek(length)
    this.#reader?.push(new Uint8Array(head.buffer, head.byteOffset, length), emit, reject)
    this.#head.drop(length)
  }
}

function refusal(why: string): FrameError {
  return new FrameError(`no capture in pcap or pcapng format: ${why}`, { reason: 'format' })
}
