import type { CanBus, CanBusEvent } from '../../../core/can-bus.ts'
import type { Clock } from '../../../core/clock.ts'
import type { MonotonicClock } from '../../../core/monotonic-clock.ts'
import type { Simulation } from './simulation.ts'

/**
 * Runs a pretended device on a bus until `signal` aborts. What happens to the bus goes to `event`. Gives how many frames the bus
 * did not take.
 */
export async function runSimulation(
  simulation: Simulation,
  bus: CanBus,
  clock: Clock & MonotonicClock,
  event: (event: CanBusEvent) => void,
  signal: AbortSignal,
): Promise<number> {
  let refused = 0
  const send = (): void => {
    for (const frame of simulation.tick(clock.monotonic())) if (!bus.send(frame)) refused++
  }
  bus.listen({
    frame: frame => {
      if (signal.aborted) return
      simulation.handle(frame, clock.monotonic())
      send()
    },
    event,
  })
  while (!signal.aborted) {
    send()
    const waitMs = Math.max(1, Math.ceil(simulation.due - clock.monotonic()))
    await clock.sleep(waitMs, signal).catch(() => {}) // the loop looks at the signal
  }
  return refused
}
