import type { CanBusEvent } from '../core/can-bus.ts'
import type { BusTally } from './can-bus-tally.ts'
import type { FewLines } from './few-lines.ts'

/** Counts what happens to a bus and says it, a few lines a minute. */
export class BusNotes {
  /** The recording has ended. */
  isOver = false
  readonly #tally: BusTally
  readonly #lines: FewLines
  readonly #recorded: boolean

  constructor(tally: BusTally, lines: FewLines, recorded: boolean) {
    this.#tally = tally
    this.#lines = lines
    this.#recorded = recorded
  }

  event(event: CanBusEvent): void {
    switch (event.type) {
      case 'up':
        this.#say('works again')
        break
      case 'down':
        if (!this.#recorded) this.#tally.downs++
        this.#lines.add(this.#recorded ? event.error.message : `${event.error.message}; waiting for it`)
        break
      case 'error':
        this.#tally.errors++
        this.#say(event.text)
        break
      case 'overrun':
        this.#overrun(event.lost)
        break
      case 'end':
        this.isOver = true
    }
  }

  #overrun(lost: number | undefined): void {
    if (lost === undefined) this.#tally.overruns++
    else this.#tally.lost += lost
    this.#say(lost === undefined ? 'a buffer overran, frames were lost' : `${lost} frames lost: they came too fast`)
  }

  #say(text: string): void {
    this.#lines.add(`${this.#tally.name}: ${text}`)
  }
}
