import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCapture } from '../../../src/capture-stream.ts'
import type { Packet } from '../../../src/core/packet.ts'
import type { Reading } from '../../../src/core/reading.ts'
import { StructSet } from '../../../src/decode/struct-set.ts'
import { lxp } from '../../../src/protocols/lxp/lxp.ts'
import { myenergi } from '../../../src/protocols/myenergi/myenergi.ts'
import type { Protocol } from '../../../src/protocols/protocol.ts'
import { FrameLog } from '../../../src/protocols/pylontech/frame-log.ts'
import { pylontech } from '../../../src/protocols/pylontech/pylontech.ts'
import { ReadingStream } from '../../../src/reading-stream.ts'
import { openInput } from '../../../src/transport/file.ts'
import { STRUCTS } from '../../fake-io.ts'

/*
 * Readings of real and recorded devices, decoded from the samples and, where they are there, from the captures.
 */

const SAMPLES = join(import.meta.dirname, '../../../samples')
const captures = process.env['WATTZUP_CAPTURES'] ?? ''

/** Days of an EG4 12kPV are only in the captures; the samples stand for them elsewhere. */
export const lxpReadings = (): Promise<Reading[]> => {
  const folder = captures === '' ? join(SAMPLES, 'lxp') : join(captures, 'lxp/frames')
  const files = readdirSync(folder).filter(name => name.endsWith('.bin'))
  const packets = files.map(name => packetOf(readFileSync(join(folder, name))))
  return readingsOf(lxp(structs('lxp')), packets)
}

export const pylontechReadings = (): Promise<Reading[]> => {
  const log = new FrameLog('stack.log')
  const packets = [...log.push(readFileSync(join(SAMPLES, 'pylontech/stack.log'))), ...log.end()]
  return readingsOf(pylontech(structs('pylontech')), packets)
}

export async function myenergiReadings(): Promise<Reading[]> {
  const packets: Packet[] = []
  const input = await openInput(join(SAMPLES, 'myenergi/eddi.pcap'), new AbortController().signal)
  await readCapture(input, {
    packet: async packet => void packets.push({ ...packet, data: Uint8Array.from(packet.data) }),
    reject: () => {},
    drained: () => {},
    stopped: () => false,
  })
  return readingsOf(myenergi(structs('myenergi')), packets)
}

function structs(name: string): StructSet {
  return new StructSet(name, JSON.parse(readFileSync(join(STRUCTS, `${name}.json`), 'utf8')))
}

function packetOf(data: Uint8Array): Packet {
  return { data, at: Date.UTC(2026, 2, 1, 10), origin: 'test' }
}

async function readingsOf(protocol: Protocol, packets: readonly Packet[]): Promise<Reading[]> {
  const readings: Reading[] = []
  const sink = { write: (reading: Reading) => void readings.push(reading), close: () => {} }
  const stream = new ReadingStream(protocol, sink, { guesses: false })
  for (const packet of packets) await stream.push(packet)
  await stream.end()
  return readings
}
