import type { ByteInput } from '../core/input.ts'
import type { Io } from './io.ts'

const EVERY_MS = 200
const MB = 1e6

/** One line on stderr while a long file is read; only where stderr is a terminal and stdout is not. */
export class Progress {
  readonly #io: Io
  readonly #shown: boolean
  #started = 0
  #last = 0
  #drawn = false

  constructor(io: Io) {
    this.#io = io
    this.#shown = io.err.isTerminal && !io.out.isTerminal
  }

  /** `bytes` have been read of `input` so far. */
  update(input: ByteInput, bytes: number): void {
    if (!this.#shown) return
    const now = this.#io.clock.now()
    if (this.#started === 0) this.#started = this.#last = now
    if (now - this.#last < EVERY_MS) return
    this.#last = now
    this.#drawn = true
    this.#io.err.write(`\r\u001b[K${progressText(input, bytes, now - this.#started)}`)
  }

  /** Takes the line away. */
  done(): void {
    if (this.#drawn) this.#io.err.write('\r\u001b[K')
  }
}

function progressText({ name, size }: ByteInput, bytes: number, ms: number): string {
  const rate = bytes / Math.max(ms, 1)
  const speed = `${(bytes / MB).toFixed(0)} MB, ${((rate * 1000) / MB).toFixed(0)} MB/s`
  if (size === 0) return `${name}: ${speed}`
  const left = Math.ceil((size - bytes) / rate / 1000)
  return `${name}: ${Math.floor((bytes / size) * 100)} %, ${speed}, ${left} s left`
}
