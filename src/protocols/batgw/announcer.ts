import type { GatewayEvent, Observe } from './gateway-event.ts'

/** Passes on what has changed, and nothing twice. */
export class Announcer {
  readonly #observe: Observe
  readonly #last = new Map<string, string>()

  constructor(observe: Observe) {
    this.#observe = observe
  }

  /** Tells of a state; `value` stands for it, so that it is told again only when it has changed. */
  change(value: string, event: GatewayEvent): void {
    if (this.#last.get(event.type) === value) return
    this.#last.set(event.type, value)
    this.#observe(event)
  }

  /** Warns of `topic`; the same text not again until another one of the topic was told. Empty: all is well again. */
  warn(topic: string, text: string): void {
    const key = `warning ${topic}`
    if ((this.#last.get(key) ?? '') === text) return
    this.#last.set(key, text)
    if (text !== '') this.#observe({ type: 'warning', text })
  }

  tell(event: GatewayEvent): void {
    this.#observe(event)
  }
}
