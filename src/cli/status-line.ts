import type { Io } from './io.ts'

const EVERY_MS = 200
const CLEAR = '\r\u001b[K'

/** One line on stderr that says how far a long run is; drawn a few times a second, and taken away at the end. */
export class StatusLine {
  readonly #io: Pick<Io, 'err' | 'clock'>
  readonly #shown: boolean
  #started: number | undefined
  #last = 0
  #drawn = false

  /** `shown`: whether there is a terminal that nothing else is printed on. */
  constructor(io: Pick<Io, 'err' | 'clock'>, shown: boolean) {
    this.#io = io
    this.#shown = shown && io.err.isTerminal
  }

  /** Draws the line if it is time; `text` is given the ms since the first call. */
  update(text: (elapsedMs: number) => string): void {
    if (!this.#shown) return
    const now = this.#io.clock.now()
    if (this.#started === undefined) this.#started = this.#last = now
    if (now - this.#last < EVERY_MS) return
    this.#last = now
    this.#drawn = true
    this.#io.err.write(`${CLEAR}${text(now - this.#started)}`)
  }

  /** Takes the line away. */
  done(): void {
    if (this.#drawn) this.#io.err.write(CLEAR)
  }
}
