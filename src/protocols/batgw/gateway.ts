import type { CanBusEvent, CanMessage } from '../../core/can-bus.ts'
import { Announcer } from './announcer.ts'
import type { BatteryDriver } from './battery-driver.ts'
import { canId, canKey, isWhole } from './can-message.ts'
import type { Observe, Side } from './gateway-event.ts'
import type { InverterDriver } from './inverter-driver.ts'
import { Periodic } from './periodic.ts'
import type { Decision, SafetyGate, Wishes } from './safety/gate.ts'
import { Stall } from './stall.ts'
import { Tally } from './tally.ts'
import type { Flow, UserWishes } from './wishes.ts'

/** Both buses are listened to for so long before anything is transmitted, ms. */
const LISTEN_MS = 1000
/** At least so often it is decided what may flow, ms. */
const DECIDE_MS = 100
/** A stop waits for contactors at most so long, ms. */
const MOST_STOPPING_MS = 30_000

export interface GatewayParts {
  readonly battery: BatteryDriver
  readonly inverter: InverterDriver
  readonly gate: SafetyGate
  readonly wishes: UserWishes
  /** What messages call the buses. */
  readonly names: Readonly<Record<Side, string>>
  /** Whether a bus is a recording, which may be one of a gateway. */
  readonly recorded: Readonly<Record<Side, boolean>>
  /** Hands a frame to a bus: false when it was not taken. Must not wait and must not throw. */
  readonly transmit: (side: Side, frame: CanMessage) => boolean
  readonly observe: Observe
}

/**
 * The gateway: what one bus says goes through the battery's driver, the safety gate and the inverter's driver to the other.
 * Pure but for its memory and `transmit`; times are monotonic ms. Whoever runs it calls `tick` when it is due
 * and `heard` for each frame, and `farewell` whatever happens. Source: docs/commands/batgw.md.
 */
export class Gateway {
  /** What was heard or sent and did not count, by reason. */
  readonly tally = new Tally()
  readonly #parts: GatewayParts
  readonly #announcer: Announcer
  readonly #own: Readonly<Record<Side, ReadonlySet<number>>>
  readonly #up: Record<Side, boolean> = { battery: true, inverter: true }
  readonly #decide = new Periodic(DECIDE_MS)
  readonly #stall = new Stall()
  readonly #begin: number
  #transmits = false
  /** When it was told to stop. */
  #stopped: number | undefined
  #refusal: string | undefined
  #latest = Number.NEGATIVE_INFINITY
  #parted = false

