import type { Clock } from '../../../core/clock.ts'
import { Random } from '../../../core/random.ts'
import type { Values } from '../../../core/values.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import { ALL_MODULES, READ_COMMANDS } from '../commands.ts'
import { BATTERY, EOI, type Frame, frameBytes, parseFrame, SOI, VERSION } from '../frame.ts'
import { damaged, type WireFaults } from './faults.ts'
import { PACK_KINDS, type PackKind, SimulatedPack } from './pack.ts'

export interface StackOptions {
  readonly packs: number
  /** What everything random follows from. */
  readonly seed: number
  readonly kind: keyof typeof PACK_KINDS
  readonly faults: WireFaults
  /** Group of the addresses, 0 to 7. */
  readonly group: number
}

/** n of the first module on RS485, and how many modules a group may have. */
const FIRST = 2
export const MOST_PACKS = 14

const RTN = { normal: 0x00, unknown: 0x04, format: 0x05, data: 0x06, communication: 0x91 }

/**
 * A stack of Pylontech modules on one RS485 line: takes request frames, gives reply frames. Pure: time comes from the
 * clock, chance from the seed.
 */
export class SimulatedStack {
  readonly packs: readonly SimulatedPack[]
  readonly #structs: StructSet
  readonly #options: StackOptions
  readonly #clock: Pick<Clock, 'now'>
  readonly #random: Random

  constructor(structs: StructSet, clock: Pick<Clock, 'now'>, options: StackOptions) {
    const random = new Random(options.seed, 'pylontech packs')
    const kind: PackKind = PACK_KINDS[options.kind]
    this.packs = Array.from({ length: options.packs }, (_, i) => new SimulatedPack(kind, i + 1, random, clock.now()))
    this.#structs = structs
    this.#options = options
    this.#clock = clock
    this.#random = new Random(options.seed, 'pylontech wire')
  }

  /** Address of a module, 16 x group + n; `index` counts from 0. */
  address(index: number): number {
    return this.#options.group * 16 + FIRST + index
  }

  /** What comes back for the bytes of a request, from SOI to EOI; undefined where nobody answers. */
  answer(request: Uint8Array): Uint8Array | undefined {
    if (request[0] !== SOI || request.at(-1) !== EOI) return undefined
    const frame = parseFrame(request.subarray(1, -1))
    if ('reason' in frame) return undefined // a damaged request is met with silence
    const index = frame.adr - this.address(0)
    const pack = this.packs[index]
    if (frame.cid1 !== BATTERY || pack === undefined) return undefined
    for (const each of this.packs) each.advance(this.#clock.now())
    const reply = this.#reply(frame, index)
    const refusal = this.#frame(frame.adr, this.#random.pick([RTN.unknown, RTN.format, RTN.communication]), NOTHING)
    return damaged(reply, request, refusal, this.#options.faults, this.#random)
  }

  #reply({ adr, code, info }: Frame, index: number): Uint8Array {
    const command = READ_COMMANDS.get(code)
    if (command === undefined || !ANSWERED.has(code)) return this.#frame(adr, RTN.unknown, NOTHING)
    if (command.info === 'none') return this.#encoded(adr, code, {})
    const module = info[0]
    if (module === undefined) return this.#frame(adr, RTN.format, NOTHING)
    if (module === adr) return this.#encoded(adr, code, { command_value: adr, ...this.#of(code, [this.packs[index]!]) })
    if (module !== ALL_MODULES || !command.all || index > 0) return this.#frame(adr, RTN.data, NOTHING)
    return this.#encoded(adr, code, { command_value: this.packs.length, ...this.#of(code, this.packs) }, ':FF')
  }

  /** The values of a reply that names a module, without that name. */
  #of(code: number, packs: readonly SimulatedPack[]): Values {
    if (code === 0x42) return { info_flag: 0, packs: packs.map(pack => pack.analog()) }
    if (code === 0x44) return { info_flag: 0, packs: packs.map(pack => pack.alarms()), trailing: '00' }
    if (code === 0x92) return { packs: packs.map(pack => pack.management()) }
    return code === 0x93 ? { serial: packs[0]!.serial } : { manufacture_version: '1.4', mainline_version: '0.9.12' }
  }

  #encoded(adr: number, code: number, values: Values, suffix = ''): Uint8Array {
    const codec = this.#structs.codec([code.toString(16).toUpperCase() + suffix])!
    const info = codec.encode({ ...this.#own(code), ...values })
    // only newer firmware sends the extra byte that ends the alarms
    const shorter = code === 0x44 && !this.packs[0]!.kind.wide
    return this.#frame(adr, RTN.normal, shorter ? info.subarray(0, -1) : info)
  }

  /** The values of a reply that is the same for the whole stack. */
  #own(code: number): Values {
    const { kind } = this.packs[0]!
    if (code === 0x47)
      return { ...LIMITS, charge_current_limit: kind.currentLimit * 2, discharge_current_limit: -2 * kind.currentLimit }
    if (code === 0x51) {
      return { device_name: kind.name, software_version: '1.7', manufacturer: 'Simulated'.padEnd(20, '-') }
    }
    return code === 0x90 ? { pack_count: this.packs.length } : {}
  }

  #frame(adr: number, code: number, info: Uint8Array): Uint8Array {
    return frameBytes({ ver: VERSION, adr, cid1: BATTERY, code, info })
  }
}

const NOTHING = new Uint8Array(0)
/** Commands that the modules know; the system commands of protocol V3.5 are refused, as older firmware does. */
const ANSWERED: ReadonlySet<number> = new Set([0x42, 0x44, 0x47, 0x4f, 0x51, 0x90, 0x92, 0x93, 0x96])

const LIMITS: Values = {
  info_flag: 0,
  cell_high_voltage_limit: 3.65,
  cell_low_voltage_limit: 3.05,
  cell_under_voltage_limit: 2.8,
  charge_high_temp_limit: 60,
  charge_low_temp_limit: -10,
  module_high_voltage_limit: 54,
  module_low_voltage_limit: 46,
  module_under_voltage_limit: 43.5,
  discharge_high_temp_limit: 60,
  discharge_low_temp_limit: -10,
}
