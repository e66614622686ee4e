import { type Endpoint, endpointText } from '../core/endpoint.ts'
import { keepConnected, type LinkEvent } from '../core/keep-connected.ts'
import type { Transport } from '../core/transport.ts'
import type { DongleLink, LinkOptions } from '../protocols/lxp/dongle-link.ts'
import type { LxpFrame } from '../protocols/lxp/frame.ts'
import type { SerialBook } from '../protocols/lxp/serial-book.ts'
import { withDongle } from '../protocols/lxp/with-dongle.ts'
import type { Io } from './io.ts'
import type { LiveRun } from './live-run.ts'
import { CONNECT_MS, unreadableText, waitingText } from './modbus-dongle.ts'
import { TappedTransport } from './tapped-transport.ts'

export interface KeptDongle {
  readonly host: Endpoint
  readonly serials: SerialBook
  readonly answerHeartbeats: boolean
  /** A connection that is silent for so long is given up. */
  readonly silentMs: number
  /** One connection only: what goes wrong with it is thrown. */
  readonly once: boolean
  /** Asks over the connection, until it ends. */
  readonly use: (link: DongleLink, signal: AbortSignal) => Promise<void>
  /** Sees every frame before it becomes a reading; views are valid until the call returns. */
  readonly onFrame?: (frame: LxpFrame, at: number, isAnswer: boolean) => void
}

/**
 * Keeps up the connection of a run to a dongle, until `signal` aborts: whatever the dongle sends becomes readings of the
 * run, asked for or not.
 */
export function keepDongle(io: Io, run: LiveRun, dongle: KeptDongle, signal: AbortSignal): Promise<void> {
  const { host, once, silentMs, serials } = dongle
  const { clock, network, random } = io
  const name = endpointText(host)
  const say = run.linkReporter(name)
  let told = false
  const report = (event: LinkEvent) => {
    if (once && event.type === 'lost' && event.error !== undefined) return // it is thrown
    say(event)
    if (event.type !== 'connected' || serials.isKnown || told) return
    told = true
    run.note(waitingText(name))
  }
  const open = (ended: AbortSignal) => network.connect(host, CONNECT_MS, ended)
  const use = (transport: Transport, alive: () => void, ended: AbortSignal) =>
    useDongle(io, run, dongle, transport, alive, ended)
  return keepConnected({ open, use, report, random, once, silentMs }, clock, signal)
}

async function useDongle(
  { clock }: Io,
  run: LiveRun,
  { serials, answerHeartbeats, use, onFrame, host }: KeptDongle,
  transport: Transport,
  alive: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { origin } = transport
  const stream = run.stream()
  let [bytes, frames] = [0, 0]
  const tapped = new TappedTransport(transport, packet => {
    bytes += packet.data.length
    run.received(packet)
  })
  const options: LinkOptions = {
    serials,
    answerHeartbeats,
    onFrame: (frame, at, isAnswer) => {
      frames++
      alive()
      onFrame?.(frame, at, isAnswer)
      return stream.push({ data: frame.bytes, at, origin })
    },
    onReject: error => run.rejected(error),
  }
  try {
    await withDongle(tapped, clock, options, use, signal)
  } finally {
    if (frames === 0 && bytes > 0) run.note(unreadableText(endpointText(host)))
  }
}
