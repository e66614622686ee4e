import type { CanFrame } from '../core/can.ts'
import type { CanBus, CanMessage } from '../core/can-bus.ts'
import { UsageError } from '../core/errors.ts'
import type { StructSet } from '../decode/struct-set.ts'
import { buildGateway, type Surroundings } from '../protocols/batgw/build-gateway.ts'
import { canKey, dataOf } from '../protocols/batgw/can-message.ts'
import { printConfig } from '../protocols/batgw/config/print.ts'
import type { Gateway } from '../protocols/batgw/gateway.ts'
import type { GatewayEvent, Observe, Side } from '../protocols/batgw/gateway-event.ts'
import { runGateway } from '../protocols/batgw/run-gateway.ts'
import { isDoneWithin } from '../sinks/deadline.ts'
import { type BridgeConfig, KINDS, loadConfig } from './batgw-config.ts'
import { DryRun } from './batgw-dry-run.ts'
import { heardText } from './batgw-heard-text.ts'
import { GatewayNotes } from './batgw-notes.ts'
import type { BridgeFlags } from './batgw-options.ts'
import { failedText, openOutlets } from './batgw-outlets.ts'
import { checkSimulated, SimulatedSides } from './batgw-simulated.ts'
import { tapped } from './batgw-tap.ts'
import { FewLines } from './few-lines.ts'
import { FramePrinter } from './frame-printer.ts'
import type { Io } from './io.ts'
import { CanBuses } from './open-can.ts'
import { removedFromBroker } from './open-mqtt.ts'
import { openStructs } from './open-structs.ts'

type Buses = Readonly<Record<Side, CanBus>>

/** Those who are told must have taken it by then, ms: whoever stops the program waits no longer than a second. */
const GOODBYE_MS = 700

/** Runs `batgw bridge`. */
export async function runBridge(io: Io, flags: BridgeFlags): Promise<void> {
  if (await removedFromBroker(io, flags)) return
  const bridge = await loadConfig(io, flags.file, flags.define)
  if (flags.check === true) {
    io.out.write(printConfig(bridge.config, KINDS, { defaults: flags.verbose > 0, secrets: false }))
    return
  }
  if (isDry(flags)) checkDry(flags)
  else checkAllowed(bridge, flags)
  if (flags.simulate !== undefined) checkSimulated(bridge.addresses)
  await using buses = new CanBuses(io, { command: 'batgw bridge' })
  const open = (side: Side) => buses.open(bridge.addresses[side], { listenOnly: flags.listenOnly === true }, io.signal)
  try {
    const battery = await open('battery')
    const inverter = await open('inverter')
    await using _simulated = await SimulatedSides.start(io, bridge, flags.simulate, buses)
    await new Bridge(io, flags, bridge, { battery, inverter }).run()
  } catch (error) {
    if (error !== io.signal.reason) throw error // else it was stopped before the buses were open
  }
  if (buses.hasFailed) io.status.code = 1
}

function isDry({ dryRun, listenOnly }: BridgeFlags): boolean {
  return dryRun === true || listenOnly === true
}

function checkDry({ format, json }: BridgeFlags): void {
  if (format === undefined && json === undefined) return
  throw new UsageError('standard output is for frames with --dry-run and --listen-only, not for readings')
}

/** What may not run is refused before any bus is opened. Throws `UsageError`. */
function checkAllowed({ config, addresses }: BridgeConfig, { write }: BridgeFlags): void {
  if (Object.values(addresses).some(({ kind }) => kind === 'file')) {
    throw new UsageError('nothing can be sent to a recording; add --dry-run to see what would be sent')
  }
  const { kind, options } = config.battery
  if (write === true || !kind.writes(options)) return
  throw new UsageError(
    `${kind.name} battery: contactors "managed" opens and closes them by itself; allow it with --write`,
  )
}

/** A gateway between two open buses, and those who watch it. */
class Bridge {
  readonly #io: Io
  readonly #flags: BridgeFlags
  readonly #bridge: BridgeConfig
  readonly #buses: Buses
  readonly #watchers: Observe[] = []
  readonly #unread = new AbortController()

