import type { Clock } from '../core/clock.ts'
import type { GatewayEvent } from '../protocols/batgw/gateway-event.ts'
import type { Sink } from '../sinks/sink.ts'

/** A message comes ten times a second and more; its reading at most so often, ms. */
const PERIOD_MS = 1000

/** Makes readings of what a gateway has understood, for sinks; of each message one a second. */
export class GatewayReadings {
  readonly #sink: Sink
  readonly #families: Readonly<Record<'battery' | 'inverter', string>>
  readonly #clock: Clock
  readonly #failed: (error: unknown) => void
  #hasFailed = false
  /** When each message was published last; there are as many as definitions have. */
  readonly #published = new Map<string, number>()

  /** `failed` is told once when readings do not reach their place. */
  constructor(
    sink: Sink,
    families: Readonly<Record<'battery' | 'inverter', string>>,
    clock: Clock,
    failed: (error: unknown) => void,
  ) {
    this.#sink = sink
    this.#families = families
    this.#clock = clock
    this.#failed = failed
  }

  take(event: GatewayEvent): void {
    if (event.type !== 'message' || this.#hasFailed) return
    const { side, at, codec, values } = event
    if (Object.keys(values).length === 0) return // a message that says nothing we know of is no reading
    const key = `${side} ${codec.name}`
    if (at - (this.#published.get(key) ?? Number.NEGATIVE_INFINITY) < PERIOD_MS) return
    this.#published.set(key, at)
    const reading = { time: this.#clock.now(), family: this.#families[side], device: side, message: codec.name }
    const waiting = this.#sink.write({ ...reading, values, fields: codec.fields }) // nobody makes the gateway wait
    if (waiting !== undefined) waiting.catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    if (!this.#hasFailed) this.#failed(error)
    this.#hasFailed = true
  }
}
