import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../core/clock.ts'
import { type Endpoint, endpointText } from '../core/endpoint.ts'
import { TransportError } from '../core/errors.ts'
import type { Listener } from '../core/network.ts'
import type { Transport } from '../core/transport.ts'
import { Arrivals } from './arrivals.ts'
import { reasonOf } from './reason.ts'
import { TcpTransport } from './tcp.ts'

/** Open connections at once; more are refused. */
const MOST = 1024

/** Opens a TCP port. Throws `TransportError` where it is taken or forbidden. */
export async function listenTcp(at: Endpoint, clock: Clock): Promise<Listener> {
  const server = createServer()
  server.maxConnections = MOST
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve).once('error', reject)
    server.listen(at.port, at.host)
  }).catch(error => {
    throw new TransportError(`cannot listen on ${endpointText(at)}: ${reasonOf(error)}`, { at }, error)
  })
  return new TcpListener(server, clock)
}

class TcpListener implements Listener {
  readonly endpoint: Endpoint
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #arrivals = new Arrivals<Transport>(MOST)

  constructor(server: Server, clock: Clock) {
    const { address, port } = server.address() as AddressInfo
    this.endpoint = { host: address, port }
    this.#server = server
    server.on('connection', socket => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      const from = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
      this.#arrivals.push(new TcpTransport(socket, endpointText(from), clock))
    })
    server.on('error', error => this.#arrivals.end(new TransportError(reasonOf(error), {}, error)))
  }

  connections(signal: AbortSignal): AsyncIterable<Transport> {
    return this.#arrivals.items(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#arrivals.end()
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
