import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { broadcasts, type PackState } from '../protocols/batgw/pack.ts'
import { type HeardFrame, SlcanAdapter } from './slcan-adapter.ts'
import { within } from './within.ts'

const BIN = join(import.meta.dirname, '../../bin/wattzup.js')

/** A pack says most things ten times a second, and its cells and temperatures once. */
const TURN_MS = 100
const SLOW: readonly string[] = ['446', '447']
const SLOW_TURNS = 10

/** What 12D says from the start where the contactors are to be closed. */
const CLOSE = /^12D#A02802A00C71/
const HELLO = '151#0100000000000000'
export const OPEN = '110#11260EEC00EC00EC'
export const ZERO = '110#11260EEC00000000'

export interface End {
  readonly at: number
  readonly code: number | null
  readonly signal: string | null
}

export interface RigOptions {
  /** Blocks of the configuration before the others. */
  readonly mqtt?: string
  /** Further options of the battery. */
  readonly battery?: string
  readonly args?: readonly string[]
  /** Options of Node. */
  readonly node?: readonly string[]
  /** Nobody reads what it says on standard error. */
  readonly deaf?: true
}

/** The real program as a gateway of its own process, between a pack and an inverter that the test plays in real time. */
export class GatewayRig implements AsyncDisposable {
  readonly pack: SlcanAdapter
  readonly sun: SlcanAdapter
  readonly child: ChildProcess
  readonly ended: Promise<End>
  /** Changes what the pack says from its next turn on. */
  state: Partial<PackState> = {}
  stderr = ''
  readonly #talk: NodeJS.Timeout
  readonly #clock = new EventEmitter()
  #turns = 0

  private constructor(pack: SlcanAdapter, sun: SlcanAdapter, config: string, options: RigOptions) {
    this.pack = pack
    this.sun = sun
    const { args = [], node = [], deaf } = options
    this.child = spawn(process.execPath, [...node, BIN, 'batgw', 'bridge', '-f', '-', ...args], {
      env: { PATH: process.env['PATH'] },
    })
    this.child.stdin!.end(config)
    if (deaf !== true) {
      this.child.stderr!.on('data', text => {
        this.stderr += text
      })
    }
    this.ended = once(this.child, 'exit').then(([code, signal]) => ({ at: performance.now(), code, signal }))
    this.#talk = setInterval(() => this.#turn(), TURN_MS)
  }

  static async start(options: RigOptions = {}): Promise<GatewayRig> {
    const [pack, sun] = [await SlcanAdapter.start(), await SlcanAdapter.start()]
    const { mqtt = '', battery = '' } = options
    const config =
      `${mqtt}\nbattery { protocol byd interface "${pack.url}" ${battery} }\n` +
      `inverter { protocol byd interface "${sun.url}" }\n`
    return new GatewayRig(pack, sun, config, options)
  }

  /** Waits until 23.6 A may flow both ways. */
  async flowing(): Promise<void> {
    await this.pack.next('its first frame', 0, () => true)
    this.sun.say(HELLO)
    await this.sun.next('open limits', 0, ({ text }) => text === OPEN)
  }

  /** A pack whose contactors do what they are told. */
  async closeWhenTold(): Promise<void> {
    this.state = { closed: false }
    await this.pack.next('the word to close', 0, ({ text }) => CLOSE.test(text))
    this.state = { closed: true }
  }

  /** The pack says something else, at once. */
  says(state: Partial<PackState>): number {
    this.state = state
    const at = performance.now()
    this.pack.say(...Object.values(broadcasts(state)))
    return at
  }

  /** Waits for so many turns of the pack: time that passes whatever the gateway does. */
  async turns(count: number): Promise<void> {
    const end = this.#turns + count
    await within(`${count} turns`, this.#untilTurn(end))
  }

  /** The first word of 0 A both ways at `since` or later. */
  zero(since: number): Promise<HeardFrame> {
    return this.sun.next('0 A', since, ({ text }) => text === ZERO)
  }

  /** All limits that the inverter was told at `since` or later. */
  limits(since: number): string[] {
    return this.sun.heard.filter(({ at, text }) => at >= since && text.startsWith('110')).map(({ text }) => text)
  }

  async end(why: string): Promise<End> {
    return within(why, this.ended, () => this.stderr.slice(-500))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#talk)
    this.child.kill('SIGKILL')
    await this.ended
    await Promise.all([this.pack[Symbol.asyncDispose](), this.sun[Symbol.asyncDispose]()])
  }

  #turn(): void {
    const isSlow = this.#turns++ % SLOW_TURNS === 0
    const frames = Object.entries(broadcasts(this.state)).filter(([id]) => isSlow || !SLOW.includes(id))
    this.pack.say(...frames.map(([, text]) => text))
    this.#clock.emit('turn')
  }

  async #untilTurn(end: number): Promise<void> {
    while (this.#turns < end) await once(this.#clock, 'turn')
  }
}
