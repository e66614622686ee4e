import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import type { LiveWorld } from '../live-world.ts'
import { until } from '../until.ts'

/** A frame that the simulated dongle sent, by its places on the wire and without any of the code under test. */
export interface SentFrame {
  readonly bytes: Buffer
  readonly code: number
  readonly inverter: string
  readonly register: number
}

/** `simulate dongle` in a world, at a port that stays when it is started again. */
export class SimulatedDongle {
  readonly #world: LiveWorld
  readonly #args: readonly string[]
  readonly #runs: { readonly io: FakeIo; readonly done: Promise<number> }[] = []
  #port = 0

  constructor(world: LiveWorld, args: readonly string[]) {
    this.#world = world
    this.#args = args
  }

  static async start(world: LiveWorld, ...args: readonly string[]): Promise<SimulatedDongle> {
    const dongle = new SimulatedDongle(world, args)
    await dongle.start()
    return dongle
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    const args = ['simulate', 'dongle', '--port', `${this.#port}`, '--journal', 'sent.jsonl', ...this.#args]
    const io = fakeIo(args, { clock: this.#world.clock })
    this.#runs.push({ io, done: main(io) })
    await this.#world.while(until(() => io.stderr.includes('inverter')))
    this.#port = Number(/listening on [\d.]+:(\d+)/.exec(io.stderr)![1])
  }

  async stop(): Promise<void> {
    const { io, done } = this.#runs.at(-1)!
    io.abort()
    await this.#world.while(done)
  }

  /** What it said of itself at the end of its last run. */
  get summary(): string {
    return this.#runs.at(-1)!.io.stderr
  }

  /** Every good frame of all runs. */
  get sent(): readonly SentFrame[] {
    return this.#runs.flatMap(({ io }) => {
      const lines = Buffer.from(io.files.contents.get('sent.jsonl') ?? [])
        .toString()
        .split('\n')
      return lines.filter(line => line !== '').map(line => sentFrame(Buffer.from(JSON.parse(line).hex, 'hex')))
    })
  }
}

function sentFrame(bytes: Buffer): SentFrame {
  const isData = bytes[7] === 0xc2
  return {
    bytes,
    code: isData ? bytes[21]! : 0,
    inverter: isData ? bytes.toString('latin1', 22, 32) : '',
    register: isData ? bytes.readUInt16LE(32) : 0,
  }
}

/** Voltage of the battery and state of charge in a block of input registers from 0 on. */
export function batteryOf({ bytes, code, register }: SentFrame): { volts: number; soc: number } | undefined {
  if (code !== 4 || register !== 0 || bytes[34]! < 12) return undefined
  return { volts: bytes.readUInt16LE(35 + 8) / 10, soc: bytes[35 + 10]! }
}
