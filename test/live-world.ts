import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Endpoint } from '../src/core/endpoint.ts'
import type { DatagramOptions, Listener, Network } from '../src/core/network.ts'
import { localNetwork } from '../src/transport/local-network.ts'
import { ManualClock } from './manual-clock.ts'

/** Time that passes at each turn, ms. */
const TURN_MS = 20

/**
 * A world in which programs talk to each other over real sockets under port numbers of their own choice, and in which
 * time passes as fast as they let it.
 */
export class LiveWorld {
  readonly clock = new ManualClock(Date.UTC(2026, 2, 1, 10, 0, 0, 123))
  readonly network: Network = mapped(localNetwork(this.clock))

  /** Runs time until the promise is settled. */
  async while<T>(running: Promise<T>): Promise<T> {
    let over = false
    const settled = running.finally(() => {
      over = true
    })
    while (!over) {
      await this.clock.advance(TURN_MS)
      await new Promise(resolve => setImmediate(resolve)) // for what the sockets have to say
    }
    return settled
  }
}

/** A network whose ports are free ones of this machine, each the same for as long as the network lasts. */
function mapped(real: Network): Network {
  const ports = new Map<number, Promise<number>>()
  const realPlace = async ({ host, port }: Endpoint): Promise<Endpoint> => {
    if (port === 0) return { host: '127.0.0.1', port }
    if (!ports.has(port)) ports.set(port, freePort())
    return { host: host.startsWith('127.') ? host : '127.0.0.1', port: await ports.get(port)! }
  }
  return {
    ...real,
    connect: async (to, timeoutMs, signal) => real.connect(await realPlace(to), timeoutMs, signal),
    listen: async at => {
      const listener = await real.listen(await realPlace(at))
      return at.port === 0 ? listener : named(listener, at)
    },
    datagrams: async ({ at, to }: DatagramOptions) =>
      real.datagrams({ at: await realPlace(at), ...(to === undefined ? {} : { to: await realPlace(to) }) }),
  }
}

function named(listener: Listener, endpoint: Endpoint): Listener {
  return {
    endpoint,
    connections: signal => listener.connections(signal),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}

/** A port that nobody has, for TCP and most likely for UDP. */
async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
