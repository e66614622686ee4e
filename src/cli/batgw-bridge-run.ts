import type { CanFrame } from '../core/can.ts'
import type { CanBus, CanMessage } from '../core/can-bus.ts'
import type { StructLibrary } from '../decode/library.ts'
import { buildGateway, type Surroundings } from '../protocols/batgw/build-gateway.ts'
import { canKey, dataOf } from '../protocols/batgw/can-message.ts'
import type { Gateway } from '../protocols/batgw/gateway.ts'
import type { Observe, Side } from '../protocols/batgw/gateway-event.ts'
import { runGateway } from '../protocols/batgw/run-gateway.ts'
import type { BridgeConfig } from './batgw-config.ts'
import { FrameLines } from './batgw-frame-lines.ts'
import { heardText } from './batgw-heard-text.ts'
import { GatewayNotes } from './batgw-notes.ts'
import { type BridgeFlags, isDry, prints } from './batgw-options.ts'
import { failedText, openOutlets } from './batgw-outlets.ts'
import { rejectedLines } from './batgw-rejected.ts'
import { tapped } from './batgw-tap.ts'
import { FewLines } from './few-lines.ts'
import { FramePrinter } from './frame-printer.ts'
import type { Goodbye } from './goodbye.ts'
import type { Io } from './io.ts'
import { openStructs } from './open-structs.ts'
import { RunBounds } from './run-bounds.ts'

type Buses = Readonly<Record<Side, CanBus>>

/** Lines a minute: each change of a reason is one. */
const MOST_LINES = 120

/** A gateway between two open buses, and those who watch it. */
export class BridgeRun {
  readonly #io: Io
  readonly #flags: BridgeFlags
  readonly #bridge: BridgeConfig
  readonly #buses: Buses
  readonly #goodbye: Goodbye
  readonly #watchers: Observe[] = []
  readonly #unread = new AbortController()

  /** `goodbye` has the buses already. */
  constructor(io: Io, flags: BridgeFlags, bridge: BridgeConfig, buses: Buses, goodbye: Goodbye) {
    this.#io = io
    this.#flags = flags
    this.#bridge = bridge
    this.#buses = buses
    this.#goodbye = goodbye
  }

  async run(): Promise<void> {
    const { clock } = this.#io
    const lines = new FewLines(line => this.#say(line), clock, MOST_LINES)
    const notes = new GatewayNotes(lines, this.#flags.verbose > 0)
    this.#watchers.push(this.#harmless(event => notes.take(event)))
    const printer = prints(this.#flags) ? await this.#printer() : undefined
    const printed = printer === undefined ? undefined : new FrameLines(printer, this.#bridge.addresses, clock)
    const gateway = await this.#gateway(printed)
    const unread = () => this.#unread.abort()
    const outlets = await openOutlets(this.#io, this.#flags, this.#bridge.config, gateway, unread, this.#goodbye)
    for (const watch of outlets.watchers) this.#watchers.push(this.#harmless(watch))
    this.#io.onCrash(() => gateway.stop(clock.monotonic()))
    this.#say(this.#title)
    try {
      await this.#untilStopped(gateway, printed)
    } finally {
      await this.#goodbye.close()
      lines.end()
      for (const line of [...rejectedLines(gateway.rejected), ...outlets.problems()]) this.#say(line)
    }
    if (printer?.failure !== undefined) throw printer.failure
    if (printer !== undefined && printer.dropped > 0) this.#say(`frames not printed: ${printer.dropped}`)
  }

  async #untilStopped(gateway: Gateway, printed: FrameLines | undefined): Promise<void> {
    const { clock } = this.#io
    const { duration } = this.#flags
    const bounds = new RunBounds(this.#io, duration === undefined ? {} : { duration })
    const stop = AbortSignal.any([bounds.signal, this.#unread.signal])
    const buses = this.#tapped(printed)
    if (isDry(this.#flags)) return runGateway(gateway, buses, clock, { stop, now: stop })
    const now = this.#io.hurry()
    const { kind, options } = this.#bridge.config.battery
    const patience = () => this.#say('it ends when the contactors are open; a second signal ends it at once')
    if (kind.writes(options)) stop.addEventListener('abort', patience, { once: true })
    await runGateway(gateway, buses, clock, { stop, now })
    if (now.aborted && !gateway.finished(clock.monotonic())) this.#say('ended at once: the contactors may be closed')
  }

  async #printer(): Promise<FramePrinter> {
    const gone = () => this.#unread.abort()
    const printer = new FramePrinter(await this.#io.liveOutput(gone), gone)
    this.#goodbye.add(() => printer.end(this.#io.clock))
    return printer
  }

  async #gateway(printed: FrameLines | undefined): Promise<Gateway> {
    const { battery, inverter } = this.#buses
    const structs = await openStructs(this.#io, undefined) // safety rests on them: never the user's own
    const told = this.#harmless(this.#told(structs))
    const around: Surroundings = {
      load: name => structs.load(name),
      enabled: this.#flags.charge,
      recorded: { battery: battery.recorded, inverter: inverter.recorded },
      transmit: (side, frame) => {
        const isTaken = isDry(this.#flags) || this.#buses[side].send(frame)
        if (isTaken) printed?.print(side, frame)
        if (isTaken && side === 'inverter') told(frame)
        return isTaken
      },
      observe: event => {
        for (const watch of this.#watchers) watch(event)
      },
    }
    return buildGateway(this.#bridge.config, around, this.#io.clock.monotonic())
  }

  /** Takes what the inverter is told, which is worth knowing as well. */
  #told(structs: StructLibrary): (frame: CanMessage) => void {
    const { kind, options } = this.#bridge.config.inverter
    const set = structs.load(kind.structs(options))
    const model = kind.model(options)
    return frame => {
      const codec = set.codec([canKey(frame)], model)
      if (codec === undefined) return
      const values = codec.decode(dataOf(frame), { short: 'omit' })
      const at = this.#io.clock.monotonic()
      for (const watch of this.#watchers) watch({ type: 'message', side: 'inverter', at, codec, values })
    }
  }

  #tapped(printed: FrameLines | undefined): Buses {
    const tap = (side: Side) => {
      const bus = this.#buses[side]
      return tapped(bus, (frame: CanFrame) => {
        if (bus.recorded) printed?.heard(frame)
        if (this.#flags.print === true) printed?.print(side, frame)
        if (this.#flags.verbose > 1) this.#say(heardText(side, frame))
      })
    }
    return { battery: tap('battery'), inverter: tap('inverter') }
  }

  /** Whoever fails at watching is not told any more, and the gateway goes on. */
  #harmless<T>(watch: (what: T) => void): (what: T) => void {
    let works = true
    return what => {
      if (!works) return
      try {
        watch(what)
      } catch (error) {
        works = false
        this.#say(failedText(error))
      }
    }
  }

  get #title(): string {
    const { config } = this.#bridge
    const sides = (['battery', 'inverter'] as const).map(
      side => `${side} ${config[side].kind.name} on ${config[side].interface}`,
    )
    return `${sides.join(', ')}${isDry(this.#flags) ? '; nothing is sent' : ''}`
  }

  #say(line: string): void {
    this.#io.err.write(`wattzup: ${line}\n`)
  }
}
