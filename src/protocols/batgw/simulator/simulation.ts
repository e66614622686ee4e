import type { CanMessage } from '../../../core/can-bus.ts'
import { Random } from '../../../core/random.ts'
import { isClassicData } from '../can-message.ts'
import { Tally } from '../tally.ts'
import { type FrameFault, flipped, withFaults } from './faults.ts'
import type { NodeParts, SettingsView, SimulatedNode, SimulatorKind } from './node.ts'
import type { Timeline } from './timeline.ts'

export interface SimulationParts extends Omit<NodeParts, 'settings'> {
  readonly kind: SimulatorKind
  readonly timeline: Timeline
  readonly faults: ReadonlyMap<FrameFault, number>
  readonly seed: number
  /** The current at a monotonic time in ms, A, positive = charging, where the other side decides it and not the scenario. */
  readonly flowing?: (at: number) => number
}

/** At least so often it is looked at what the scenario wants, ms. */
const LOOK_MS = 100

/**
 * A pretended device that plays its part of a scenario: switched off and on, silenced, damaged. Pure but for its memory; times
 * are monotonic ms.
 */
export class Simulation {
  /** Frames that were sent. */
  sent = 0
  /** Faults that were made. */
  readonly made = new Tally()
  readonly #parts: SimulationParts
  readonly #begin: number
  readonly #random: Random
  readonly #settings: SettingsView
  #node: SimulatedNode | undefined
  #onSince: number | undefined
  #looked: number

  constructor(parts: SimulationParts, at: number) {
    const { timeline, flowing } = parts
    const seconds = (time: number) => this.#seconds(time)
    const given = (name: string, time: number) =>
      name === 'current' && flowing !== undefined ? flowing(time) : timeline.number(name, seconds(time))
    this.#parts = parts
    this.#begin = at
    this.#looked = at
    this.#random = new Random(parts.seed, 'frames')
    this.#settings = {
      number: (name, time) => given(name, time) ?? Number.NaN,
      given,
      text: (name, time) => timeline.text(name, seconds(time)),
    }
  }

  get due(): number {
    return Math.min(this.#looked + LOOK_MS, this.#node?.due ?? Number.POSITIVE_INFINITY)
  }

  /** The current that flows as far as this device decides it, A, positive = charging. */
  flowing(at: number): number {
    return this.#node?.flowing?.(at) ?? 0
  }

  /** Takes a frame of the bus. */
  handle(frame: CanMessage, at: number): void {
    this.#look(at)
    if (isClassicData(frame)) this.#node?.handle(frame, at)
  }

  /** The frames to send now. */
  tick(at: number): CanMessage[] {
    this.#look(at)
    const seconds = this.#seconds(at)
    const { timeline, faults } = this.#parts
    const frames = (this.#node?.tick(at) ?? [])
      .filter(({ message }) => !timeline.isSilent(message, seconds))
      .map(({ message, frame }) => (timeline.isCorrupt(message, seconds) ? flipped(frame, frame.length - 1, 0) : frame))
      .flatMap(frame => withFaults(frame, faults, this.#random, fault => this.made.add(fault)))
    this.sent += frames.length
    return frames
  }

  #seconds(at: number): number {
    return (at - this.#begin) / 1000
  }

  /** Switches it on and off. */
  #look(at: number): void {
    this.#looked = at
    const { timeline, kind, structs, options, tell } = this.#parts
    const since = timeline.onSince(this.#seconds(at))
    if (since === this.#onSince) return
    this.#onSince = since
    if (since === undefined) tell('switched off')
    else if (since > 0) tell('switched on')
    this.#node = since === undefined ? undefined : kind.create({ structs, options, settings: this.#settings, tell }, at)
  }
}
