import { WattzupError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import { analysisDocument, analysisLine } from '../protocols/lxp/analysis.ts'
import { BlockWriter } from '../protocols/lxp/blocks/block-writer.ts'
import { documentForm, indented } from '../protocols/lxp/blocks/document-form.ts'
import { lineForm } from '../protocols/lxp/blocks/line-form.ts'
import { FrameDecoder } from '../protocols/lxp/decoded.ts'
import type { LxpFrame } from '../protocols/lxp/frame.ts'
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
  const printer = options.lines ? new LinePrinter(out, decoder, options) : new DocumentPrinter(out, decoder, options)
  const { frames, rejects, failed } = await readFrames(
    io,
    paths,
    options.requests ? 'request' : 'reply',
    (frame, path) => printer.print(frame, path),
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
  readonly #decoder: FrameDecoder
  readonly #options: AnalyzeOptions
  readonly #blocks: BlockWriter
  #path: string | undefined
  /** By the name of the file. */
  #time = Number.NaN

  constructor(out: ByteWriter, decoder: FrameDecoder, options: AnalyzeOptions) {
    this.#out = out
    this.#decoder = decoder
    this.#options = options
    this.#blocks = new BlockWriter(out, decoder, lineForm(options.all))
  }

  print(frame: LxpFrame, path: string): void {
    if (path !== this.#path) this.#time = timeOfName(path, this.#options.zone)
    this.#path = path
    if (!this.#blocks.write(frame, this.#time)) {
      this.#out.text(JSON.stringify(analysisLine(this.#decoder.decode(frame), this.#time, this.#options.all)))
    }
    this.#out.endLine()
  }

  end(): void {}
}

/** One frame is an object, several are an array: so the first one waits until it is known whether there is a second. */
class DocumentPrinter {
  readonly #out: ByteWriter
  readonly #decoder: FrameDecoder
  readonly #all: boolean
  readonly #blocks: BlockWriter
  #first: Record<string, unknown> | undefined
  #count = 0

  constructor(out: ByteWriter, decoder: FrameDecoder, { all }: AnalyzeOptions) {
    this.#out = out
    this.#decoder = decoder
    this.#all = all
    this.#blocks = new BlockWriter(out, decoder, documentForm(all))
  }

  print(frame: LxpFrame): void {
    this.#count++
    if (this.#count === 1) {
      this.#first = this.#document(frame)
      return
    }
    if (this.#count === 2) this.#out.text(`[\n${indented(this.#first!)}`)
    this.#out.byte(COMMA)
    this.#out.endLine()
    if (!this.#blocks.write(frame, Number.NaN)) this.#out.text(indented(this.#document(frame)))
  }

  end(): void {
    if (this.#count === 1) this.#line(JSON.stringify(this.#first, null, 2))
    else if (this.#count > 1) this.#line('\n]')
  }

  #document(frame: LxpFrame): Record<string, unknown> {
    return analysisDocument(this.#decoder.decode(frame), this.#all)
  }

  #line(text: string): void {
    this.#out.text(text)
    this.#out.endLine()
  }
}

const COMMA = 0x2c
