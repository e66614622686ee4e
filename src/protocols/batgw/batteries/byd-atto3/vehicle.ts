import type { CanMessage } from '../../../../core/can-bus.ts'
import { invertedSum8 } from '../../../../core/checksum.ts'
import type { FrameMaker } from '../../frame-maker.ts'
import { Periodic } from '../../periodic.ts'
import type { VehicleState } from './contactor-control.ts'

const STATE_PERIOD_MS = 50
const LINK_PERIOD_MS = 100

/** What a car reports while its contactors are open, V. */
const IDLE_V = 12

/** The frames with which a car wakes and commands its pack: 12D and 441, byte 7 the inverted sum of the others. */
export class Vehicle {
  readonly #frames: FrameMaker
  readonly #state = new Periodic(STATE_PERIOD_MS)
  readonly #link = new Periodic(LINK_PERIOD_MS)
  #counter = 0
  #speaks = false

  constructor(frames: FrameMaker) {
    this.#frames = frames
  }

  start(at: number): void {
    this.#state.start(at, 0)
    this.#link.start(at, 0)
  }

  get due(): number {
    return Math.min(this.#state.due, this.#link.due)
  }

  /**
   * The frames that are due. `decide` is asked for the state once for each turn of 12D, so that a state lasts whole turns;
   * undefined: nothing is said. `linkV` is the voltage behind the contactors where they are closed.
   */
  tick(decide: () => VehicleState | undefined, linkV: () => number | undefined, at: number): CanMessage[] {
    const frames: CanMessage[] = []
    if (this.#state.take(at)) frames.push(...this.#say(decide()))
    if (this.#link.take(at) && this.#speaks) {
      const voltage = Math.max(IDLE_V, linkV() ?? IDLE_V)
      frames.push(this.#checked('link_voltage', { head: '983a8813', link_voltage: voltage, tail: 255 }))
    }
    return frames
  }

  #say(state: VehicleState | undefined): CanMessage[] {
    this.#speaks = state !== undefined
    if (state === undefined) return []
    const frame = this.#checked('vehicle_state', { state, filler: 15, counter: this.#counter })
    this.#counter = (this.#counter + 1) % 16
    return [frame]
  }

  #checked(message: string, values: Parameters<FrameMaker['make']>[1]): CanMessage {
    const frame = this.#frames.make(message, values)
    frame.data[7] = invertedSum8(frame.data, 0, 7)
    return frame
  }
}
