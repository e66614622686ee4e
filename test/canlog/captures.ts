import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { goodCrc16, type Packet, payloadLength, readLog } from '../protocols/ecoflow/slow-reader.ts'

/** The public captures and the page of worked vectors: neither is part of this repository, nor is a byte of them. */
const folder = process.env['WATTZUP_CAPTURES'] ?? ''
const page = join(folder, '../protocols/ecoflow-can.md')

/** Whether both are there; tests that need them are skipped else. */
export const hasCaptures = folder !== '' && existsSync(join(folder, 'ecoflow')) && existsSync(page)

export const REASON = hasCaptures ? '' : ' (skipped: WATTZUP_CAPTURES names no folder of captures)'

export function capture(name: string): string {
  return readFileSync(join(folder, 'ecoflow', name), 'latin1')
}

/** A vector of the page: its text, and the blocks of code in it. */
export function vector(name: string): { readonly text: string; readonly blocks: readonly string[] } {
  const text = readFileSync(page, 'utf8').split(`### ${name} `)[1]!.split('### ')[0]!
  return { text, blocks: [...text.matchAll(/```\n(.*?)```/gs)].map(([, block]) => block!) }
}

/** What `pattern` captures in a vector's text. */
export function said(name: string, pattern: RegExp): string {
  return pattern.exec(vector(name).text)![1]!
}

/** SavvyCAN rows as candump lines, data cut at LEN. */
export function asCandump(csv: string): string {
  const rows = csv.split(/\r?\n/).slice(1)
  return rows
    .map(row => row.split(','))
    .filter(cells => cells.length > 6)
    .map(([, id, , , , length, ...data]) => `(0.000000) can0 ${id}#${data.slice(0, Number(length)).join('')}\n`)
    .join('')
}

/** The packets of a log that are whole, by the slow reader. */
export function wholePackets(log: string): Packet[] {
  return readLog(log).packets.filter(packet => {
    const head = packet.channel === 'A' ? 16 : 18
    return packet.bytes.length >= head + payloadLength(packet) + 2 && goodCrc16(packet)
  })
}

const upper = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase()

/** The line that `canlog` prints of a packet when it is asked for nothing. */
export function plainLine({ channel, nid, bytes }: Packet): string {
  const at = (...places: number[]) => upper(Uint8Array.from(places, place => bytes[place]!))
  const head = [channel, nid, at(0, 1), at(3, 2), at(4), at(5)]
  if (channel === 'A') return [...head, at(7, 6, 8), upper(bytes.subarray(9, 16)).match(/../g)!.join(',')].join(' ')
  if (channel === 'C')
    return [...head, at(15), payload({ channel, bytes }).toString('hex').match(/../g)!.join(' ')].join(' ')
  return [...head, at(7, 6, 8), ...[9, 10, 11, 12, 13, 14, 15].map(place => at(place)), at(16, 17)].join(' ')
}

function payload({ channel, bytes }: Pick<Packet, 'channel' | 'bytes'>): Buffer {
  const from = channel === 'A' ? 16 : 18
  return Buffer.from(bytes.subarray(from, from + bytes.readUInt16LE(2)).map(byte => byte ^ bytes[6]!))
}

/** Microseconds as the time column shows them in UTC. */
export function timeText(micros: number): string {
  const iso = new Date(Math.floor(micros / 1000)).toISOString()
  return iso.replaceAll(/[-:Z]/g, '').replace('T', '.').slice(2)
}
