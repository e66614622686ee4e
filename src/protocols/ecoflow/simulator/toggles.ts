import type { Random } from '../../../core/random.ts'
import { type Definitions, encodeAs, handWritten, type Payload, report } from './messages.ts'
import { kitPayloads } from './messages-powerkit.ts'
import { ADDRESS, KIT, kitPack, type Module } from './modules.ts'
import { FLAGS } from './packet.ts'
import type { Home, PowerKit } from './physics.ts'
import type { PvState } from './pv.ts'
import type { Agenda } from './schedule.ts'
import type { Transmitter } from './transmitter.ts'

const MS = 1000
const MINUTE = 60_000_000

type Input = 0 | 1

/** What happens in the first two minutes of every log: s after the start, input, new state, by whom. */
const OPENING: readonly (readonly [second: number, input: Input, on: boolean, by: 'console' | 'app'])[] = [
  [15, 0, false, 'console'],
  [40, 0, true, 'console'],
  [65, 1, false, 'app'],
  [95, 1, true, 'app'],
]

/**
 * The people of the home, who switch PV inputs off and on at the touch console and from the phone. Source of the
 * message sequences: docs/protocols/ecoflow.md, "User events".
 */
export class PvToggles {
  readonly #agenda: Agenda
  readonly #transmitter: Transmitter
  readonly #definitions: Definitions
  readonly #home: Home
  readonly #kit: PowerKit
  readonly #random: Random
  readonly #pvStates: readonly Payload[]
  #shown: PvState[]
  #count = 0

  constructor(
    agenda: Agenda,
    transmitter: Transmitter,
    definitions: Definitions,
    home: Home,
    kit: PowerKit,
    random: Random,
  ) {
    this.#agenda = agenda
    this.#transmitter = transmitter
    this.#definitions = definitions
    this.#home = home
    this.#kit = kit
    this.#random = random
    const { pv1State, pv2State } = kitPayloads(definitions, home, kit)
    this.#pvStates = [pv1State, pv2State]
    this.#shown = kit.pv.map(input => input.state)
    for (const [second, input, on, by] of OPENING) this.#plan(home.at + second * 1e6, input, on, by)
    this.#planMore(home.at + 2 * MINUTE)
  }

  /** Reports inputs whose state has changed; to be called after every step of the home. */
  notice(at: number): void {
    for (const [input, { state }] of this.#kit.pv.entries()) {
      if (state === this.#shown[input]) continue
      this.#shown[input] = state
      const [from, to] = input === 0 ? [KIT.solar, KIT.dcLow] : [KIT.dcIn, KIT.solar]
      this.#say(from, to.address, 0x0502, this.#pvStates[input]!, at + 60 * MS)
    }
  }

  /** Some time later an input is off for a while, and so on. */
  #planMore(from: number): void {
    const off = from + this.#random.between(20, 90) * MINUTE
    const on = off + this.#random.between(3, 15) * MINUTE
    const input = this.#random.pick([0, 1] as const)
    const by = this.#random.pick(['console', 'app'] as const)
    this.#plan(off, input, false, by)
    this.#plan(on, input, true, by)
    this.#agenda.once(on, () => this.#planMore(on))
  }

  #plan(at: number, input: Input, on: boolean, by: 'console' | 'app'): void {
    this.#agenda.once(at, now => (by === 'console' ? this.#byConsole(now, input, on) : this.#byApp(now, input, on)))
  }

  #byConsole(at: number, input: Input, on: boolean): void {
    for (let i = 0; i < 3; i++) this.#attention(KIT.touch, ADDRESS.pack, at + i * 90 * MS)
    this.#switch(at + 270 * MS, KIT.touch, input, on, 2)
    const { address } = KIT.touch
    const from = input === 0 ? KIT.solar : KIT.dcIn
    this.#say(from, address, 0x0506, handWritten(1), at + 275 * MS, FLAGS.answer)
  }

  /** The app is opened, asks around, and then switches. */
  #byApp(at: number, input: Input, on: boolean): void {
    const { wireless, dcOut } = KIT
    this.#say(wireless, dcOut.address, 0x0101, handWritten(5), at, FLAGS.request)
    for (const [i] of this.#kit.bank.packs.entries()) {
      const pack = kitPack(i)
      const values = { serial: pack.serial, powerCap: 2200 + i }
      const bytes = encodeAs(this.#definitions.records, 'D2:20', values, 80)
      this.#say(pack, ADDRESS.app, 0x0305, () => bytes, at + (20 + i * 15) * MS, FLAGS.answer)
    }
    this.#attention(wireless, ADDRESS.all, at + 1500 * MS)
    this.#switch(at + 1600 * MS, wireless, input, on, 18)
    if (!on) this.#say(wireless, ADDRESS.pack, 0x0105, handWritten(0), at + 1640 * MS, FLAGS.request)
    this.#attention(wireless, ADDRESS.pack, at + 1700 * MS)
  }

  #attention(from: Module, to: number, at: number): void {
    const bytes = encodeAs(this.#definitions.messages, 'attention', { b0: 1 }, 1)
    this.#say(from, to, 0x0351, () => bytes, at, FLAGS.request)
  }

  /** Sends the two switches, throws the one, and has the modules count it. */
  #switch(at: number, from: Module, input: Input, on: boolean, length: number): void {
    this.#agenda.once(at, now => {
      const states = this.#kit.pv.map(({ on }) => Number(on))
      states[input] = Number(on)
      const values = { Set_PVIn1: states[0]!, Set_PVIn2: states[1]! }
      const bytes = encodeAs(this.#definitions.messages, 'pv_input_switch', values, length)
      const to = input === 0 ? KIT.solar : KIT.dcIn
      this.#say(from, to.address, 0x0506, () => bytes, now, FLAGS.request)
      this.#home.advance(now)
      this.#home.switchPv(input, on)
      this.#counters(now, states[0]! | (states[1]! << 1))
      this.notice(now)
    })
  }

  #counters(at: number, value: number): void {
    const { solar, dcIn, dcLow, inverter, dcOut } = KIT
    this.#count = (this.#count + 1) & 0xff
    const bytes = encodeAs(this.#definitions.records, 'E1', { count: this.#count, value }, 3)
    const payload = () => bytes
    this.#say(solar, dcLow.address, 0x0507, payload, at + 20 * MS)
    this.#say(solar, inverter.address, 0x0507, payload, at + 25 * MS)
    this.#say(dcIn, solar.address, 0x0507, payload, at + 30 * MS)
    this.#say(dcIn, dcOut.address, 0x0507, payload, at + 35 * MS)
  }

  #say(from: Module, to: number, command: number, payload: Payload, at: number, flags: number = FLAGS.report): void {
    this.#agenda.once(at, now => this.#transmitter.say(report('B', from, to, command, payload, { flags }), now))
  }
}
