import type { CanMessage } from '../../../../src/core/can-bus.ts'
import { buildGateway } from '../../../../src/protocols/batgw/build-gateway.ts'
import type { Gateway } from '../../../../src/protocols/batgw/gateway.ts'
import type { GatewayEvent, Side } from '../../../../src/protocols/batgw/gateway-event.ts'
import type { FrameFault } from '../../../../src/protocols/batgw/simulator/faults.ts'
import { readScenario } from '../../../../src/protocols/batgw/simulator/scenario.ts'
import { Simulation } from '../../../../src/protocols/batgw/simulator/simulation.ts'
import { Timeline } from '../../../../src/protocols/batgw/simulator/timeline.ts'
import type { OnBus } from '../inverter-rules.ts'
import { configOf, loadStructs, textOf } from '../rig.ts'

interface OnItsWay {
  readonly side: Side
  readonly from: 'gateway' | 'device'
  readonly frame: CanMessage
}

/** A gateway, a pretended battery and a pretended inverter: no program around them, and time that passes at once. */
export class Duo {
  readonly heard: OnBus[] = []
  readonly events: GatewayEvent[] = []
  readonly gateway: Gateway
  /** ms; all three are switched on at 0. */
  at = 0
  readonly #devices: Readonly<Record<Side, Simulation>>
  #onTheirWay: OnItsWay[] = []

  constructor(config: string, story: object, faults: Partial<Record<FrameFault, number>> = {}, seed = 1) {
    const { battery, inverter } = configOf(config)
    const { parts } = readScenario({ title: 'x', ...story }, 'story')
    const around = {
      load: loadStructs,
      enabled: true,
      recorded: { battery: false, inverter: false },
      transmit: (side: Side, frame: CanMessage) => {
        this.#onTheirWay.push({ side, from: 'gateway', frame })
        return true
      },
      observe: (event: GatewayEvent) => void (event.type !== 'message' && this.events.push(event)),
    }
    this.gateway = buildGateway(configOf(config), around, 0)
    const device = (side: Side, kind: typeof battery.kind | typeof inverter.kind, flowing?: (at: number) => number) => {
      const { options } = side === 'battery' ? battery : inverter
      const structs = typeof kind.structs === 'string' ? kind.structs : kind.structs(options)
      const common = { kind: kind.simulator, options, structs: loadStructs(structs), seed, tell: () => {} }
      const timeline = new Timeline(kind.simulator, parts[side])
      const shares = side === 'battery' ? faults : {}
      const withFaults = { ...common, timeline, faults: new Map(Object.entries(shares) as [FrameFault, number][]) }
      return new Simulation(flowing === undefined ? withFaults : { ...withFaults, flowing }, 0)
    }
    const taking = device('inverter', inverter.kind)
    this.#devices = { inverter: taking, battery: device('battery', battery.kind, at => taking.flowing(at)) }
  }

  advance(ms: number): this {
    const end = this.at + ms
    while (this.at < end) {
      this.gateway.tick(this.at)
      for (const side of ['battery', 'inverter'] as const) this.#tick(side)
      this.#deliver()
      const due = Math.min(this.gateway.due, this.#devices.battery.due, this.#devices.inverter.due)
      this.at = Math.min(end, Math.max(Math.ceil(due), this.at + 1))
    }
    return this
  }

  #tick(side: Side): void {
    for (const frame of this.#devices[side].tick(this.at)) this.#onTheirWay.push({ side, from: 'device', frame })
  }

  #deliver(): void {
    for (let next = this.#onTheirWay.shift(); next !== undefined; next = this.#onTheirWay.shift()) {
      const { side, from, frame } = next
      this.heard.push({ at: this.at, side, text: textOf(frame) })
      if (from === 'device') this.gateway.heard(side, frame, this.at)
      else {
        this.#devices[side].handle(frame, this.at)
        this.#tick(side)
      }
    }
  }
}
