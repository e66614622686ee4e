import type { CanFrame } from '../../../core/can.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import type { Codec } from '../../../decode/codec.ts'
import { READ } from '../../../decode/plan.ts'
import { COLOR_INSPECT, InspectWriter } from '../../../decode/to-inspect.ts'
import { letterOf } from '../arbitration.ts'
import type { LineTemplate } from './line-template.ts'
import { TemplateBuilder } from './line-template.ts'
import type { ColumnOptions } from './options.ts'
import type { Paint, Palette } from './paint.ts'
import { HexDiff, writeChars, writeDecimals, writeHex, writeUpperHex } from './payload-columns.ts'
import { singleNames } from './single-names.ts'
import type { View } from './view.ts'

const SPACE = 0x20
const COMMA = 0x2c

/** Columns of a B line that do not follow from the message alone. */
export interface LineExtras {
  readonly serial: string | undefined
  readonly codec: Codec | undefined
  /** `--seq`: difference to the message before, as text; undefined without the option. */
  readonly sequenceDelta: string | undefined
  /** `--dup`: earlier messages with this sequence; 0 is not shown. */
  readonly repeats: number
  readonly field: string | undefined
}

const UNKNOWN_SERIAL = '_'.repeat(16)
const RECORD_WALK = { guesses: true, short: true, origin: 0, emptyText: true }

/** Prints messages as the original tool's lines. Source of the columns: docs/commands/canlog.md. */
export class TextLines {
  readonly #out: ByteWriter
  readonly #columns: ColumnOptions
  readonly #palette: Palette
  readonly #separator: number
  readonly #beforeSerial: LineTemplate | undefined
  readonly #b: LineTemplate
  readonly #aHead: LineTemplate
  readonly #aTail: LineTemplate | undefined
  readonly #c: LineTemplate
  readonly #diff: HexDiff | undefined
  readonly #inspect: InspectWriter
  /** Bytes that a pascal string counts for beside its text: the original takes one too many. */
  readonly #pascalExtra: number
  #missing = 0

  constructor(out: ByteWriter, columns: ColumnOptions, palette: Palette, compat: boolean) {
    this.#out = out
    this.#columns = columns
    this.#palette = palette
    this.#separator = columns.separator.charCodeAt(0)
    const lead = leadTemplate(columns, palette)
    this.#beforeSerial = columns.serial && lead.any ? lead.builder.build() : undefined
    this.#b = bTemplate(
      columns.serial ? new TemplateBuilder(columns.separator, !lead.any) : lead.builder,
      columns,
      palette,
    )
    this.#aHead = aTemplate(columns, palette)
    this.#aTail = columns.crc ? crcTemplate(columns, palette) : undefined
    this.#c = cTemplate(columns, palette)
    this.#diff = columns.hex === 'diff' ? new HexDiff(palette, !compat) : undefined
    this.#inspect = new InspectWriter(out, palette.colored ? COLOR_INSPECT : undefined)
    this.#pascalExtra = compat ? 2 : 1
  }

  /** Fields that records lacked because their payload was short, since the last call. */
  takeMissing(): number {
    const missing = this.#missing
    this.#missing = 0
    return missing
  }

  /** A line of channel B, without its line end. */
  b(view: View, time: Uint8Array, extras: LineExtras): void {
    const out = this.#out
    const columns = this.#columns
    if (columns.serial) this.#serial(view, time, extras.serial)
    this.#b.write(out, view, time)
    if (columns.hex === 'diff') this.#diff!.write(out, view, this.#separator)
    else if (columns.hex === 'plain') this.#hex(view, this.#separator)
    if (columns.decimal) this.#painted(this.#palette.blueBright, () => this.#decimals(view))
    if (columns.chars) this.#chars(view)
    if (columns.record && extras.codec !== undefined) this.#record(view, extras.codec)
    if (columns.message) this.#painted(this.#palette.magenta, () => this.#wire(view))
    if (extras.sequenceDelta !== undefined) this.#text(extras.sequenceDelta, this.#palette.redBright)
    if (extras.repeats > 0) this.#text(String(extras.repeats), this.#palette.none)
    if (extras.field) this.#text(extras.field, this.#palette.whiteBright)
  }

  /** A line of channel A, without its line end. */
  a(view: View, time: Uint8Array, codec: Codec | undefined): void {
    const columns = this.#columns
    this.#aHead.write(this.#out, view, time)
    if (columns.hex !== 'off') this.#hex(view, COMMA)
    this.#aTail?.write(this.#out, view, time)
    if (columns.chars) this.#chars(view)
    if (columns.record && codec !== undefined) this.#record(view, codec)
    if (columns.message) this.#painted(this.#palette.none, () => this.#wire(view))
  }

  /** A line of channel C, without its line end. */
  c(view: View, time: Uint8Array): void {
    const columns = this.#columns
    this.#c.write(this.#out, view, time)
    if (columns.pairs) this.#painted(this.#palette.magenta, () => this.#pairs(view))
    if (view.length > 0 || !columns.pairs) this.#hex(view, SPACE)
    if (columns.chars) this.#chars(view)
  }

  /** A line of a single frame: channels D and E, or a command without a channel. */
  single(channel: number, frame: CanFrame, time: Uint8Array): void {
    const out = this.#out
    if (this.#columns.time) this.#colored(this.#palette.cyan, () => out.put(time))
    const letter = letterOf(channel)
    if (letter !== '') this.#text(letter, this.#palette.redBright)
    const { node, command } = singleNames(frame)
    this.#text(node, this.#palette.yellowBright)
    this.#text(command, this.#palette.green)
    this.#painted(this.#palette.blueBright, () => writeUpperHex(out, frame.data, frame.length, this.#separator))
    this.#painted(this.#palette.redBright, () => writeChars(out, frame.data, frame.length))
  }

  #serial(view: View, time: Uint8Array, serial: string | undefined): void {
    this.#beforeSerial?.write(this.#out, view, time)
    if (this.#beforeSerial !== undefined) this.#out.byte(this.#separator)
    this.#colored(this.#palette.redBright, () => this.#out.text(serial ?? UNKNOWN_SERIAL))
    if (this.#beforeSerial === undefined) this.#out.byte(this.#separator)
  }

  #hex({ payload, length }: View, joint: number): void {
    const [open, close] = this.#palette.blueBright
    this.#out.byte(this.#separator)
    if (open !== '') this.#out.text(open)
    writeHex(this.#out, payload, length, joint)
    if (open !== '') this.#out.text(close)
  }

  #decimals({ payload, length }: View): void {
    writeDecimals(this.#out, payload, length, this.#separator)
  }

  #chars({ payload, length }: View): void {
    this.#painted(this.#palette.redBright, () => writeChars(this.#out, payload, length))
  }

  #wire({ message }: View): void {
    writeUpperHex(this.#out, message.bytes, message.length, -1)
  }

  #pairs({ message }: View): void {
    writeUpperHex(this.#out, message.bytes, message.length, this.#separator)
  }

  #record(view: View, codec: Codec): void {
    this.#out.byte(this.#separator)
    this.#inspect.open()
    const { payload, length } = view
    this.#missing += codec.visit(payload, 0, length, this.#inspect, RECORD_WALK)
    if (this.#columns.used) this.#inspect.pair('used', usedBytes(view, codec, this.#pascalExtra), length)
    this.#inspect.close()
  }

  #text(text: string, paint: Paint): void {
    this.#painted(paint, () => this.#out.text(text))
  }

  #painted(paint: Paint, write: () => void): void {
    this.#out.byte(this.#separator)
    this.#colored(paint, write)
  }

  #colored([open, close]: Paint, write: () => void): void {
    if (open !== '') this.#out.text(open)
    write()
    if (close !== '') this.#out.text(close)
  }
}

