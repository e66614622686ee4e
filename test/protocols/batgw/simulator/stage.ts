import type { BatteryKind } from '../../../../src/protocols/batgw/battery-driver.ts'
import { parseOptions } from '../../../../src/protocols/batgw/config/parse-options.ts'
import type { Side } from '../../../../src/protocols/batgw/gateway-event.ts'
import type { InverterKind } from '../../../../src/protocols/batgw/inverter-driver.ts'
import type { FrameFault } from '../../../../src/protocols/batgw/simulator/faults.ts'
import { readScenario } from '../../../../src/protocols/batgw/simulator/scenario.ts'
import type { SettingValue } from '../../../../src/protocols/batgw/simulator/setting.ts'
import { Simulation } from '../../../../src/protocols/batgw/simulator/simulation.ts'
import { Timeline } from '../../../../src/protocols/batgw/simulator/timeline.ts'
import { frameOf, loadStructs, type Sent, textOf } from '../rig.ts'

export interface Play {
  readonly options?: string
  /** What the file of a scenario has for this side. */
  readonly part?: object
  readonly set?: Readonly<Record<string, SettingValue>>
  readonly faults?: Partial<Record<FrameFault, number>>
  readonly seed?: number
  readonly flowing?: (at: number) => number
}

/** A pretended device by itself, on a time that the test moves; nobody is on its bus but the test. */
export class Stage {
  readonly simulation: Simulation
  readonly sent: Omit<Sent, 'side'>[] = []
  /** What it has told a person. */
  readonly told: string[] = []
  /** Monotonic ms; it is switched on at 5000. */
  at = 5000

  constructor(kind: BatteryKind | InverterKind, play: Play = {}) {
    const { options = '', part = {}, set = {}, faults = {}, seed = 1, flowing } = play
    const side: Side = 'facts' in kind ? 'battery' : 'inverter'
    const given = parseOptions(options, side, kind.options)
    const structs = typeof kind.structs === 'string' ? kind.structs : kind.structs(given)
    const { parts } = readScenario({ title: 'x', [side]: part }, 'test')
    this.simulation = new Simulation(
      {
        kind: kind.simulator,
        options: given,
        structs: loadStructs(structs),
        timeline: new Timeline(kind.simulator, parts[side], set),
        faults: new Map(Object.entries(faults) as [FrameFault, number][]),
        seed,
        tell: text => void this.told.push(text),
        ...(flowing === undefined ? {} : { flowing }),
      },
      this.at,
    )
    this.#tick()
  }

  /** Others on the bus send frames, as candump writes them. */
  hear(...texts: readonly string[]): void {
    for (const text of texts) {
      this.simulation.handle(frameOf(text), this.at)
      this.#tick()
    }
  }

  /** Lets time pass; `every` is called each `everyMs` for others that go on talking. */
  advance(ms: number, every: () => void = () => {}, everyMs = 100): this {
    const end = this.at + ms
    let next = this.at
    while (next <= end || this.simulation.due <= end) {
      if (next <= this.simulation.due) {
        this.at = Math.max(this.at, next)
        next += everyMs
        every()
      } else {
        this.at = Math.max(this.at, this.simulation.due)
        this.#tick()
        if (this.simulation.due <= this.at) throw new Error(`due at ${this.simulation.due} again`)
      }
    }
    this.at = end
    return this
  }

  /** The last frame of that ID. */
  last(id: string): string | undefined {
    return this.sent.findLast(({ text }) => text.startsWith(`${id}#`))?.text
  }

  /** All that were sent since the last question. */
  take(): string[] {
    return this.sent.splice(0).map(({ text }) => text)
  }

  #tick(): void {
    for (const frame of this.simulation.tick(this.at)) this.sent.push({ at: this.at, text: textOf(frame) })
  }
}
