import type { Outgoing } from './delivery.ts'

/** A frame that waits to be sent, after a pause. */
export interface Waiting extends Outgoing {
  readonly pauseMs: number
}

/** Frames that may wait for a client. */
const BOUND = 256

/** What waits for one client, in order: so much that a burst and many answers find room, and no more. */
export class FrameQueue {
  /** What found no room. */
  dropped = 0
  readonly #waiting: Waiting[] = []
  #finishing = false
  #wake: (() => void) | undefined

  add(waiting: Waiting): void {
    if (this.#waiting.length >= BOUND) {
      this.dropped++
      return
    }
    this.#waiting.push(waiting)
    this.#wake?.()
  }

  /** Nothing more comes. */
  finish(): void {
    this.#finishing = true
    this.#wake?.()
  }

  /** The next one if it is there already. */
  shift(): Waiting | undefined {
    return this.#waiting.shift()
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Frames as they come, until the last one or until `signal` aborts. For one reader. */
  async *frames(signal: AbortSignal): AsyncGenerator<Waiting, void> {
    const wake = () => this.#wake?.()
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        const next = this.#waiting.shift()
        if (next !== undefined) {
          yield next
        } else if (this.#finishing) {
          return
        } else {
          await new Promise<void>(resolve => {
            this.#wake = resolve
          })
        }
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }
}
