import type { Endpoint } from '../../core/endpoint.ts'
import { UsageError } from '../../core/errors.ts'

const THIS_MACHINE = '127.0.0.1'

/**
 * Reads `PORT`, `HOST:PORT` or `[IPv6]:PORT`; without a host only this machine gets in. Port 0 is any that is free.
 * Throws `UsageError`.
 */
export function parseListenAddress(text: string): Endpoint {
  const match = /^(?:(?:\[([\da-fA-F:.]*:[^\]\s]*)\]|([A-Za-z0-9._-]+)):)?(\d{1,5})$/.exec(text)
  if (match === null) {
    throw new UsageError(`${text} is no address to serve at; write PORT, HOST:PORT or [IPv6]:PORT`, { text })
  }
  const [, address, name, digits] = match
  const port = Number(digits)
  if (port > 65_535) throw new UsageError(`${text}: a port is a number up to 65535`, { text })
  return { host: address ?? name ?? THIS_MACHINE, port }
}

/** Whether only programs of this machine reach an address. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}
