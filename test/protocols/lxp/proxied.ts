import { DongleProxy, type ProxyEvent, type ProxyOptions } from '../../../src/protocols/lxp/proxy/dongle-proxy.ts'
import { SerialBook } from '../../../src/protocols/lxp/serial-book.ts'
import { withDongle } from '../../../src/protocols/lxp/with-dongle.ts'
import { ManualClock } from '../../manual-clock.ts'
import { type MemoryTransport, memoryPair } from '../../memory-transport.ts'
import { DATALOG, INVERTER } from './build-frame.ts'
import { framesOf } from './captures.ts'
import { type Answer, FakeDongle } from './fake-dongle.ts'
import { watched } from './linked.ts'

/** A client of the proxy: what it sends, and what it was sent. */
export class Client {
  readonly end: MemoryTransport
  readonly #parts: Uint8Array[] = []

  /** One that does not read leaves everything waiting. */
  constructor(end: MemoryTransport, reads: boolean) {
    this.end = end
    if (reads) this.#read().catch(() => {}) // lost: the test did it
  }

  send(...frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.end.send(frame, new AbortController().signal).catch(() => {})
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }

  /** What came, in short: `input 0`, `exception 21 code 3`. */
  get heard(): string[] {
    return framesOf(this.bytes).frames.map(({ type, register, errorCode }) =>
      [type, register, ...(errorCode === undefined ? [] : ['code', errorCode])].join(' ').trim(),
    )
  }

  async #read(): Promise<void> {
    for await (const { data } of this.end.packets(new AbortController().signal)) this.#parts.push(Uint8Array.from(data))
  }
}

/** A proxy with a dongle behind it, whose connection tests may break and make again. */
export function proxied(answer?: Answer, options: Partial<ProxyOptions> = {}, clock = new ManualClock()) {
  const events: ProxyEvent[] = []
  const reasons: unknown[] = []
  const stop = new AbortController()
  const all: ProxyOptions = {
    serials: new SerialBook({ datalog: DATALOG, inverter: INVERTER }),
    ...{ writes: 'none', maxClients: 8 },
    report: event => void events.push(event),
    onReject: error => void reasons.push(error.context['reason']),
    ...options,
  }
  const proxy = new DongleProxy(all, clock)
  const connect = (capacity = 65_536, reads = true) => {
    const { near, far } = memoryPair(clock, { origin: `client ${events.length}`, capacity })
    const serving = watched(proxy.client(near, stop.signal))
    return Object.assign(new Client(far, reads), { serving })
  }
  /** A new connection to the dongle; `serving` is done when it ends. */
  const dial = (behaviour = answer) => {
    const { near, far } = memoryPair(clock, { origin: 'dongle' })
    const dongle = new FakeDongle(far, behaviour)
    const link = { serials: all.serials, answerHeartbeats: true, onFrame: proxy.broadcast, onReject: () => {} }
    const use = withDongle(near, clock, link, (up, signal) => proxy.serve(up, signal), stop.signal)
    return { dongle, serving: watched(use) }
  }
  return { clock, proxy, events, reasons, stop, connect, dial }
}
