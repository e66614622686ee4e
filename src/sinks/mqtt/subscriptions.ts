import type { ReceivedMessage } from './message.ts'
import { matches } from './topics.ts'

/** Takes a message; must not throw. */
export type Receive = (message: ReceivedMessage) => void

/** Who wants which messages: outlives every connection. */
export class Subscriptions {
  readonly #all: { readonly filter: string; readonly receive: Receive }[] = []

  get filters(): readonly string[] {
    return this.#all.map(({ filter }) => filter)
  }

  add(filter: string, receive: Receive): void {
    this.#all.push({ filter, receive })
  }

  dispatch(message: ReceivedMessage): void {
    for (const { filter, receive } of this.#all) if (matches(filter, message.topic)) receive(message)
  }
}
