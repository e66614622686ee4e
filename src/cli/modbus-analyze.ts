import { WattzupError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import { analysisDocument, analysisLine } from '../protocols/lxp/analysis.ts'
import { type DecodedFrame, FrameDecoder } from '../protocols/lxp/decoded.ts'
import type { Zone } from '../protocols/lxp/local-time.ts'
import type { Model } from '../protocols/lxp/model.ts'
import { ModelsSeen } from '../protocols/lxp/models-seen.ts'
import { timeOfName } from '../protocols/lxp/packet-name.ts'
import type { Io } from './io.ts'
import { readFrames } from './modbus-frames.ts'
import { openStructs } from './open-structs.ts'

export interface AnalyzeOptions {
  /** One line per frame instead of one document. */
  readonly lines: boolean
  readonly model: Model | undefined
  /** Registers without a definition too. */
  readonly all: boolean
  readonly guesses: boolean
  /** The frames were sent to a dongle. */
  readonly requests: boolean
  readonly strict: boolean
  /** Zone of the times in file names. */
  readonly zone: Zone
  readonly structs: string | undefined
}

/** Runs `modbus analyze`: prints every frame of the files, sums up on stderr what was none. */
export async function runAnalyze(io: Io, paths: readonly string[], options: AnalyzeOptions): Promise<void> {
  const structs = (await openStructs(io, options.structs)).load('lxp')
  const decoder = new FrameDecoder(structs, new ModelsSeen(options.model, 'hybrid'), options.guesses)
  const out = new ByteWriter(bytes => io.out.write(bytes))
  const printer = options.lines ? new LinePrinter(out, options) : new DocumentPrinter(out, options)
  const { frames, rejects, failed } = await readFrames(
    io,
    paths,
    options.requests ? 'request' : 'reply',
    (frame, path) => printer.print(decoder.decode(frame), path),
    input => {
      if (input.live) out.flush()
    },
  )
  printer.end()
  out.flush()
  if (rejects.total > 0) io.err.write(`wattzup: ${rejects.summary()}\n`)
  if (failed > 0 || (options.strict && rejects.total > 0)) io.status.code = 1
  if (frames === 0 && failed < paths.length && !io.signal.aborted) {
    throw new WattzupError(`no good frame in ${paths.join(', ')}; they begin with A1 1A, as a dongle sends them`)
  }
}

/** One JSON object per frame and line. */
class LinePrinter {
  readonly #out: ByteWriter
  readonly #options: AnalyzeOptions

  constructor(out: ByteWriter, options: AnalyzeOptions) {
    this.#out = out
    this.#options = options
  }

  print(decoded: DecodedFrame, path: string): void {
    const time = timeOfName(path, this.#options.zone)
    this.#out.text(JSON.stringify(analysisLine(decoded, time, this.#options.all)))
    this.#out.endLine()
  }

  end(): void {}
}

/** One frame is an object, several are an array: so the first one waits until it is known whether there is a second. */
class DocumentPrinter {
  readonly #out: ByteWriter
  readonly #options: AnalyzeOptions
  #first: string | undefined
  #count = 0

  constructor(out: ByteWriter, options: AnalyzeOptions) {
    this.#out = out
    this.#options = options
  }

  print(decoded: DecodedFrame): void {
    const text = JSON.stringify(analysisDocument(decoded, this.#options.all), null, 2)
    this.#count++
    if (this.#count === 1) {
      this.#first = text
      return
    }
    if (this.#count === 2) this.#line(`[\n${indented(this.#first!)},`)
    else this.#line(',')
    this.#out.text(indented(text))
  }

  end(): void {
    if (this.#count === 1) this.#line(this.#first!)
    else if (this.#count > 1) this.#line('\n]')
  }

  #line(text: string): void {
    this.#out.text(text)
    this.#out.endLine()
  }
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}
