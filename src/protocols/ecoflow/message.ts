import { CHANNEL } from './arbitration.ts'

/** Offsets in a packet's header. Source: docs/protocols/ecoflow.md, "Packet". */
export const HEADER = {
  sync: 0,
  version: 1,
  /** Payload length, little-endian u16. */
  length: 2,
  /** CRC-8 of the four bytes before; the old tools' "record type". */
  crc8: 4,
  flags: 5,
  /** Sequence number, little-endian u32; its low byte is the XOR key. */
  sequence: 6,
  detail: 10,
  type: 11,
  source: 12,
  destination: 13,
  /** Version 2: command set and id. */
  shortCommand: 14,
  /** Versions 3 and 13: dynamic addresses of source and destination. */
  sourceDynamic: 14,
  destinationDynamic: 15,
  /** Versions 3 and 13: command set and id. */
  command: 16,
} as const

/** The payload is XORed with the low byte of the sequence number. */
export const FLAG_XOR = 0x20

const CRC_BYTES = 2

/**
 * A reassembled packet: header, payload, CRC, perhaps padding. One object per reassembly slot, filled anew for every
 * message, so whoever keeps something of it copies.
 */
export class Message {
  /** One of `CHANNEL`. */
  readonly channel: number
  /** The packet is `bytes[0, length)`. */
  bytes = new Uint8Array(512)
  /** The same memory, for copying several bytes at once. */
  view = new DataView(this.bytes.buffer)
  length = 0
  /** Arbitration ID of the first and of the last frame. */
  firstId = 0
  lastId = 0

  constructor(channel: number) {
    this.channel = channel
  }

  /** 16 on channel A, 18 on B and C. */
  get headerLength(): number {
    return this.channel === CHANNEL.A ? 16 : 18
  }

  /** Payload length as the header states it. */
  get payloadLength(): number {
    return this.bytes[HEADER.length]! | (this.bytes[HEADER.length + 1]! << 8)
  }

  /** Index after the stated payload. */
  get payloadEnd(): number {
    return this.headerLength + this.payloadLength
  }

  /** Bytes between header and CRC: the payload with its padding. */
  get room(): number {
    return this.length - this.headerLength - CRC_BYTES
  }

  get crc(): number {
    return this.bytes[this.length - 2]! | (this.bytes[this.length - 1]! << 8)
  }

  get sequence(): number {
    const at = HEADER.sequence
    const { bytes } = this
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  }

  /** Makes room for `count` more bytes after `length`. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }

  /** Copies the payload without padding to `into`, XORed with `key` (0 leaves it as it is). */
  payloadTo(into: Uint8Array, key: number): number {
    const { bytes } = this
    const from = this.headerLength
    const count = Math.min(this.payloadLength, Math.max(0, this.room))
    for (let i = 0; i < count; i++) into[i] = bytes[from + i]! ^ key
    return count
  }
}
