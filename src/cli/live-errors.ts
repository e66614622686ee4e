import { counted } from '../sinks/counted.ts'
import { isDoneWithin } from '../sinks/deadline.ts'
import { FramePrinter } from './frame-printer.ts'
import type { Io, LiveOutput, Output } from './io.ts'

/** The end of a run waits so long for a reader of standard error who is slow, ms. */
const PATIENCE_MS = 100

/**
 * Standard error of a run that must not stand still, whoever reads it: a terminal that was stopped, a log daemon that hangs.
 * It is written at the end of each turn; what is too much for a slow reader is left out.
 */
export class LiveErrors implements Output {
  readonly isTerminal: boolean
  readonly columns: number
  readonly #io: Io
  readonly #printer: FramePrinter

  private constructor(io: Io, out: LiveOutput) {
    this.#io = io
    this.isTerminal = out.isTerminal
    this.columns = out.columns
    this.#printer = new FramePrinter(out, () => {}) // a run does not end because nobody listens to its complaints
  }

  static async open(io: Io): Promise<LiveErrors> {
    return new LiveErrors(io, await io.liveErrors())
  }

  /** The world with this standard error. */
  get world(): Io {
    return Object.create(this.#io, { err: { value: this } }) as Io
  }

  write(bytes: Uint8Array | string): void {
    if (!this.#printer.hasRoom()) return
    if (typeof bytes === 'string') this.#printer.writer.text(bytes)
    else this.#printer.writer.put(bytes)
  }

  /** Writes what is left, if it is taken soon. */
  async end(): Promise<void> {
    const { clock } = this.#io
    const { dropped } = this.#printer
    if (dropped > 0)
      this.write(`wattzup: ${counted(dropped, 'line')} left out: nobody read standard error fast enough\n`)
    await isDoneWithin(PATIENCE_MS, this.#printer.end(clock), clock)
  }
}
