import { CLOSE_MS, type ContactorControl, type ContactorEvidence, type VehicleState } from './contactor-control.ts'

/** The closing has to be confirmed within so long, ms. */
const CONFIRM_MS = 15_000
/** The inverter gets at least so long to take its current back; then a small enough one, 0.1 A, will do. */
const DRAIN_MS = 5000
const QUIET_DA = 25
/** After so long the contactors are opened whatever flows. */
const FORCE_MS = 10_000
const SHUTDOWN_MS = 1500
/** The pack should have opened within so long. */
const ACKNOWLEDGE_MS = 6000
const SETTLE_MS = 2500
/** So long the pack gets to say what its contactors are, before the gateway says anything that might open them, ms. */
const LISTEN_MS = 3000
/** After opening so long passes before they are closed again; and they are not closed for ever and ever. */
const REST_MS = 60_000
const MOST_CLOSINGS = 4

type State =
  | 'open'
  | 'resuming'
  | 'closing'
  | 'closed'
  | 'draining'
  | 'shutting down'
  | 'opening'
  | 'settling'
  | 'failed'

/** What 12D says in each state. */
const SAYS: Readonly<Record<State, VehicleState>> = {
  open: 'standby',
  resuming: 'drive_ready',
  closing: 'close',
  closed: 'drive_ready',
  draining: 'drive_ready',
  'shutting down': 'shutdown',
  opening: 'active_ack',
  settling: 'active_ack',
  failed: 'standby',
}

/**
 * Closes the contactors when nothing speaks against it, and opens them when something does: limits to 0, wait for the
 * current to go, then the sequence that a car sends. Limits are 0 in every state but `closed`. Times are monotonic ms.
 * Source: docs/protocols/byd-atto3.md.
 *
 *     open -> closing -> closed -> draining -> shutting down -> opening -> settling -> open
 */
export class ManagedContactors implements ContactorControl {
  #state: State = 'open'
  #since = 0
  #closings = 0
  #started = false
  #opened = false
  #unasked = false
  #trouble = ''

  get state(): State {
    return this.#state
  }

  get trouble(): string {
    return this.#unasked
      ? 'the contactors of the battery are closed, though they were not told to close'
      : this.#trouble
  }

  get linked(): boolean {
    return this.#state !== 'open' && this.#state !== 'failed'
  }

  get permits(): boolean {
    return this.#state === 'closed'
  }

  get atRest(): boolean {
    return this.#state === 'open' || this.#state === 'failed'
  }

  start(at: number): void {
    this.#since = at
  }

  step(evidence: ContactorEvidence, at: number): VehicleState | undefined {
    if (!this.#started && evidence.closed === undefined && at - this.#since < LISTEN_MS) return undefined
    const next = this.#next(evidence, at)
    this.#started = true
    if (next !== this.#state) this.#enter(next, at)
    // a pack that has opened by itself must not be told to drive: it would close again
    return this.#state === 'draining' && evidence.closed === false ? 'active_ack' : SAYS[this.#state]
  }

  #enter(state: State, at: number): void {
    if (state === 'closing') this.#closings++
    if (state === 'closing' || state === 'closed') this.#trouble = ''
    if (state === 'settling') this.#opened = true
    this.#state = state
    this.#since = at
  }

  #next(evidence: ContactorEvidence, at: number): State {
    const { mayClose, closed } = evidence
    const passed = at - this.#since
    switch (this.#state) {
      case 'open':
        return this.#whenOpen(evidence, passed)
      case 'resuming': // an earlier run has left them closed: it is not for us to break a current
        if (closed === true && mayClose) return 'closed'
        return passed >= CONFIRM_MS || closed === false ? 'draining' : 'resuming'
      case 'closing':
        return this.#whenClosing(evidence, passed)
      case 'closed':
        return mayClose && closed === true ? 'closed' : 'draining'
      case 'draining':
        return this.#whenDraining(evidence, passed)
      case 'shutting down':
        return passed >= SHUTDOWN_MS ? 'opening' : 'shutting down'
      case 'opening':
        if (passed >= ACKNOWLEDGE_MS) this.#trouble = 'the battery does not open its contactors'
        return closed === false ? 'settling' : 'opening'
      case 'settling':
        if (closed !== false) return 'opening'
        return passed >= SETTLE_MS ? 'open' : 'settling'
      case 'failed':
        return 'failed'
    }
  }

  #whenOpen({ mayClose, closed }: ContactorEvidence, passed: number): State {
    if (!this.#started && closed === true) return 'resuming'
    this.#unasked = closed === true
    if (!mayClose || closed !== false || (this.#opened && passed < REST_MS)) return 'open'
    if (this.#closings < MOST_CLOSINGS) return 'closing'
    this.#trouble = `the contactors were opened ${this.#closings} times; they stay open until the program is started again`
    return 'open'
  }

  #whenClosing({ mayClose, closed }: ContactorEvidence, passed: number): State {
    if (!mayClose) return 'shutting down' // the limits have been 0 all the time
    if (passed >= CLOSE_MS && closed === true) return 'closed'
    if (passed < CONFIRM_MS) return 'closing'
    this.#trouble =
      'the battery does not confirm that its contactors are closed; they stay open until the program is started again'
    return 'failed'
  }

  /** A small current counts only where it was read after the wait. */
  #whenDraining({ closed, current }: ContactorEvidence, passed: number): State {
    if (closed === false && passed >= DRAIN_MS) return 'settling'
    const readAfter = current !== undefined && current.at >= this.#since + DRAIN_MS
    if (passed >= DRAIN_MS && readAfter && Math.abs(current.value) < QUIET_DA) return 'shutting down'
    if (passed < FORCE_MS) return 'draining'
    this.#trouble = 'the contactors were opened though the current had not gone'
    return 'shutting down'
  }
}
