import type { CanBusEvent, CanMessage } from '../../core/can-bus.ts'
import { Announcer } from './announcer.ts'
import type { BatteryDriver } from './battery-driver.ts'
import { canId, canKey, isClassicData, isWhole } from './can-message.ts'
import type { Observe, Side } from './gateway-event.ts'
import type { InverterDriver } from './inverter-driver.ts'
import { Outlet } from './outlet.ts'
import { Periodic } from './periodic.ts'
import type { SafetyGate, Wishes } from './safety/gate.ts'
import { Stall } from './stall.ts'
import { Tally } from './tally.ts'
import type { Flow, UserWishes } from './wishes.ts'

/** Both buses are listened to for so long before anything is transmitted, ms. */
const LISTEN_MS = 1000
/** At least so often it is decided what may flow, ms. */
const DECIDE_MS = 100
/** A stop waits for contactors at most so long, ms. */
const MOST_STOPPING_MS = 30_000
/** And so long for a bus that does not take the last words, ms. */
const MOST_PARTING_MS = 500

/** Whether the inverter was told 0 A as the last word: `owed` where its bus did not take it. */
type Parting = 'not said' | 'owed' | 'said'

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
  /** What was heard or sent and did not count, by reason; what the battery's driver did not take is `rejected`. */
  readonly tally = new Tally()
  readonly #parts: GatewayParts
  readonly #announcer: Announcer
  readonly #own: Readonly<Record<Side, ReadonlySet<number>>>
  readonly #outlets: Readonly<Record<Side, Outlet>>
  readonly #decide = new Periodic(DECIDE_MS)
  readonly #stall = new Stall()
  /** When it was first seen to: from then on it listens. */
  #begin: number | undefined
  #transmits = false
  /** When it was told to stop. */
  #stopped: number | undefined
  #refusal: string | undefined
  /** The battery gave a sign of life: frames that say nothing else change nothing before the next decision is due. */
  #isAlive = false
  #latest = Number.NEGATIVE_INFINITY
  #parting: Parting = 'not said'

  constructor(parts: GatewayParts, at: number) {
    this.#parts = parts
    this.#announcer = new Announcer(parts.observe, parts.names)
    this.#decide.start(at, 0)
    const outlet = (side: Side) =>
      new Outlet(
        frame => parts.transmit(side, frame),
        () => this.tally.add(`${side}: not sent`),
      )
    this.#outlets = { battery: outlet('battery'), inverter: outlet('inverter') }
    this.#own = {
      battery: new Set(parts.battery.transmits.map(canId)),
      inverter: new Set(parts.inverter.transmits.map(canId)),
    }
  }

  /** All that did not count, of both buses, by reason. */
  get rejected(): ReadonlyMap<string, number> {
    const ofBattery = [...this.#parts.battery.rejected].map(([reason, count]) => [`battery: ${reason}`, count] as const)
    return new Map([...this.tally.counts, ...ofBattery])
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
    const { battery, inverter } = this.#parts
    if (this.#transmits) return Math.min(this.#decide.due, battery.due, inverter.due)
    return this.#mayBegin ? Math.min(this.#decide.due, this.#beginning) : this.#decide.due
  }

  tick(at: number): void {
    const now = this.#now(at)
    this.#begin ??= now
    this.#stall.ticked(now)
    this.#decide.take(now)
    this.#step(now)
    if (this.#parting === 'owed') this.farewell()
  }

  /** Takes a frame of a bus. */
  heard(side: Side, frame: CanMessage, at: number): void {
    const now = this.#now(at)
    if (isClassicData(frame) && this.#own[side].has(canId(frame))) this.#heardOwn(side, frame)
    else if (!isWhole(frame)) this.tally.add(`${side}: not a data frame of 8 bytes`)
    else if (side === 'battery' && this.#stall.deaf(now)) this.tally.add('battery: older than the standstill')
    else this.#take(side, frame, now)
  }

  /** Something happened to a bus. What the battery said before its bus was lost does not count any more. */
  bus(side: Side, event: CanBusEvent, at: number): void {
    if (event.type === 'up' || event.type === 'down') this.#outlets[side].isUp = event.type === 'up'
    if (side === 'battery' && (event.type === 'down' || event.type === 'end')) this.#parts.battery.forget()
    if (event.type === 'overrun') this.tally.add(`${side}: frames lost`, event.lost ?? 1)
    if (event.type === 'error') this.tally.add(`${side}: bus errors`)
    this.#step(this.#now(at))
    this.#announcer.bus(side, event)
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
    const passed = at - this.#stopped
    if (this.#parting === 'owed' && this.#outlets.inverter.isUp && passed < MOST_PARTING_MS) return false
    return !this.#transmits || this.#parts.battery.atRest || passed >= MOST_STOPPING_MS
  }

  /** Tells the inverter 0 A both ways, whatever state everything is in; once, unless it was told something else since. */
  farewell(): void {
    if (this.#parting === 'said') return
    const taken = this.#parts.inverter.farewell().map(frame => this.#parts.transmit('inverter', frame))
    this.#parting = taken.includes(false) ? 'owed' : 'said'
  }

  #take(side: Side, frame: CanMessage, at: number): void {
    const decoded = this.#parts[side].handle(frame, at)
    if (decoded !== undefined || !this.#isAlive || at >= this.due) this.#step(at)
    if (decoded !== undefined) this.#announcer.tell({ type: 'message', side, at, ...decoded })
  }

  #step(at: number): void {
    const { battery, inverter, gate, wishes } = this.#parts
    const view = battery.view(at)
    this.#isAlive = view.running
    const decision = gate.evaluate(view, wishes, at, this.#veto())
    if (!this.#transmits && this.#mayBegin && at >= this.#beginning) {
      this.#transmits = true
      battery.start(at)
    }
    if (this.#transmits) {
      const frames = inverter.step(view, decision, at)
      if (frames.length > 0 && this.#parting === 'said') this.#parting = 'not said'
      if (!this.#outlets.inverter.send(frames, at)) inverter.unsent()
      this.#outlets.battery.send(battery.tick(at, decision.mayClose), at)
    }
    this.#announcer.decided(decision, battery, inverter)
    this.#announcer.stuck('battery', this.#outlets.battery.isStuck(at))
    this.#announcer.stuck('inverter', this.#outlets.inverter.isStuck(at))
  }

  /** When it begins to transmit, unless something speaks against it. */
  get #beginning(): number {
    return (this.#begin ?? Number.POSITIVE_INFINITY) + LISTEN_MS
  }

  get #mayBegin(): boolean {
    return this.#refusal === undefined && this.#stopped === undefined
  }

  #veto(): string | undefined {
    if (this.#stopped !== undefined) return 'gateway is stopping'
    return this.#outlets.inverter.isUp ? undefined : 'inverter bus is down'
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
    else this.#announcer.rival(text)
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
