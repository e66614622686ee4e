import { yieldToEvents } from '../core/clock.ts'

/** Does something once all that happens at this moment has happened: many frames may come at once. */
export class TurnEnd {
  readonly #run: () => void
  #isComing = false

  /** `run` must not throw. */
  constructor(run: () => void) {
    this.#run = run
  }

  /** Sees to it that it is done soon. */
  soon(): void {
    if (this.#isComing) return
    this.#isComing = true
    void yieldToEvents().then(() => {
      this.#isComing = false
      this.#run()
    })
  }
}
