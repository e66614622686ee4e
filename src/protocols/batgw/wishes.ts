import type { PowerLimit } from './config/side-options.ts'
import type { Wishes } from './safety/gate.ts'

export type Flow = 'charge' | 'discharge'

/** What the user allows at the moment: switches and limits, within what the configuration allows. */
export class UserWishes implements Wishes {
  readonly #max: Readonly<Record<Flow, number>>
  readonly #now: Record<Flow, { readonly on: boolean; readonly limitW: number }>

  constructor(limits: Readonly<Record<Flow, PowerLimit>>, enabled: boolean) {
    const { charge, discharge } = limits
    this.#max = { charge: charge.maxW, discharge: discharge.maxW }
    this.#now = {
      charge: { on: enabled, limitW: charge.limitW },
      discharge: { on: enabled, limitW: discharge.limitW },
    }
  }

  get charge() {
    return this.#now.charge
  }

  get discharge() {
    return this.#now.discharge
  }

  turn(flow: Flow, on: boolean): void {
    this.#now[flow] = { ...this.#now[flow], on }
  }

  /** Sets a limit, W: a whole number from 0 to the configured maximum; others are refused. */
  limit(flow: Flow, limitW: number): boolean {
    if (!Number.isInteger(limitW) || limitW < 0 || limitW > this.#max[flow]) return false
    this.#now[flow] = { ...this.#now[flow], limitW }
    return true
  }
}
