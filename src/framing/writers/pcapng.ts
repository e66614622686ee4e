import { CAN, type CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { SOCKETCAN } from '../socketcan-packet.ts'
import { ALL_OF_A_FRAME, type LogWriter, type WritableLog, type WriterOptions } from './log-writer.ts'
import type { Losses } from './losses.ts'
import { putStruct, structLength } from './socketcan.ts'

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const SNAP_LENGTH = 65_535
const IF_NAME = 2
const IF_TSRESOL = 9
const NANOSECONDS = 9
const EPB_FLAGS = 2
const INBOUND = 1
const OUTBOUND = 2
/** Lengths of the blocks without what varies, and of an option that holds a word. */
const SECTION = 28
const INTERFACE = 20
const PACKET = 32
const OPTION = 8
const END = 4
/** Seconds that 64 bits of nanoseconds hold. */
const LAST_SECOND = 18_446_744_072
const FULL = 65_536

/**
 * Writes a pcapng capture of CAN, little-endian: one interface block for each interface, with its name and times in
 * nanoseconds; directions are packet flags. Source: docs/protocols/log-formats.md, section 7, and IETF
 * draft-ietf-opsawg-pcapng.
 */
class PcapngWriter implements LogWriter {
  readonly #out: ByteWriter
  readonly #losses: Losses
  readonly #names: readonly Uint8Array[]
  #interfaces = 0

  constructor(out: ByteWriter, { losses, interfaces }: WriterOptions) {
    this.#out = out
    this.#losses = losses
    this.#names = interfaces
    this.#section()
  }

  write(frame: CanFrame, bus: number): void {
    for (; this.#interfaces <= bus; this.#interfaces++) this.#interface(this.#names[this.#interfaces]!)
    const direction = (frame.flags & CAN.tx) !== 0 ? OUTBOUND : (frame.flags & CAN.rx) !== 0 ? INBOUND : 0
    const length = structLength(frame)
    const padded = (length + 3) & ~3
    const total = PACKET + padded + (direction === 0 ? 0 : OPTION + END)
    const { view, at } = this.#begin(ENHANCED_PACKET, total)
    view.setUint32(at + 8, bus, true)
    this.#time(view, at + 12, frame)
    view.setUint32(at + 20, length, true)
    view.setUint32(at + 24, length, true)
    for (let i = length; i < padded; i++) view.setUint8(at + 28 + i, 0)
    putStruct(view, at + 28, frame)
    if (direction !== 0) {
      putOption(view, at + 28 + padded, EPB_FLAGS, 4)
      view.setUint32(at + 32 + padded, direction, true)
      view.setUint32(at + 36 + padded, 0, true)
    }
    this.#end(view, at, total)
  }

  end(): void {}

  #section(): void {
    const { view, at } = this.#begin(SECTION_HEADER, SECTION)
    view.setUint32(at + 8, BYTE_ORDER_MAGIC, true)
    view.setUint16(at + 12, 1, true)
    view.setUint16(at + 14, 0, true)
    view.setUint32(at + 16, 0xffffffff, true) // the length of the section is not known
    view.setUint32(at + 20, 0xffffffff, true)
    this.#end(view, at, SECTION)
  }

  #interface(name: Uint8Array): void {
    const padded = (name.length + 3) & ~3
    const total = INTERFACE + 4 + padded + OPTION + END
    const { view, at } = this.#begin(INTERFACE_DESCRIPTION, total)
    view.setUint16(at + 8, SOCKETCAN, true)
    view.setUint16(at + 10, 0, true)
    view.setUint32(at + 12, SNAP_LENGTH, true)
    putOption(view, at + 16, IF_NAME, name.length)
    for (let i = 0; i < padded; i++) view.setUint8(at + 20 + i, name[i] ?? 0)
    putOption(view, at + 20 + padded, IF_TSRESOL, 1)
    view.setUint32(at + 24 + padded, NANOSECONDS, true)
    view.setUint32(at + 28 + padded, 0, true)
    this.#end(view, at, total)
  }

  /** Stores nanoseconds since 1970 in halves of 32 bits, high one first; a float would lose the last of them. */
  #time(view: DataView, at: number, { seconds, nanos }: CanFrame): void {
    const isHeld = seconds >= 0 && seconds <= LAST_SECOND
    if (!isHeld) this.#losses.add('range')
    const top = Math.floor(seconds / 0x10000)
    const low = (seconds - top * 0x10000) * 1e9 + nanos
    const middle = (top * 1e9) % 0x10000
    const carry = middle * 0x10000 + low
    view.setUint32(at, isHeld ? Math.floor((top * 1e9) / 0x10000) + Math.floor(carry / 0x100000000) : 0, true)
    view.setUint32(at + 4, isHeld ? carry % 0x100000000 : 0, true)
  }

  #begin(type: number, total: number): { readonly view: DataView; readonly at: number } {
    this.#out.reserve(total)
    const { view, length: at } = this.#out
    view.setUint32(at, type, true)
    view.setUint32(at + 4, total, true)
    return { view, at }
  }

  #end(view: DataView, at: number, total: number): void {
    view.setUint32(at + total - 4, total, true)
    this.#out.length = at + total
    if (this.#out.length >= FULL) this.#out.flush()
  }
}

function putOption(view: DataView, at: number, code: number, length: number): void {
  view.setUint16(at, code, true)
  view.setUint16(at + 2, length, true)
}

export const PCAPNG: WritableLog = {
  name: 'pcapng',
  isBinary: true,
  capacity: { ...ALL_OF_A_FRAME, interfaces: 'list' },
  create: (out, options) => new PcapngWriter(out, options),
}
