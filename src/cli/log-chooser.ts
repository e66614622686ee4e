import type { FrameSink } from '../core/can.ts'
import { TransportError } from '../core/errors.ts'
import { visible } from '../decode/problems.ts'
import { loadQuotedParser } from '../framing/csv-cells.ts'
import { createReader, detectFormat, type ReaderOptions } from '../framing/detect.ts'
import type { LogReader } from '../framing/log-reader.ts'
import {
  FORMAT_TITLES,
  isReadable,
  type LogFormat,
  READABLE_FORMATS,
  type ReadableFormat,
} from '../framing/signatures.ts'

const FIRST_LINE = 60
const CSV: readonly ReadableFormat[] = ['gvret-csv', 'python-can-csv', 'generic-id-csv']

/** Finds out what format a log has and makes its reader. */
export class LogChooser {
  readonly #command: string
  readonly #csv: boolean
  readonly #options: ReaderOptions
  #sawCsv: boolean

  /** `csv`: take everything for SavvyCAN rows. With `compat` such rows have one constant time. `command`: who reads. */
  constructor(csv: boolean, compat: boolean, command = 'canlog', options: ReaderOptions = {}) {
    this.#command = command
    this.#csv = csv
    this.#options = { ...options, headerless: csv, constantTime: compat }
    this.#sawCsv = csv
  }

  /** Whether a log was SavvyCAN's CSV, whose lines are printed without time. */
  get sawCsv(): boolean {
    return this.#sawCsv
  }

  /**
   * The reader of the log that begins with `head`; undefined to see more of it first. `sink` is asked for once the
   * format is known. Throws `TransportError` for what is no log that can be read.
   */
  async choose(
    name: string,
    head: Uint8Array,
    complete: boolean,
    sink: () => FrameSink,
  ): Promise<LogReader | undefined> {
    const format = this.#csv ? 'gvret-csv' : detectFormat(head, head.length)
    if (format === undefined) {
      if (complete && latin1(head).trim() !== '') throw this.#unknown(name, head)
      return undefined
    }
    if (!isReadable(format)) throw this.#unreadable(name, format)
    if (format === 'gvret-csv') this.#sawCsv = true
    return createReader(format, sink(), { ...this.#options, ...(await neededFor(format)), head })
  }

  #unreadable(name: string, format: LogFormat): TransportError {
    const what = [`it is ${FORMAT_TITLES[format]}`, ADVICE[format], this.#readable].filter(part => part !== undefined)
    return new TransportError(`cannot read ${name}: ${what.join('; ')}`, { name })
  }

  #unknown(name: string, head: Uint8Array): TransportError {
    const [line = ''] = latin1(head.subarray(0, 4096)).split(/\r?\n/)
    const shown = visible(JSON.stringify(line.length > FIRST_LINE ? `${line.slice(0, FIRST_LINE)}...` : line))
    const what = `no CAN log; it begins with ${shown}; ${this.#readable}`
    return new TransportError(`cannot read ${name}: ${what}`, { name })
  }

  get #readable(): string {
    return `${this.#command} reads ${READABLE_FORMATS.map(format => FORMAT_TITLES[format]).join(', ')}`
  }
}

/** Parts of Node and packages that only some formats need. */
async function neededFor(format: ReadableFormat): Promise<ReaderOptions> {
  if (CSV.includes(format)) return { parseQuoted: await loadQuotedParser() }
  if (format !== 'blf') return {}
  const { inflateSync, constants } = await import('node:zlib')
  const finishFlush = constants.Z_SYNC_FLUSH // what is cut off is unpacked as far as it goes
  return { inflate: (packed, most) => inflateSync(packed, { maxOutputLength: most, finishFlush }) }
}

/** What to do with a log that cannot be read. */
const ADVICE: Readonly<Partial<Record<LogFormat, string>>> = {
  mdf: 'make an ASC file of it with mdf2asc',
  sqlite: 'make a log of it with python-can: python3 -m can.logconvert FILE.db FILE.log',
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes)
}
