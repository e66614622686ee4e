import { type CanAddress, canUrl } from '../core/can-address.ts'
import type { CanBus } from '../core/can-bus.ts'
import { UsageError } from '../core/errors.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'
import { runSimulation } from '../protocols/batgw/simulator/run-simulation.ts'
import type { Scenario } from '../protocols/batgw/simulator/scenario.ts'
import { Simulation, type SimulationParts } from '../protocols/batgw/simulator/simulation.ts'
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

/**
 * A battery and an inverter for a gateway that has none: on buses that exist in this program only. The current of the battery
 * is that of the inverter.
 */
export class SimulatedSides implements AsyncDisposable {
  readonly #io: Io
  readonly #stop = new AbortController()
  readonly #running: Promise<void>[] = []
  readonly #lines: FewLines[] = []

  private constructor(io: Io) {
    this.#io = io
  }

  /** Switches both on; `scenario` is the name of one, or of a file. Without one there are none. Rejects with `WattzupError`. */
  static async start(
    io: Io,
    bridge: BridgeConfig,
    scenario: string | undefined,
    buses: CanBuses,
  ): Promise<SimulatedSides> {
    const sides = new SimulatedSides(io)
    if (scenario === undefined) return sides
    const opened = await openScenario(io, scenario)
    const [battery, inverter] = [
      await partsOf(io, bridge, 'battery', opened),
      await partsOf(io, bridge, 'inverter', opened),
    ]
    const open = (side: Side) => buses.open(bridge.addresses[side], {}, io.signal)
    const [batteryBus, inverterBus] = [await open('battery'), await open('inverter')]
    io.err.write(`wattzup: simulated: ${opened.title}\n`)
    const taking = sides.#start('inverter', inverter, inverterBus)
    sides.#start('battery', { ...battery, flowing: at => taking.flowing(at) }, batteryBus)
    return sides
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
    for (const lines of this.#lines) lines.end()
  }

  #start(side: Side, parts: Omit<SimulationParts, 'tell'>, bus: CanBus): Simulation {
    const { clock, err } = this.#io
    const say = (line: string) => err.write(`wattzup: simulated ${side}: ${line}\n`)
    const lines = new FewLines(say, clock)
    const simulation = new Simulation({ ...parts, tell: text => lines.add(text) }, clock.monotonic())
    const running = runSimulation(simulation, bus, clock, () => {}, this.#stop.signal)
    this.#running.push(
      running.then(
        () => {},
        (error: unknown) => void say(`has failed: ${(error as Error).message}`),
      ),
    )
    this.#lines.push(lines)
    return simulation
  }
}

function partsOf(io: Io, bridge: BridgeConfig, side: Side, scenario: Scenario): Promise<Omit<SimulationParts, 'tell'>> {
  const { kind, options } = bridge.config[side]
  return simulationParts(io, { kind, options, side, scenario, set: {}, faults: '', seed: SEED })
}
