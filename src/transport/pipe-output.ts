import { Socket } from 'node:net'

/** A pipe or socket that is written to without waiting for its reader; what the reader has not taken is kept here. */
export class PipeOutput {
  readonly isTerminal = false
  readonly columns = 80
  readonly #socket: Socket
  #over = false
  #drained: Promise<void> | undefined

  /** `closed` is called when nobody reads any more. */
  constructor(fd: number, closed: () => void) {
    this.#socket = new Socket({ fd, readable: false, writable: true })
    this.#socket.on('error', () => {
      this.#over = true
      closed()
    })
  }

  write(bytes: Uint8Array | string): void {
    if (this.#over) return
    const copy = typeof bytes === 'string' ? bytes : Uint8Array.from(bytes) // the writer uses its block again
    this.#drained = new Promise(resolve => {
      this.#socket.write(copy, () => {
        if (this.#socket.writableLength === 0) this.#drained = undefined
        resolve()
      })
    })
  }

  drained(): Promise<void> | undefined {
    return this.#over ? undefined : this.#drained
  }
}
