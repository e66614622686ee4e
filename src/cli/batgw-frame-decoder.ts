import type { CanFrame } from '../core/can.ts'
import { DecodeError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import type { StructLibrary } from '../decode/library.ts'
import type { StructSet } from '../decode/struct-set.ts'
import type { BatteryKind, Decoded } from '../protocols/batgw/battery-driver.ts'
import { canKey, dataOf, isClassicData, isWhole } from '../protocols/batgw/can-message.ts'
import type { GivenOptions } from '../protocols/batgw/config/option.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'
import type { InverterKind } from '../protocols/batgw/inverter-driver.ts'
import { Tally } from '../protocols/batgw/tally.ts'
import { counted } from '../sinks/counted.ts'
import type { Sink } from '../sinks/sink.ts'
import { rejectedLines } from './batgw-rejected.ts'

/** What is known of the buses of a log. */
export interface LogSides {
  readonly battery: { readonly kind: BatteryKind }
  readonly inverter: { readonly kind: InverterKind; readonly options: GivenOptions }
  /** What the log calls the buses, where that is known. */
  readonly names?: Readonly<Record<Side, string>>
}

/** What a frame turns out to be: a reading, or why it is none. */
type Outcome = Decoded | 'unknown' | 'not whole' | 'wrong checksum'

/** Makes readings of frames. One that both sides know is of the side whose bus it was on, or else of the battery. */
export class FrameDecoder {
  readonly #sides: LogSides
  readonly #sets: Readonly<Record<Side, StructSet>>
  readonly #model: string | undefined
  readonly #sink: Sink
  readonly #guesses: boolean
  readonly #tally = new Tally()
  readonly #name = new ByteWriter(() => {})
  #readings = 0
  #unknown = 0
  #broken = 0

  /** `guesses`: values whose meaning is a guess, too. */
  constructor(sides: LogSides, library: StructLibrary, sink: Sink, guesses: boolean) {
    const { battery, inverter } = sides
    this.#sides = sides
    this.#sets = {
      battery: library.load(battery.kind.structs),
      inverter: library.load(inverter.kind.structs(inverter.options)),
    }
    this.#model = inverter.kind.model(inverter.options)
    this.#sink = sink
    this.#guesses = guesses
  }

  /** Whether anything was understood. */
  get hasReadings(): boolean {
    return this.#readings > 0
  }

  frame(frame: CanFrame): void {
    const bus = this.#busOf(frame)
    const sides: readonly Side[] =
      bus === this.#sides.names?.inverter ? ['inverter', 'battery'] : ['battery', 'inverter']
    for (const side of sides) if (this.#take(side, frame, bus)) return
    this.#unknown++
  }

  /** What became of frames that are no readings, in lines. */
  report(): string[] {
    const isOne = this.#broken === 1
    return [
      ...(this.#unknown > 0 ? [`${counted(this.#unknown, 'frame')} of no known content`] : []),
      ...(this.#broken > 0
        ? [`${counted(this.#broken, 'frame')} that ${isOne ? 'is no whole one' : 'are no whole ones'}`]
        : []),
      ...rejectedLines(this.#tally.counts),
    ]
  }

  /** Whether the frame is one of this side. */
  #take(side: Side, frame: CanFrame, device: string): boolean {
    const outcome = isClassicData(frame) ? this.#decode(side, frame) : 'not whole'
    if (outcome === 'unknown') return false
    if (outcome === 'not whole') this.#broken++
    else if (outcome === 'wrong checksum') this.#tally.add(`${side}: checksum: ${canKey(frame)}`)
    else {
      this.#publish(side, frame, device, outcome)
    }
    return true
  }

  /** A message that says nothing we know of is no reading. */
  #publish(side: Side, frame: CanFrame, device: string, { codec, values }: Decoded): void {
    if (Object.keys(values).length === 0) return
    frame.origin.readTime(frame)
    const time = frame.seconds * 1000 + Math.floor(frame.nanos / 1e6)
    const { name: family } = this.#sets[side]
    void this.#sink.write({ time, family, device, message: codec.name, values, fields: codec.fields })
    this.#readings++
  }

  #decode(side: Side, frame: CanFrame): Outcome {
    try {
      return side === 'battery' ? this.#ofBattery(frame) : this.#ofInverter(frame)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return 'not whole'
    }
  }

  /** As the gateway takes it: whole, and with its checksum right. */
  #ofBattery(frame: CanFrame): Outcome {
    const { kind } = this.#sides.battery
    const codec = this.#sets.battery.codec(kind.keys(frame))
    if (codec === undefined) return 'unknown'
    if (!isWhole(frame)) return 'not whole'
    return kind.isIntact(frame)
      ? { codec, values: codec.decode(dataOf(frame), { guesses: this.#guesses }) }
      : 'wrong checksum'
  }

  /** Batteries for inverters leave out the last fields of some messages. */
  #ofInverter(frame: CanFrame): Outcome {
    const codec = this.#sets.inverter.codec([canKey(frame)], this.#model)
    if (codec === undefined) return 'unknown'
    const values = codec.decode(dataOf(frame), { short: 'omit', guesses: this.#guesses })
    return Object.keys(values).length === 0 && frame.length < codec.layout.size ? 'not whole' : { codec, values }
  }

  #busOf(frame: CanFrame): string {
    this.#name.length = 0
    frame.origin.writeInterface(frame, this.#name)
    return utf8.decode(this.#name.bytes.subarray(0, this.#name.length))
  }
}

const utf8 = new TextDecoder()
