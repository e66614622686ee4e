import type { CanFrame } from '../../../core/can.ts'
import { ByteWriter } from '../../../core/writer.ts'
import type { Codec } from '../../../decode/codec.ts'
import type { LogTime } from './log-time.ts'
import type { ColumnOptions } from './options.ts'
import type { Palette } from './paint.ts'
import type { Printer } from './printer.ts'
import { type LineExtras, TextLines } from './text-lines.ts'
import type { View } from './view.ts'

/** Prints the original tool's lines. */
export class TextPrinter implements Printer {
  readonly #out: ByteWriter
  readonly #time: LogTime
  readonly #lines: TextLines
  readonly #timed: boolean
  /** With `--dup`: the line of the previous B message, for its second printing. */
  readonly #previous: ByteWriter | undefined
  readonly #previousLines: TextLines | undefined
  readonly #silent: boolean

  /** `silent`: only B lines of repeated messages are printed. */
  constructor(
    out: ByteWriter,
    time: LogTime,
    columns: ColumnOptions,
    palette: Palette,
    compat: boolean,
    silent: boolean,
  ) {
    this.#out = out
    this.#time = time
    this.#timed = columns.time
    this.#silent = silent
    if (columns.repeats) {
      this.#previous = new ByteWriter(() => {})
      this.#previousLines = new TextLines(this.#previous, columns, palette, compat)
    }
    this.#lines = new TextLines(out, columns, palette, compat)
  }

  b(view: View, extras: LineExtras): void {
    if (this.#timed) this.#time.render(view.frame)
    if (this.#previous !== undefined && this.#previousLines !== undefined) {
      this.#previous.length = 0
      this.#previousLines.b(view, this.#time.text, extras)
      if (this.#silent && extras.repeats === 0) return
      this.#out.copy(this.#previous.bytes, 0, this.#previous.length)
    } else if (this.#silent) {
      return
    } else {
      this.#lines.b(view, this.#time.text, extras)
    }
    this.#out.endLine()
  }

  a(view: View, codec: Codec | undefined): void {
    if (this.#silent) return
    if (this.#timed) this.#time.render(view.frame)
    this.#lines.a(view, this.#time.text, codec)
    this.#out.endLine()
  }

  c(view: View): void {
    if (this.#silent) return
    if (this.#timed) this.#time.render(view.frame)
    this.#lines.c(view, this.#time.text)
    this.#out.endLine()
  }

  single(channel: number, frame: CanFrame): void {
    if (this.#timed) this.#time.render(frame)
    this.#lines.single(channel, frame, this.#time.text)
    this.#out.endLine()
  }

  repeatPrevious(): void {
    if (this.#previous === undefined) return
    this.#out.copy(this.#previous.bytes, 0, this.#previous.length)
    this.#out.text(' *')
    this.#out.endLine()
  }

  takeProblems() {
    const missing = this.#lines.takeMissing() + (this.#previousLines?.takeMissing() ?? 0)
    return { missing, undecodable: 0 }
  }
}
