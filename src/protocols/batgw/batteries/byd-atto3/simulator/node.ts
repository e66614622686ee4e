import type { CanMessage } from '../../../../../core/can-bus.ts'
import { invertedSum8 } from '../../../../../core/checksum.ts'
import type { StructSet } from '../../../../../decode/struct-set.ts'
import { canKey, dataOf, isWhole } from '../../../can-message.ts'
import { optionValue } from '../../../config/option.ts'
import { FrameMaker } from '../../../frame-maker.ts'
import { Cyclic } from '../../../simulator/cyclic.ts'
import type { NodeParts, Outgoing, SimulatedNode, SimulatorKind } from '../../../simulator/node.ts'
import { packSettings } from '../../../simulator/pack-settings.ts'
import { PACK, PACKS } from '../packs.ts'
import { isChecked, SimulatedContactors } from './contactors.ts'
import { Said, UNKNOWN_BITS } from './said.ts'

const READ_DATA = 0x22
const ANSWER = READ_DATA + 0x40
const REFUSED = 0x7f
const OUT_OF_RANGE = 0x31
/** What answers are filled up with. */
const PADDING = 0xaa
/** More questions than that do not wait for an answer. */
const MOST_QUESTIONS = 16

/** Voltage of a cell at first, V: 422.0 V of an extended pack. */
const CELL_V = 3.349

const MESSAGES = [
  ...['contactors', 'allowed_power', 'pack_status', 'pack_voltage', 'cells', 'cell_extremes', 'cell_temperatures'],
  ...['module_temperatures', 'ambient', 'isolation', 'insulation', 'answers'],
]

/** A pretended Atto 3 pack: broadcasts, answers by UDS, contactors. Source: docs/protocols/byd-atto3.md. */
export const bydAtto3Simulator: SimulatorKind = {
  settings: packSettings(CELL_V),
  messages: MESSAGES,
  create: (parts, at) => new SimulatedAtto3(parts, at),
}

class SimulatedAtto3 implements SimulatedNode {
  readonly #structs: StructSet
  readonly #frames: FrameMaker
  readonly #contactors: SimulatedContactors
  readonly #said: Said
  readonly #cyclic: Cyclic
  readonly #questions: number[] = []

  constructor({ structs, options, settings, tell }: NodeParts, at: number) {
    this.#structs = structs
    this.#frames = new FrameMaker(structs)
    this.#contactors = new SimulatedContactors(tell, at)
    this.#said = new Said(settings, PACKS[optionValue(options, PACK)], this.#contactors)
    this.#cyclic = new Cyclic(this.#said.rows, at)
  }

  get due(): number {
    return this.#questions.length > 0 ? Number.NEGATIVE_INFINITY : this.#cyclic.due
  }

  handle(frame: CanMessage, at: number): void {
    if (!isWhole(frame)) return
    const key = canKey(frame)
    if (key === '7E7') this.#ask(frame.data)
    if ((key !== '12D' && key !== '441') || !isChecked(frame)) return // a pack heeds no other
    const values = this.#structs.codec([key])?.decode(dataOf(frame)) ?? {}
    if (key === '12D') this.#contactors.told(values['state'], at)
    else this.#contactors.linked(Number(values['link_voltage']))
  }

  tick(at: number): Outgoing[] {
    this.#contactors.step(this.#said.voltage(at), at)
    const answers = this.#questions.splice(0).map(did => ({ message: 'answers', frame: this.#answer(did, at) }))
    const broadcasts = this.#cyclic.take(at).map(({ message, values }) => ({
      message,
      frame: sealed(message, this.#frames.make(message, values(at))),
    }))
    return [...answers, ...broadcasts]
  }

  #ask([length, service, high = 0, low = 0]: Uint8Array): void {
    if (length !== 3 || service !== READ_DATA || this.#questions.length === MOST_QUESTIONS) return
    this.#questions.push(high * 256 + low)
  }

  #answer(did: number, at: number): CanMessage {
    const codec = this.#structs.codec([`7EF:${did.toString(16).toUpperCase().padStart(4, '0')}`])
    if (codec === undefined)
      return padded(
        this.#frames.make('uds_refused', { length: 3, service: REFUSED, requested: READ_DATA, code: OUT_OF_RANGE }),
        4,
      )
    const { size } = codec.layout
    const head = { length: size - 1, service: ANSWER, did }
    return padded(this.#frames.make(codec.name, { ...this.#said.answers(at), ...head }), size)
  }
}

/** The frame with the bits that nobody knows, and its checksum. */
function sealed(message: string, frame: CanMessage): CanMessage {
  const bits = Buffer.from(UNKNOWN_BITS[message] ?? '', 'hex')
  for (const [i, byte] of bits.entries()) frame.data[i] = frame.data[i]! | byte
  frame.data[7] = invertedSum8(frame.data, 0, 7)
  return frame
}

function padded(frame: CanMessage, size: number): CanMessage {
  frame.data.fill(PADDING, size, frame.length)
  return frame
}
