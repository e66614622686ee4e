import type { Clock } from '../core/clock.ts'
import { ClosedPipe, isWattzupError, type WattzupError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import { isDoneWithin } from '../sinks/deadline.ts'
import type { LiveOutput } from './io.ts'
import { TurnEnd } from './turn-end.ts'

/** What may wait for a reader of the output who is slow. */
const WAITING_BYTES = 8 << 20
/** Of which so much is enough to do. */
const BUSY_BYTES = 1 << 20
/** So long the end of a run waits for that reader. */
const PATIENCE_MS = 2000

/**
 * Lines for standard output that come at their own pace: they are written together at the end of each turn, and left out
 * and counted when too many wait for whoever reads them.
 */
export class FramePrinter {
  readonly writer = new ByteWriter(bytes => this.#write(bytes))
  /** Lines left out. */
  dropped = 0
  readonly #out: LiveOutput
  readonly #failed: () => void
  readonly #turn = new TurnEnd(() => this.flush())
  #waiting = 0
  /** Why nothing can be written any more. */
  failure: WattzupError | undefined
  #isOver = false

  /** `failed` is told when nothing can be written any more. */
  constructor(out: LiveOutput, failed: () => void) {
    this.#out = out
    this.#failed = failed
  }

  /** Whether there is room for a line, which will be written soon. */
  hasRoom(): boolean {
    if (this.#isOver) return false
    if (this.#waiting >= WAITING_BYTES && this.#out.drained() === undefined) this.#waiting = 0
    if (this.#waiting >= WAITING_BYTES) {
      this.dropped++
      return false
    }
    this.#turn.soon()
    return true
  }

  /** For sources that can wait: the promise is of a reader who has enough to do. */
  busy(): Promise<void> | undefined {
    return this.#waiting < BUSY_BYTES ? undefined : this.#out.drained()
  }

  flush(): void {
    this.writer.flush()
    if (this.#out.drained() === undefined) this.#waiting = 0
  }

  /** Writes what is left; waits a while for a slow reader. */
  async end(clock: Clock): Promise<void> {
    this.flush()
    const waiting = this.#out.drained()
    if (waiting !== undefined) await isDoneWithin(PATIENCE_MS, waiting, clock)
  }

  #write(bytes: Uint8Array): void {
    if (this.#isOver) return
    this.#waiting += bytes.length
    try {
      this.#out.write(bytes)
    } catch (error) {
      if (!isWattzupError(error) && !(error instanceof ClosedPipe)) throw error
      this.#isOver = true
      this.failure = isWattzupError(error) ? error : undefined
      this.#failed()
    }
  }
}