  constructor(io: Io, flags: BridgeFlags, bridge: BridgeConfig, buses: Buses) {
    this.#io = io
    this.#flags = flags
    this.#bridge = bridge
    this.#buses = buses
  }

  async run(): Promise<void> {
    const { clock, signal } = this.#io
    const lines = new FewLines(line => this.#say(line), clock)
    const notes = new GatewayNotes(lines, this.#flags.verbose > 0)
    this.#watchers.push(event => notes.take(event))
    const printer = isDry(this.#flags) ? await this.#printer() : undefined
    const dry = printer === undefined ? undefined : new DryRun(printer, this.#bridge.addresses, clock)
    const gateway = await this.#gateway(dry)
    const outlets = await openOutlets(this.#io, this.#flags, this.#bridge.config, gateway, () => this.#unread.abort())
    for (const watch of outlets.watchers) this.#watchers.push(this.#harmless(watch))
    this.#io.onCrash(() => gateway.stop(clock.monotonic()))
    this.#say(this.#title)
    try {
      const stop = AbortSignal.any([signal, this.#unread.signal])
      await runGateway(gateway, this.#tapped(dry), clock, { stop })
    } finally {
      await printer?.end(clock)
      await isDoneWithin(GOODBYE_MS, outlets.close(), clock)
      lines.end()
      for (const line of [...tallyLines(gateway), ...outlets.problems()]) this.#say(line)
    }
    if (printer?.failure !== undefined) throw printer.failure
    if (printer !== undefined && printer.dropped > 0) this.#say(`frames not printed: ${printer.dropped}`)
  }

  async #printer(): Promise<FramePrinter> {
    const gone = () => this.#unread.abort()
    return new FramePrinter(await this.#io.liveOutput(gone), gone)
  }

  async #gateway(dry: DryRun | undefined): Promise<Gateway> {
    const { battery, inverter } = this.#buses
    const structs = await openStructs(this.#io, undefined) // safety rests on them: never the user's own
    const { kind, options } = this.#bridge.config.inverter
    const told = structs.load(kind.structs(options))
    const around: Surroundings = {
      load: name => structs.load(name),
      enabled: this.#flags.charge,
      recorded: { battery: battery.recorded, inverter: inverter.recorded },
      transmit: (side, frame) => {
        dry?.print(side, frame)
        const isTaken = dry !== undefined || this.#buses[side].send(frame)
        if (isTaken && side === 'inverter') this.#told(frame, told)
        return isTaken
      },
      observe: event => {
        for (const watch of this.#watchers) watch(event)
      },
    }
    return buildGateway(this.#bridge.config, around, this.#io.clock.monotonic())
  }

  /** What the inverter is told is worth knowing as well; not where the bytes alone do not say which model they are of. */
  #told(frame: CanMessage, structs: StructSet): void {
    const codec = structs.definition.models === undefined ? structs.codec([canKey(frame)]) : undefined
    if (codec === undefined) return
    const values = codec.decode(dataOf(frame), { short: 'omit' })
    const at = this.#io.clock.monotonic()
    for (const watch of this.#watchers) watch({ type: 'message', side: 'inverter', at, codec, values })
  }

  #tapped(dry: DryRun | undefined): Buses {
    const tap = (side: Side) => {
      const bus = this.#buses[side]
      return tapped(bus, (frame: CanFrame) => {
        if (bus.recorded) dry?.heard(frame)
        if (this.#flags.verbose > 1) this.#say(heardText(side, frame))
      })
    }
    return { battery: tap('battery'), inverter: tap('inverter') }
  }

  /** Whoever fails at watching is not told any more, and the gateway goes on. */
  #harmless(watch: Observe): Observe {
    let works = true
    return (event: GatewayEvent) => {
      if (!works) return
      try {
        watch(event)
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

function tallyLines({ tally }: Gateway): string[] {
  return [...tally.counts].map(([reason, count]) => `${reason}: ${count}`)
}
