import { type ByteSource, byteSource } from './core/bytes.ts'
import { yieldToEvents } from './core/clock.ts'
import { type FrameError, TransportError } from './core/errors.ts'
import type { ByteInput } from './core/input.ts'
import { type LogReader, LogTally, lineEnd } from './framing/log-reader.ts'
import { Utf16Input, utf16Of } from './framing/utf16-input.ts'

/** Bytes read at a time; a longer line is no CAN frame. */
const CAPACITY = 262_144
/** Bytes that are enough to tell a format by. */
const HEAD = 65_536
const LF = 10
/** Reads between two looks at pending signals. */
const STRIDE = 8
const OVERLONG = 'lines of more than 256 KiB'

/** How logs become frames, and who wants to know about it. */
export interface LogRun {
  /** The reader of a log that begins like this; undefined to see more first. Throws where the format is not known. */
  readonly choose: (input: ByteInput, head: Uint8Array, complete: boolean) => Promise<LogReader | undefined>
  /** Called when the bytes at hand are used up: the time to flush what was printed, for live inputs. */
  readonly drained: (input: ByteInput, bytesRead: number) => void
  /** Whether to stop before the end. */
  readonly stopped: () => boolean
}

/** What became of one log. */
export interface LogResult extends Pick<LogTally, 'lines' | 'rejects' | 'firstAt'> {
  /** What messages call the log. */
  readonly name: string
  /** The reader that the log was given to; undefined where it was too short to tell, as an empty one is. */
  readonly reader?: LogReader
  /** Why it could not be read to its end; what came before has been handed on, but for an unfinished line. */
  readonly failure?: TransportError
}

/** Reads a log from its beginning to its end, or until the run is stopped, in memory that does not grow. */
export async function readLog(input: ByteInput, run: LogRun): Promise<LogResult> {
  const window = new LogWindow(input.name)
  let source = input
  let total = 0
  for (let reads = 1; !run.stopped() && window.damage === undefined; reads++) {
    let count: number
    try {
      count = await source.read(window.room, window.kept)
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      return { ...window.result, failure: error }
    }
    if (count === 0 && run.stopped()) break // the last line is not the last one, and may be cut
    total += count
    const encoding = window.reader === undefined ? utf16Of(window.head(count)) : undefined
    if (encoding !== undefined) {
      source = new Utf16Input(encoding, window.drain(count), source)
      continue
    }
    window.reader ??= await run.choose(input, window.head(count), count === 0 || window.kept + count >= HEAD)
    window.take(count)
    if (count === 0) break
    run.drained(input, total)
    if (reads % STRIDE === 0) await yieldToEvents()
  }
  const { damage, result } = window
  if (damage === undefined || run.stopped()) return result
  return { ...result, failure: brokenOff(input, damage) }
}

function brokenOff({ name }: ByteInput, damage: FrameError): TransportError {
  const text = `cannot read ${name} beyond byte ${damage.context['at']}: ${damage.message}`
  return new TransportError(text, { name, at: damage.context['at'] }, damage)
}

/** The part of a log that is in memory, and the reader that it is given to. */
class LogWindow {
  reader: LogReader | undefined
  /** Bytes that wait for what follows them; new ones go behind. */
  kept = 0
  /** One byte more than is read, for the line end that the last line may lack. */
  readonly #source: ByteSource = byteSource(CAPACITY + 1)
  readonly room = this.#source.bytes.subarray(0, CAPACITY)
  readonly #name: string
  #isSkipping = false

  constructor(name: string) {
    this.#name = name
  }

  get damage(): FrameError | undefined {
    return this.reader?.kind === 'binary' ? this.reader.damage : undefined
  }

  /** What there is once `count` more bytes have come; none are the end, which ends a line too. */
  head(count: number): Uint8Array {
    const { bytes } = this.#source
    if (count > 0 || this.kept === 0) return bytes.subarray(0, this.kept + count)
    bytes[this.kept] = LF
    return bytes.subarray(0, this.kept + 1)
  }

  /** A copy of what there is once `count` more bytes have come, which are then forgotten. */
  drain(count: number): Uint8Array {
    const head = this.#source.bytes.slice(0, this.kept + count)
    this.kept = 0
    return head
  }

  /** Hands on what is complete once `count` more bytes have come; none are the end of the log. */
  take(count: number): void {
    const end = this.kept + count
    const { reader } = this
    let used = 0
    if (reader?.kind === 'binary') used = reader.read(this.#source, 0, end)
    else if (this.#isSkipping) used = this.#skip(end)
    else if (reader !== undefined) used = reader.read(this.#source, 0, count === 0 ? this.head(0).length : end)
    if (used === 0 && end === CAPACITY) used = this.#beginSkip(end)
    this.kept = Math.max(end - used, 0)
    this.#source.bytes.copyWithin(0, used, end)
    if (count === 0 && reader?.kind === 'binary') reader.end()
  }

  /** Goes on behind a line that is too long, where its end has come; gives what is used up. */
  #skip(end: number): number {
    const stop = lineEnd(this.#source.bytes, 0, end)
    if (stop < 0) return end
    this.#isSkipping = false
    return this.reader?.read(this.#source, stop + 1, end) ?? stop + 1
  }

  /** Passes over a line that does not fit in; gives what is used up. */
  #beginSkip(end: number): number {
    const tally = this.reader?.tally
    if (tally !== undefined) tally.reject(OVERLONG, ++tally.lines)
    this.#isSkipping = true
    return end
  }

  get result(): LogResult {
    const { reader } = this
    const { lines, rejects, firstAt } = reader?.tally ?? new LogTally()
    return { name: this.#name, lines, rejects, firstAt, ...(reader === undefined ? {} : { reader }) }
  }
}
