import { isWattzupError } from '../core/errors.ts'
import { openInterface } from './energi-live.ts'
import { openRecording } from './energi-recording.ts'
import { openSniffer, type SnifferOptions, type SniffSource } from './energi-sniffer.ts'
import type { Io } from './io.ts'
import { removedFromBroker } from './open-mqtt.ts'

/** What `energi sniff` was asked to do. */
export interface SniffOptions extends SnifferOptions {
  readonly source: { readonly iface: string } | { readonly file: string }
  /** Take the packets of a file as far apart as they came. */
  readonly realtime?: true
}

/** Runs `energi sniff`: readings of an interface or a capture file to the sinks, what became of them to stderr. */
export async function runSniff(io: Io, options: SniffOptions): Promise<void> {
  if (await removedFromBroker(io, options)) return
  await using source = await openSource(io, options)
  const sniffer = await openSniffer(io, options, source)
  try {
    await source.read(sniffer)
  } catch (error) {
    // what was decoded of a capture that breaks off is not lost; anything else, such as a closed pipe, ends at once
    if (isWattzupError(error)) await sniffer.finish()
    throw error
  }
  await sniffer.finish()
  if ('file' in options.source) sniffer.checkLinkTypes(options.source.file)
}

function openSource(io: Io, { source, json, format, realtime }: SniffOptions): Promise<SniffSource> {
  if ('iface' in source) return openInterface(io, source.iface)
  return openRecording(io, source.file, json === true ? 'ndjson' : (format ?? 'ndjson'), realtime === true)
}
