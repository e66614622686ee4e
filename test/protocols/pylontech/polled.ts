import type { Packet } from '../../../src/core/packet.ts'
import type { Transport } from '../../../src/core/transport.ts'
import type { Values } from '../../../src/core/values.ts'
import { FrameBackend, type FrameOptions } from '../../../src/protocols/pylontech/poll/backend.ts'
import { serveStack } from '../../../src/protocols/pylontech/simulator/server.ts'
import { LATENCY_MS, SimulatedStack, type StackOptions } from '../../../src/protocols/pylontech/simulator/stack.ts'
import { snapshot } from '../../../src/protocols/pylontech/snapshot.ts'
import type { StackState } from '../../../src/protocols/pylontech/stack-state.ts'
import { ManualClock } from '../../manual-clock.ts'
import { type MemoryTransport, memoryPair } from '../../memory-transport.ts'
import { structs } from './decoding.ts'

export const INTERVAL_MS = 10_000

/** A snapshot of a stack, and when it was taken. */
export interface Round {
  readonly at: number
  readonly state: StackState
  readonly document: Values
}

/** A request as it was sent: its characters up to INFO, and when. */
export interface Sent {
  readonly text: string
  readonly at: number
}

/** A simulated stack that is being polled in a time of its own. */
export interface Polled extends AsyncDisposable {
  readonly clock: ManualClock
  readonly stack: SimulatedStack
  readonly rounds: Round[]
  readonly sent: Sent[]
  /** Bytes of requests and replies so far. */
  readonly bytes: () => number
  /** What was rejected, by reason. */
  readonly rejected: string[]
  /** Lets time pass until so many rounds are over. */
  until(rounds: number): Promise<Round>
  /** Cuts the connection; polling ends with its error. */
  cut(): void
  /** Polls over a new connection. */
  connect(): void
  /** Settles when polling over the connection at hand has ended. */
  ended(): Promise<void>
}

export const START = Date.UTC(2026, 5, 1, 6)

export function polled(stackOptions: Partial<StackOptions> = {}, options: Partial<FrameOptions> = {}): Polled {
  const clock = new ManualClock(START)
  const stack = new SimulatedStack(structs, clock, { ...PLAIN, ...stackOptions })
  const rounds: Round[] = []
  const sent: Sent[] = []
  const rejected: string[] = []
  const stop = new AbortController()
  let bytes = 0
  let far: MemoryTransport | undefined
  let polling: Promise<void> = Promise.resolve()
  const backend = new FrameBackend(
    {
      structs,
      groups: [stackOptions.group ?? 0],
      baudRate: 115_200,
      rs232: false,
      together: false,
      intervalMs: INTERVAL_MS,
      once: false,
      onRound: ({ state }) => void rounds.push({ at: clock.now(), state, document: snapshot(state) }),
      onReply: () => {},
      onReject: error => void rejected.push(String(error.context['reason'])),
      onTraffic: ({ data, at }: Packet) => {
        bytes += data.length
        const text = Buffer.from(data).toString('latin1')
        if (isRequest(text)) sent.push({ text: text.slice(3, 9), at })
      },
      ...options,
    },
    clock,
  )
  const connect = () => {
    const pair = memoryPair(clock)
    far = pair.far
    serveStack(stack, far, { baudRate: 115_200, counts: { requests: 0, answered: 0 } }, clock, stop.signal).catch(
      () => {}, // the poller is told of the end, too
    )
    polling = poll(pair.near)
    polling.catch(() => {}) // a test that cares awaits `ended`
  }
  const poll = (near: Transport) => backend.poll(near, () => {}, stop.signal)
  connect()
  return {
    ...{ clock, stack, rounds, sent, rejected, connect },
    bytes: () => bytes,
    async until(count) {
      for (let turns = 0; rounds.length < count; turns++) {
        if (turns > 100_000) throw new Error(`there are only ${rounds.length} rounds`)
        await clock.advance(100)
      }
      return rounds[count - 1]!
    },
    cut: () => far?.lose(),
    async ended() {
      let over = false
      const settled = polling.finally(() => {
        over = true
      })
      settled.catch(() => {})
      while (!over) await clock.advance(100)
      await settled
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'))
      await polling.catch(() => {})
    },
  }
}

const PLAIN: StackOptions = {
  packs: 3,
  seed: 1,
  kinds: ['us2000'],
  faults: new Map(),
  group: 0,
  first: 2,
  together: true,
  system: false,
  latencyMs: LATENCY_MS,
  start: START,
}

/** CID2 of a request is 42 and up, a return code below. */
function isRequest(text: string): boolean {
  return text.startsWith('~') && Number.parseInt(text.slice(7, 9), 16) >= 0x42
}

/** `packs` of a document. */
export function packsOf({ document }: Round): Values[] {
  return document['packs'] as Values[]
}

/** Requests of a round: those sent between the round before it and its end. */
export function requestsOf({ rounds, sent }: Polled, round: number): string[] {
  const begin = rounds[round - 2]?.at ?? 0
  const end = rounds[round - 1]!.at
  return sent.filter(({ at }) => at > begin && at <= end).map(({ text }) => text)
}
