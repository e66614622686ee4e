import type { CanMessage } from '../../../../core/can-bus.ts'
import type { StructSet } from '../../../../decode/struct-set.ts'
import type { Decoded } from '../../battery-driver.ts'
import { canKey, dataOf } from '../../can-message.ts'
import type { InverterDriver } from '../../inverter-driver.ts'
import type { Limits, PackFacts, PackView } from '../../pack.ts'
import { Periodic } from '../../periodic.ts'
import { Held } from '../held.ts'
import { LimitWatch } from '../limit-watch.ts'
import { Session } from '../session.ts'
import { HvsFrames } from './frames.ts'

/** Frames of the inverter; any of them begins a session. */
const FROM_INVERTER: ReadonlySet<string> = new Set('091 0D1 111 151 191'.split(' '))

const LIMITS_MS = 2000
const VALUES_MS = 10_000
const ALARMS_MS = 60_000

/** Frames that wait for their values: which of them this session has had. */
type Kind = 'charge' | 'values' | 'temperatures'
const KINDS: readonly Kind[] = ['charge', 'values', 'temperatures']

/** Speaks to the inverter as a BYD Battery-Box Premium HVS. Source: docs/protocols/byd-hvs.md. */
export class BydHvsDriver implements InverterDriver {
  readonly transmits: InverterDriver['transmits']
  readonly #structs: StructSet
  readonly #frames: HvsFrames
  readonly #overrideSoc: boolean
  readonly #session = new Session()
  readonly #watch = new LimitWatch()
  readonly #held = new Held()
  readonly #limitsTimer = new Periodic(LIMITS_MS)
  readonly #valuesTimer = new Periodic(VALUES_MS)
  readonly #alarmsTimer = new Periodic(ALARMS_MS)
  readonly #had = new Set<Kind>()
  #greeting = false

  constructor(facts: PackFacts, overrideSoc: boolean, structs: StructSet) {
    this.#structs = structs
    this.#frames = new HvsFrames(structs, facts)
    this.#overrideSoc = overrideSoc
    this.transmits = this.#frames.ids
  }

  get greeted(): boolean {
    return this.#session.open
  }

  get due(): number {
    if (!this.#session.open) return Number.POSITIVE_INFINITY
    return Math.min(this.#limitsTimer.due, this.#valuesTimer.due, this.#alarmsTimer.due)
  }

  handle(frame: CanMessage, at: number): Decoded | undefined {
    const key = canKey(frame)
    if (!FROM_INVERTER.has(key)) return undefined
    this.#session.hear(at, key === '151' && (frame.data[0]! & 1) === 1)
    const codec = this.#structs.codec([key])
    return codec && { codec, values: codec.decode(dataOf(frame)) }
  }

  step(view: PackView, limits: Limits, at: number): CanMessage[] {
    this.#held.renew(view)
    const turn = this.#session.step(view.running, at)
    this.#greeting = turn === 'greet'
    if (turn === 'greet') return this.#greet(limits, at)
    if (turn === 'go on') return this.#goOn(limits, at)
    this.#watch.reset()
    return []
  }

  unsent(): void {
    if (this.#greeting) this.#session.again()
    this.#watch.lost()
  }

  farewell(): CanMessage[] {
    return this.#session.open ? [this.#frames.zero] : []
  }

  #greet(limits: Limits, at: number): CanMessage[] {
    for (const timer of [this.#limitsTimer, this.#valuesTimer, this.#alarmsTimer]) timer.start(at)
    this.#had.clear()
    const values = KINDS.flatMap(kind => this.#value(kind, limits))
    return [...this.#frames.identification, this.#tell(limits), ...values, this.#frames.alarms]
  }

  #goOn(limits: Limits, at: number): CanMessage[] {
    const frames: CanMessage[] = []
    const urgent = this.#watch.urgent(limits)
    const isTurn = this.#limitsTimer.take(at)
    if (urgent !== undefined) frames.push(this.#tell(isTurn ? limits : urgent))
    const all = this.#valuesTimer.take(at)
    for (const kind of KINDS) {
      const hurries = kind === 'charge' && this.#overrideSoc && urgent !== undefined
      if (all || hurries || !this.#had.has(kind)) frames.push(...this.#value(kind, limits))
    }
    if (isTurn && urgent === undefined) frames.push(this.#tell(limits)) // behind the values, as others do
    if (this.#alarmsTimer.take(at)) frames.push(this.#frames.alarms)
    return frames
  }

  #tell(limits: Limits): CanMessage {
    this.#watch.told(limits)
    return this.#frames.limits(limits)
  }

  #value(kind: Kind, limits: Limits): CanMessage[] {
    const frame =
      kind === 'charge' ? this.#frames.charge(this.#held, this.#shownBp(limits)) : this.#frames[kind](this.#held)
    if (frame === undefined) return []
    this.#had.add(kind)
    return [frame]
  }

  /** Some inverters use a battery that allows 0 A, but not one that is full or empty. */
  #shownBp({ chargeDa, dischargeDa }: Limits): number | undefined {
    if (!this.#overrideSoc) return undefined
    if (dischargeDa === 0) return 0
    return chargeDa === 0 ? 10_000 : undefined
  }
}
