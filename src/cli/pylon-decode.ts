import type { DecodeError, FrameError } from '../core/errors.ts'
import type { Reading } from '../core/reading.ts'
import { ByteWriter } from '../core/writer.ts'
import { hex2, READ_COMMANDS } from '../protocols/pylontech/commands.ts'
import { strangeness } from '../protocols/pylontech/plausible.ts'
import { pylontech } from '../protocols/pylontech/pylontech.ts'
import { ReadingStream } from '../reading-stream.ts'
import { CsvSink } from '../sinks/csv.ts'
import { JsonSink } from '../sinks/json.ts'
import { NdjsonSink } from '../sinks/ndjson.ts'
import type { Sink } from '../sinks/sink.ts'
import { TextSink } from '../sinks/text.ts'
import type { Io } from './io.ts'
import { openStructs } from './open-structs.ts'
import { recordedPackets } from './pylon-recording.ts'

/** Formats of `pylon decode`. */
export const FORMATS = ['text', 'ndjson', 'csv', 'json'] as const
export type Format = (typeof FORMATS)[number]

export interface DecodeOptions {
  readonly format: Format
  readonly command?: number
  readonly strict?: true
  readonly redact?: true
  readonly traceBytes?: true
  readonly structs?: string
}

/** Decodes pasted frames and recordings, one after the other as if they were one line; sets the exit status. */
export async function decodePylon(io: Io, sources: readonly string[], options: DecodeOptions): Promise<void> {
  const structs = (await openStructs(io, options.structs)).load('pylontech')
  const assumed = new Map<number, number>()
  const protocol = pylontech(structs, {
    ...(options.command === undefined ? {} : { command: options.command }),
    onAssumed: cid2 => assumed.set(cid2, (assumed.get(cid2) ?? 0) + 1),
  })
  const out = new ByteWriter(bytes => io.out.write(bytes))
  const sink = new CheckingSink(sinkOf(options.format, out), options.redact === true)
  const onReject = (error: FrameError | DecodeError) => {
    const bytes = options.redact ? 'X' : String(error.context['frame'] ?? error.context['info'] ?? '')
    if (options.traceBytes) io.err.write(`wattzup: ${error.message}: ${bytes}\n`)
  }
  const stream = new ReadingStream(protocol, sink, { guesses: false, onReject })
  try {
    for (const source of sources) await decodeSource(io, source, stream, out)
    await stream.end()
  } finally {
    sink.close()
  }
  const { readings, rejects } = stream.tally
  const lost = Object.entries(rejects).map(([reason, count]) => `${count} ${reason}`)
  if (assumed.size > 0) io.err.write(`wattzup: no request before ${assumedText(assumed)}\n`)
  if (sink.strange !== undefined) io.err.write(`wattzup: ${sink.strange}\n`)
  if (lost.length > 0) io.err.write(`wattzup: skipped: ${lost.join(', ')}\n`)
  if (readings === 0) io.err.write('wattzup: nothing decoded; a reply begins with ~ and ends with its checksum\n')
  if (readings === 0 || (options.strict && lost.length > 0)) io.status.code = 1
}

async function decodeSource(io: Io, source: string, stream: ReadingStream, out: ByteWriter): Promise<void> {
  if (source.startsWith('~')) {
    await stream.push({ data: Buffer.from(`${source.trim()}\r`, 'latin1'), at: Number.NaN, origin: 'command line' })
    return
  }
  const input = await io.open(source)
  try {
    for await (const packet of recordedPackets(input, io.signal, () => out.flush())) await stream.push(packet)
  } finally {
    input.close()
  }
}

/** Values that are or may hold serial numbers. */
const PRIVATE = ['serial', 'info']

/** Hands readings on, without serial numbers where that was asked for, and notes the first that looks wrong. */
class CheckingSink implements Sink {
  strange: string | undefined
  readonly #sink: Sink
  readonly #redact: boolean

  constructor(sink: Sink, redact: boolean) {
    this.#sink = sink
    this.#redact = redact
  }

  write(reading: Reading): void | Promise<void> {
    this.strange ??= strangeness(reading.values)
    if (!this.#redact) return this.#sink.write(reading)
    const values = { ...reading.values }
    for (const name of PRIVATE) {
      const text = values[name]
      if (typeof text === 'string') values[name] = 'X'.repeat(text.length)
    }
    return this.#sink.write({ ...reading, values })
  }

  close(): void | Promise<void> {
    return this.#sink.close()
  }
}

function sinkOf(format: Format, out: ByteWriter): Sink {
  if (format === 'ndjson') return new NdjsonSink(out)
  if (format === 'csv') return new CsvSink(out)
  return format === 'json' ? new JsonSink(out) : new TextSink(out)
}

function assumedText(assumed: ReadonlyMap<number, number>): string {
  const parts = [...assumed].map(([cid2, count]) => {
    const { name } = READ_COMMANDS.get(cid2)!
    return `${count} ${count === 1 ? 'reply' : 'replies'}; taken as ${name} (${hex2(cid2)}), the only one that fits`
  })
  return parts.join(', ')
}
