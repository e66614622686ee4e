import type { Server } from 'node:http'
import { type Endpoint, endpointText } from '../../core/endpoint.ts'
import { TransportError } from '../../core/errors.ts'

/** Connections at once. The limits below end those that only hold a place. */
export const MAX_CONNECTIONS = 64

const LIMITS = {
  maxHeaderSize: 8192,
  /** For the head of a request, and for all of it; ms. */
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  /** Between two requests. */
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
}
/** A connection on which nothing has moved for so long is closed, ms. */
const STUCK_MS = 30_000

/**
 * Opens an HTTP server that slow and hostile clients cannot fill up; it reads no request bodies. The module is loaded
 * here, because most runs serve nothing. Throws `TransportError`.
 */
export async function openServer(at: Endpoint): Promise<Server> {
  const { createServer } = await import('node:http')
  const server = createServer(LIMITS)
  server.maxConnections = MAX_CONNECTIONS
  server.timeout = STUCK_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  }).catch(error => {
    throw new TransportError(`cannot serve http://${endpointText(at)}/: ${reasonOf(error, at)}`, { at }, error)
  })
  return server
}

function reasonOf(error: NodeJS.ErrnoException, { port }: Endpoint): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} is in use; choose another one`
    case 'EACCES':
      return `port ${port} is privileged; choose one above 1023, or: sudo setcap cap_net_bind_service=+ep "$(readlink -f "$(which node)")"`
    case 'EADDRNOTAVAIL':
      return 'no interface of this machine has that address'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name of that host is not known'
    default:
      return error.message
  }
}
