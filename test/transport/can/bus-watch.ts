import type { CanFrame } from '../../../src/core/can.ts'
import type { CanBus, CanListener } from '../../../src/core/can-bus.ts'
import type { Clock } from '../../../src/core/clock.ts'
import { ByteWriter } from '../../../src/core/writer.ts'
import { shown } from './shown.ts'

/** Keeps what a bus says, in words. */
export class BusWatch implements CanListener {
  readonly heard: string[] = []
  /** Seconds, interface and frame. */
  readonly stamped: string[] = []

  readonly #clock: Clock | undefined

  /** With a clock what is heard is told with its time. */
  constructor(bus: CanBus, clock?: Clock) {
    this.#clock = clock
    bus.listen(this)
  }

  frame(frame: CanFrame): void {
    this.#hear(shown(frame))
    let iface = ''
    const out = new ByteWriter(bytes => {
      iface += Buffer.from(bytes).toString()
    })
    frame.origin.writeInterface(frame, out)
    out.flush()
    const time = frame.seconds + frame.nanos / 1e9
    this.stamped.push(`${time.toFixed(6)} ${iface} ${shown(frame)}`)
  }

  event(event: Parameters<CanListener['event']>[0]): void {
    if (event.type === 'down') this.#hear(`down: ${event.error.message}`)
    else if (event.type === 'error') this.#hear(`error: ${event.text}`)
    else if (event.type === 'overrun') this.#hear(`overrun ${event.lost ?? ''}`.trim())
    else this.#hear(event.type)
  }

  #hear(text: string): void {
    this.heard.push(this.#clock === undefined ? text : `${this.#clock.now()} ${text}`)
  }
}

/** A classic data frame. */
export function message(id: number, hex = '', flags = 0) {
  const data = Buffer.from(hex, 'hex')
  return { id, flags, length: data.length, data }
}
