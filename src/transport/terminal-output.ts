import { constants, openSync, writeSync } from 'node:fs'
import type { Clock } from '../core/clock.ts'

/** Between two attempts to write to a terminal that takes nothing more: somebody has stopped it, or its line is slow. */
const RETRY_MS = 10
const NEVER = new AbortController().signal

/** A terminal that is written to without waiting for it; what it has not taken is kept here. */
export class TerminalOutput {
  readonly isTerminal = true
  readonly columns: number
  readonly #fd: number
  readonly #clock: Clock
  readonly #closed: () => void
  #waiting: Buffer[] = []
  #draining: Promise<void> | undefined
  #isOver = false

  /** `closed` is called when the terminal is gone. */
  constructor(fd: number, columns: number, clock: Clock, closed: () => void) {
    this.#fd = openAnew(fd)
    this.columns = columns
    this.#clock = clock
    this.#closed = closed
  }

  write(bytes: Uint8Array | string): void {
    if (this.#isOver) return
    this.#waiting.push(Buffer.from(bytes)) // a copy: the writer uses its block again
    this.#flush()
    if (this.#waiting.length > 0) this.#draining ??= this.#drain()
  }

  drained(): Promise<void> | undefined {
    return this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#clock.sleep(RETRY_MS, NEVER)
      this.#flush()
    }
    this.#draining = undefined
  }

  /** Writes as much as the terminal takes now. */
  #flush(): void {
    try {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        const count = writeSync(this.#fd, first)
        if (count < first.length) this.#waiting[0] = first.subarray(count)
        else this.#waiting.shift()
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return
      this.#isOver = true
      this.#waiting = []
      this.#closed()
    }
  }
}

/** The terminal behind a file descriptor, opened anew so that writing to it never waits; where that cannot be, as it is. */
function openAnew(fd: number): number {
  for (const path of [`/proc/self/fd/${fd}`, '/dev/tty']) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    } catch {} // not on this system
  }
  return fd
}
