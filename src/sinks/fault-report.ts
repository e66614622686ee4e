import type { WattzupError } from '../core/errors.ts'

/** Reasons that are kept apart; no disk has more. */
const MAX_REASONS = 16

/** Tells the user what fails: each reason once, until it works again. */
export class FaultReport {
  /** Why the last attempt failed; undefined when it did not. */
  failing: WattzupError | undefined
  readonly #report: (line: string) => void
  readonly #said = new Set<unknown>()

  /** `report` takes one line for the user. */
  constructor(report: (line: string) => void) {
    this.#report = report
  }

  /** `advice` says what happens next. */
  failed(error: WattzupError, advice: string): void {
    this.failing = error
    const reason = error.context['code'] ?? error.message
    if (this.#said.has(reason) || this.#said.size >= MAX_REASONS) return
    this.#said.add(reason)
    this.#report(`${error.message}; ${advice}`)
  }

  /** It has worked; `line` tells so where it did not before. */
  worked(line: string): void {
    if (this.failing === undefined) return
    this.failing = undefined
    this.#said.clear()
    this.#report(line)
  }
}
