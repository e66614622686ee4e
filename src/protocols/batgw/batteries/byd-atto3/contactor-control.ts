import type { Heard } from '../../timed.ts'

/** What the vehicle says in 12D, by the names of the definition. */
export type VehicleState = 'standby' | 'active_ack' | 'close' | 'drive_ready' | 'shutdown'

/** What is known when a decision about the contactors is due. */
export interface ContactorEvidence {
  /** Nothing but the contactors speaks against current. */
  readonly mayClose: boolean
  /** What the pack says of its main contactors; undefined where it does not, or not any more. */
  readonly closed: boolean | undefined
  /** 0.1 A */
  readonly current: Heard<number> | undefined
}

/** A way to treat the contactors of the pack. Times are monotonic ms. */
export interface ContactorControl {
  start(at: number): void
  /** What 12D has to say now; undefined where the gateway says nothing. */
  step(evidence: ContactorEvidence, at: number): VehicleState | undefined
  /** In words, for people. */
  readonly state: string
  readonly trouble: string
  /** Whether the voltage of the pack is said to stand behind the contactors too. */
  readonly linked: boolean
  /** Whether current may flow as far as this control is concerned. */
  readonly permits: boolean
  readonly atRest: boolean
}

/** For so long at least the pack is told to close before it is told that the vehicle is ready to drive, ms. */
export const CLOSE_MS = 1150

/** Closes from the start and never opens: what a gateway without contactor management does. */
export class AlwaysClosed implements ContactorControl {
  readonly trouble = ''
  readonly linked = true
  readonly permits = true
  readonly atRest = true
  #start = Number.NaN
  #ready = false

  get state(): string {
    return this.#ready ? 'told to stay closed' : 'told to close'
  }

  start(at: number): void {
    this.#start = at
  }

  step({ closed }: ContactorEvidence, at: number): VehicleState {
    this.#ready ||= at - this.#start >= CLOSE_MS && closed === true
    return this.#ready ? 'drive_ready' : 'close'
  }
}

/** Leaves the contactors to somebody else. */
export const untouched: ContactorControl = {
  state: 'left alone',
  trouble: '',
  linked: false,
  permits: true,
  atRest: true,
  start: () => {},
  step: () => undefined,
}
