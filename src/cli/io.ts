import type { Clock } from '../core/clock.ts'
import type { Files } from '../core/files.ts'
import type { ByteInput } from '../core/input.ts'
import type { MonotonicClock } from '../core/monotonic-clock.ts'
import type { Network } from '../core/network.ts'
import type { Terminal, TerminalEvents } from '../core/terminal.ts'

/** A stream that a command writes to. Writing is synchronous, so nothing is pending when the program ends. */
export interface Output {
  /** `bytes` may be reused after the call. Throws `ClosedPipe` when nobody reads any more. */
  write(bytes: Uint8Array | string): void
  readonly isTerminal: boolean
  /** Columns of the terminal, 80 where there is none. */
  readonly columns: number
}

/** Standard output of a run that goes on when its reader is slow: writing never waits. */
export interface LiveOutput extends Output {
  /** Of bytes that the reader has not taken yet; undefined when there are none. Never rejects. */
  drained(): Promise<void> | undefined
}

/** All that a command may touch of the world; tests pass a fake. */
export interface Io {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: Output
  readonly err: Output
  /** Standard output for live sources. `closed` is called when nobody reads it any more; what is written then is dropped. */
  liveOutput(closed: () => void): Promise<LiveOutput>
  /** Standard error for runs that go on whoever reads it; without a reader what is written is dropped. */
  liveErrors(): Promise<LiveOutput>
  /** Takes the terminal that standard output is; the end of the run gives it back. */
  terminal(events: TerminalEvents): Promise<Terminal>
  readonly clock: Clock & MonotonicClock
  /** A number in [0, 1), another one each time. */
  readonly random: () => number
  readonly network: Network
  /** Aborts on SIGINT and SIGTERM: stop the sources, drain, report. */
  readonly signal: AbortSignal
  /**
   * Aborts on the signal after that, for a run that needs time to end in good order and still has to say something when there
   * is none. Without having been asked for it, the second SIGINT ends the program by itself.
   */
  hurry(): AbortSignal
  /**
   * Has `leave` called before the program ends through a defect, for whoever must not fall silent. What it hands over has a
   * moment to go out. The end of the terminal becomes an end like that by SIGTERM.
   */
  onCrash(leave: () => void): void
  /** Exit status of a run that ends without an error; commands set it where "nothing matched" is an answer. */
  readonly status: { code: number }
  readonly stdinIsTerminal: boolean
  /** Folder of the built-in definitions. */
  readonly structs: string
  readonly files: Files
  /** Opens a file, or standard input for `-`; gzip is unpacked. Throws `TransportError`. */
  open(path: string): Promise<ByteInput>
}
