import { crc8Smbus, crc16Arc } from '../../../core/checksum.ts'
import { FLAG_XOR, HEADER } from '../message.ts'
import type { Module } from './modules.ts'

/** Packet versions: segmented (channel A), plain (B and C), protobuf payload (B). */
export type Version = 0x02 | 0x03 | 0x13

/** Flags of a packet without 0x20, which says whether the payload is XORed. */
export const FLAGS = { report: 0x0c, request: 0x0d, answer: 0x0e, requestedAnswer: 0x0f } as const

/** What stands in a packet's header beside its payload. */
export interface PacketHeader {
  readonly version: Version
  readonly flags: number
  readonly from: Module
  readonly to: number
  /** Dynamic address of the destination; version 2 has none. */
  readonly toDynamic: number
  /** Command set and id, `0x0506`. */
  readonly command: number
}

/** Longest packet that a log can hold: channel A has 63 frames of 7 bytes, B and C stay within 600. */
export const LONGEST_PACKET = 640

/** Bytes of the header. */
export function headerLength(version: Version): number {
  return version === 0x02 ? 16 : 18
}

/**
 * Writes a packet to `into` and returns its length. XOR and both checksums are applied.
 *
 *     AA version | length 2 | crc8 | flags | sequence 4 | detail type | source destination | [dynamic 2] | command 2
 *     | payload n | crc16 2 (little-endian throughout)
 */
export function writePacket(into: Uint8Array, header: PacketHeader, sequence: number, payload: Uint8Array): number {
  const { version, flags, from, to, command } = header
  into[HEADER.sync] = 0xaa
  into[HEADER.version] = version
  into[HEADER.length] = payload.length & 0xff
  into[HEADER.length + 1] = payload.length >> 8
  into[HEADER.crc8] = crc8Smbus(into, 0, HEADER.crc8)
  into[HEADER.flags] = flags
  for (let i = 0; i < 4; i++) into[HEADER.sequence + i] = (sequence >>> (8 * i)) & 0xff
  into[HEADER.detail] = from.detail
  into[HEADER.type] = from.type
  into[HEADER.source] = from.address
  into[HEADER.destination] = to
  const at = headerLength(version)
  if (version !== 0x02) {
    into[HEADER.sourceDynamic] = from.dynamic
    into[HEADER.destinationDynamic] = header.toDynamic
  }
  into[at - 2] = command >> 8
  into[at - 1] = command & 0xff
  const key = flags & FLAG_XOR ? sequence & 0xff : 0
  for (let i = 0; i < payload.length; i++) into[at + i] = payload[i]! ^ key
  return sealPacket(into, at + payload.length)
}

/** Appends the CRC-16 of `packet[0, length)`; returns the length with it. */
export function sealPacket(packet: Uint8Array, length: number): number {
  const crc = crc16Arc(packet, 0, length)
  packet[length] = crc & 0xff
  packet[length + 1] = crc >> 8
  return length + 2
}
