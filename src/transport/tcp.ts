import { connect, type Socket } from 'node:net'
import type { Clock } from '../core/clock.ts'
import { type Endpoint, endpointText } from '../core/endpoint.ts'
import { TransportError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'
import type { Transport } from '../core/transport.ts'
import { reasonOf } from './reason.ts'

/** Silence after which the system asks the other side whether it is still there. */
const KEEP_ALIVE_MS = 30_000

/**
 * Connects to a TCP port within `timeoutMs`. Throws `TransportError` where nothing answers, or the reason of `signal`
 * when it aborts first.
 */
export async function connectTcp(
  to: Endpoint,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Transport> {
  signal.throwIfAborted()
  const origin = endpointText(to)
  const settled = new AbortController()
  const socket = connect({ host: to.host, port: to.port })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject)
      signal.addEventListener('abort', () => reject(signal.reason), { signal: settled.signal })
      const late = () => reject(new TransportError(`no answer within ${timeoutMs / 1000} s`))
      clock.sleep(timeoutMs, settled.signal).then(late, () => {})
    })
  } catch (error) {
    socket.on('error', () => {}).destroy() // what it says after the verdict is of no interest
    if (signal.aborted) throw signal.reason
    throw new TransportError(`cannot connect to ${origin}: ${reasonOf(error)}`, { origin }, error)
  } finally {
    settled.abort()
  }
  return new TcpTransport(socket, origin, clock)
}

/** An open TCP connection. What arrives waits in the system when nobody reads, and the other side is held up. */
export class TcpTransport implements Transport {
  readonly origin: string
  readonly #socket: Socket
  readonly #clock: Clock

  constructor(socket: Socket, origin: string, clock: Clock) {
    this.origin = origin
    this.#socket = socket
    this.#clock = clock
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('error', () => {}) // whoever reads or sends is told
  }

  async *packets(signal: AbortSignal): AsyncGenerator<Packet, void> {
    const stop = () => this.#socket.destroy()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    try {
      for await (const data of this.#socket) yield { data, at: this.#clock.now(), origin: this.origin }
    } catch (error) {
      if (signal.aborted || isOurs(error)) return
      throw this.#lost(error)
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      this.#socket.write(bytes, error => {
        signal.removeEventListener('abort', stop)
        if (error) reject(this.#lost(error))
        else resolve()
      })
    })
  }

  reset(): void {
    this.#socket.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return
    this.#socket.destroySoon() // what was sent is still delivered
    await new Promise<void>(resolve => this.#socket.once('close', () => resolve()))
  }

  #lost(error: unknown): TransportError {
    return new TransportError(`lost ${this.origin}: ${reasonOf(error)}`, { origin: this.origin }, error)
  }
}

/** The end of a stream that this side has destroyed. */
function isOurs(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE'
}
