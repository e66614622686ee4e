import type { CanMessage } from '../../core/can-bus.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import type { Decoded } from './battery-driver.ts'
import type { GivenOptions, OptionRule } from './config/option.ts'
import type { Limits, PackFacts, PackView } from './pack.ts'
import type { SimulatorKind } from './simulator/node.ts'
import type { TopicsOf } from './topics.ts'

/** The inverter's side of the gateway: what it asks, and what it is told. Pure: times are monotonic ms. */
export interface InverterDriver {
  readonly transmits: readonly Pick<CanMessage, 'id' | 'flags'>[]
  /** The inverter is there and has been greeted: what it is told counts. */
  readonly greeted: boolean
  /** Takes a whole classic frame; gives what it said, undefined where it is not from the inverter. */
  handle(frame: CanMessage, at: number): Decoded | undefined
  /** When `step` has something to do next, unless something happens before. */
  readonly due: number
  /**
   * The frames to send now: answers, what is cyclic, and at once whatever tells that a limit has fallen to 0. Call it after
   * every frame and every decision.
   */
  step(view: PackView, limits: Limits, at: number): readonly CanMessage[]
  /** What it gave was not taken by the bus: the limits are given again at the next step. */
  unsent(): void
  /** Frames that say 0 A both ways; none before the inverter was greeted. Cannot fail. */
  farewell(): readonly CanMessage[]
}

/** A kind of inverter: one folder below `inverters/`, one line in its list. */
export interface InverterKind {
  /** What it is called in the configuration. */
  readonly name: string
  readonly options: readonly OptionRule<unknown>[]
  /** Why it does not run with these options and this pack. */
  refuse(options: GivenOptions, facts: PackFacts): string | undefined
  /** Its file in `structs/`; may depend on the options. */
  structs(options: GivenOptions): string
  /** Which model of that file its messages are of; undefined where the file has none. */
  model(options: GivenOptions): string | undefined
  /** What is published of its messages. */
  readonly topics: TopicsOf
  /** How it is pretended to be there. */
  readonly simulator: SimulatorKind
  create(options: GivenOptions, facts: PackFacts, structs: StructSet): InverterDriver
}
