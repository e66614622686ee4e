import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Clock } from '../core/clock.ts'
import { type Endpoint, endpointText } from '../core/endpoint.ts'
import { TransportError } from '../core/errors.ts'
import type { DatagramOptions } from '../core/network.ts'
import type { Packet } from '../core/packet.ts'
import type { Transport } from '../core/transport.ts'
import { Arrivals } from './arrivals.ts'
import { reasonOf } from './reason.ts'

/** Datagrams that may wait for a reader who is busy; 64 KB each at most. */
const WAITING = 512

/** Opens a UDP socket. Throws `TransportError` where the address is taken or not ours. */
export async function openUdp({ at, to }: DatagramOptions, clock: Clock): Promise<Transport> {
  const socket = createSocket({ type: isIPv6(at.host) ? 'udp6' : 'udp4', reuseAddr: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('listening', resolve).once('error', reject)
    socket.bind(at.port, at.host)
  }).catch(error => {
    socket.close()
    throw new TransportError(`cannot listen on UDP ${endpointText(at)}: ${reasonOf(error)}`, { at }, error)
  })
  if (to !== undefined) socket.setBroadcast(true)
  return new UdpTransport(socket, to, clock)
}

class UdpTransport implements Transport {
  readonly origin: string
  readonly #socket: Socket
  readonly #to: Endpoint | undefined
  readonly #arrivals = new Arrivals<Packet>(WAITING)
  #closed = false

  constructor(socket: Socket, to: Endpoint | undefined, clock: Clock) {
    const { address, port } = socket.address()
    this.origin = endpointText({ host: address, port })
    this.#socket = socket
    this.#to = to
    socket.on('message', (data: Buffer, { address: host, port: from }: RemoteInfo) =>
      this.#arrivals.push({ data, at: clock.now(), origin: endpointText({ host, port: from }) }),
    )
    socket.on('error', error => this.#arrivals.end(this.#failed(error)))
  }

  get dropped(): number {
    return this.#arrivals.dropped
  }

  packets(signal: AbortSignal): AsyncIterable<Packet> {
    return this.#arrivals.items(signal)
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const to = this.#to
    if (to === undefined) throw new TransportError(`cannot send from ${this.origin}: it only listens`)
    await new Promise<void>((resolve, reject) =>
      this.#socket.send(bytes, to.port, to.host, error => {
        if (error === null) resolve()
        else reject(new TransportError(`cannot send to ${endpointText(to)}: ${reasonOf(error)}`, { to }, error))
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#arrivals.end()
    await new Promise<void>(resolve => this.#socket.close(() => resolve()))
  }

  #failed(error: Error): TransportError {
    return new TransportError(`lost UDP ${this.origin}: ${reasonOf(error)}`, {}, error)
  }
}
