import { CAN, type CanFrame } from '../../core/can.ts'
import type { CanBusEvent, CanListener } from '../../core/can-bus.ts'
import { CAN_ERROR, errorText, isOverflow } from '../../core/can-error.ts'
import { type CanFilters, passes } from '../../core/can-filter.ts'
import { TransportError } from '../../core/errors.ts'

const BUS_OFF = 'its controller is off the bus: a short circuit, the wrong bit rate or no termination'

/** Hands the frames and events of one bus to its listener: keeps back what nobody wants, and tells what errors mean. */
export class CanDelivery {
  /** To be filled and then delivered. */
  readonly frame: CanFrame
  readonly #name: string
  readonly #filters: CanFilters
  #listener: CanListener | undefined
  #isDown = false
  #isOff = false

  /** `name` is for messages. */
  constructor(name: string, frame: CanFrame, filters: CanFilters) {
    this.#name = name
    this.frame = frame
    this.#filters = filters
  }

  listen(listener: CanListener): void {
    this.#listener = listener
  }

  /** Hands `frame` on. */
  deliver(): void {
    const { frame } = this
    if (passes(this.#filters, frame)) this.#listener?.frame(frame)
    if ((frame.flags & CAN.error) !== 0) this.#error()
    else if (this.#isOff) this.#restarted()
  }

  /** Nothing comes or goes until `up`. */
  down(error: TransportError): void {
    if (this.#isDown) return
    this.#isDown = true
    if (!this.#isOff) this.event({ type: 'down', error })
  }

  /** Frames come and go again. */
  up(): void {
    if (!this.#isDown) return
    this.#isDown = false
    this.#isOff = false
    this.event({ type: 'up' })
  }

  event(event: CanBusEvent): void {
    this.#listener?.event(event)
  }

  #error(): void {
    const { frame } = this
    if ((frame.id & CAN_ERROR.busOff) !== 0) this.#off()
    else if ((frame.id & CAN_ERROR.restarted) !== 0) this.#restarted()
    else if (isOverflow(frame)) this.event({ type: 'overrun' })
    else this.event({ type: 'error', text: errorText(frame) })
  }

  #off(): void {
    if (this.#isOff) return
    this.#isOff = true
    if (this.#isDown) return
    const name = this.#name
    const isInterface = !name.includes(':')
    const advice = isInterface ? `; it comes back by itself after: ip link set ${name} type can restart-ms 100` : ''
    this.event({ type: 'down', error: new TransportError(`lost ${name}: ${BUS_OFF}${advice}`, { bus: name }) })
  }

  #restarted(): void {
    if (!this.#isOff) return
    this.#isOff = false
    if (!this.#isDown) this.event({ type: 'up' })
  }
}
