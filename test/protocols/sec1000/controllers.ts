import type { Clock } from '../../../src/core/clock.ts'
import type { Listener } from '../../../src/core/network.ts'
import type { Transport } from '../../../src/core/transport.ts'
import { SimulatedController } from '../../../src/protocols/sec1000/simulator/controller.ts'
import type { FaultRates } from '../../../src/protocols/sec1000/simulator/faults.ts'
import { serve } from '../../../src/protocols/sec1000/simulator/serve.ts'
import { localNetwork } from '../../../src/transport/local-network.ts'
import { ManualClock } from '../../manual-clock.ts'

const never = new AbortController().signal

/** A manual clock that tells how long everybody wanted to sleep. */
export class WatchedClock extends ManualClock {
  readonly asked: number[] = []

  override sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) this.asked.push(ms)
    return super.sleep(ms, signal)
  }
}

/** Lets work go on: each sleep but those of deadlines is slept when it is begun. */
export async function pump<T>(clock: WatchedClock, work: Promise<T>, deadlineMs = 10_000): Promise<T> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  work.then(over, over)
  for (let seen = 0; !isOver; ) {
    const next = clock.asked.findIndex((ms, i) => i >= seen && ms !== deadlineMs)
    if (next < 0) await new Promise(resolve => setImmediate(resolve))
    else {
      seen = next + 1
      await clock.advance(clock.asked[next]!)
    }
  }
  return work
}

/** Does `use` with each client, the first one number 0. */
export async function server(
  clock: Clock,
  use: (client: Transport, number: number) => Promise<void>,
): Promise<Listener> {
  const listener = await localNetwork(clock).listen({ host: '127.0.0.1', port: 0 })
  const serveAll = async () => {
    let number = 0
    for await (const client of listener.connections(never)) void use(client, number++).catch(() => {})
  }
  void serveAll()
  return listener
}

/** Sends each client the bytes that are its turn, cut as they are, when it has asked; the last ones again and again. */
export function replier(clock: Clock, ...turns: readonly (readonly Uint8Array[])[]): Promise<Listener> {
  return server(clock, async (client, number) => {
    await using link = client
    for await (const _ of link.packets(never)) {
      for (const part of turns[Math.min(number, turns.length - 1)]!) await link.send(part, never)
    }
  })
}

/** A simulated controller at a port. */
export async function simulated(clock: Clock, faults: FaultRates, start = Date.UTC(2026, 5, 1, 10)) {
  const controller = new SimulatedController({ seed: 1, start, faults })
  const offset = start - clock.now()
  const own = { now: () => clock.now() + offset, sleep: (ms: number, signal: AbortSignal) => clock.sleep(ms, signal) }
  const listener = await server(clock, client => serve(client, controller, own, never))
  return { controller, listener }
}
