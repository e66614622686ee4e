import type { CanMessage } from '../../../core/can-bus.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import type { GivenOptions } from '../config/option.ts'
import type { Role } from './check-part.ts'

/** A frame that a pretended device sends, and the name of its message. */
export interface Outgoing {
  readonly message: string
  readonly frame: CanMessage
}

/** A pretended device on one bus, from the moment at which it is switched on. Pure but for its memory; times are monotonic ms. */
export interface SimulatedNode {
  /** Takes a classic data frame of the bus, of any length. */
  handle(frame: CanMessage, at: number): void
  /** When `tick` has something to do next, unless something is heard before. */
  readonly due: number
  /** The frames to send now; call it after every frame that was heard, too. */
  tick(at: number): readonly Outgoing[]
  /** The current that flows, A, positive = charging; of devices that decide it. */
  flowing?(at: number): number
}

/** The settings of a device as they are at a moment, monotonic ms. */
export interface SettingsView {
  /** A number that has an initial value. */
  number(name: string, at: number): number
  /** One that may be left to the device. */
  given(name: string, at: number): number | undefined
  text(name: string, at: number): string
}

/** What a pretended device is made from. */
export interface NodeParts {
  readonly structs: StructSet
  /** What was configured, as for the gateway's side. */
  readonly options: GivenOptions
  readonly settings: SettingsView
  /** Takes what a person might want to know: what it does, and what it is told. */
  readonly tell: (text: string) => void
}

/** How a kind of battery or inverter is pretended to be there. */
export interface SimulatorKind extends Role {
  /** Switches it on, at a monotonic time in ms. */
  create(parts: NodeParts, at: number): SimulatedNode
}
