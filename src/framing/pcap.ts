import { FrameError } from '../core/errors.ts'
import { CapturedPacket, type CaptureReader, MAX_CAPTURED, type RejectPacket, type TakeCaptured } from './capture.ts'
import { RecordQueue } from './record-queue.ts'

const FILE_HEADER = 24
const RECORD_HEADER = 16

/** The byte order of a file and how many nanoseconds its fractions of a second count. */
interface Variant {
  readonly little: boolean
  readonly nanos: number
}

/** By the first four bytes, read big-endian. */
const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { little: false, nanos: 1000 }],
  [0xd4c3b2a1, { little: true, nanos: 1000 }],
  [0xa1b23c4d, { little: false, nanos: 1 }],
  [0x4d3cb2a1, { little: true, nanos: 1 }],
])

/** Whether a file that begins with these four bytes, read big-endian, is pcap. */
export function isPcap(magic: number): boolean {
  return VARIANTS.has(magic)
}

/**
 * Reads pcap files, in both byte orders, with times in microseconds or nanoseconds. Source: libpcap,
 * pcap-savefile(5).
 *
 *     magic 4 | version 2+2 | zone 4 | accuracy 4 | snaplen 4 | link type 4
 *     then for each packet: seconds 4 | fraction 4 | captured 4 | original 4 | data
 *
 * The upper half of the link type says something about checksums and is left out.
 */
export class PcapReader implements CaptureReader {
  readonly #queue = new RecordQueue()
  readonly #packet = new CapturedPacket()
  #variant: Variant | undefined

  get damage(): FrameError | undefined {
    return this.#queue.damage
  }

  get pending(): number {
    return this.#queue.length
  }

  push(bytes: Uint8Array, take: TakeCaptured): void {
    if (this.#queue.damage !== undefined) return
    this.#queue.append(bytes)
    const variant = this.#variant ?? this.#header()
    if (variant === undefined) return
    while (this.#record(variant, take));
  }

  end(reject: RejectPacket): void {
    if (this.#queue.damage === undefined && (this.#queue.length > 0 || this.#variant === undefined)) {
      reject(new FrameError('pcap: the last packet is cut off', { reason: 'cut_tail', at: this.#queue.offset }))
    }
    this.#queue.drop(this.#queue.length)
  }

  #header(): Variant | undefined {
    if (this.#queue.length < FILE_HEADER) return undefined
    const { view, start } = this.#queue
    this.#variant = VARIANTS.get(view.getUint32(start))
    if (this.#variant === undefined) {
      this.#stop('not a pcap file')
      return undefined
    }
    const { little } = this.#variant
    this.#packet.linkType = view.getUint32(start + 20, little) & 0xffff
    this.#packet.isLittle = little
    this.#packet.hasTime = true
    this.#queue.drop(FILE_HEADER)
    return this.#variant
  }

  #record({ little, nanos }: Variant, take: TakeCaptured): boolean {
    if (this.#queue.length < RECORD_HEADER) return false
    const { view, bytes, start } = this.#queue
    const captured = view.getUint32(start + 8, little)
    if (captured > MAX_CAPTURED) return this.#stop(`a packet of ${captured} bytes`)
    if (this.#queue.length < RECORD_HEADER + captured) return false
    const packet = this.#packet
    packet.bytes = bytes
    packet.view = view
    packet.start = start + RECORD_HEADER
    packet.length = captured
    packet.original = view.getUint32(start + 12, little)
    packet.offset = this.#queue.offset
    this.#setTime(view.getUint32(start, little), view.getUint32(start + 4, little) * nanos)
    take(packet)
    this.#queue.drop(RECORD_HEADER + captured)
    return true
  }

  /** A fraction of more than a second counts on. */
  #setTime(seconds: number, nanos: number): void {
    const more = Math.floor(nanos / 1e9)
    this.#packet.seconds = seconds + more
    this.#packet.nanos = nanos - more * 1e9
  }

  #stop(what: string): false {
    return this.#queue.stop(`the capture is damaged: ${what}`)
  }
}
