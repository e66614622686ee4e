import type { Codec } from '../../../decode/codec.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import { SLOT_REGISTERS, SLOTS } from '../battery-slots.ts'
import type { Model } from '../model.ts'
import type { RegisterKind } from './frames.ts'
import { HoldMemory, type Refusal } from './hold-memory.ts'
import { holdValues } from './hold-values.ts'
import { inputValues } from './input-values.ts'
import { SimulatedInverter } from './inverter.ts'
import { KINDS } from './kinds.ts'
import { settingsOf } from './settings.ts'
import { slotModules, slotValues } from './slot-values.ts'

/** Registers that a dongle reads and writes. Words are in wire order; `at` is Unix ms and never goes back. */
export interface Registers {
  /** Words as they are at `at`; undefined where there are no such registers. */
  read(kind: RegisterKind, register: number, count: number, at: number): Uint8Array | undefined
  /** Sets hold registers, all or none; gives the reason where it sets none. */
  write(register: number, words: Uint8Array, at: number): Refusal | undefined
}

/** So many registers of each kind are answered; those without a meaning are 0. */
export const REGISTERS = 400

export interface InverterOptions {
  readonly model: Model
  /** What everything random follows from. */
  readonly seed: number
  /** Unix ms. */
  readonly start: number
  /** Serial number, 10 characters. */
  readonly serial: string
}

/** The registers of a simulated inverter; values get their places and scales from the definition. */
export class SimulatedRegisters implements Registers {
  readonly hold: HoldMemory
  readonly inverter: SimulatedInverter
  readonly #serial: string
  readonly #input: Codec
  readonly #slot: Codec
  /** First register of the battery slots, where the model has any. */
  readonly #slotStart: number | undefined
  #image: Uint8Array = new Uint8Array(0)
  #imageStep = Number.NaN

  constructor(structs: StructSet, { model, seed, start, serial }: InverterOptions) {
    const kind = KINDS[model]
    const holdCodec = structs.codec(['hold'], model)!
    this.#serial = serial
    this.#input = structs.codec(['input'], model)!
    this.#slot = structs.codec(['battery_slot'], model)!
    const first = this.#input.layout.fields.find(({ name }) => name === 'battery_slot1_status')
    this.#slotStart = first === undefined ? undefined : first.at / 2
    this.hold = new HoldMemory(holdCodec, holdValues(kind, serial), REGISTERS)
    const settings = () => settingsOf(this.hold.values, holdCodec, kind.ratedWatts)
    this.inverter = new SimulatedInverter(kind, seed, start, settings)
  }

  read(kind: RegisterKind, register: number, count: number, at: number): Uint8Array | undefined {
    this.inverter.advance(at)
    const end = register + count
    if (kind === 'hold') return end <= this.hold.size ? this.hold.words(register, count, at) : undefined
    const slots = this.#slotStart ?? Number.POSITIVE_INFINITY
    const isSlots = register >= slots && end <= slots + SLOTS * SLOT_REGISTERS
    return end <= REGISTERS || isSlots ? this.#inputImage().subarray(register * 2, end * 2) : undefined
  }

  write(register: number, words: Uint8Array, at: number): Refusal | undefined {
    this.inverter.advance(at)
    return this.hold.write(register, words, at)
  }

  /** All input registers of a step; made anew, so what was read before stays as it was. */
  #inputImage(): Uint8Array {
    const { step } = this.inverter
    if (step === this.#imageStep) return this.#image
    const size = (this.#slotStart === undefined ? REGISTERS : this.#slotStart + SLOTS * SLOT_REGISTERS) * 2
    this.#image = this.#input.encode(inputValues(this.inverter, this.#serial), size)
    this.#imageStep = step
    if (this.#slotStart === undefined) return this.#image
    for (const [i, module] of slotModules(this.inverter, step, SLOTS).entries()) {
      const words = this.#slot.encode(slotValues(this.inverter, module))
      this.#image.set(words, (this.#slotStart + i * SLOT_REGISTERS) * 2)
    }
    return this.#image
  }
}
