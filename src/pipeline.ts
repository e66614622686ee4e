import { byteSource } from './core/bytes.ts'
import { yieldToEvents } from './core/clock.ts'
import { TransportError } from './core/errors.ts'
import type { ByteInput } from './core/input.ts'
import type { LogReader } from './framing/log-reader.ts'

/** Bytes read at a time; a longer line is no CAN frame. */
const CAPACITY = 262_144
/** Bytes that are enough to tell a format by. */
const HEAD = 65_536
const LF = 10
/** Reads between two looks at pending signals. */
const STRIDE = 8

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
export interface LogResult {
  readonly lines: number
  readonly rejects: Readonly<Record<string, number>>
  /** Why it could not be read to its end; what came before has been handed on, but for an unfinished line. */
  readonly failure?: TransportError
}

/** Reads a log from its beginning to its end, or until the run is stopped, in memory that does not grow. */
export async function readLog(input: ByteInput, run: LogRun): Promise<LogResult> {
  const source = byteSource(CAPACITY + 1) // one more, for the line end that the last line may lack
  const window = source.bytes.subarray(0, CAPACITY)
  let reader: LogReader | undefined
  let kept = 0
  let total = 0
  let overlong = 0
  let skipping = false
  let failure: TransportError | undefined
  for (let reads = 1; !run.stopped(); reads++) {
    let count: number
    try {
      const answer = input.read(window, kept)
      count = typeof answer === 'number' ? answer : await answer
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      failure = error
      break
    }
    const end = count === 0 ? closeLine(source.bytes, kept) : kept + count
    total += count
    reader ??= await run.choose(input, source.bytes.subarray(0, end), count === 0 || end >= HEAD)
    let used = 0
    if (reader !== undefined) {
      const start = skipping ? source.bytes.indexOf(LF, 0) + 1 : 0
      if (skipping && (start === 0 || start > end)) used = end
      else {
        skipping = false
        used = reader.read(source, start, end)
      }
    }
    if (count === 0) break
    if (used === 0 && end === CAPACITY) {
      overlong++
      skipping = true
      used = end
    }
    source.bytes.copyWithin(0, used, end)
    kept = end - used
    run.drained(input, total)
    if (reads % STRIDE === 0) await yieldToEvents()
  }
  const long = overlong > 0 ? { 'lines of more than 256 KiB': overlong } : {}
  const result = { lines: (reader?.lines ?? 0) + overlong, rejects: { ...reader?.rejects, ...long } }
  return failure === undefined ? result : { ...result, failure }
}

/** Ends an unfinished last line; gives where the bytes end then. */
function closeLine(bytes: Uint8Array, kept: number): number {
  if (kept === 0) return 0
  bytes[kept] = LF
  return kept + 1
}
