import { join } from 'node:path'
import { parseFaultRates } from '../../../src/cli/fault-rates.ts'
import { StructLibrary } from '../../../src/decode/library.ts'
import { DEFAULT_RATE, FAULTS, type FaultRates } from '../../../src/protocols/ecoflow/simulator/faults.ts'
import type { Definitions } from '../../../src/protocols/ecoflow/simulator/messages.ts'
import { EcoflowSimulator, type SimulatorOptions } from '../../../src/protocols/ecoflow/simulator/simulator.ts'

/** A reader of candump logs for tests of the simulator: literal and slow, and nothing in it is the program's. */

export interface Frame {
  readonly at: number
  readonly id: string
  readonly data: Buffer
}

export interface Packet {
  /** Microseconds of the last frame. */
  readonly at: number
  readonly channel: 'A' | 'B' | 'C'
  readonly nid: string
  readonly bytes: Buffer
  readonly frames: readonly Frame[]
}

export interface Log {
  readonly frames: readonly Frame[]
  readonly packets: readonly Packet[]
  /** What did not become a packet, in words. */
  readonly problems: readonly string[]
  /** Lines that are no frames in the log's usual spelling. */
  readonly strange: readonly string[]
}

const USUAL = /^\((\d+)\.(\d{6})\) can0 ([0-9A-F]{8})#((?:[0-9A-F]{2}){0,8})$/

export function readLog(text: string): Log {
  const frames: Frame[] = []
  const strange: string[] = []
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const match = USUAL.exec(line)
    if (match === null) strange.push(line)
    else {
      const [, seconds, micros, id, data] = match
      frames.push({ at: Number(seconds) * 1e6 + Number(micros), id: id!, data: Buffer.from(data!, 'hex') })
    }
  }
  return { frames, strange, ...assemble(frames) }
}

function assemble(frames: readonly Frame[]): Pick<Log, 'packets' | 'problems'> {
  const packets: Packet[] = []
  const problems: string[] = []
  const open = new Map<string, Frame[]>()
  for (const frame of frames) {
    const id = Number.parseInt(frame.id, 16)
    const long = /^1([02])([012])/.exec(frame.id)
    if (id >= 0x10000000 && long === null) continue
    const channel = long === null ? 'A' : long[1] === '0' ? 'B' : 'C'
    const key = channel + (long === null ? (id & 0x3fffff).toString(16) : frame.id.slice(3))
    const part = long === null ? (id >> 22) - 1 : Number(long[2])
    const running = open.get(key)
    if (part === 0) {
      if (running !== undefined) problems.push('restarted')
      open.set(key, [frame])
    } else if (running === undefined) problems.push('orphan')
    else if (long === null && part !== running.length) {
      problems.push('gap')
      open.delete(key)
    } else running.push(frame)
    const last = long === null ? part + 1 === ((id >> 16) & 63) : part === 2
    const whole = open.get(key)
    if (!last || whole === undefined) continue
    open.delete(key)
    const pieces = whole.map(({ data }) => (channel === 'A' ? data.subarray(1, 1 + data[0]!) : data))
    packets.push({ at: frame.at, channel, nid: frame.id.slice(3), bytes: Buffer.concat(pieces), frames: whole })
  }
  return { packets, problems }
}

export const headerLength = ({ bytes }: Packet): number => (bytes[1] === 2 ? 16 : 18)
export const payloadLength = ({ bytes }: Packet): number => bytes.readUInt16LE(2)
export const padding = (packet: Packet): number =>
  packet.bytes.length - headerLength(packet) - payloadLength(packet) - 2

/** The payload with the XOR taken off, if its flag is set. */
export function payloadOf(packet: Packet): Buffer {
  const { bytes } = packet
  const from = headerLength(packet)
  const key = bytes[5]! & 0x20 ? bytes[6]! : 0
  return Buffer.from(bytes.subarray(from, from + payloadLength(packet)).map(byte => byte ^ key))
}

/** Command set and id, `0506`. */
export function commandOf(packet: Packet): string {
  const at = headerLength(packet) - 2
  return packet.bytes.toString('hex', at, at + 2).toUpperCase()
}

/** The record key of B and C: CRC-8 and an address. */
export function typOf({ bytes, channel }: Packet): string {
  return [bytes[4]!, bytes[channel === 'C' ? 15 : 13]!].map(hex).join(':')
}

export function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}

/** Bit by bit from the definitions: x^8 + x^2 + x + 1, and x^16 + x^15 + x^2 + 1 reflected. */
export function crc8(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const out = (crc >> 7) & 1
      crc = ((crc << 1) & 0xff) ^ (out ^ ((byte >> bit) & 1) ? 0x07 : 0)
    }
  }
  return crc
}

export function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const out = (crc & 1) ^ ((byte >> bit) & 1)
      crc = (crc >> 1) ^ (out === 1 ? 0xa001 : 0)
    }
  }
  return crc
}

export const goodCrc8 = ({ bytes }: Packet): boolean => bytes[4] === crc8(bytes.subarray(0, 4))
export const goodCrc16 = ({ bytes }: Packet): boolean =>
  bytes.length >= 18 && bytes.readUInt16LE(bytes.length - 2) === crc16(bytes.subarray(0, -2))

const library = new StructLibrary(join(import.meta.dirname, '../../../structs'), undefined, () => {
  throw new Error('no overlay')
})

export const definitions: Definitions = { records: library.load('ecoflow-records'), messages: library.load('ecoflow') }

/** 2026-06-01 06:00 UTC. */
export const START = Date.UTC(2026, 5, 1, 6) * 1000

/** A simulator of `seconds`, of both devices unless told otherwise. */
export function simulator(seconds: number, options: Partial<SimulatorOptions> = {}, faults = ''): EcoflowSimulator {
  return new EcoflowSimulator(definitions, {
    seed: 1,
    start: START,
    duration: seconds * 1e6,
    scenario: 'home',
    batteries: 3,
    rate: 1,
    faults: ratesOf(faults),
    ...options,
  })
}

/** Rates of a list of faults, as on the command line. */
export function ratesOf(list: string): FaultRates {
  return parseFaultRates(list, FAULTS, DEFAULT_RATE)
}
