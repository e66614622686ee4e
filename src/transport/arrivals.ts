/** What arrives by itself, for a reader who may be busy: a bounded queue that drops the oldest and counts it. */
export class Arrivals<T> {
  /** How many were dropped because the reader was too slow. */
  dropped = 0
  readonly #bound: number
  readonly #waiting: T[] = []
  #over = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  constructor(bound: number) {
    this.#bound = bound
  }

  push(item: T): void {
    if (this.#over) return
    if (this.#waiting.length >= this.#bound) {
      this.#waiting.shift()
      this.dropped++
    }
    this.#waiting.push(item)
    this.#wake?.()
  }

  /** Nothing more comes; the reader still gets what is there, then the error if there is one. */
  end(error?: Error): void {
    if (this.#over) return
    this.#over = true
    this.#error = error
    this.#wake?.()
  }

  /** What arrives, until the end or until `signal` aborts. For one reader. */
  async *items(signal: AbortSignal): AsyncGenerator<T, void> {
    const wake = () => this.#wake?.()
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        const item = this.#waiting.shift()
        if (item !== undefined) {
          yield item
        } else if (this.#over) {
          if (this.#error !== undefined) throw this.#error
          return
        } else {
          await new Promise<void>(resolve => {
            this.#wake = resolve
          })
          this.#wake = undefined
        }
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }
}
