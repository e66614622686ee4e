import { canUrl } from '../core/can-address.ts'
import { UsageError } from '../core/errors.ts'
import { LeapingClock } from '../core/leaping-clock.ts'
import { printConfig } from '../protocols/batgw/config/print.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'
import { BridgeRun } from './batgw-bridge-run.ts'
import { type BridgeConfig, KINDS, loadConfig } from './batgw-config.ts'
import { type BridgeFlags, isDry, prints } from './batgw-options.ts'
import { checkSimulated, SimulatedSides } from './batgw-simulated.ts'
import { Goodbye } from './goodbye.ts'
import type { Io } from './io.ts'
import { leapingWorld } from './leaping-world.ts'
import { LiveErrors } from './live-errors.ts'
import { CanBuses } from './open-can.ts'
import { removedFromBroker } from './open-mqtt.ts'

/** Those who are told must have taken it by then, ms: whoever stops the program waits no longer than a second. */
const GOODBYE_MS = 500

/** Runs `batgw bridge`. */
export async function runBridge(io: Io, flags: BridgeFlags): Promise<void> {
  if (await removedFromBroker(io, flags)) return
  const bridge = await loadConfig(io, flags.file, flags.define)
  if (flags.check === true) {
    io.out.write(printConfig(bridge.config, KINDS, { defaults: flags.verbose > 0, secrets: false }))
    return
  }
  if (prints(flags)) checkPrinting(flags)
  if (!isDry(flags)) checkAllowed(bridge, flags)
  if (flags.simulate === undefined) warnOfVirtual(io, bridge)
  else checkSimulated(bridge.addresses)
  if (flags.fast === true) checkFast(bridge, flags)
  const leap = flags.fast === true ? new LeapingClock(io.clock.now()) : undefined
  const errors = await LiveErrors.open(leap === undefined ? io : leapingWorld(io, leap))
  try {
    await runOnBuses(errors.world, flags, bridge, leap)
  } finally {
    await errors.end()
  }
}

async function runOnBuses(
  io: Io,
  flags: BridgeFlags,
  bridge: BridgeConfig,
  leap: LeapingClock | undefined,
): Promise<void> {
  await using goodbye = new Goodbye(GOODBYE_MS, io.clock, error =>
    io.err.write(`wattzup: ${(error as Error).message}\n`),
  )
  const buses = goodbye.use(
    new CanBuses(io, { command: 'batgw bridge', ...(leap && { reading: work => leap.during(work) }) }),
  )
  const open = (side: Side) => buses.open(bridge.addresses[side], { listenOnly: flags.listenOnly === true }, io.signal)
  try {
    const battery = await open('battery')
    const inverter = await open('inverter')
    goodbye.use(await SimulatedSides.start(io, bridge, flags.simulate, buses))
    await new BridgeRun(io, flags, bridge, { battery, inverter }, goodbye).run()
  } catch (error) {
    if (error !== io.signal.reason) throw error // else it was stopped before the buses were open
  }
  if (buses.hasFailed) io.status.code = 1
}

function checkPrinting({ format, json }: BridgeFlags): void {
  if (format === undefined && json === undefined) return
  throw new UsageError('standard output is for frames with --dry-run, --listen-only and --print, not for readings')
}

/** Whoever forgot the simulation would wait for ever. */
function warnOfVirtual({ err }: Io, { addresses }: BridgeConfig): void {
  const virtual = Object.values(addresses).filter(({ kind }) => kind === 'virtual')
  if (virtual.length === 0) return
  const names = virtual.map(canUrl).join(' and ')
  err.write(
    `wattzup: nobody else is on ${names}, within this program; --simulate puts a battery and an inverter there\n`,
  )
}

/** Time may only leap where nobody else's time goes on. Throws `UsageError`. */
function checkFast({ addresses }: BridgeConfig, { http, mqtt, duration }: BridgeFlags): void {
  const real = Object.values(addresses).find(({ kind }) => kind !== 'file' && kind !== 'virtual')
  if (real !== undefined) throw new UsageError(`--fast: ${canUrl(real)} is neither a recording nor a simulation`)
  if (http !== undefined || mqtt !== undefined) throw new UsageError('--fast: not together with --mqtt and --http')
  if (duration === undefined && !Object.values(addresses).every(({ kind }) => kind === 'file')) {
    throw new UsageError('--fast: only recordings have an end; say how long with --duration')
  }
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
