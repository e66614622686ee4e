import { type Endpoint, endpointText } from '../core/endpoint.ts'
import type { Listener } from '../core/network.ts'
import { lxp } from '../protocols/lxp/lxp.ts'
import { DongleProxy, type ProxyEvent, type ProxyOptions } from '../protocols/lxp/proxy/dongle-proxy.ts'
import type { ProxyCounts } from '../protocols/lxp/proxy/proxy-counts.ts'
import { RejectTally } from '../protocols/lxp/reject-tally.ts'
import { SerialBook } from '../protocols/lxp/serial-book.ts'
import { isLoopback } from '../sinks/http/listen-address.ts'
import { FewLines } from './few-lines.ts'
import type { Io } from './io.ts'
import type { LiveFlags } from './live-options.ts'
import { type LiveRun, liveRun } from './live-run.ts'
import { LXP_TRAITS, PUSH_MS } from './lxp-traits.ts'
import { type DongleFlags, givenSerials, SILENT_MS } from './modbus-dongle.ts'
import { keepDongle } from './modbus-keep-dongle.ts'
import { openStructs } from './open-structs.ts'

export interface ProxyFlags extends LiveFlags, DongleFlags {
  readonly listen: Endpoint
  readonly maxClients: number
  readonly write?: true
  readonly force?: true
}

/** Runs `modbus proxy`: serves clients and keeps up the connection to the dongle until the run ends. */
export async function runProxy(io: Io, host: Endpoint, flags: ProxyFlags): Promise<void> {
  const structs = (await openStructs(io, flags.structs)).load('lxp')
  const traits = {
    ...LXP_TRAITS,
    protocol: lxp(structs, flags),
    intervalMs: PUSH_MS,
  }
  await liveRun(io, flags, traits, run => serve(io, run, host, flags))
}

async function serve(io: Io, run: LiveRun, host: Endpoint, flags: ProxyFlags): Promise<void> {
  await using listener = await io.network.listen(flags.listen)
  announce(run, listener, flags)
  const lines = new FewLines(line => run.note(line), io.clock)
  const rubbish = new RejectTally()
  const serials = new SerialBook(givenSerials(flags))
  const proxy = new DongleProxy(proxyOptions(run, serials, lines, rubbish, flags), io.clock)
  const dongle = {
    ...{ host, serials, once: false, silentMs: SILENT_MS, answerHeartbeats: flags.heartbeat !== false },
    onFrame: proxy.broadcast,
    use: proxy.serve.bind(proxy),
  }
  try {
    await untilOver(run, [proxy.listen(listener, run.signal), keepDongle(io, run, dongle, run.signal)])
  } finally {
    lines.end()
    run.note(countsText(proxy.counts))
    if (rubbish.total > 0) run.note(`from clients: ${rubbish.summary()}`)
  }
}

function proxyOptions(
  run: LiveRun,
  serials: SerialBook,
  lines: FewLines,
  rubbish: RejectTally,
  { maxClients, model, write, force }: ProxyFlags,
): ProxyOptions {
  const permitted = force === true ? 'dangerous' : 'safe'
  return {
    ...{ serials, maxClients, writes: write === true ? permitted : 'none' },
    ...(model === undefined ? {} : { model }),
    report: event => lines.add(eventText(event)),
    onReject: error => {
      rubbish.add(error)
      run.trace(error)
    },
  }
}

/** Waits for both halves of the proxy; when one fails, so does the other. */
async function untilOver(run: LiveRun, halves: readonly Promise<void>[]): Promise<void> {
  try {
    await Promise.all(halves)
  } finally {
    run.bounds.stop()
    await Promise.allSettled(halves)
  }
}

function announce(run: LiveRun, { endpoint }: Listener, { write, force }: ProxyFlags): void {
  const isLocal = isLoopback(endpoint.host)
  run.note(
    `listening on ${endpointText(endpoint)}, for ${isLocal ? 'programs of this machine' : 'everybody on the network'}`,
  )
  if (write !== true) return
  const what = force === true ? 'DANGER: all settings, dangerous ones too,' : 'settings'
  const who = isLocal ? 'every program of this machine' : 'whoever reaches this port'
  run.note(`${what} may be changed by ${who}`)
}

function eventText({ type, origin, error }: ProxyEvent): string {
  if (type === 'connected') return `client ${origin} connected`
  if (type === 'rejected') return `client ${origin} turned away: there are too many; see --max-clients`
  return type === 'closed' ? `client ${origin} gone` : `client dropped: ${error?.message}`
}

/** What counts are called, in the order in which they are said; the first two always are. */
const TEXTS: Readonly<Record<keyof ProxyCounts, string>> = {
  requests: 'requests of clients',
  answered: 'answered',
  shared: 'with the answer to another one',
  refused: 'refused',
  busy: 'told that the dongle is busy',
  unanswered: 'not answered by the dongle',
  foreign: 'with other serial numbers',
  ignored: 'other frames ignored',
}

function countsText(counts: ProxyCounts): string {
  const names = Object.keys(TEXTS) as (keyof ProxyCounts)[]
  const said = names.filter(name => name === 'requests' || name === 'answered' || counts[name] > 0)
  return said.map(name => `${counts[name]} ${TEXTS[name]}`).join(', ')
}
