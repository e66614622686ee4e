import { isLoopback } from './listen-address.ts'

/** Whether a request with this `Host` header, undefined where it has none, is meant for us. */
export type HostCheck = (header: string | undefined) => boolean

/**
 * A server that only this machine reaches must not answer to other names: a web page may give its own name our address
 * (DNS rebinding) and would then be allowed to read what we say. Ports do not matter, they change on the way through
 * tunnels. `name` is the host that the user gave, `address` the one it stands for.
 */
export function hostCheck(name: string, address: string): HostCheck {
  if (!isLoopback(address)) return () => true
  const known = new Set(['localhost', '127.0.0.1', '::1', name.toLowerCase(), address])
  return header => header === undefined || known.has(hostOf(header))
}

/** The host of `host:port`, without the brackets of an IPv6 address and without a final dot. */
function hostOf(header: string): string {
  const match = /^(?:\[([^\]]+)\]|([^:]+?)\.?)(?::\d*)?$/.exec(header.trim().toLowerCase())
  return match?.[1] ?? match?.[2] ?? ''
}