/** Payload bytes that a record's fields claim, every field counted for itself; numbers that are missing claim none. */
export function usedBytes({ payload, length }: View, { layout }: Codec, pascalExtra: number): number {
  return layout.fields.reduce((sum, field) => {
    if (field.read === READ.pascal) return field.at < length ? sum + pascalExtra + payload[field.at]! : sum
    return field.read === READ.span || field.at + field.size <= length ? sum + field.size : sum
  }, 0)
}

function leadTemplate(columns: ColumnOptions, palette: Palette): { builder: TemplateBuilder; any: boolean } {
  const builder = new TemplateBuilder(columns.separator, true)
  if (columns.time) builder.time(palette.cyan)
  if (columns.str) builder.bytes([12, 14, 9], palette.magenta, '-')
  if (columns.smo) builder.bytes([12, 14], palette.magenta, '-')
  return { builder, any: columns.time || columns.str || columns.smo }
}

const HEADER_18 = Array.from({ length: 18 }, (_, i) => i)

function bTemplate(builder: TemplateBuilder, columns: ColumnOptions, p: Palette): LineTemplate {
  builder.text('B', p.redBright).node(p.yellowBright)
  if (columns.header) builder.bytes(HEADER_18, p.greenBold)
  builder.bytes([0, 1], p.green).bytes([3, 2], p.blue).bytes([4], p.blueBright).bytes([5], p.green)
  builder.bytes([7, 6, 8], p.greenBright)
  builder.bytes([9], p.green).bytes([10], p.red).bytes([11], p.redBright).bytes([12], p.yellow)
  builder.bytes([13], p.blueBright).bytes([14], p.yellow).bytes([15], p.green).bytes([16, 17], p.greenBright)
  if (columns.crc) builder.crcs(p.red, p.redBright)
  return builder.build()
}

function aTemplate(columns: ColumnOptions, p: Palette): LineTemplate {
  const builder = new TemplateBuilder(columns.separator, true)
  if (columns.startCommand) builder.startCommand(p.white)
  if (columns.time) builder.time(p.cyan)
  builder.text('A', p.redBright)
  if (columns.str) builder.text('.'.repeat(11), p.magenta)
  if (columns.serial) builder.text('.'.repeat(16), p.redBright)
  builder.node(p.yellowBright)
  builder.bytes([0, 1], p.green).bytes([3, 2], p.blue).bytes([4], p.blueBright).bytes([5], p.green)
  return builder.bytes([7, 6, 8], p.greenBright).bytes([9, 10, 11, 12, 13, 14, 15], p.green, ',').build()
}

function crcTemplate({ separator }: ColumnOptions, p: Palette): LineTemplate {
  return new TemplateBuilder(separator, false).crcs(p.red, p.redBright).build()
}

function cTemplate(columns: ColumnOptions, p: Palette): LineTemplate {
  const builder = new TemplateBuilder(columns.separator, true)
  if (columns.time) builder.time(p.cyan)
  builder.text('C', p.redBright).node(p.yellowBright)
  if (columns.header) builder.bytes(HEADER_18, p.greenBold)
  builder.bytes([0, 1], p.green).bytes([3, 2], p.blue).bytes([4], p.blueBright).bytes([5], p.green)
  return builder.bytes([15], p.blueBright).build()
}
