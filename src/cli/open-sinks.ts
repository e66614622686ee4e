import { endpointText } from '../core/endpoint.ts'
import type { Reading } from '../core/reading.ts'
import { ByteWriter } from '../core/writer.ts'
import { CsvSink } from '../sinks/csv.ts'
import { openHttpSink } from '../sinks/http/http-sink.ts'
import { parseListenAddress } from '../sinks/http/listen-address.ts'
import { JsonFileSink } from '../sinks/json-file.ts'
import { NdjsonSink } from '../sinks/ndjson.ts'
import { PromptSink } from '../sinks/prompt-sink.ts'
import type { Sink } from '../sinks/sink.ts'
import type { MakeDocument } from '../sinks/snapshot.ts'
import { TextSink } from '../sinks/text.ts'
import type { Io } from './io.ts'
import type { Format, LiveFlags } from './live-options.ts'
import { type MqttTraits, openMqtt } from './open-mqtt.ts'
import type { RunBounds } from './run-bounds.ts'

/** What sinks must know of the sources. */
export interface SinkTraits extends MqttTraits {
  /** A document of the family's own for file and HTTP, in place of the values of all devices. */
  readonly document?: MakeDocument
  /** Readings for the broker and nobody else, who in turn gets no others; without it all readings go everywhere. */
  readonly forBroker?: (reading: Reading) => boolean
}

/** The sinks that the user asked for. */
export async function openSinks(io: Io, flags: LiveFlags, traits: SinkTraits, bounds: RunBounds): Promise<Sink[]> {
  const sinks: Sink[] = []
  const format = flags.json === true ? 'ndjson' : flags.format
  if (format !== undefined) sinks.push(await openOutput(io, format, bounds))
  const report = (line: string) => io.err.write(`wattzup: ${line}\n`)
  const { clock, files } = io
  const { document, intervalMs } = traits
  if (flags.jsonFile !== undefined)
    sinks.push(new JsonFileSink({ path: flags.jsonFile, files, clock, report, document }))
  if (flags.http !== undefined) {
    const problems = () => sinks.flatMap(sink => sink.problems?.() ?? [])
    const sink = await openHttpSink({
      at: parseListenAddress(flags.http),
      clock,
      document,
      intervalMs,
      problems,
      cors: flags.httpCors,
    })
    report(`serving http://${endpointText(sink.endpoint)}/`)
    sinks.push(sink)
  }
  const mqtt = openMqtt(io, flags, { ...traits, guesses: flags.guesses === true })
  const { forBroker } = traits
  const others = forBroker === undefined ? sinks : sinks.map(sink => only(sink, reading => !forBroker(reading)))
  if (mqtt === undefined) return others
  return [...others, forBroker === undefined ? mqtt : only(mqtt, forBroker)]
}

/** A sink that gets some of the readings. */
function only(sink: Sink, wanted: (reading: Reading) => boolean): Sink {
  return {
    write: reading => (wanted(reading) ? sink.write(reading) : undefined),
    close: () => sink.close(),
    problems: () => sink.problems?.() ?? [],
  }
}

async function openOutput(io: Io, format: Format, bounds: RunBounds): Promise<Sink> {
  const out = await io.liveOutput(() => bounds.readerGone())
  const writer = new ByteWriter(bytes => out.write(bytes))
  const flush = () => {
    writer.flush()
    return out.drained()
  }
  return new PromptSink(printer(format, writer), flush, io.clock)
}

/** A sink that prints readings in a format. */
export function printer(format: Format, writer: ByteWriter): Sink {
  if (format === 'text') return new TextSink(writer)
  return format === 'csv' ? new CsvSink(writer) : new NdjsonSink(writer)
}
