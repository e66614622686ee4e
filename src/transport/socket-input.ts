import { Socket, type SocketConstructorOpts } from 'node:net'
import { isatty, ReadStream } from 'node:tty'
import { TransportError } from '../core/errors.ts'
import type { ByteInput } from '../core/input.ts'

const CHUNK = 65_536

/** A pipe, a socket or a terminal: waits for bytes without holding up signals, and reads into one reused buffer. */
export class SocketInput implements ByteInput {
  readonly name: string
  readonly size = 0
  readonly live = true
  readonly #socket: Socket
  readonly #landing = new Uint8Array(CHUNK)
  #start = 0
  #end = 0
  #over = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  /** `fd` is open for reading. Aborting `signal` ends the input as if its other side had closed it. */
  constructor(name: string, fd: number, signal: AbortSignal) {
    this.name = name
    const onread = { buffer: this.#landing, callback: (count: number) => this.#landed(count) }
    const options: SocketConstructorOpts & { onread: typeof onread } = { fd, readable: true, writable: false, onread }
    this.#socket = isatty(fd) ? new ReadStream(fd, options) : new Socket(options)
    this.#socket.once('end', () => this.#finish())
    this.#socket.once('close', () => this.#finish())
    this.#socket.once('error', error => this.#finish(error))
    if (signal.aborted) this.#finish()
    else signal.addEventListener('abort', () => this.#finish(), { once: true })
  }

  read(into: Uint8Array, at: number): number | Promise<number> {
    if (this.#start < this.#end) return this.#give(into, at)
    if (this.#over) return this.#ended()
    this.#socket.resume()
    return new Promise((resolve, reject) => {
      this.#wake = () => {
        try {
          resolve(this.#start < this.#end ? this.#give(into, at) : this.#ended())
        } catch (error) {
          reject(error)
        }
      }
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Returning false stops the reading until what has landed is taken. */
  #landed(count: number): boolean {
    this.#start = 0
    this.#end = count
    this.#notify()
    return false
  }

  #give(into: Uint8Array, at: number): number {
    const count = Math.min(this.#end - this.#start, into.length - at)
    into.set(this.#landing.subarray(this.#start, this.#start + count), at)
    this.#start += count
    return count
  }

  #ended(): number {
    if (this.#error === undefined) return 0
    throw new TransportError(`cannot read ${this.name}: ${this.#error.message}`, { path: this.name }, this.#error)
  }

  #finish(error?: Error): void {
    if (this.#over) return
    this.#over = true
    this.#error = error
    this.#notify()
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
