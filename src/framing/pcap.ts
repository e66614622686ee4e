import { FrameError } from '../core/errors.ts'
import { ByteQueue } from './byte-queue.ts'
import { type CaptureReader, type EmitPacket, MAX_CAPTURED, type RejectPacket } from './capture.ts'

const FILE_HEADER = 24
const RECORD_HEADER = 16

/** The byte order of a file and how many fractions of a second make a millisecond. */
interface Variant {
  readonly little: boolean
  readonly perMs: number
}

/** By the first four bytes, read big-endian. */
const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { little: false, perMs: 1e3 }],
  [0xd4c3b2a1, { little: true, perMs: 1e3 }],
  [0xa1b23c4d, { little: false, perMs: 1e6 }],
  [0x4d3cb2a1, { little: true, perMs: 1e6 }],
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
  readonly #origin: string
  readonly #queue = new ByteQueue()
  #variant: Variant | undefined
  #linkType = 0
  #damage: FrameError | undefined

  /** `origin` is passed on with every packet. */
  constructor(origin: string) {
    this.#origin = origin
  }

  get damage(): FrameError | undefined {
    return this.#damage
  }

  get pending(): number {
    return this.#queue.length
  }

  push(bytes: Uint8Array, emit: EmitPacket): void {
    if (this.#damage !== undefined) return
    this.#queue.append(bytes)
    const variant = this.#variant ?? this.#header()
    if (variant === undefined) return
    while (this.#record(variant, emit));
  }

  end(reject: RejectPacket): void {
    if (this.#damage === undefined && (this.#queue.length > 0 || this.#variant === undefined)) {
      reject(new FrameError('pcap: the last packet is cut off', { reason: 'cut_tail' }))
    }
    this.#queue.drop(this.#queue.length)
  }

  #header(): Variant | undefined {
    if (this.#queue.length < FILE_HEADER) return undefined
    const header = this.#queue.peek(FILE_HEADER)
    this.#variant = VARIANTS.get(header.getUint32(0))
    if (this.#variant === undefined) {
      this.#stop('not a pcap file')
      return undefined
    }
    this.#linkType = header.getUint32(20, this.#variant.little) & 0xffff
    this.#queue.drop(FILE_HEADER)
    return this.#variant
  }

  #record({ little, perMs }: Variant, emit: EmitPacket): boolean {
    if (this.#queue.length < RECORD_HEADER) return false
    const header = this.#queue.peek(RECORD_HEADER)
    const captured = header.getUint32(8, little)
    if (captured > MAX_CAPTURED) return this.#stop(`a packet of ${captured} bytes`)
    if (this.#queue.length < RECORD_HEADER + captured) return false
    emit({
      data: new Uint8Array(header.buffer, header.byteOffset + RECORD_HEADER, captured) as Uint8Array,
      at: header.getUint32(0, little) * 1000 + header.getUint32(4, little) / perMs,
      origin: this.#origin,
      linkType: this.#linkType,
      truncated: captured < header.getUint32(12, little),
    })
    this.#queue.drop(RECORD_HEADER + captured)
    return true
  }

  #stop(what: string): false {
    this.#damage = new FrameError(`the capture is damaged: ${what}`, { reason: 'damaged' })
    this.#queue.drop(this.#queue.length)
    return false
  }
}
