import { createConnection, type Socket } from 'node:net'
import { framesOf } from '../protocols/lxp/captures.ts'

/** A program at the other end of a TCP connection, not of our making: what it got, and how it ended. */
export class PlainClient {
  readonly socket: Socket
  ended = ''
  size = 0
  readonly #parts: Buffer[] = []

  /** One that does not read leaves everything in the system's hands. */
  constructor(port: number, reads = true) {
    this.socket = createConnection(port, '127.0.0.1')
    if (reads) this.socket.on('data', data => this.#took(data))
    this.socket.on('error', error => {
      this.ended = (error as NodeJS.ErrnoException).code ?? 'error'
    })
    this.socket.on('close', () => {
      this.ended ||= 'closed'
    })
  }

  send(...frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.socket.write(frame)
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }

  /** What came, in short: `input 0`, `exception 21 code 3`. */
  get heard(): string[] {
    return framesOf(this.bytes).frames.map(({ type, register, errorCode }) =>
      [type, register, ...(errorCode === undefined ? [] : ['code', errorCode])].join(' ').trim(),
    )
  }

  #took(data: Buffer): void {
    this.#parts.push(data)
    this.size += data.length
  }
}
