import type { CanFrame } from '../../core/can.ts'
import type { CanBus, CanBusEvent } from '../../core/can-bus.ts'
import { TransportError } from '../../core/errors.ts'
import type { MonotonicClock } from '../../core/monotonic-clock.ts'
import type { Gateway } from './gateway.ts'
import type { Side } from './gateway-event.ts'

export interface RunSignals {
  /** Stop in good order. */
  readonly stop: AbortSignal
  /** Stop at once, though contactors may still be closed. */
  readonly now?: AbortSignal
}

/**
 * Runs a gateway on two buses until `stop` aborts, or both buses were recordings and are over. However it ends, also by an
 * error anywhere in here, the inverter is told 0 A first. Rejects with `TransportError` where another gateway is on a bus.
 */
export async function runGateway(
  gateway: Gateway,
  buses: Readonly<Record<Side, CanBus>>,
  clock: MonotonicClock,
  signals: RunSignals,
): Promise<void> {
  const run = new Run(gateway, buses, clock)
  try {
    await run.loop(signals)
  } finally {
    run.leave()
  }
}

const SIDES = ['battery', 'inverter'] as const

class Run {
  readonly #gateway: Gateway
  readonly #clock: MonotonicClock
  readonly #broken = new AbortController()
  readonly #over = new AbortController()
  /** Recordings that go on; undefined where a bus is a real one, which never ends. */
  readonly #playing: Set<Side> | undefined
  #failure: { readonly error: unknown } | undefined
  #left = false

  constructor(gateway: Gateway, buses: Readonly<Record<Side, CanBus>>, clock: MonotonicClock) {
    this.#gateway = gateway
    this.#clock = clock
    this.#playing = SIDES.every(side => buses[side].recorded) ? new Set(SIDES) : undefined
    for (const side of SIDES) {
      buses[side].listen({
        frame: (frame: CanFrame) => this.#guard(() => gateway.heard(side, frame, clock.monotonic())),
        event: event => this.#guard(() => this.#event(side, event)),
      })
    }
  }

  async loop({ stop, now }: RunSignals): Promise<void> {
    const running = AbortSignal.any([stop, this.#broken.signal, this.#over.signal])
    const stopping = now === undefined ? this.#broken.signal : AbortSignal.any([now, this.#broken.signal])
    for (;;) {
      const at = this.#clock.monotonic()
      if (stop.aborted) this.#gateway.stop(at)
      else this.#check()
      if (now?.aborted || this.#over.signal.aborted || this.#gateway.finished(at)) return
      this.#gateway.tick(at)
      const waitMs = Math.max(1, Math.ceil(this.#gateway.due - at))
      await this.#clock.sleep(waitMs, stop.aborted ? stopping : running).catch(() => {}) // the loop looks at the signals
      if (this.#failure !== undefined) throw this.#failure.error
    }
  }

  /** Says 0 A, and hears nothing more. */
  leave(): void {
    this.#left = true
    this.#gateway.farewell()
  }

  #check(): void {
    if (this.#gateway.refusal !== undefined) throw new TransportError(this.#gateway.refusal)
  }

  #event(side: Side, event: CanBusEvent): void {
    if (event.type === 'end' && this.#playing !== undefined) void this.#ended(this.#playing, side, event)
    else this.#gateway.bus(side, event, this.#clock.monotonic())
  }

  /** Buses of one recording end one after the other in the same moment: then that is the end, and not the loss of a battery. */
  async #ended(playing: Set<Side>, side: Side, event: CanBusEvent): Promise<void> {
    playing.delete(side)
    await Promise.resolve()
    if (playing.size === 0) this.#over.abort()
    else this.#guard(() => this.#gateway.bus(side, event, this.#clock.monotonic()))
  }

  /** What goes wrong where a bus calls us ends the run, and not the bus. */
  #guard(work: () => void): void {
    if (this.#left) return
    try {
      work()
    } catch (error) {
      this.#failure ??= { error }
      this.#broken.abort()
    }
  }
}
