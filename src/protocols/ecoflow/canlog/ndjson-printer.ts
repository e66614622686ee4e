import { utf8 } from '../../../core/bytes.ts'
import type { CanFrame } from '../../../core/can.ts'
import { DecodeError } from '../../../core/errors.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import type { Codec } from '../../../decode/codec.ts'
import { JsonWriter } from '../../../decode/to-json.ts'
import type { WalkOptions } from '../../../decode/visitor.ts'
import { CHANNEL, letterOf, nodeOf } from '../arbitration.ts'
import { commandAt, commandKey, identify } from '../identity.ts'
import { HEADER } from '../message.ts'
import { moduleName } from '../modules.ts'
import type { Records } from '../records.ts'
import { IsoTime } from './iso-time.ts'
import type { LogTime } from './log-time.ts'
import type { CanlogStructs } from './ports.ts'
import type { Printer } from './printer.ts'
import { singleNames } from './single-names.ts'
import { hex2, type View } from './view.ts'

/** All that is the same for messages of one identity from one node: ready-made text and the definition. */
interface Kind {
  readonly node: number
  readonly addresses: number
  readonly codec: Codec | undefined
  /** From `"family"` to the opening brace of the values. */
  readonly head: Uint8Array
}

const MAX_KINDS = 16_384

/** Prints one JSON object per message, with values in real units. */
export class NdjsonPrinter implements Printer {
  readonly #out: ByteWriter
  readonly #time: LogTime
  readonly #iso = new IsoTime()
  readonly #structs: CanlogStructs
  readonly #records: Records
  readonly #writer: JsonWriter
  readonly #raw: boolean
  readonly #walk: WalkOptions
  readonly #kinds = new Map<number, Kind[]>()
  #kindCount = 0
  #missing = 0
  #undecodable = 0

  constructor(
    out: ByteWriter,
    time: LogTime,
    structs: CanlogStructs,
    records: Records,
    options: { readonly raw: boolean; readonly guesses: boolean },
  ) {
    this.#out = out
    this.#time = time
    this.#structs = structs
    this.#records = records
    this.#writer = new JsonWriter(out)
    this.#raw = options.raw
    this.#walk = { guesses: options.guesses, short: true, origin: 0 }
  }

  b(view: View): void {
    this.#message(view)
  }

  a(view: View): void {
    this.#message(view)
  }

  c(view: View): void {
    this.#message(view)
  }

  single(channel: number, frame: CanFrame): void {
    this.#timestamp(frame)
    const { node, command } = singleNames(frame)
    const letter = letterOf(channel)
    const raw = Array.from(frame.data.subarray(0, frame.length), hex2).join('')
    const head = {
      family: 'ecoflow',
      device: node === '' ? command : node, // an 11-bit ID has no node
      message: command,
      ...(letter === '' ? {} : { channel: letter }),
      ...(node === '' ? {} : { node }),
    }
    this.#out.text(`,${JSON.stringify({ ...head, raw }).slice(1)}`)
    this.#out.endLine()
  }

  repeatPrevious(): void {}

  takeProblems() {
    const problems = { missing: this.#missing, undecodable: this.#undecodable }
    this.#missing = 0
    this.#undecodable = 0
    return problems
  }

  #message(view: View): void {
    const kind = this.#kind(view)
    if (kind.codec !== undefined || this.#raw) view.open()
    this.#timestamp(view.frame)
    this.#out.put(kind.head)
    if (kind.codec !== undefined) this.#values(view, kind.codec)
    this.#out.byte(0x7d)
    if (this.#raw) this.#rawPayload(view)
    this.#out.byte(0x7d)
    this.#out.endLine()
  }

  #timestamp(frame: CanFrame): void {
    this.#iso.write(this.#out, this.#time.ms(frame))
  }

  #values(view: View, codec: Codec): void {
    this.#writer.reset()
    const start = this.#out.length
    try {
      this.#missing += codec.visit(view.payload, 0, view.length, this.#writer, this.#walk)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#out.length = start
      this.#undecodable++
    }
  }

  #rawPayload({ payload, length }: View): void {
    this.#out.text(',"raw":"')
    for (let i = 0; i < length; i++) this.#out.hexLower(payload[i]!)
    this.#out.byte(0x22)
  }

  #kind(view: View): Kind {
    const { message } = view
    const { bytes } = message
    const command = commandAt(message)
    const key =
      (bytes[command]! << 20) | (bytes[command + 1]! << 12) | (bytes[HEADER.crc8]! << 4) | (bytes[HEADER.version]! >> 4)
    const node = (message.channel << 20) | nodeOf(message.lastId)
    const addresses = (bytes[HEADER.source]! << 16) | (bytes[HEADER.destination]! << 8) | bytes[HEADER.sourceDynamic]!
    const kinds = this.#kinds.get(key)
    if (kinds !== undefined) {
      for (const kind of kinds) if (kind.node === node && kind.addresses === addresses) return kind
    }
    return this.#newKind(view, key, node, addresses)
  }

  #newKind(view: View, key: number, node: number, addresses: number): Kind {
    if (this.#kindCount >= MAX_KINDS) {
      this.#kinds.clear()
      this.#kindCount = 0
    }
    const codec = identify(this.#structs.identities, view.message) ?? this.#records.of(view.message)
    const kind = { node, addresses, codec, head: utf8(headText(view, codec)) }
    const kinds = this.#kinds.get(key)
    if (kinds === undefined) this.#kinds.set(key, [kind])
    else kinds.push(kind)
    this.#kindCount++
    return kind
  }
}

function headText(view: View, codec: Codec | undefined): string {
  const { message } = view
  const { bytes, channel } = message
  const command = commandAt(message)
  const [src, dst] = [bytes[HEADER.source]!, bytes[HEADER.destination]!]
  const [srcName, dstName] = [moduleName(src), moduleName(dst)]
  const head = {
    family: 'ecoflow',
    device: channel === CHANNEL.A ? `${view.nid}-${view.mad}` : view.dev,
    message: codec?.name ?? commandKey(message),
    channel: letterOf(channel),
    node: view.nid,
    src,
    ...(srcName === undefined ? {} : { srcName }),
    dst,
    ...(dstName === undefined ? {} : { dstName }),
    cmdSet: bytes[command]!,
    cmdId: bytes[command + 1]!,
  }
  return `,${JSON.stringify(head).slice(1, -1)},"values":{`
}
