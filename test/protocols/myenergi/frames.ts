import { join } from 'node:path'
import type { Packet } from '../../../src/core/packet.ts'
import type { Reading } from '../../../src/core/reading.ts'
import { StructLibrary } from '../../../src/decode/library.ts'
import { myenergi, withStructure } from '../../../src/protocols/myenergi/myenergi.ts'
import { Publisher, type PublishOptions } from '../../../src/protocols/myenergi/publisher.ts'
import { ReadingStream } from '../../../src/reading-stream.ts'

// Frames put together from the layout in docs/protocols/myenergi.md, and what comes of them.

const library = new StructLibrary(join(import.meta.dirname, '../../../structs'), undefined, () => {
  throw new Error('no overlay')
})

export const STRUCTS = library.load('myenergi')
export const WITH_STRUCTURE = withStructure(STRUCTS, library.load('myenergi-structural'))

/** A value to put into a payload: place, type, number. */
export type Part = readonly [at: number, type: 'u8' | 'u16' | 'i16' | 'u32' | 'i32', value: number]

/** A payload with header and serial number 14725836, zeros elsewhere. */
export function payload(length: number, ...parts: readonly Part[]): Buffer {
  const bytes = Buffer.alloc(0x18 + length)
  bytes.write('cbdae9f8', 'hex')
  bytes[0x14] = 1
  bytes[0x18] = length
  bytes[0x19] = 0x53
  const serialAt = { 34: 0x2e, 54: 0x4a }[length] ?? 0x1e
  bytes.writeUInt32LE(14_725_836, serialAt)
  for (const [at, type, value] of parts) {
    if (type === 'u8') bytes.writeUInt8(value, at)
    if (type === 'u16') bytes.writeUInt16LE(value, at)
    if (type === 'i16') bytes.writeInt16LE(value, at)
    if (type === 'u32') bytes.writeUInt32LE(value, at)
    if (type === 'i32') bytes.writeInt32LE(value, at)
  }
  return bytes
}

export function frame(content: Uint8Array, etherType = '88b5'): Buffer {
  return Buffer.concat([Buffer.from(`71b3d53a6f00020000000001${etherType}`, 'hex'), content])
}

export function packet(data: Uint8Array, more: Partial<Packet> = {}): Packet {
  return { data, at: 1000, origin: 'x', ...more }
}

const DEFAULTS: PublishOptions & { structural: boolean } = {
  filter: true,
  debugKeys: false,
  compatKeys: false,
  structural: false,
}

/** Readings of packets, what was rejected or held back, and how many had an unknown length. */
export async function publish(packets: readonly Packet[], options: Partial<typeof DEFAULTS> = {}) {
  const all = { ...DEFAULTS, ...options }
  const publisher = new Publisher(all)
  const readings: Reading[] = []
  const sink = {
    write: (reading: Reading) => {
      const published = publisher.publish(reading)
      if (published !== undefined) readings.push(published)
    },
    close: () => {},
  }
  const protocol = myenergi(all.structural ? WITH_STRUCTURE : STRUCTS)
  const stream = new ReadingStream(protocol, sink, { guesses: all.structural })
  for (const one of packets) await stream.push(one)
  await stream.end()
  const held = Object.fromEntries(Object.entries(publisher.filter.counts).filter(([, count]) => count > 0))
  const { rejects, unknown } = stream.tally
  return { readings, values: readings.map(({ values }) => values), held, rejects, unknown }
}
