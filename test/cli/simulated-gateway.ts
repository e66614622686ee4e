import { main } from '../../src/cli/main.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import type { OnBus } from '../protocols/batgw/inverter-rules.ts'
import { textOf } from '../protocols/batgw/rig.ts'

/** What a configuration has in its two blocks, beside the interfaces. */
export interface Pairing {
  readonly battery: string
  readonly inverter: string
  readonly args?: string
}

/** `batgw bridge --simulate` between two buses that the test listens to. */
export class SimulatedGateway {
  readonly heard: OnBus[] = []
  readonly io: FakeIo
  readonly ended: Promise<number>
  /** When `main` was over, ms; undefined before. */
  endedAt: number | undefined
  /** Standard error as it came, each line with its time. */
  readonly said: { readonly at: number; readonly line: string }[] = []
  #read = 0

  constructor(io: FakeIo, clock: ManualClock) {
    this.io = io
    this.ended = main(io).then(code => {
      this.endedAt = clock.monotonic()
      return code
    })
  }

  /** Notes what was said since the last time. */
  look(at: number): void {
    const text = this.io.stderr
    for (const line of text.slice(this.#read).split('\n')) if (line !== '') this.said.push({ at, line })
    this.#read = text.length
  }

  /** When this was said first, ms; fails where it never was. */
  when(part: string, from = 0): number {
    const found = this.said.find(({ at, line }) => at >= from && line.includes(part))
    if (found === undefined) throw new Error(`never said after ${from}: ${part}`)
    return found.at
  }
}

/** Several gateways beside each other, each with buses of its own, on one time that the test moves. */
export class GatewayYard {
  readonly clock = new ManualClock()
  readonly gateways: readonly SimulatedGateway[]

  private constructor(gateways: readonly SimulatedGateway[], clock: ManualClock) {
    this.gateways = gateways
    this.clock = clock
  }

  /** Starts one for each pairing; `scenario` is a name, or that of one of the `files`. */
  static async start(
    pairings: readonly Pairing[],
    scenario: string,
    files: Readonly<Record<string, string>> = {},
  ): Promise<GatewayYard> {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const gateways = pairings.map(({ battery, inverter, args = '' }, i) => {
      const conf = `battery { ${battery} interface "virtual:pack${i}" }\ninverter { ${inverter} interface "virtual:sun${i}" }\n`
      const words = [
        'batgw',
        'bridge',
        '-f',
        'x.conf',
        '--simulate',
        scenario,
        ...args.split(' ').filter(word => word !== ''),
      ]
      return new SimulatedGateway(fakeIo(words, { clock, network, files: { ...files, 'x.conf': conf } }), clock)
    })
    for (const [i, { heard }] of gateways.entries()) {
      for (const [side, name] of [
        ['battery', `pack${i}`],
        ['inverter', `sun${i}`],
      ] as const) {
        const bus = await network.openCan(
          { kind: 'virtual', name },
          { random: Math.random },
          new AbortController().signal,
        )
        bus.listen({
          frame: frame => void heard.push({ at: clock.monotonic(), side, text: textOf(frame) }),
          event: () => {},
        })
      }
    }
    while (!gateways.every(({ io, endedAt }) => io.stderr.includes(' on virtual:pack') || endedAt !== undefined)) {
      await new Promise(resolve => setImmediate(resolve))
    }
    return new GatewayYard(gateways, clock)
  }

  async advance(ms: number): Promise<void> {
    const end = this.clock.monotonic() + ms
    while (this.clock.monotonic() < end) {
      await this.clock.advance(Math.min(100, end - this.clock.monotonic()))
      for (const gateway of this.gateways) gateway.look(this.clock.monotonic())
    }
  }

  /** Does what SIGTERM does to all of them, and waits until all have ended; their exit codes. */
  async stop(): Promise<number[]> {
    for (const { io } of this.gateways) io.abort()
    for (let i = 0; i < 400 && this.gateways.some(({ endedAt }) => endedAt === undefined); i++) await this.advance(100)
    return Promise.all(this.gateways.map(({ ended }) => ended))
  }
}
