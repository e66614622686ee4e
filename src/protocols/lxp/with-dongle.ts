import type { Clock } from '../../core/clock.ts'
import type { Transport } from '../../core/transport.ts'
import { DongleLink, type LinkOptions } from './dongle-link.ts'

/**
 * Reads a connection to a dongle while `use` asks over it; ends with `use`. Throws what `use` throws, `TransportError`
 * when the connection is lost, or the reason of `signal`. The transport stays the caller's to dispose of.
 */
export async function withDongle<T>(
  transport: Transport,
  clock: Clock,
  options: LinkOptions,
  use: (link: DongleLink, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const link = new DongleLink(transport, clock, options)
  const stop = new AbortController()
  const ended = AbortSignal.any([signal, stop.signal])
  const reading = link.read(ended)
  const using = use(link, ended)
  try {
    return await Promise.race([using, reading.then(() => using)])
  } finally {
    stop.abort(OVER)
    await Promise.allSettled([using, reading])
  }
}

/** Why the other half stops when one has ended. */
const OVER = new Error('the connection is no longer used')
