import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, inflateSync } from 'node:zlib'
import { byteSource } from '../../src/core/bytes.ts'
import { CAN, type CanFrame, type FrameSink } from '../../src/core/can.ts'
import { ByteWriter } from '../../src/core/writer.ts'
import { loadQuotedParser } from '../../src/framing/csv-cells.ts'
import { createReader, detectFormat, type ReaderOptions } from '../../src/framing/detect.ts'
import type { LogReader } from '../../src/framing/log-reader.ts'
import { isReadable } from '../../src/framing/signatures.ts'
import { UTC } from '../../src/framing/zone.ts'

/** What a reader made of a log. */
export interface Reading {
  /** One text per frame: time, interface, ID, properties, data length code, data. */
  readonly frames: string[]
  /** The frames' time stamps as the reader writes them. */
  readonly stamps: string[]
  readonly reader: LogReader
}

/** Reads a whole log, handed over in pieces that end at `cuts`, the way the pipeline does it. */
export function readFrames(
  make: (sink: FrameSink) => LogReader,
  log: string | Uint8Array,
  cuts: number[] = [],
): Reading {
  const bytes = typeof log === 'string' ? Buffer.from(log, 'latin1') : log
  const frames: string[] = []
  const stamps: string[] = []
  const reader = make({
    frame: frame => {
      stamps.push(written(out => frame.origin.writeStamp(frame, out)))
      frames.push(describe(frame))
    },
  })
  const source = byteSource(bytes.length + 1)
  let kept = 0
  let taken = 0
  const hand = (end: number) => {
    const used = reader.read(source, 0, end)
    source.bytes.copyWithin(0, used, end)
    kept = end - used
    source.bytes.fill(0xee, kept) // a reader that looks behind the end shall see that it must not
  }
  for (const edge of [...cuts.filter(cut => cut < bytes.length).sort((a, b) => a - b), bytes.length]) {
    source.bytes.set(bytes.subarray(taken, edge), kept)
    const end = kept + edge - taken
    taken = edge
    hand(end)
  }
  if (reader.kind === 'binary') reader.end()
  else if (kept > 0) {
    source.bytes[kept] = 10
    hand(kept + 1)
  }
  return { frames, stamps, reader }
}

function describe(frame: CanFrame): string {
  frame.origin.readTime(frame)
  const time = `${frame.seconds}.${String(frame.nanos).padStart(9, '0')}`
  const name = written(out => frame.origin.writeInterface(frame, out))
  const digits = frame.flags & (CAN.extended | CAN.error) ? 8 : 3
  const id = frame.id.toString(16).toUpperCase().padStart(digits, '0')
  const properties = Object.entries(CAN).flatMap(([key, bit]) => (frame.flags & bit ? [key] : []))
  const data = Buffer.from(frame.data.subarray(0, frame.length)).toString('hex').toUpperCase()
  return [time, name, id, ...properties, `dlc${frame.dlc}`, data].join(' ').trimEnd()
}

function written(write: (out: ByteWriter) => void): string {
  let text = ''
  const out = new ByteWriter(block => {
    text += Buffer.from(block).toString('latin1')
  })
  write(out)
  out.flush()
  return text
}

/** Reads a log of any format as commands do it, also BLF; dates are in UTC unless told otherwise. */
export function readLogFrames(log: string | Uint8Array, options: ReaderOptions = {}, cuts: number[] = []): Reading {
  const head = typeof log === 'string' ? Buffer.from(log, 'latin1') : log
  const format = detectFormat(head, head.length)
  if (format === undefined || !isReadable(format)) throw new Error(`no log: ${format}`)
  const all: ReaderOptions = { inflate, parseQuoted, zeroIsTime: true, zone: UTC, head, ...options }
  return readFrames(sink => createReader(format, sink, all), log, cuts)
}

const parseQuoted = await loadQuotedParser()

/** Unpacks what a BLF file holds. */
export function inflate(packed: Uint8Array, most: number): Uint8Array {
  return inflateSync(packed, { maxOutputLength: most, finishFlush: constants.Z_SYNC_FLUSH })
}

/** ID, properties and data of described frames, without time and interface. */
export function contents(frames: readonly string[]): string[] {
  return frames.map(frame => frame.split(' ').slice(2).join(' '))
}

/** The folder of public captures, which are not part of this repository. */
const captures = process.env['WATTZUP_CAPTURES'] ?? ''

/** Whether the captures are there; tests that need them are skipped else. */
export const hasCaptures = existsSync(join(captures, 'log-formats'))

export function capture(path: string): Uint8Array {
  return readFileSync(join(captures, path))
}
