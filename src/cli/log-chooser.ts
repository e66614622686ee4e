import type { FrameSink } from '../core/can.ts'
import { TransportError } from '../core/errors.ts'
import { visible } from '../decode/problems.ts'
import { loadQuotedParser } from '../framing/csv-cells.ts'
import { createReader, detectFormat } from '../framing/detect.ts'
import type { LogReader } from '../framing/log-reader.ts'
import { FORMAT_TITLES, isReadable, type LogFormat, READABLE_FORMATS } from '../framing/signatures.ts'

const FIRST_LINE = 60

/** Finds out what format a log has and makes its reader. */
export class LogChooser {
  readonly #csv: boolean
  readonly #compat: boolean
  #sawCsv: boolean

  /** `csv`: take everything for SavvyCAN rows. With `compat` such rows have one constant time. */
  constructor(csv: boolean, compat: boolean) {
    this.#csv = csv
    this.#compat = compat
    this.#sawCsv = csv
  }

  /** Whether a log was CSV, whose lines are printed without time. */
  get sawCsv(): boolean {
    return this.#sawCsv
  }

  /**
   * The reader of the log that begins with `head`; undefined to see more of it first. `sink` is asked for once the
   * format is known. Throws `TransportError` for what is no log that `canlog` reads.
   */
  async choose(
    name: string,
    head: Uint8Array,
    complete: boolean,
    sink: () => FrameSink,
  ): Promise<LogReader | undefined> {
    const format = this.#csv ? 'gvret-csv' : detectFormat(head, head.length)
    if (format === undefined) {
      if (complete && latin1(head).trim() !== '') throw unknown(name, head)
      return undefined
    }
    if (!isReadable(format)) throw unreadable(name, format)
    if (format !== 'gvret-csv') return createReader(format, sink(), { head })
    this.#sawCsv = true
    const parseQuoted = await loadQuotedParser()
    const options = { head, headerless: this.#csv, constantTime: this.#compat, parseQuoted }
    return createReader(format, sink(), options)
  }
}

function unreadable(name: string, format: LogFormat): TransportError {
  return new TransportError(`cannot read ${name}: it is ${FORMAT_TITLES[format]}; canlog reads ${readable()}`, { name })
}

function unknown(name: string, head: Uint8Array): TransportError {
  const [line = ''] = latin1(head.subarray(0, 4096)).split(/\r?\n/)
  const shown = visible(JSON.stringify(line.length > FIRST_LINE ? `${line.slice(0, FIRST_LINE)}...` : line))
  return new TransportError(`cannot read ${name}: no CAN log; it begins with ${shown}; canlog reads ${readable()}`, {
    name,
  })
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes)
}

function readable(): string {
  return READABLE_FORMATS.map(format => FORMAT_TITLES[format]).join(', ')
}