  constructor(parts: GatewayParts, at: number) {
    this.#parts = parts
    this.#announcer = new Announcer(parts.observe)
    this.#begin = at
    this.#decide.start(at, 0)
    this.#own = {
      battery: new Set(parts.battery.transmits.map(canId)),
      inverter: new Set(parts.inverter.transmits.map(canId)),
    }
  }

  /** What the user allows at the moment. */
  get wishes(): Wishes {
    return this.#parts.wishes
  }

  /** Why it must not run; undefined while there is no reason. */
  get refusal(): string | undefined {
    return this.#refusal
  }

  /** When `tick` has something to do. */
  get due(): number {
    if (!this.#transmits) return this.#mayBegin ? Math.min(this.#decide.due, this.#begin + LISTEN_MS) : this.#decide.due
    return Math.min(this.#decide.due, this.#parts.battery.due, this.#parts.inverter.due)
  }

  tick(at: number): void {
    const now = this.#now(at)
    this.#stall.ticked(now)
    this.#decide.take(now)
    this.#step(now)
  }

  /** Takes a frame of a bus. */
  heard(side: Side, frame: CanMessage, at: number): void {
    const now = this.#now(at)
    if (!isWhole(frame)) this.tally.add(`${side}: not a data frame of 8 bytes`)
    else if (this.#own[side].has(canId(frame))) this.#heardOwn(side, frame)
    else if (side === 'battery' && this.#stall.deaf(now)) this.tally.add('battery: older than the standstill')
    else this.#take(side, frame, now)
  }

  /** Something happened to a bus. What the battery said before its bus was lost does not count any more. */
  bus(side: Side, event: CanBusEvent, at: number): void {
    const name = this.#parts.names[side]
    if (event.type === 'up' || event.type === 'down') this.#up[side] = event.type === 'up'
    if (side === 'battery' && (event.type === 'down' || event.type === 'end')) this.#parts.battery.forget()
    if (event.type === 'overrun') this.tally.add(`${side}: frames lost`, event.lost ?? 1)
    if (event.type === 'error') this.tally.add(`${side}: bus errors`)
    this.#step(this.#now(at))
    if (event.type === 'error') this.#announcer.warn(side, `${name}: ${event.text}`)
    else if (event.type === 'overrun') this.#announcer.warn(side, `${name}: frames were lost before they were read`)
    else if (event.type === 'down') this.#announcer.warn(side, `${name} is down: ${event.error.message}`)
    else if (event.type === 'up') this.#announcer.warn(side, '')
  }

  /** Switches a direction on or off. */
  turn(flow: Flow, on: boolean, at: number): void {
    this.#parts.wishes.turn(flow, on)
    this.#step(this.#now(at))
  }

  /** Sets the limit of a direction, W; false where it is beyond what the configuration allows. */
  limit(flow: Flow, watts: number, at: number): boolean {
    const allowed = this.#parts.wishes.limit(flow, watts)
    this.#step(this.#now(at))
    return allowed
  }

  /** Begins to stop: 0 A at once; contactors that are managed are opened. */
  stop(at: number): void {
    if (this.#stopped !== undefined) return
    this.#stopped = this.#now(at)
    this.farewell()
  }

  /** Whether it has stopped and may be left. */
  finished(at: number): boolean {
    if (this.#stopped === undefined) return false
    return !this.#transmits || this.#parts.battery.atRest || at - this.#stopped >= MOST_STOPPING_MS
  }

  /** Tells the inverter 0 A both ways, whatever state everything is in; once, unless it was told something else since. */
  farewell(): void {
    if (this.#parted) return
    this.#parted = this.#parts.inverter.farewell().every(frame => this.#parts.transmit('inverter', frame))
  }

  #take(side: Side, frame: CanMessage, at: number): void {
    const decoded = this.#parts[side].handle(frame, at)
    this.#step(at)
    if (decoded !== undefined) this.#announcer.tell({ type: 'message', side, at, ...decoded })
  }

  #step(at: number): void {
    const { battery, inverter, gate, wishes } = this.#parts
    const view = battery.view(at)
    const decision = gate.evaluate(view, wishes, at, this.#veto())
    if (!this.#transmits && this.#mayBegin && at - this.#begin >= LISTEN_MS) {
      this.#transmits = true
      battery.start(at)
    }
    if (this.#transmits) {
      const frames = inverter.step(view, decision, at)
      if (frames.length > 0) this.#parted = false
      if (!this.#send('inverter', frames)) inverter.unsent()
      this.#send('battery', battery.tick(at, decision.mayClose))
    }
    this.#announce(decision)
  }

  get #mayBegin(): boolean {
    return this.#refusal === undefined && this.#stopped === undefined
  }

  #veto(): string | undefined {
    if (this.#stopped !== undefined) return 'gateway is stopping'
    return this.#up.inverter ? undefined : 'inverter bus is down'
  }

  /** Whether the bus took them all. */
  #send(side: Side, frames: readonly CanMessage[]): boolean {
    let taken = true
    for (const frame of frames) {
      if (this.#up[side] && this.#parts.transmit(side, frame)) continue
      this.tally.add(`${side}: not sent`)
      taken = false
    }
    return taken
  }

  #announce({ unsafe, chargeBlocked, dischargeBlocked, chargeDa, dischargeDa }: Decision): void {
    const { battery, inverter } = this.#parts
    const announcer = this.#announcer
    announcer.change(unsafe, { type: 'unsafe', reason: unsafe })
    announcer.change(chargeBlocked, { type: 'charge-blocked', reason: chargeBlocked })
    announcer.change(dischargeBlocked, { type: 'discharge-blocked', reason: dischargeBlocked })
    announcer.change(`${chargeDa} ${dischargeDa}`, { type: 'limits', chargeDa, dischargeDa })
    announcer.change(battery.contactors, { type: 'contactors', state: battery.contactors })
    announcer.change(String(inverter.greeted), { type: 'inverter', greeted: inverter.greeted })
    announcer.warn('contactors', battery.trouble)
  }

  /** A frame that only a gateway sends: in a recording our own, before we have sent anything that of another one. */
  #heardOwn(side: Side, frame: CanMessage): void {
    if (this.#parts.recorded[side]) {
      this.tally.add(`${side}: of a recorded gateway`)
      return
    }
    this.tally.add(`${side}: of another gateway`)
    const text = `another gateway is on ${this.#parts.names[side]}: it sends ${canKey(frame)}`
    if (!this.#transmits) this.#refusal ??= `${text}; stop it first`
    else this.#announcer.warn('rival', text)
  }

  /** The time, which stands still rather than falls. After a standstill nothing that was heard before it counts. */
  #now(at: number): number {
    const stoodMs = this.#stall.check(at)
    const now = Math.max(this.#latest, at)
    this.#latest = now
    if (stoodMs === undefined) return now
    this.#parts.battery.forget()
    this.#step(now)
    this.tally.add('standstills')
    this.#announcer.tell({ type: 'warning', text: `the program stood still for ${(stoodMs / 1000).toFixed(1)} s` })
    return now
  }
}
