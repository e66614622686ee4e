import { readCapture } from '../capture-stream.ts'
import { isWattzupError, TransportError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'
import { ByteWriter } from '../core/writer.ts'
import { checkedDefinition } from '../decode/check.ts'
import { StructLibrary } from '../decode/library.ts'
import { ETHERNET, isEthernetLike } from '../protocols/myenergi/ethernet.ts'
import { HELD_BACK } from '../protocols/myenergi/filters.ts'
import { REJECTS } from '../protocols/myenergi/framer.ts'
import { myenergi, withStructure } from '../protocols/myenergi/myenergi.ts'
import { Publisher } from '../protocols/myenergi/publisher.ts'
import { ReadingStream, type StreamTally } from '../reading-stream.ts'
import { CsvSink } from '../sinks/csv.ts'
import { NdjsonSink } from '../sinks/ndjson.ts'
import type { Sink } from '../sinks/sink.ts'
import { TextSink } from '../sinks/text.ts'
import type { Io } from './io.ts'
import { progressText } from './progress.ts'
import { StatusLine } from './status-line.ts'

/** Formats of readings on standard output. */
export const FORMATS = ['text', 'ndjson', 'csv'] as const

/** What `energi sniff` was asked to do. */
export interface SniffOptions {
  readonly pcap: string
  readonly format: (typeof FORMATS)[number]
  readonly filter: boolean
  readonly debugKeys?: true
  readonly compatKeys?: true
  readonly structural?: true
  readonly strict?: true
  readonly structs?: string
}

/** Reads one capture file to its end: readings to stdout, what became of the packets to stderr. */
export async function runSniff(io: Io, options: SniffOptions): Promise<void> {
  const out = new ByteWriter(bytes => io.out.write(bytes))
  const publisher = new Publisher({
    filter: options.filter,
    debugKeys: options.debugKeys === true,
    compatKeys: options.compatKeys === true,
  })
  const counted = new CountedSink(publisher, sinkOf(options.format, out))
  const stream = new ReadingStream(protocolOf(io, options), counted, { guesses: options.structural === true })
  const capture = new CaptureTally()
  const finish = async () => {
    await counted.close()
    for (const line of summary(capture, counted.lines, stream.tally, publisher)) io.err.write(`wattzup: ${line}\n`)
  }
  try {
    await read(io, options.pcap, stream, capture, out)
    await stream.end()
  } catch (error) {
    // what was decoded of a capture that breaks off is not lost; anything else, such as a closed pipe, ends at once
    if (isWattzupError(error)) await finish()
    throw error
  }
  await finish()
  capture.checkLinkTypes(options.pcap)
  const bad = [...Object.keys(stream.tally.rejects), ...Object.keys(capture.rejects)]
  if (options.strict === true && bad.some(reason => !FOREIGN.includes(reason))) io.status.code = 1
}

/** What is not of this family, and so not wrong. */
const FOREIGN: readonly string[] = ['ethertype', 'link_type']

async function read(io: Io, path: string, stream: ReadingStream, capture: CaptureTally, out: ByteWriter) {
  const status = new StatusLine(io, !io.out.isTerminal)
  const input = await io.open(path)
  try {
    await readCapture(input, {
      packet: packet => {
        capture.add(packet)
        return stream.push(packet)
      },
      reject: error => capture.reject(String(error.context['reason'])),
      drained: bytes => {
        if (input.live || io.out.isTerminal) out.flush()
        status.update(elapsed => progressText(input, bytes, elapsed))
      },
      stopped: () => io.signal.aborted,
    })
  } finally {
    status.done()
    input.close()
  }
}

function protocolOf(io: Io, { structs, structural }: SniffOptions) {
  const library = new StructLibrary(io.structs, structs, checkedDefinition)
  const keys = library.load('myenergi')
  return myenergi(structural === true ? withStructure(keys, library.load('myenergi-structural')) : keys)
}

function sinkOf(format: SniffOptions['format'], out: ByteWriter): Sink {
  if (format === 'text') return new TextSink(out)
  return format === 'csv' ? new CsvSink(out) : new NdjsonSink(out)
}

/** Publishes readings and counts those that have something to say. */
class CountedSink implements Sink {
  lines = 0
  readonly #publisher: Publisher
  readonly #sink: Sink

  constructor(publisher: Publisher, sink: Sink) {
    this.#publisher = publisher
    this.#sink = sink
  }

  write(reading: Parameters<Sink['write']>[0]): void | Promise<void> {
    const published = this.#publisher.publish(reading)
    if (published === undefined) return
    this.lines++
    return this.#sink.write(published)
  }

  close(): void | Promise<void> {
    return this.#sink.close()
  }
}

/** What a capture file held. */
class CaptureTally {
  packets = 0
  readonly rejects: Record<string, number> = {}
  readonly #linkTypes = new Set<number>()

  add({ linkType = ETHERNET }: Packet): void {
    this.packets++
    this.#linkTypes.add(linkType)
  }

  reject(reason: string): void {
    this.rejects[reason] = (this.rejects[reason] ?? 0) + 1
  }

  /** Throws where no packet can have been of use. */
  checkLinkTypes(path: string): void {
    const types = [...this.#linkTypes]
    if (types.length === 0 || types.some(isEthernetLike)) return
    const text = `link type ${types.join(', ')} is no Ethernet; capture with: tcpdump -i eth0 -w FILE ether proto 0x88b5`
    throw new TransportError(`cannot use ${path}: ${text}`, { path, types })
  }
}

/** What the capture readers reject, as the summary calls it. */
const CAPTURE_REJECTS: Readonly<Record<string, string>> = {
  cut_tail: 'last packet cut off',
  unknown_interface: 'unknown interface',
  lying_length: 'longer than its block',
}

function summary(capture: CaptureTally, lines: number, tally: StreamTally, { filter }: Publisher): string[] {
  const { packets, rejects } = capture
  const skipped = [
    ...counts(rejects, CAPTURE_REJECTS),
    ...counts(tally.rejects, REJECTS),
    ...counts({ unknown: tally.unknown }, { unknown: 'unknown length' }),
  ]
  const held = counts(filter.counts, HELD_BACK)
  return [
    `${packets} ${packets === 1 ? 'packet' : 'packets'}, ${lines} ${lines === 1 ? 'reading' : 'readings'} printed`,
    ...(skipped.length > 0 ? [`not decoded: ${skipped.join(', ')}`] : []),
    ...(held.length > 0 ? [`held back as implausible: ${held.join(', ')}; --no-filter shows them`] : []),
  ]
}

function counts(numbers: Readonly<Record<string, number>>, names: Readonly<Record<string, string>>): string[] {
  return Object.entries(numbers).flatMap(([reason, count]) =>
    count === 0 ? [] : [`${count} ${names[reason] ?? reason}`],
  )
}
