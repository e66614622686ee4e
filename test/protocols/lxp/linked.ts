import { DongleLink, type LinkOptions } from '../../../src/protocols/lxp/dongle-link.ts'
import type { LxpFrame } from '../../../src/protocols/lxp/frame.ts'
import { SerialBook } from '../../../src/protocols/lxp/serial-book.ts'
import { ManualClock } from '../../manual-clock.ts'
import { memoryPair } from '../../memory-transport.ts'
import { DATALOG, INVERTER } from './build-frame.ts'
import { type Answer, FakeDongle } from './fake-dongle.ts'

export interface Linked {
  readonly clock: ManualClock
  readonly dongle: FakeDongle
  readonly link: DongleLink
  /** What the link hands on: type, register, and whether it is an answer. */
  readonly frames: { type: string; register: number | undefined; isAnswer: boolean }[]
  readonly reasons: unknown[]
  readonly signal: AbortSignal
  readonly stop: AbortController
  /** Reading; what it throws is seen by whoever awaits it. */
  readonly reading: Promise<void>
}

/** A link that reads, and a dongle that answers at its other end. */
export function linked(answer?: Answer, options: Partial<LinkOptions> = {}, clock = new ManualClock()): Linked {
  const { near, far } = memoryPair(clock, { origin: 'dongle' })
  const dongle = new FakeDongle(far, answer)
  const frames: Linked['frames'] = []
  const reasons: unknown[] = []
  const link = new DongleLink(near, clock, {
    serials: new SerialBook({ datalog: DATALOG, inverter: INVERTER }),
    answerHeartbeats: true,
    onFrame: ({ type, register }: LxpFrame, _at, isAnswer) => void frames.push({ type, register, isAnswer }),
    onReject: error => void reasons.push(error.context['reason']),
    ...options,
  })
  const stop = new AbortController()
  const reading = link.read(stop.signal)
  reading.catch(() => {})
  return { clock, dongle, link, frames, reasons, signal: stop.signal, stop, reading }
}

/** What became of a promise, without waiting for it to end. */
export function watched<T>(promise: Promise<T>): { value?: T; error?: unknown; done: boolean } {
  const state: { value?: T; error?: unknown; done: boolean } = { done: false }
  promise.then(
    value => Object.assign(state, { value, done: true }),
    error => Object.assign(state, { error, done: true }),
  )
  return state
}
