import type { CanBusEvent } from '../../core/can-bus.ts'
import type { BatteryDriver } from './battery-driver.ts'
import type { GatewayEvent, Observe, Side } from './gateway-event.ts'
import type { InverterDriver } from './inverter-driver.ts'
import type { Decision } from './safety/gate.ts'

/** Tells whoever watches a gateway what has changed, and nothing twice. */
export class Announcer {
  readonly #observe: Observe
  /** What messages call the buses. */
  readonly #names: Readonly<Record<Side, string>>
  readonly #last = new Map<string, string>()
  readonly #stuck = new Set<Side>()

  constructor(observe: Observe, names: Readonly<Record<Side, string>>) {
    this.#observe = observe
    this.#names = names
  }

  tell(event: GatewayEvent): void {
    this.#observe(event)
  }

  /** How things stand after a decision. */
  decided(decision: Decision, battery: BatteryDriver, inverter: InverterDriver): void {
    const { unsafe, chargeBlocked, dischargeBlocked, chargeDa, dischargeDa } = decision
    this.#change(unsafe, { type: 'unsafe', reason: unsafe })
    this.#change(chargeBlocked, { type: 'charge-blocked', reason: chargeBlocked })
    this.#change(dischargeBlocked, { type: 'discharge-blocked', reason: dischargeBlocked })
    this.#change(`${chargeDa} ${dischargeDa}`, { type: 'limits', chargeDa, dischargeDa })
    this.#change(battery.contactors, { type: 'contactors', state: battery.contactors })
    this.#change(String(inverter.greeted), { type: 'inverter', greeted: inverter.greeted })
    this.#warn('contactors', battery.trouble)
  }

  /** Something has happened to a bus. */
  bus(side: Side, event: CanBusEvent): void {
    const name = this.#names[side]
    if (event.type === 'error') this.#warn(side, `${name}: ${event.text}`)
    else if (event.type === 'overrun') this.#warn(side, `${name}: frames were lost before they were read`)
    else if (event.type === 'down') this.#warn(side, `${name} is down: ${event.error.message}`)
    else if (event.type === 'up') this.#warn(side, '')
  }

  /** A bus takes what is sent, or does not though it is up. */
  stuck(side: Side, isStuck: boolean): void {
    if (isStuck === this.#stuck.has(side)) return
    if (isStuck) this.#stuck.add(side)
    else this.#stuck.delete(side)
    const text = `${this.#names[side]} takes no frames: the ${side} does not hear the gateway`
    if (isStuck) this.#observe({ type: 'warning', text })
  }

  /** Another gateway speaks on a bus. */
  rival(text: string): void {
    this.#warn('rival', text)
  }

  /** Tells of a state; `value` stands for it, so that it is told again only when it has changed. */
  #change(value: string, event: GatewayEvent): void {
    if (this.#last.get(event.type) === value) return
    this.#last.set(event.type, value)
    this.#observe(event)
  }

  /** Warns of `topic`; the same text not again until another one of the topic was told. Empty: all is well again. */
  #warn(topic: string, text: string): void {
    const key = `warning ${topic}`
    if ((this.#last.get(key) ?? '') === text) return
    this.#last.set(key, text)
    if (text !== '') this.#observe({ type: 'warning', text })
  }
}
