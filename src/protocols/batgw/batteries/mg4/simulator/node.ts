import type { CanMessage } from '../../../../../core/can-bus.ts'
import { crc8GsmA } from '../../../../../core/checksum.ts'
import type { Values } from '../../../../../core/values.ts'
import { canKey, isWhole } from '../../../can-message.ts'
import { FrameMaker } from '../../../frame-maker.ts'
import { Cyclic } from '../../../simulator/cyclic.ts'
import type { NodeParts, Outgoing, SettingsView, SimulatedNode, SimulatorKind } from '../../../simulator/node.ts'
import { packSettings, packVoltage } from '../../../simulator/pack-settings.ts'
import { MG4_FACTS } from '../facts.ts'

/** Voltage of a cell at first, V: 327.0 V of the pack. */
const CELL_V = 3.144
/** Without the frames of a vehicle a pack falls asleep, ms; after how long is not known. */
const SLEEPY_MS = 2000
const STEP_V = 0.25

/** A pretended MG4 pack on its bus PT EXT: speaks while a vehicle keeps it awake. Source: docs/protocols/mg4.md. */
export const mg4Simulator: SimulatorKind = {
  settings: packSettings(CELL_V),
  messages: ['pack_values', 'charge_state'],
  create: (parts, at) => new SimulatedMg4(parts, at),
}

class SimulatedMg4 implements SimulatedNode {
  readonly #frames: FrameMaker
  readonly #settings: SettingsView
  readonly #tell: (text: string) => void
  readonly #cyclic: Cyclic
  #awakeUntil = Number.NEGATIVE_INFINITY
  #isAwake = false
  /** It was told to close its contactors since it woke. */
  #isCalled = false
  #isClosed = false

  constructor({ structs, settings, tell }: NodeParts, at: number) {
    this.#frames = new FrameMaker(structs)
    this.#settings = settings
    this.#tell = tell
    this.#cyclic = new Cyclic(
      [
        { message: 'pack_values', periodMs: 100, values: time => this.#values(time) },
        { message: 'charge_state', periodMs: 200, values: time => this.#charge(time) },
      ],
      at,
    )
  }

  get due(): number {
    return this.#cyclic.due
  }

  handle(frame: CanMessage, at: number): void {
    if (!isWhole(frame)) return
    const key = canKey(frame)
    if (key === '4F3') this.#awakeUntil = at + SLEEPY_MS
    if (key === '047' && frame.data[0] === crc8GsmA(frame.data, 1, 8)) this.#isCalled = this.#isAwake
  }

  tick(at: number): Outgoing[] {
    this.#look(at)
    const rows = this.#cyclic.take(at)
    if (!this.#isAwake) return []
    return rows.map(({ message, values }) => ({ message, frame: this.#frames.make(message, values(at)) }))
  }

  #look(at: number): void {
    const contactors = this.#settings.text('contactors', at)
    const isAwake = at < this.#awakeUntil || contactors === 'stay closed'
    if (isAwake !== this.#isAwake) this.#tell(isAwake ? 'awake' : 'asleep')
    this.#isAwake = isAwake
    this.#isCalled &&= isAwake
    const isClosed = contactors === 'obey' ? this.#isCalled : contactors === 'stay closed'
    if (isClosed !== this.#isClosed) this.#tell(`contactors ${isClosed ? 'closed' : 'open'}`)
    this.#isClosed = isClosed
  }

  /** Current positive = discharging; none flows through open contactors. */
  #values(at: number): Values {
    const volts = packVoltage(this.#settings, MG4_FACTS.cells, at)
    const amperes = this.#isClosed ? -this.#settings.number('current', at) : 0
    return { voltage: Math.round(volts / STEP_V) * STEP_V, current: Math.round(amperes * 20) / 20 }
  }

  #charge(at: number): Values {
    return { invalid: false, soc: Math.round(this.#settings.number('soc', at) * 10) / 10 }
  }
}
