import { UsageError } from './errors.ts'

/** An address on the network. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** `host:port`; `[::1]:8000` for addresses that have colons of their own. */
export function endpointText({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Reads `host`, `host:port`, `[::1]:port` or a bare IPv6 address. Throws `UsageError`. */
export function parseEndpoint(text: string, defaultPort: number): Endpoint {
  const colons = text.split(':').length - 1
  const match =
    colons > 1 && !text.startsWith('[') ? [text, text] : /^(?:\[([^\]]+)\]|([^[\]:]+))(?::(\d+))?$/.exec(text)
  const host = match?.[1] ?? match?.[2] ?? ''
  const port = match?.[3] === undefined ? defaultPort : Number(match[3])
  if (host === '' || /\s/.test(host)) throw new UsageError(`${text} is no address; write HOST or HOST:PORT`, { text })
  if (port < 1 || port > 65_535) throw new UsageError(`${text}: a port is a number from 1 to 65535`, { text })
  return { host, port }
}
