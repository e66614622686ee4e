/** What is on the two buses of a gateway that is measured: a simulated pack, a simulated inverter, and a bus that is full. */
import type { CanBus, CanMessage } from '../../src/core/can-bus.ts'
import { parseFilters } from '../../src/core/can-filter.ts'
import { invertedSum8 } from '../../src/core/checksum.ts'
import type { GatewayConfig } from '../../src/protocols/batgw/config/config.ts'
import type { Side } from '../../src/protocols/batgw/gateway-event.ts'
import { runSimulation } from '../../src/protocols/batgw/simulator/run-simulation.ts'
import { builtInScenario } from '../../src/protocols/batgw/simulator/scenarios/scenarios.ts'
import { Simulation } from '../../src/protocols/batgw/simulator/simulation.ts'
import { Timeline } from '../../src/protocols/batgw/simulator/timeline.ts'
import type { VirtualBuses } from '../../src/transport/can/virtual-bus.ts'
import type { ManualClock } from '../manual-clock.ts'
import { loadStructs } from '../protocols/batgw/rig.ts'

/** What the gateway says on each bus; a simulated device hears no more of its bus, for it is not what is measured. */
export const SAID: Readonly<Record<Side, readonly string[]>> = {
  battery: ['12D:7FF', '441:7FF', '7E7:7FF'],
  inverter: ['250:7FF', '290:7FF', '2D0:7FF', '3D0:7FF', '110:7FF', '150:7FF', '1D0:7FF', '210:7FF', '190:7FF'],
}
const NOT_SAID = [...SAID.battery.map(filter => filter.replace(':', '~')), 'j']

/** IDs of a pack that are no more than signs of life, and some that are not even that. */
const OTHERS = [0x244, 0x286, 0x347, 0x34a, 0x360, 0x36c, 0x43a, 0x43b, 0x43c, 0x445, 0x524, 0x1a0, 0x2c3, 0x3f1, 0x4d2]

/** Switches the simulated device of one side on; gives how many frames its bus did not take, once `signal` aborts. */
export function startDevice(
  side: Side,
  config: GatewayConfig,
  buses: VirtualBuses,
  clock: ManualClock,
  signal: AbortSignal,
): Promise<number> {
  const { kind, options } = config[side]
  const structs = loadStructs(typeof kind.structs === 'string' ? kind.structs : kind.structs(options))
  const timeline = new Timeline(kind.simulator, builtInScenario('normal').parts[side])
  const parts = { kind: kind.simulator, options, structs, timeline, faults: new Map(), seed: 1, tell: () => {} }
  const bus = buses.open(side, parseFilters(SAID[side]))
  return runSimulation(new Simulation(parts, clock.monotonic()), bus, clock, () => {}, signal)
}

/** Fills the bus of the battery with frames of other IDs, each with other data and a right checksum. */
export class Filler {
  readonly #bus: CanBus
  readonly #frames: readonly CanMessage[] = OTHERS.map(id => ({ id, flags: 0, length: 8, data: new Uint8Array(8) }))
  #sent = 0
  #ofPack = 0

  constructor(buses: VirtualBuses) {
    this.#bus = buses.open('battery', parseFilters(NOT_SAID))
    this.#bus.listen({ frame: () => void this.#ofPack++, event: () => {} })
  }

  /** Sends what is lacking until the gateway has heard so many frames in all. */
  fill(count: number): void {
    while (this.#sent + this.#ofPack < count) this.#send()
  }

  #send(): void {
    const frame = this.#frames[this.#sent % this.#frames.length]!
    frame.data[0] = this.#sent & 0xff
    frame.data[1] = (this.#sent >> 8) & 0xff
    frame.data[7] = invertedSum8(frame.data, 0, 7)
    if (!this.#bus.send(frame)) throw new Error('the virtual bus is full')
    this.#sent++
  }
}
