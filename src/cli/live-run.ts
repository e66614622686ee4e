import type { WattzupError } from '../core/errors.ts'
import type { LinkEvent } from '../core/keep-connected.ts'
import type { Packet } from '../core/packet.ts'
import { PlausibleSink } from '../plausible-sink.ts'
import type { Message, Protocol } from '../protocols/protocol.ts'
import { emptyTally, ReadingStream } from '../reading-stream.ts'
import { counted } from '../sinks/counted.ts'
import { FanOut } from '../sinks/fan-out.ts'
import type { RawLogFormat } from '../sinks/raw-log/format.ts'
import { openRawLog, type RawLog } from '../sinks/raw-log/raw-log.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Io } from './io.ts'
import type { LiveFlags } from './live-options.ts'
import { removedFromBroker } from './open-mqtt.ts'
import { openSinks, type SinkTraits } from './open-sinks.ts'
import { RunBounds } from './run-bounds.ts'

/** What a family's command says of its sources. */
export interface LiveTraits extends SinkTraits {
  readonly protocol: Protocol
  /** What files of raw bytes are like. */
  readonly log: RawLogFormat
  /** What rejected frames are called in the summary, by reason. */
  readonly reasons: Readonly<Record<string, string>>
  /** What `--count` counts, where it is not readings: the command counts by itself. */
  readonly countsItself?: boolean
  /** A run that went well says nothing: for commands that ask once, which cron starts. */
  readonly quiet?: boolean
}

/** Bytes of a rejected frame that `--trace-bytes` shows. */
const TRACED = 64
const MIB = 1_048_576

/** One run of a command that listens: joins its sources to the sinks, and sums up at the end. Always `finish` it. */
export class LiveRun {
  readonly bounds: RunBounds
  /** Where readings go that do not come from a stream of this run. */
  readonly sink: Sink
  readonly #io: Io
  readonly #flags: LiveFlags
  readonly #traits: LiveTraits
  readonly #log: RawLog | undefined
  readonly #tally = emptyTally()
  #published = 0

  constructor(io: Io, flags: LiveFlags, traits: LiveTraits, bounds: RunBounds, sinks: readonly Sink[], log?: RawLog) {
    this.#io = io
    this.#flags = flags
    this.#traits = traits
    this.bounds = bounds
    this.#log = log
    const bounded = this.#bounded(new FanOut(sinks))
    this.sink = flags.filter ? new PlausibleSink(traits.protocol, bounded) : bounded
  }

  get signal(): AbortSignal {
    return this.bounds.signal
  }

  /** The readings of one connection. */
  stream(onMessage?: (message: Message) => void): ReadingStream {
    return new ReadingStream(this.#traits.protocol, this.sink, {
      guesses: this.#flags.guesses === true,
      tally: this.#tally,
      onReject: error => this.trace(error),
      ...(onMessage === undefined ? {} : { onMessage }),
    })
  }

  /** Takes the bytes as they came, for `--log`. */
  received(packet: Packet): void {
    this.#log?.write(packet)
  }

  /** Counts what was rejected before it came to a stream of this run. */
  rejected(error: WattzupError): void {
    const reason = String(error.context['reason'] ?? error.message)
    this.#tally.rejects[reason] = (this.#tally.rejects[reason] ?? 0) + 1
    this.trace(error)
  }

  /** Shows bytes that were rejected, where the user wants to see them. */
  trace(error: WattzupError): void {
    if (this.#flags.traceBytes !== true) return
    const { origin, frame } = error.context
    this.note(`rejected from ${origin}: ${error.message}${frame instanceof Uint8Array ? `: ${hex(frame)}` : ''}`)
  }

  /** One line for the user; none when nobody reads the readings any more: such a run ends quietly. */
  note(text: string): void {
    if (this.bounds.unread) return
    this.#io.err.write(`wattzup: ${text}\n`)
  }

  /** Says what happens to a connection. */
  linkReporter(name: string): (event: LinkEvent) => void {
    return event => {
      if (event.type === 'connected') this.note(`${name}: connected`)
      if (event.type !== 'lost') return
      const why = event.error?.message ?? 'the other side has closed the connection'
      const what = why.includes(name) ? why : `${name}: ${why}`
      const next = event.retryMs === undefined ? '' : `; next attempt in ${Math.round(event.retryMs / 1000)} s`
      this.note(`${what}${next}`)
    }
  }

  /** Writes out what is pending and says what became of everything; sets the exit status. */
  async finish(): Promise<void> {
    this.bounds.stop()
    await this.sink.close()
    this.#log?.close()
    const { unknown, rejects } = this.#tally
    const { reasons } = this.#traits
    const bad = Object.entries(rejects).map(([reason, count]) => `${count} ${reasons[reason] ?? reason}`)
    if (this.#traits.quiet !== true) this.note(counted(this.#published, 'reading'))
    if (unknown > 0) this.note(`${counted(unknown, 'message')} of no known content`)
    if (bad.length > 0) this.note(`rejected: ${bad.join(', ')}`)
    for (const problem of [...(this.sink.problems?.() ?? []), ...(this.#log?.problems() ?? [])]) this.note(problem)
    const { timedOut } = this.bounds
    if (timedOut === undefined) return
    this.note(timedOut.message)
    this.#io.status.code = timedOut.exitCode
  }

  /** Counts readings, and lets no more through than were wanted. */
  #bounded(sink: Sink): Sink {
    return {
      write: reading => {
        if (this.#traits.countsItself === true) this.bounds.answered()
        if (this.#traits.countsItself === true ? this.bounds.full : !this.bounds.take()) return
        this.#published++
        return sink.write(reading)
      },
      close: () => sink.close(),
      problems: () => sink.problems?.() ?? [],
    }
  }
}

/**
 * Opens the sinks that the user asked for, does a run with them, and finishes it. With `--ha-remove` the broker is cleared
 * instead.
 */
export async function liveRun(
  io: Io,
  flags: LiveFlags,
  traits: LiveTraits,
  use: (run: LiveRun) => Promise<void>,
): Promise<void> {
  if (await removedFromBroker(io, flags)) return
  const run = await openLiveRun(io, flags, traits)
  try {
    await use(run)
  } finally {
    await run.finish()
  }
}

/** Opens the sinks that the user asked for, and the run, which has to be finished. */
export async function openLiveRun(io: Io, flags: LiveFlags, traits: LiveTraits): Promise<LiveRun> {
  const bounds = new RunBounds(io, flags)
  const sinks = await openSinks(io, flags, traits, bounds)
  return new LiveRun(io, flags, traits, bounds, sinks, openLog(io, flags, traits))
}

function openLog({ files, clock, err }: Io, flags: LiveFlags, { log: format }: LiveTraits): RawLog | undefined {
  const { log: folder, logSize, logKeep: maxFiles } = flags
  if (folder === undefined) return undefined
  const report = (line: string) => err.write(`wattzup: ${line}\n`)
  return openRawLog({ folder, files, clock, format, report, maxBytes: logSize * MIB, maxFiles })
}

function hex(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, TRACED))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
  return bytes.length > TRACED ? `${shown} ..` : shown
}
