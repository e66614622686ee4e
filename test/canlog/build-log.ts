import { crc8, crc16 } from '../protocols/ecoflow/slow-reader.ts'

/** Builds small logs byte by byte; nothing in it is the program's, so what it builds says what is to be printed. */

export interface Frame {
  /** Eight upper-case hex digits. */
  readonly id: string
  readonly data: Buffer
}

/** A packet before it is cut into frames. Numbers are header bytes, `command` is command set and id in hex. */
export interface Fields {
  /** Node of channels B and C; that of A follows from source, destination and length. */
  readonly node: string
  readonly version: number
  readonly flags: number
  readonly sequence: number
  readonly detail: number
  readonly type: number
  readonly source: number
  readonly destination: number
  readonly sourceDynamic: number
  readonly destinationDynamic: number
  readonly command: string
  /** In clear: hex, or the bytes. */
  readonly payload: string | Uint8Array
  /** Zero bytes after the CRC. */
  readonly padding: number
  /** Stated instead of the true payload length. */
  readonly length?: number
  /** XORed into the CRC, to break it. */
  readonly damage: number
}

/** 14 -> 03 in channel A, 03 -> 14 in B, 12 -> 21 in C, all with sequence number 162 and XOR key 62. */
const A: Fields = {
  node: '',
  version: 2,
  flags: 0x2c,
  sequence: 0x162,
  detail: 1,
  type: 0x4b,
  source: 0x14,
  destination: 3,
  sourceDynamic: 0,
  destinationDynamic: 0,
  command: '0150',
  payload: '2a',
  padding: 0,
  damage: 0,
}
const B: Fields = {
  ...A,
  node: '03001',
  version: 3,
  detail: 0x0b,
  type: 0x3c,
  source: 3,
  destination: 0x14,
  sourceDynamic: 1,
  destinationDynamic: 1,
  command: '032F',
  payload: '0102030405060708',
}
const C: Fields = { ...B, node: '12001', source: 0x12, destination: 0x21, command: '0201' }

/** The bytes of a packet: header, payload XORed with the sequence's low byte where the flags say so, CRC, padding. */
export function packet(fields: Fields): Buffer {
  const clear = typeof fields.payload === 'string' ? Buffer.from(fields.payload, 'hex') : Buffer.from(fields.payload)
  const head = Buffer.alloc(fields.version === 2 ? 14 : 16)
  head.set([0xaa, fields.version])
  head.writeUInt16LE(fields.length ?? clear.length, 2)
  head[4] = crc8(head.subarray(0, 4))
  head[5] = fields.flags
  head.writeUInt32LE(fields.sequence, 6)
  head.set([fields.detail, fields.type, fields.source, fields.destination], 10)
  if (fields.version !== 2) head.set([fields.sourceDynamic, fields.destinationDynamic], 14)
  const key = fields.flags & 0x20 ? fields.sequence & 0xff : 0
  const body = Buffer.concat([head, Buffer.from(fields.command, 'hex'), clear.map(byte => byte ^ key)])
  const crc = Buffer.alloc(2 + fields.padding)
  crc.writeUInt16LE(crc16(body) ^ fields.damage)
  return Buffer.concat([body, crc])
}

export const a = (fields: Partial<Fields> = {}): Frame[] => segmented(packet({ ...A, ...fields }), { ...A, ...fields })
export const b = (fields: Partial<Fields> = {}): Frame[] => parted('0', { ...B, ...fields })
export const c = (fields: Partial<Fields> = {}): Frame[] => parted('2', { ...C, ...fields })

/** A packet of `total` frames in channel A: count of bytes, then up to seven of them. */
export function segmented(bytes: Buffer, { source, destination }: Pick<Fields, 'source' | 'destination'>): Frame[] {
  const total = Math.ceil(bytes.length / 7)
  return Array.from({ length: total }, (_, i) => {
    const part = bytes.subarray(i * 7, i * 7 + 7)
    const id = ((i + 1) * 64 + total) * 65_536 + source * 256 + destination
    return { id: hex(id, 8), data: Buffer.from([part.length, ...part]) }
  })
}

function parted(channel: string, fields: Fields): Frame[] {
  const bytes = packet(fields)
  return Array.from({ length: Math.ceil(bytes.length / 8) }, (_, i) => {
    const part = i === 0 ? 0 : (i + 1) * 8 >= bytes.length ? 2 : 1
    return { id: `1${channel}${part}${fields.node}`, data: bytes.subarray(i * 8, i * 8 + 8) }
  })
}

/** One frame of its own. */
export const single = (id: string, data: string): Frame[] => [{ id, data: Buffer.from(data, 'hex') }]

/** Frames from a time on, in seconds after 2023-11-14 22:13:20 UTC, 0.1 ms apart. */
export type Entry = readonly [seconds: number, frames: readonly Frame[]]

const BASE = 1_700_000_000_000_000

const stamped = (entries: readonly Entry[]) =>
  entries.flatMap(([seconds, frames]) =>
    frames.map((frame, i) => ({ ...frame, micros: BASE + Math.round(seconds * 1e6) + i * 100 })),
  )

/** A candump log. */
export function candump(...entries: readonly Entry[]): string {
  return stamped(entries)
    .map(({ id, data, micros }) => `(${stampOf(micros)}) can0 ${id}#${data.toString('hex').toUpperCase()}\n`)
    .join('')
}

/** Frames of a log that has one message a second, from 0 s on. */
export const everySecond = (...messages: readonly (readonly Frame[])[]): string =>
  candump(...messages.map((frames, second): Entry => [second, frames]))

/** A SavvyCAN log with its header; `origin` is subtracted from the times, which are microseconds there. */
export function savvycan(entries: readonly Entry[], origin = BASE): string {
  const rows = stamped(entries).map(({ id, data, micros }) => {
    const bytes = Array.from({ length: 8 }, (_, i) => hex(data[i] ?? 0, 2))
    return `${micros - origin},${id},true,Rx,0,${data.length},${bytes.join(',')},\n`
  })
  return `Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n${rows.join('')}`
}

/** Microseconds as candump writes them. */
export function stampOf(micros: number): string {
  return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`
}

export function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0')
}

/** The shortest payload length from `least` on that gives a version 3 header this CRC-8. */
export function lengthOfType(type: string, least = 0): number {
  for (let length = least; length < 65_536; length++) {
    if (crc8(Buffer.from([0xaa, 3, length & 255, length >> 8])) === Number.parseInt(type, 16)) return length
  }
  throw new Error(`no length gives ${type}`)
}

/** An announcement of a serial number, 32 bytes: record 70, command 35:10. */
export function announce(serial: string, fields: Partial<Fields> = {}): Frame[] {
  const payload = Buffer.alloc(32)
  payload.write(serial, 1, 'latin1')
  return b({ command: '3510', payload, ...fields })
}
