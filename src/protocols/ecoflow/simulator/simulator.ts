import { Random } from '../../../core/random.ts'
import { Bus, type BusFrame } from './bus.ts'
import { FaultInjector, type FaultRates } from './faults.ts'
import type { Definitions } from './messages.ts'
import { Home } from './physics.ts'
import { Agenda } from './schedule.ts'
import { Timetable } from './timetable.ts'
import { scheduleKit } from './timetable-powerkit.ts'
import { scheduleStream } from './timetable-powerstream.ts'
import { PvToggles } from './toggles.ts'
import { Transmitter } from './transmitter.ts'

/** Which devices are on the bus. */
export const SCENARIOS = ['home', 'powerkit', 'powerstream'] as const
export type Scenario = (typeof SCENARIOS)[number]

/** A run of the simulator; the same options give the same frames. */
export interface SimulatorOptions {
  readonly seed: number
  /** Unix microseconds. */
  readonly start: number
  /** Length of the log in microseconds; messages that are under way at its end are finished. */
  readonly duration: number
  readonly scenario: Scenario
  /** BP5000 batteries of the PowerKit, 2 or 3. */
  readonly batteries: number
  /** How often modules report: 1 as real ones, 0.1 a tenth of that. */
  readonly rate: number
  readonly faults: FaultRates
}

/** The home's state is renewed this often. */
const STEP_US = 500_000

/** A PowerKit and a PowerStream on one CAN bus, frame by frame. Memory stays the same however long it runs. */
export class EcoflowSimulator {
  readonly home: Home
  readonly #options: SimulatorOptions
  readonly #agenda: Agenda
  readonly #bus: Bus
  readonly #transmitter: Transmitter

  constructor(definitions: Definitions, options: SimulatorOptions) {
    const { seed, start, scenario } = options
    this.#options = options
    this.home = new Home(seed, start, {
      powerKit: scenario !== 'powerstream',
      powerStream: scenario !== 'powerkit',
      packs: options.batteries,
    })
    this.#agenda = new Agenda(new Random(seed, 'agenda'))
    this.#bus = new Bus(start, new Random(seed, 'bus'))
    const faults = new FaultInjector(seed, options.faults)
    this.#transmitter = new Transmitter(this.#bus, this.#agenda, faults, new Random(seed, 'sequences'))
    this.#fillAgenda(definitions)
  }

  /** Messages sent so far, single frames included. */
  get messages(): number {
    return this.#transmitter.messages
  }

  /** The frames in the order of their time. The object is the same every time and changes with the next frame. */
  *frames(): Generator<BusFrame, void> {
    const end = this.#options.start + this.#options.duration
    const agenda = this.#agenda
    const bus = this.#bus
    for (;;) {
      const { next } = agenda
      const over = next >= end
      if (bus.busy && (over || bus.free < next)) yield bus.pass()
      else if (over) return
      else agenda.run()
    }
  }

  #fillAgenda(definitions: Definitions): void {
    const { seed, start, rate } = this.#options
    const { home } = this
    const { kit, stream } = home
    let toggles: PvToggles | undefined
    this.#agenda.tick(start + STEP_US, STEP_US, at => {
      home.advance(at)
      toggles?.notice(at)
    })
    const timetable = new Timetable(this.#agenda, this.#transmitter, start, rate)
    if (kit !== undefined) {
      scheduleKit(timetable, definitions, home, kit)
      toggles = new PvToggles(this.#agenda, this.#transmitter, definitions, home, kit, new Random(seed, 'toggles'))
    }
    if (stream !== undefined) scheduleStream(timetable, definitions, home, stream, kit?.bank.packs.length ?? 0)
  }
}
