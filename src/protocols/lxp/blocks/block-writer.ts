import { utf8 } from '../../../core/bytes.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import type { Codec } from '../../../decode/codec.ts'
import { JsonWriter } from '../../../decode/to-json.ts'
import type { DecodedFrame, FrameDecoder } from '../decoded.ts'
import type { LxpFrame } from '../frame.ts'
import { BlockText, type Template } from './block-text.ts'

/** How blocks of registers are written. */
export interface BlockForm {
  /** The text up to the values; `time` in Unix ms, NaN where it is not known. */
  start(frame: LxpFrame, time: number): string
  /** The rest, for blocks of the same registers; undefined where it takes more than a template. */
  template(decoded: DecodedFrame, json: JsonWriter): Template | undefined
}

/** More blocks than inverters behind a dongle have; whoever invents some does not fill the memory. */
const MOST = 128

/** Blocks of the same registers of one inverter; `text` is undefined where it takes more than a template. */
interface Kind {
  readonly codec: Codec
  readonly text: KindText | undefined
}

/** Writes blocks of registers, which are what dongles send day in, day out, without making objects of them. */
export class BlockWriter {
  readonly #out: ByteWriter
  readonly #json: JsonWriter
  readonly #decoder: FrameDecoder
  readonly #form: BlockForm
  /** By inverter; the last one is the next one, nearly always. */
  readonly #kinds = new Map<string, Map<number, Kind>>()
  #inverter: string | undefined
  #ofInverter = new Map<number, Kind>()
  #count = 0

  constructor(out: ByteWriter, decoder: FrameDecoder, form: BlockForm) {
    this.#out = out
    this.#json = new JsonWriter(out)
    this.#decoder = decoder
    this.#form = form
  }

  /** Appends the text of a frame and returns true; false where the frame is no block, or not a plain one. */
  write(frame: LxpFrame, time: number): boolean {
    const codec = frame.type === 'input' || frame.type === 'hold' ? this.#decoder.codecOf(frame) : undefined
    if (codec === undefined) return false
    const { text } = this.#kindOf(frame, codec)
    text?.appendTo(this.#out, frame, time)
    return text !== undefined
  }

  #kindOf(frame: LxpFrame, codec: Codec): Kind {
    const { inverter = '', type, register = 0, data } = frame
    if (inverter !== this.#inverter) this.#choose(inverter)
    const key = (register * 1024 + data.length) * 2 + (type === 'hold' ? 1 : 0)
    const known = this.#ofInverter.get(key)
    if (known?.codec === codec) return known
    if (known === undefined && this.#count++ === MOST) this.#forget(inverter)
    const kind = { codec, text: this.#textOf(frame) }
    this.#ofInverter.set(key, kind)
    return kind
  }

  #choose(inverter: string): void {
    this.#inverter = inverter
    this.#ofInverter = this.#kinds.get(inverter) ?? new Map()
    this.#kinds.set(inverter, this.#ofInverter)
  }

  #forget(inverter: string): void {
    this.#kinds.clear()
    this.#choose(inverter)
    this.#count = 1
  }

  #textOf(frame: LxpFrame): KindText | undefined {
    const template = this.#form.template(this.#decoder.decode(frame), this.#json)
    return template && new KindText(this.#form, template, frame.data.length)
  }
}

/** The whole text of blocks: the beginning too changes now and then. */
class KindText {
  readonly #form: BlockForm
  readonly #rest: BlockText
  #start: Uint8Array = new Uint8Array(0)
  #time = 0
  #protocol = -1
  #datalog = ''

  constructor(form: BlockForm, template: Template, size: number) {
    this.#form = form
    this.#rest = new BlockText(template, size)
  }

  appendTo(out: ByteWriter, frame: LxpFrame, time: number): void {
    const { protocol, datalog } = frame
    if (protocol !== this.#protocol || datalog !== this.#datalog || !Object.is(time, this.#time)) {
      this.#start = utf8(this.#form.start(frame, time))
      this.#protocol = protocol
      this.#datalog = datalog
      this.#time = time
    }
    out.put(this.#start)
    this.#rest.appendTo(out, frame.data)
  }
}
