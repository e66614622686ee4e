import { type CanAddress, canUrl } from '../core/can-address.ts'
import { UsageError } from '../core/errors.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'
import { runSimulation } from '../protocols/batgw/simulator/run-simulation.ts'
import type { Scenario } from '../protocols/batgw/simulator/scenario.ts'
import { Simulation } from '../protocols/batgw/simulator/simulation.ts'
import type { BridgeConfig } from './batgw-config.ts'
import { FewLines } from './few-lines.ts'
import type { Io } from './io.ts'
import type { CanBuses } from './open-can.ts'
import { openScenario, simulationParts } from './simulate-can-device.ts'

const SIDES: readonly Side[] = ['battery', 'inverter']
const SEED = 1

/** Refuses buses that a simulation has no business on. Throws `UsageError`. */
export function checkSimulated(addresses: Readonly<Record<Side, CanAddress>>): void {
  for (const side of SIDES) {
    if (addresses[side].kind === 'virtual') continue
    throw new UsageError(`--simulate: the ${side} is on ${canUrl(addresses[side])}; simulations run on virtual:NAME`)
  }
}

/** A battery and an inverter for a gateway that has none: on buses that exist in this program only. */
export class SimulatedSides implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #running: Promise<unknown>[] = []

  /** Switches both on; `scenario` is the name of one, or of a file. Without one there are none. */
  static async start(
    io: Io,
    bridge: BridgeConfig,
    scenario: string | undefined,
    buses: CanBuses,
  ): Promise<SimulatedSides> {
    const sides = new SimulatedSides()
    if (scenario === undefined) return sides
    const opened = await openScenario(io, scenario)
    io.err.write(`wattzup: simulated: ${opened.title}\n`)
    for (const side of SIDES) await sides.#start(io, bridge, side, opened, buses)
    return sides
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
  }

  async #start(io: Io, bridge: BridgeConfig, side: Side, scenario: Scenario, buses: CanBuses): Promise<void> {
    const { clock, err, signal } = io
    const { kind, options } = bridge.config[side]
    const parts = await simulationParts(io, { kind, options, side, scenario, set: {}, faults: '', seed: SEED })
    const bus = await buses.open(bridge.addresses[side], {}, signal)
    const lines = new FewLines(line => err.write(`wattzup: simulated ${side}: ${line}\n`), clock)
    const simulation = new Simulation({ ...parts, tell: text => lines.add(text) }, clock.monotonic())
    this.#running.push(runSimulation(simulation, bus, clock, () => {}, this.#stop.signal))
  }
}
