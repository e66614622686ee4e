import { FrameError } from '../core/errors.ts'
import { ByteQueue } from './byte-queue.ts'
import { type CaptureReader, type EmitPacket, MAX_CAPTURED, type RejectPacket } from './capture.ts'
import { type CaptureInterface, readInterface, timeOf } from './pcapng-interface.ts'

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
 * A simple packet has no time (NaN) and belongs to the first interface.
 */
export class PcapngReader implements CaptureReader {
  readonly #origin: string
  readonly #queue = new ByteQueue()
  #interfaces: CaptureInterface[] = []
  #inSection = false
  #little = true
  #skip = 0
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

  push(bytes: Uint8Array, emit: EmitPacket, reject: RejectPacket): void {
    if (this.#damage !== undefined) return
    this.#queue.append(bytes)
    while (this.#block(emit, reject));
  }

  end(reject: RejectPacket): void {
    if (this.#damage === undefined && (this.#queue.length > 0 || this.#skip > 0 || !this.#inSection)) {
      reject(new FrameError('pcapng: the last block is cut off', { reason: 'cut_tail' }))
    }
    this.#queue.drop(this.#queue.length)
  }

  /** Takes one block or a part of one to be skipped; false where that needs more bytes. */
  #block(emit: EmitPacket, reject: RejectPacket): boolean {
    if (this.#skip > 0) return this.#skipOn()
    if (this.#queue.length < BLOCK_HEADER) return false
    const head = this.#queue.peek(BLOCK_HEADER)
    const type = head.getUint32(0, this.#little)
    if (type === SECTION_HEADER) this.#little = head.getUint32(8, true) === BYTE_ORDER_MAGIC
    else if (!this.#inSection) return this.#stop('it does not begin with a section')
    if (type === SECTION_HEADER && head.getUint32(8, this.#little) !== BYTE_ORDER_MAGIC) {
      return this.#stop('a section without byte order')
    }
    const length = head.getUint32(4, this.#little)
    const least = LEAST.get(type)
    if (length < (least ?? BLOCK_HEADER) || length % 4 !== 0) return this.#stop(`a block of ${length} bytes`)
    if (least === undefined) {
      this.#skip = length
      return true
    }
    if (length > MAX_BLOCK) return this.#stop(`a block of ${length} bytes`)
    if (this.#queue.length < length) return false
    const block = this.#queue.peek(length)
    if (block.getUint32(length - 4, this.#little) !== length) return this.#stop('a block with two lengths')
    this.#take(type, block, emit, reject)
    this.#queue.drop(length)
    return this.#damage === undefined
  }

  #skipOn(): boolean {
    const count = Math.min(this.#skip, this.#queue.length)
    this.#queue.drop(count)
    this.#skip -= count
    return this.#skip === 0
  }

  #take(type: number, block: DataView, emit: EmitPacket, reject: RejectPacket): void {
    if (type === SECTION_HEADER) {
      this.#inSection = true
      this.#interfaces = []
    } else if (type === INTERFACE_DESCRIPTION) {
      this.#interfaces.push(readInterface(block, this.#little))
      if (this.#interfaces.length > MAX_INTERFACES) this.#damaged('too many interfaces')
    } else if (type === ENHANCED_PACKET) this.#enhanced(block, emit, reject)
    else this.#simple(block, emit, reject)
  }

  #enhanced(block: DataView, emit: EmitPacket, reject: RejectPacket): void {
    const from = this.#interfaces[block.getUint32(8, this.#little)]
    if (from === undefined) {
      reject(new FrameError('pcapng: a packet of an unknown interface', { reason: 'unknown_interface' }))
      return
    }
    const captured = block.getUint32(20, this.#little)
    const at = timeOf(block.getUint32(12, this.#little), block.getUint32(16, this.#little), from)
    this.#packet(block, 28, captured, block.getUint32(24, this.#little), from, at, emit, reject)
  }

  #simple(block: DataView, emit: EmitPacket, reject: RejectPacket): void {
    const [from] = this.#interfaces
    if (from === undefined) {
      reject(new FrameError('pcapng: a packet of an unknown interface', { reason: 'unknown_interface' }))
      return
    }
    const original = block.getUint32(8, this.#little)
    const captured = from.snapLength === 0 ? original : Math.min(original, from.snapLength)
    this.#packet(block, 12, captured, original, from, Number.NaN, emit, reject)
  }

  #packet(
    block: DataView,
    start: number,
    captured: number,
    original: number,
    { linkType }: CaptureInterface,
    at: number,
    emit: EmitPacket,
    reject: RejectPacket,
  ): void {
    if (captured > MAX_CAPTURED || start + captured > block.byteLength - 4) {
      reject(new FrameError('pcapng: a packet is longer than its block', { reason: 'lying_length' }))
      return
    }
    const data: Uint8Array = new Uint8Array(block.buffer, block.byteOffset + start, captured)
    emit({ data, at, origin: this.#origin, linkType, truncated: captured < original })
  }

  #stop(what: string): false {
    this.#damaged(what)
    this.#queue.drop(this.#queue.length)
    return false
  }

  #damaged(what: string): void {
    this.#damage = new FrameError(`the capture is damaged: ${what}`, { reason: 'damaged' })
  }
}
