import { byteSource } from '../core/bytes.ts'
import type { FrameSink } from '../core/can.ts'
import { AscReader } from './asc.ts'
import { BatteryEmulatorReader } from './battery-emulator.ts'
import { BlfReader, type Inflate } from './blf.ts'
import { BusmasterReader } from './busmaster.ts'
import { CandumpReader } from './candump.ts'
import { CandumpScreenReader } from './candump-screen.ts'
import { CaptureLogReader } from './capture-log.ts'
import { CrtdReader } from './crtd.ts'
import { skipByteOrderMark } from './digits.ts'
import { GenericIdCsvReader } from './generic-id-csv.ts'
import { GvretCsvReader, type GvretOptions } from './gvret-csv.ts'
import type { LogReader } from './log-reader.ts'
import { NdjsonReader } from './ndjson-frames.ts'
import { PythonCanCsvReader } from './python-can-csv.ts'
import { formatOfLine, formatOfMagic, isReadable, type LogFormat, type ReadableFormat } from './signatures.ts'
import { TrcReader } from './trc.ts'
import type { Zone } from './zone.ts'

/** Bytes of a file that detection looks at; more do not change what it says. */
export const HEAD_BYTES = 65_536
const MOST_LINES = 20
/** Bytes of a line that detection looks at. */
const MOST_OF_LINE = 1024
const LF = 10
const CR = 13

/**
 * The format of the file that begins with `head[0, length)`, also of one that nothing here reads; undefined where
 * nothing fits. The first of 20 lines that fits a format decides: logs may begin with comments or a cut line.
 */
export function detectFormat(head: Uint8Array, length: number): LogFormat | undefined {
  const bytes = head.subarray(0, Math.min(length, HEAD_BYTES))
  return formatOfMagic(bytes) ?? formatOfText(bytes.subarray(skipByteOrderMark(bytes, 0, bytes.length)))
}

function formatOfText(bytes: Uint8Array): LogFormat | undefined {
  const format = formatOfLines(bytes)
  // slcan has such lines, but to readers all of them were one
  return format !== undefined && isReadable(format) && hasOnlyCarriageReturns(bytes) ? 'cr-lines' : format
}

/** Whether several lines end with CR and none with LF, as no program of this century writes them. */
function hasOnlyCarriageReturns(bytes: Uint8Array): boolean {
  const first = bytes.indexOf(CR)
  return first >= 0 && !bytes.includes(LF) && bytes.indexOf(CR, first + 1) >= 0
}

function formatOfLines(bytes: Uint8Array): LogFormat | undefined {
  const trial = new Trial()
  const decoder = new TextDecoder('latin1')
  let lines = 0
  let screen: LogFormat | undefined
  for (let at = 0; at < bytes.length && lines < MOST_LINES; at++) {
    const start = at
    while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at++
    const line = bytes.subarray(start, Math.min(at, start + MOST_OF_LINE))
    const text = decoder.decode(line).trim()
    if (text === '') continue
    lines++
    const format = formatOfLine(text, () => trial.formatOf(line))
    if (format !== undefined && format !== 'candump-screen') return format
    // what is left of a cut line, `RX6 5A2 [8] ...`, may look like the screen form: any other line knows better
    screen ??= format
  }
  return screen
}

/** Gives lines to readers that take any line of their format: a format is what its reader makes a frame of. */
class Trial implements FrameSink {
  /** Battery-Emulator comes before the screen form, whose pattern fits most of its lines too. */
  readonly #readers = [new CandumpReader(this), new BatteryEmulatorReader(this), new CandumpScreenReader(this)]
  readonly #source = byteSource(MOST_OF_LINE + 1)
  #frames = 0

  frame(): void {
    this.#frames++
  }

  formatOf(line: Uint8Array): ReadableFormat | undefined {
    this.#source.bytes.set(line)
    this.#source.bytes[line.length] = LF
    this.#frames = 0
    for (const reader of this.#readers) {
      reader.read(this.#source, 0, line.length + 1)
      if (this.#frames > 0) return reader.format
    }
    return undefined
  }
}

export interface ReaderOptions extends Omit<GvretOptions, 'hasTimes'> {
  /** The first bytes of the file: some formats cannot be read right from their first line alone. */
  readonly head?: Uint8Array
  /** Where the clock stood that wrote the dates of the file; else what is usual for the format. */
  readonly zone?: Zone
  /** Unpacks what a BLF file holds. */
  readonly inflate?: Inflate
  /** 0 is a time, even in a SavvyCAN log that has no other. */
  readonly zeroIsTime?: boolean
}

/** A reader that hands a log's frames to `sink`. */
export function createReader(format: ReadableFormat, sink: FrameSink, options: ReaderOptions = {}): LogReader {
  return READERS[format](sink, options)
}

const NOTHING = new Uint8Array(0)
const NOBODY: FrameSink = { frame: () => {} }

const READERS: Readonly<Record<ReadableFormat, (sink: FrameSink, options: ReaderOptions) => LogReader>> = {
  candump: sink => new CandumpReader(sink),
  'candump-screen': sink => new CandumpScreenReader(sink),
  'gvret-csv': (sink, { head = NOTHING, zeroIsTime = false, ...options }) => {
    const hasTimes = zeroIsTime || scouted(new GvretCsvReader(NOBODY, options), head).hasTimes
    return new GvretCsvReader(sink, { ...options, hasTimes })
  },
  'battery-emulator': (sink, { head = NOTHING }) => {
    const { isCurrent } = scouted(new BatteryEmulatorReader(NOBODY), head)
    return new BatteryEmulatorReader(sink, { isCurrent })
  },
  asc: (sink, { zone }) => new AscReader(sink, zone),
  trc: (sink, { zone }) => new TrcReader(sink, zone),
  blf: (sink, { inflate = cannotInflate, zone }) => new BlfReader(sink, inflate, zone),
  pcap: sink => new CaptureLogReader('pcap', sink),
  pcapng: sink => new CaptureLogReader('pcapng', sink),
  'python-can-csv': (sink, { parseQuoted }) => new PythonCanCsvReader(sink, parseQuoted),
  ndjson: sink => new NdjsonReader(sink),
  crtd: sink => new CrtdReader(sink),
  busmaster: (sink, { zone }) => new BusmasterReader(sink, zone),
  'generic-id-csv': (sink, { parseQuoted }) => new GenericIdCsvReader(sink, parseQuoted),
}

function cannotInflate(): never {
  throw new Error('there is nothing to unpack it with')
}

/** The reader, once it has read the whole lines of `head`. */
function scouted<Reader extends LogReader>(reader: Reader, head: Uint8Array): Reader {
  const source = byteSource(head.length)
  source.bytes.set(head)
  reader.read(source, 0, head.length)
  return reader
}
