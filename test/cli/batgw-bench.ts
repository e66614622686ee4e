import { main } from '../../src/cli/main.ts'
import type { CanBus } from '../../src/core/can-bus.ts'
import type { Network } from '../../src/core/network.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { broadcastList } from '../protocols/batgw/pack.ts'
import { BYD_CONFIG, frameOf, textOf } from '../protocols/batgw/rig.ts'

export const VIRTUAL = BYD_CONFIG.replace('can0', '"virtual:pack"').replace('can1', '"virtual:sun"')

/** A bridge that runs, on a clock that the test moves. */
export class Bench {
  readonly clock = new ManualClock()
  readonly network: Network = localNetwork(this.clock)
  readonly io: FakeIo
  readonly ended: Promise<number>
  readonly heard: string[] = []
  #pack!: CanBus
  #sun!: CanBus
  #code: number | undefined

  /** `change` gives the program another world than the usual one. */
  constructor(
    args: string,
    config: string,
    files: Record<string, string> = {},
    change: (io: FakeIo) => void = () => {},
  ) {
    this.io = fakeIo(['batgw', 'bridge', '-f', 'x.conf', ...args.split(' ').filter(word => word !== '')], {
      clock: this.clock,
      network: this.network,
      files: { 'x.conf': config, ...files },
    })
    change(this.io)
    this.ended = main(this.io).then(code => {
      this.#code = code
      return code
    })
  }

  /** A bridge between two buses, whose other ends the test has. */
  static async on(args = '', config = VIRTUAL, change: (io: FakeIo) => void = () => {}): Promise<Bench> {
    const bench = new Bench(args, config, {}, change)
    const options = { random: Math.random }
    const { signal } = new AbortController()
    bench.#pack = await bench.network.openCan({ kind: 'virtual', name: 'pack' }, options, signal)
    bench.#sun = await bench.network.openCan({ kind: 'virtual', name: 'sun' }, options, signal)
    for (const bus of [bench.#pack, bench.#sun]) {
      bus.listen({ frame: frame => void bench.heard.push(textOf(frame)), event: () => {} })
    }
    await bench.until(() => bench.io.stderr.includes('battery byd on') || bench.isOver)
    return bench
  }

  get isOver(): boolean {
    return this.#code !== undefined
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise(resolve => setImmediate(resolve))
  }

  hello(text = '151#0100000000000000'): void {
    this.#sun.send(frameOf(text))
  }

  /** The pack says something. */
  say(...texts: readonly string[]): void {
    for (const text of texts) this.#pack.send(frameOf(text))
  }

  async talk(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.say(...broadcastList())
      await this.clock.advance(100)
    }
  }

  get limits(): string | undefined {
    return this.heard.findLast(text => text.startsWith('110'))
  }
}
