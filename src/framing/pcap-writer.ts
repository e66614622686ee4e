import type { ByteWriter } from '../core/writer.ts'

const MAGIC_MICROSECONDS = 0xa1b2c3d4
const SNAP_LENGTH = 262_144

/** Appends the header of a pcap file: little-endian, version 2.4, times in microseconds. */
export function writePcapHeader(out: ByteWriter, linkType: number): void {
  const header = new DataView(new ArrayBuffer(24))
  header.setUint32(0, MAGIC_MICROSECONDS, true)
  header.setUint16(4, 2, true)
  header.setUint16(6, 4, true)
  header.setUint32(16, SNAP_LENGTH, true)
  header.setUint32(20, linkType, true)
  out.put(new Uint8Array(header.buffer))
}

/** Appends a packet; `at` is Unix ms, kept to the microsecond, `original` the length it had on the wire. */
export function writePcapPacket(out: ByteWriter, at: number, data: Uint8Array, original = data.length): void {
  const micros = Math.round(at * 1000)
  const header = new DataView(new ArrayBuffer(16))
  header.setUint32(0, Math.floor(micros / 1e6), true)
  header.setUint32(4, micros % 1e6, true)
  header.setUint32(8, data.length, true)
  header.setUint32(12, original, true)
  out.put(new Uint8Array(header.buffer))
  out.put(data)
}
