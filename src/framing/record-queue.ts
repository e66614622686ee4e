import { FrameError } from '../core/errors.ts'
import { ByteQueue } from './byte-queue.ts'

/** The bytes of a binary file that wait for their record to be whole, and where in the file they are. */
export class RecordQueue extends ByteQueue {
  #offset = 0
  #skip = 0
  #damage: FrameError | undefined

  /** Where the first byte is in the file: all bytes before it were taken away. */
  get offset(): number {
    return this.#offset
  }

  /** Whether there are still bytes to come that will be passed over. */
  get isSkipping(): boolean {
    return this.#skip > 0
  }

  /** Why nothing more can be read, where that is so; `context.at` is the place in the file. */
  get damage(): FrameError | undefined {
    return this.#damage
  }

  override append(data: Uint8Array): void {
    super.append(data)
    if (this.#skip > 0) this.#skipOn()
  }

  override drop(count: number): void {
    super.drop(count)
    this.#offset += count
  }

  /** Passes over `count` bytes, also those of them that are still to come, without keeping them. */
  skip(count: number): void {
    this.#skip += count
    this.#skipOn()
  }

  /** Gives the file up: takes all bytes away and says why. Gives false, for who tells whether it can go on. */
  stop(what: string): false {
    this.#damage = new FrameError(what, { reason: 'damaged', at: this.#offset })
    this.drop(this.length)
    return false
  }

  #skipOn(): void {
    const count = Math.min(this.#skip, this.length)
    this.drop(count)
    this.#skip -= count
  }
}
