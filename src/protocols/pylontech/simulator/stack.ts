import type { Clock } from '../../../core/clock.ts'
import { Random } from '../../../core/random.ts'
import type { Values } from '../../../core/values.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import { ALL_MODULES, hex2, READ_COMMANDS } from '../commands.ts'
import { BATTERY, EOI, type Frame, frameBytes, parseFrame, SOI, VERSION } from '../frame.ts'
import { damaged, type WireFaults } from './faults.ts'
import { PACK_KINDS, type PackKind, SimulatedPack } from './pack.ts'
import { systemValues } from './system.ts'

export interface StackOptions {
  readonly packs: number
  /** What everything random follows from. */
  readonly seed: number
  /** What the modules are; the list begins again where it is too short. */
  readonly kinds: readonly KindName[]
  readonly faults: WireFaults
  /** Group of the addresses, 0 to 7. */
  readonly group: number
  /** n of the first module: 2 on RS485, 1 on RS232. */
  readonly first: number
  /** The first module answers for all of them, module FF. */
  readonly together: boolean
  /** The first module answers the system commands of protocol V3.5. */
  readonly system: boolean
  /** From a request to its reply. */
  readonly latencyMs: number
  /** When the modules begin, Unix ms; the clock is not asked before the first request. */
  readonly start: number
}

export type KindName = keyof typeof PACK_KINDS

/** How many modules a group may have. */
export const MOST_PACKS = 14
/** From a request to its reply, ms, as measured at real modules; and where a reply is too late for anybody. */
export const LATENCY_MS = 60
const SLOW_MS = 1200

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
  readonly #delays: Random

  constructor(structs: StructSet, clock: Pick<Clock, 'now'>, options: StackOptions) {
    const random = new Random(options.seed, 'pylontech packs')
    const { kinds } = options
    const kindOf = (i: number): PackKind => PACK_KINDS[kinds[i % kinds.length]!]
    this.packs = Array.from(
      { length: options.packs },
      (_, i) => new SimulatedPack(kindOf(i), i + 1, random, options.start),
    )
    this.#structs = structs
    this.#options = options
    this.#clock = clock
    this.#random = new Random(options.seed, 'pylontech wire')
    this.#delays = new Random(options.seed, 'pylontech delays')
  }

  /** Address of a module, 16 x group + n; `index` counts from 0. */
  address(index: number): number {
    return this.#options.group * 16 + this.#options.first + index
  }

  /** Lets the time pass that has passed. */
  advance(): void {
    for (const pack of this.packs) pack.advance(this.#clock.now())
  }

  /** How long the next reply is in coming, ms. */
  latencyMs(): number {
    const { faults, latencyMs } = this.#options
    return this.#delays.chance(faults.get('slow') ?? 0) ? SLOW_MS : latencyMs
  }

  /** What comes back for the bytes of a request, from SOI to EOI; undefined where nobody answers. */
  answer(request: Uint8Array): Uint8Array | undefined {
    if (request[0] !== SOI || request.at(-1) !== EOI) return undefined
    const frame = parseFrame(request.subarray(1, -1))
    if ('reason' in frame) return undefined // a damaged request is met with silence
    const index = frame.adr - this.address(0)
    const pack = this.packs[index]
    if (frame.cid1 !== BATTERY || pack === undefined || pack.silent) return undefined
    this.advance()
    const reply = this.#reply(frame, index)
    if (reply === undefined) return undefined
    const refusal = this.#frame(frame.adr, this.#random.pick([RTN.unknown, RTN.format, RTN.communication]), NOTHING)
    return damaged(reply, request, refusal, this.#options.faults, this.#random)
  }

  /** Undefined where the modules do not say even that they refuse. */
  #reply({ adr, code, info }: Frame, index: number): Uint8Array | undefined {
    const command = READ_COMMANDS.get(code)
    const known = ANSWERED.has(code) || (this.#options.system && index === 0 && SYSTEM.has(code))
    if (command === undefined || !known) return this.#frame(adr, RTN.unknown, NOTHING)
    if (command.info === 'none') return this.#encoded(adr, code, {})
    const module = info[0]
    if (module === undefined) return this.#frame(adr, RTN.format, NOTHING)
    if (module === adr) return this.#encoded(adr, code, { command_value: adr, ...this.#of(code, [this.packs[index]!]) })
    if (module !== ALL_MODULES || !command.all || index > 0) return this.#frame(adr, RTN.data, NOTHING)
    if (!this.#options.together) return undefined
    const packs = this.packs.filter(pack => !pack.silent)
    return this.#encoded(adr, code, { command_value: packs.length, ...this.#of(code, packs) }, ':FF')
  }

  /** The values of a reply that names a module, without that name. */
  #of(code: number, packs: readonly SimulatedPack[]): Values {
    if (code === 0x42) return { info_flag: 0, packs: packs.map(pack => pack.analog()) }
    if (code === 0x44) return { info_flag: 0, packs: packs.map(pack => pack.alarms()), trailing: '00' }
    if (code === 0x92) return { packs: packs.map(pack => pack.management()) }
    return code === 0x93 ? { serial: packs[0]!.serial } : { manufacture_version: '1.4', mainline_version: '0.9.12' }
  }

  #encoded(adr: number, code: number, values: Values, suffix = ''): Uint8Array {
    const codec = this.#structs.codec([hex2(code) + suffix])!
    const info = codec.encode({ ...this.#own(code), ...values })
    // only newer firmware sends the extra byte that ends the alarms
    const shorter = code === 0x44 && !this.packs[adr - this.address(0)]!.kind.wide
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
    if (code === 0x90) return { pack_count: this.packs.length }
    return SYSTEM.has(code) ? systemValues(code, this.packs, this.address(0)) : {}
  }

  #frame(adr: number, code: number, info: Uint8Array): Uint8Array {
    return frameBytes({ ver: VERSION, adr, cid1: BATTERY, code, info })
  }
}

const NOTHING = new Uint8Array(0)
/** Commands that all modules know. */
const ANSWERED: ReadonlySet<number> = new Set([0x42, 0x44, 0x47, 0x4f, 0x51, 0x90, 0x92, 0x93, 0x96])
/** The system commands of protocol V3.5, which older firmware refuses. */
const SYSTEM: ReadonlySet<number> = new Set([0x61, 0x62, 0x63])

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
