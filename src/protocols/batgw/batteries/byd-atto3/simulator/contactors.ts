import type { CanMessage } from '../../../../../core/can-bus.ts'
import { invertedSum8 } from '../../../../../core/checksum.ts'
import type { Value } from '../../../../../core/values.ts'

/** From the command to close until they begin to precharge, and from the link voltage being there until they are closed, ms. */
const PRECHARGE_AFTER_MS = 60
const CLOSE_AFTER_MS = 200
/** From the command to open until they are open, ms: in a recording the voltage behind them begins to fall then. */
const OPEN_AFTER_MS = 1550
/** The link counts as precharged from this share of the pack voltage on. */
const PRECHARGED = 0.9
/** So long without a command a pack opens them, ms; of real ones it is not known. */
const FORGOTTEN_MS = 5000

export type PackContactors = 'open' | 'precharging' | 'closed'
type Wish = 'close' | 'open' | 'none'

/** What the states of the vehicle in 12D want. */
const WISHES: Readonly<Record<string, Wish>> = {
  standby: 'open',
  shutdown: 'open',
  close: 'close',
  drive_ready: 'close',
}

/** Whether the last byte of a frame is right. */
export function isChecked({ data }: CanMessage): boolean {
  return data[7] === invertedSum8(data, 0, 7)
}

/** The main contactors of a pretended pack, which obey the vehicle. Times are monotonic ms. */
export class SimulatedContactors {
  state: PackContactors = 'open'
  readonly #tell: (text: string) => void
  #vehicle: Value | undefined
  #wish: Wish = 'none'
  #since: number
  #heard = Number.NEGATIVE_INFINITY
  #linkV = 0

  constructor(tell: (text: string) => void, at: number) {
    this.#tell = tell
    this.#since = at
  }

  /** The vehicle says that it is on, whatever they are. */
  get isCalled(): boolean {
    return this.#vehicle === 'close' || this.#vehicle === 'drive_ready'
  }

  /** The vehicle still waits for them to be closed. */
  get isClosing(): boolean {
    return this.#vehicle === 'close'
  }

  /** The vehicle said what it is, in 12D. */
  told(vehicle: Value | undefined, at: number): void {
    this.#heard = at
    this.#vehicle = vehicle
    const wish = WISHES[String(vehicle)] ?? this.#wish // the other states keep what is
    if (wish !== this.#wish) this.#since = at
    this.#wish = wish
  }

  /** The voltage behind the contactors, V, in 441. */
  linked(volts: number): void {
    this.#linkV = volts
  }

  /** Goes on; `packV` is the pack's own voltage. */
  step(packV: number, at: number): void {
    if (at - this.#heard > FORGOTTEN_MS && this.#wish === 'close') this.told('standby', at)
    const passed = at - this.#since
    if (this.#wish === 'open' && this.state !== 'open' && passed >= OPEN_AFTER_MS) this.#enter('open', at)
    if (this.#wish !== 'close') return
    if (this.state === 'open' && passed >= PRECHARGE_AFTER_MS) this.#enter('precharging', at)
    else if (this.state === 'precharging' && passed >= CLOSE_AFTER_MS && this.#linkV >= PRECHARGED * packV)
      this.#enter('closed', at)
  }

  #enter(state: PackContactors, at: number): void {
    this.state = state
    this.#since = at
    this.#tell(`contactors ${state}`)
  }
}
