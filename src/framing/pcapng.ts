import { FrameError } from '../core/errors.ts'
import { CapturedPacket, type CaptureReader, MAX_CAPTURED, type RejectPacket, type TakeCaptured } from './capture.ts'
import { type CaptureInterface, eachOption, readInterface, setTime } from './pcapng-interface.ts'
import { RecordQueue } from './record-queue.ts'

/** Block types; all others are skipped. A Section Header reads the same in both byte orders. */
const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6

/** Least lengths of the blocks that are read, with type and both lengths. */
const LEAST: ReadonlyMap<number, number> = new Map([
  [SECTION_HEADER, 28],
  [INTERFACE_DESCRIPTION, 20],
  [SIMPLE_PACKET, 16],
  [ENHANCED_PACKET, 32],
])

/** Option of a packet: what is known of it, direction in the two lowest bits. */
const EPB_FLAGS = 2
const INBOUND = 1
const OUTBOUND = 2

const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const BLOCK_HEADER = 12
/** A packet and some room for comments beside it. */
const MAX_BLOCK = MAX_CAPTURED * 4
const MAX_INTERFACES = 4096

/** Whether a file that begins with these four bytes, read big-endian, is pcapng. */
export function isPcapng(magic: number): boolean {
  return magic === SECTION_HEADER
}

/**
 * Reads pcapng files: sections in either byte order, interfaces with time resolution and offset, Enhanced and Simple
 * Packet Blocks. Source: IETF draft-ietf-opsawg-pcapng.
 *
 *     type 4 | length 4 | body | length 4      length is that of the whole block, a multiple of 4
 *     body of a packet: interface 4 | time, high and low 4+4 | captured 4 | original 4 | data, to 4 | options
 *
 * A simple packet has no time and belongs to the first interface.
 */
export class PcapngReader implements CaptureReader {
  readonly #queue = new RecordQueue()
  readonly #packet = new CapturedPacket()
  #interfaces: CaptureInterface[] = []
  #inSection = false
  #little = true

  get damage(): FrameError | undefined {
    return this.#queue.damage
  }

  get pending(): number {
    return this.#queue.length
  }

  push(bytes: Uint8Array, take: TakeCaptured, reject: RejectPacket): void {
    if (this.#queue.damage !== undefined) return
    this.#queue.append(bytes)
    while (this.#block(take, reject));
  }

  end(reject: RejectPacket): void {
    if (this.#queue.damage === undefined && (this.#queue.length > 0 || this.#queue.isSkipping || !this.#inSection)) {
      this.#reject(reject, 'the last block is cut off', 'cut_tail')
    }
    this.#queue.drop(this.#queue.length)
  }

  /** Takes one block, or begins to pass over it; false where that needs more bytes. */
  #block(take: TakeCaptured, reject: RejectPacket): boolean {
    if (this.#queue.length < BLOCK_HEADER) return false
    const { view, start } = this.#queue
    const type = view.getUint32(start, this.#little)
    if (type === SECTION_HEADER) this.#little = view.getUint32(start + 8, true) === BYTE_ORDER_MAGIC
    else if (!this.#inSection) return this.#stop('it does not begin with a section')
    if (type === SECTION_HEADER && view.getUint32(start + 8, this.#little) !== BYTE_ORDER_MAGIC) {
      return this.#stop('a section without byte order')
    }
    const length = view.getUint32(start + 4, this.#little)
    const least = LEAST.get(type)
    if (length < (least ?? BLOCK_HEADER) || length % 4 !== 0) return this.#stop(`a block of ${length} bytes`)
    if (least === undefined) {
      this.#queue.skip(length)
      return true
    }
    if (length > MAX_BLOCK) return this.#stop(`a block of ${length} bytes`)
    if (this.#queue.length < length) return false
    if (view.getUint32(start + length - 4, this.#little) !== length) return this.#stop('a block with two lengths')
    this.#take(type, length, take, reject)
    if (this.#queue.damage !== undefined) return false
    this.#queue.drop(length)
    return true
  }

  #take(type: number, length: number, take: TakeCaptured, reject: RejectPacket): void {
    const { view, start } = this.#queue
    if (type === SECTION_HEADER) {
      this.#inSection = true
      this.#interfaces = []
    } else if (type === INTERFACE_DESCRIPTION) {
      this.#interfaces.push(readInterface(view, start, start + length, this.#little))
      if (this.#interfaces.length > MAX_INTERFACES) this.#stop('too many interfaces')
    } else if (type === ENHANCED_PACKET) this.#enhanced(length, take, reject)
    else this.#simple(length, take, reject)
  }

  #enhanced(length: number, take: TakeCaptured, reject: RejectPacket): void {
    const { view, start } = this.#queue
    const number = view.getUint32(start + 8, this.#little)
    const from = this.#interfaces[number]
    if (from === undefined) {
      this.#reject(reject, 'a packet of an unknown interface', 'unknown_interface')
      return
    }
    const packet = this.#packet
    setTime(packet, view.getUint32(start + 12, this.#little), view.getUint32(start + 16, this.#little), from)
    packet.interface = number
    packet.original = view.getUint32(start + 24, this.#little)
    packet.length = view.getUint32(start + 20, this.#little)
    packet.direction = 'unknown'
    if (packet.length <= length) this.#setDirection(start + 28 + ((packet.length + 3) & ~3), start + length - 4)
    this.#emit(start + 28, start + length - 4, from, take, reject)
  }

  /** Options stand behind the data. */
  #setDirection(start: number, end: number): void {
    if (start + 8 > end) return
    const { view } = this.#queue
    eachOption(view, start, end, this.#little, (code, value, length) => {
      if (code !== EPB_FLAGS || length < 4) return
      const direction = view.getUint32(value, this.#little) & 3
      this.#packet.direction = direction === INBOUND ? 'in' : direction === OUTBOUND ? 'out' : 'unknown'
    })
  }

  #simple(length: number, take: TakeCaptured, reject: RejectPacket): void {
    const { view, start } = this.#queue
    const [from] = this.#interfaces
    if (from === undefined) {
      this.#reject(reject, 'a packet of an unknown interface', 'unknown_interface')
      return
    }
    const packet = this.#packet
    packet.original = view.getUint32(start + 8, this.#little)
    packet.length = from.snapLength === 0 ? packet.original : Math.min(packet.original, from.snapLength)
    packet.hasTime = false
    packet.seconds = packet.nanos = packet.interface = 0
    packet.direction = 'unknown'
    this.#emit(start + 12, start + length - 4, from, take, reject)
  }

  /** Hands on the packet that begins at `start`; `end` is where its block has no more room. */
  #emit(start: number, end: number, from: CaptureInterface, take: TakeCaptured, reject: RejectPacket): void {
    const packet = this.#packet
    if (packet.length > MAX_CAPTURED || start + packet.length > end) {
      this.#reject(reject, 'a packet is longer than its block', 'lying_length')
      return
    }
    packet.bytes = this.#queue.bytes
    packet.view = this.#queue.view
    packet.start = start
    packet.linkType = from.linkType
    packet.name = from.name
    packet.isLittle = this.#little
    packet.offset = this.#queue.offset
    take(packet)
  }

  #reject(reject: RejectPacket, what: string, reason: string): void {
    reject(new FrameError(`pcapng: ${what}`, { reason, at: this.#queue.offset }))
  }

  #stop(what: string): false {
    return this.#queue.stop(`the capture is damaged: ${what}`)
  }
}
