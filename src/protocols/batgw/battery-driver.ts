import type { CanMessage } from '../../core/can-bus.ts'
import type { Values } from '../../core/values.ts'
import type { Codec } from '../../decode/codec.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import type { GivenOptions, OptionRule } from './config/option.ts'
import type { PackFacts, PackView } from './pack.ts'
import type { SimulatorKind } from './simulator/node.ts'
import type { TopicsOf } from './topics.ts'

/** A message as it was understood. */
export interface Decoded {
  readonly codec: Codec
  readonly values: Values
}

/** The battery's side of the gateway: what its frames say, and what it has to be sent. Pure: times are monotonic ms. */
export interface BatteryDriver {
  readonly facts: PackFacts
  /** IDs that it transmits: whoever else sends them is a second gateway. */
  readonly transmits: readonly Pick<CanMessage, 'id' | 'flags'>[]
  /** Frames and values that did not count, by reason. */
  readonly rejected: ReadonlyMap<string, number>
  /** Takes a whole classic frame; gives what it said, undefined where it says nothing or does not count. */
  handle(frame: CanMessage, at: number): Decoded | undefined
  view(at: number): PackView
  /** Begins to transmit: what is cyclic is due at once. */
  start(at: number): void
  /** When `tick` has something to do next. */
  readonly due: number
  /**
   * The frames to send now. `mayClose`: nothing is wrong that speaks against closed contactors; without it contactors that
   * the gateway manages are opened.
   */
  tick(at: number, mayClose: boolean): readonly CanMessage[]
  /** Everything heard so far is no longer to be believed. */
  forget(): void
  /** What the gateway does with the contactors, in words. */
  readonly contactors: string
  /** Something about the contactors that a person should look at; empty when there is nothing. */
  readonly trouble: string
  /** Nothing has to be done any more before the gateway may stop: contactors that it manages are open. */
  readonly atRest: boolean
}

/** A kind of battery: one folder below `batteries/`, one line in its list. */
export interface BatteryKind {
  /** What it is called in the configuration. */
  readonly name: string
  /** Its file in `structs/`. */
  readonly structs: string
  /** What can be configured beside what all batteries have. */
  readonly options: readonly OptionRule<unknown>[]
  /** Why it does not run with these options: what is missing, or asks for a permission that was not given. */
  refuse(options: GivenOptions): string | undefined
  /** Whether these options make it change the state of the battery on its own decision, which needs `--write`. */
  writes(options: GivenOptions): boolean
  facts(options: GivenOptions): PackFacts
  /** What is published of its messages. */
  readonly topics: TopicsOf
  /** The keys under which a frame may be defined, the closest first. */
  keys(frame: CanMessage): readonly string[]
  /** Whether the checksum of a whole frame is right, where frames with its ID have one that is looked at: others do not count. */
  isIntact(frame: CanMessage): boolean
  /** How it is pretended to be there. */
  readonly simulator: SimulatorKind
  create(options: GivenOptions, structs: StructSet): BatteryDriver
}
