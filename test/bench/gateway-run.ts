/** A gateway on a bus that is full, on a time that runs as fast as it can: see gateway.mjs. Argument: simulated minutes. */
import { NO_FILTERS, parseFilters } from '../../src/core/can-filter.ts'
import { buildGateway } from '../../src/protocols/batgw/build-gateway.ts'
import type { Gateway } from '../../src/protocols/batgw/gateway.ts'
import { runGateway } from '../../src/protocols/batgw/run-gateway.ts'
import { VirtualBuses } from '../../src/transport/can/virtual-bus.ts'
import { ManualClock } from '../manual-clock.ts'
import { BYD_CONFIG, configOf, loadStructs } from '../protocols/batgw/rig.ts'
import { Schedule } from './gateway-schedule.ts'
import { Filler, SAID, startDevice } from './gateway-traffic.ts'

const SIDES = ['battery', 'inverter'] as const
const FRAMES_PER_MS = 4
const MINUTE_MS = 60_000
const IDLE_MINUTES = 2

/** Two buses with all that is on them but the gateway. */
class World {
  readonly clock = new ManualClock()
  readonly #buses = new VirtualBuses(this.clock)
  readonly #stop = new AbortController()
  readonly #config = configOf(BYD_CONFIG)
  readonly #filler = new Filler(this.#buses)
  readonly #schedules = {
    battery: new Schedule({ '12D': 50, '441': 100, '7E7': 200 }, '12D'),
    inverter: new Schedule({ '110': 2000, '150': 10_000, '1D0': 10_000, '210': 10_000, '190': 60_000 }, '250'),
  }
  #refused = 0

  constructor() {
    for (const side of SIDES) {
      void startDevice(side, this.#config, this.#buses, this.clock, this.#stop.signal)
      const ear = this.#buses.open(side, parseFilters(SAID[side]))
      this.#schedules[side].watch(ear, () => this.clock.monotonic())
    }
  }

  startGateway(): Gateway {
    const sides = {
      battery: this.#buses.open('battery', NO_FILTERS),
      inverter: this.#buses.open('inverter', NO_FILTERS),
    }
    const around = {
      load: loadStructs,
      enabled: true,
      recorded: { battery: false, inverter: false },
      transmit: (side: 'battery' | 'inverter', frame: Parameters<typeof sides.battery.send>[0]) => {
        const isTaken = sides[side].send(frame)
        if (!isTaken) this.#refused++
        return isTaken
      },
      observe: () => {},
    }
    const gateway = buildGateway(this.#config, around, this.clock.monotonic())
    void runGateway(gateway, sides, this.clock, { stop: this.#stop.signal })
    return gateway
  }

  /** Lets one more minute pass; gives the CPU seconds that it took. */
  async minute(): Promise<number> {
    const before = process.cpuUsage()
    for (let ms = 0; ms < MINUTE_MS; ms++) {
      this.#filler.fill((this.clock.monotonic() + 1) * FRAMES_PER_MS)
      await this.clock.advance(1)
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  }

  async report(gateway: Gateway): Promise<void> {
    const end = this.clock.monotonic()
    for (const side of SIDES) for (const line of this.#schedules[side].lines(end)) console.log(line)
    console.log(`  not taken by a bus: ${this.#refused}; did not count: ${JSON.stringify([...gateway.rejected])}`)
    this.#stop.abort()
    await this.clock.advance(0)
  }
}

/** CPU microseconds for a frame without a gateway, in code that is warm. */
async function idleMicros(): Promise<number> {
  const world = new World()
  let seconds = 0
  for (let minute = 0; minute < IDLE_MINUTES; minute++) seconds = await world.minute()
  return (seconds * 1e6) / (MINUTE_MS * FRAMES_PER_MS)
}

/** Heap and resident memory in MB after a collection. */
function memory(): { readonly heap: number; readonly resident: number } {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed / 2 ** 20, resident: rss / 2 ** 20 }
}

const minutes = Number(process.argv[2])
const idle = await idleMicros()
const world = new World()
const gateway = world.startGateway()
const begin = process.hrtime.bigint()
const heaps: string[] = []
const residents: string[] = []
let cpu = 0
for (let minute = 1; minute <= minutes; minute++) {
  cpu += await world.minute()
  const { heap, resident } = memory()
  heaps.push(heap.toFixed(2))
  residents.push(resident.toFixed(0))
}
const seconds = Number(process.hrtime.bigint() - begin) / 1e9
const all = (cpu * 1e6) / (minutes * MINUTE_MS * FRAMES_PER_MS)
console.log(`a gateway at ${FRAMES_PER_MS}000 frames a second for ${minutes} simulated minutes, on virtual buses`)
console.log(`  ${seconds.toFixed(1)} s, ${((minutes * 60) / seconds).toFixed(0)} times as fast as real time`)
console.log(`  CPU: ${all.toFixed(2)} us a frame, ${idle.toFixed(2)} us of it without the gateway`)
console.log(`  heap in MB, each minute: ${heaps.join(' ')}`)
console.log(`  resident memory in MB: ${residents.join(' ')}`)
await world.report(gateway)
