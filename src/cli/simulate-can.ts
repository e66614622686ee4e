import { canUrl, type LiveCanAddress } from '../core/can-address.ts'
import { UsageError } from '../core/errors.ts'
import { parseOptions } from '../protocols/batgw/config/parse-options.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'
import { runSimulation } from '../protocols/batgw/simulator/run-simulation.ts'
import { isScenarioName, SCENARIO_NAMES, scenarioText } from '../protocols/batgw/simulator/scenarios/scenarios.ts'
import { Simulation, type SimulationParts } from '../protocols/batgw/simulator/simulation.ts'
import { counted } from '../sinks/counted.ts'
import { BusNotes } from './can-bus-notes.ts'
import { BusTally } from './can-bus-tally.ts'
import { faultsText } from './fault-rates.ts'
import { FewLines } from './few-lines.ts'
import type { Io } from './io.ts'
import { CanBuses } from './open-can.ts'
import { RunBounds } from './run-bounds.ts'
import { openScenario, type PretendedKind, simulationParts } from './simulate-can-device.ts'
import { writeSimulation } from './simulate-can-log.ts'
import { DEFAULT_START, LOG_SECONDS, type SimulateCanFlags } from './simulate-can-options.ts'
import { ownSettings } from './simulate-can-settings.ts'
import { parseStart } from './start-time.ts'

/** What logs call the bus of a side, as with most gateways. */
const INTERFACES: Readonly<Record<Side, string>> = { battery: 'can0', inverter: 'can1' }

/** Runs `simulate battery` or `simulate inverter`: on a bus, or without one into a log. */
export async function simulateCan(
  io: Io,
  side: Side,
  kind: PretendedKind,
  bus: LiveCanAddress | undefined,
  flags: SimulateCanFlags,
): Promise<void> {
  if (flags.show === true) {
    showScenario(io, flags.scenario)
    return
  }
  const options = parseOptions(flags.options, side, kind.options)
  const set = ownSettings(kind.simulator.settings, flags.set)
  const scenario = await openScenario(io, flags.scenario)
  const { faults, seed } = flags
  const parts = await simulationParts(io, { kind, options, side, scenario, set, faults, seed })
  if (bus === undefined) {
    const start = parseStart(flags.start, io.clock.now(), DEFAULT_START)
    const place = { iface: INTERFACES[side], start, seconds: flags.duration ?? LOG_SECONDS }
    const { sent, made } = await writeSimulation(io, { ...parts, tell: () => {} }, place)
    if (made.counts.size > 0) io.err.write(`wattzup: ${counted(sent, 'frame')}${faultsText(made.counts)}\n`)
  } else {
    await pretend(io, `${side} ${kind.name} on ${canUrl(bus)}: ${scenario.title}`, parts, bus, flags)
  }
}

/** Is the device on a bus until the run ends. */
async function pretend(
  io: Io,
  title: string,
  parts: Omit<SimulationParts, 'tell'>,
  address: LiveCanAddress,
  { bitrate: bitRate, duration }: SimulateCanFlags,
): Promise<void> {
  const { clock, err } = io
  const lines = new FewLines(line => err.write(`wattzup: ${line}\n`), clock)
  const bounds = new RunBounds(io, duration === undefined ? {} : { duration })
  await using buses = new CanBuses(io, { command: 'simulate' })
  const bus = await buses.open(address, { bitRate }, io.signal)
  const tally = new BusTally(bus.name, false)
  const notes = new BusNotes(tally, lines, false)
  const begin = clock.monotonic()
  const tell = (text: string) => lines.add(`${((clock.monotonic() - begin) / 1000).toFixed(1)} s: ${text}`)
  const simulation = new Simulation({ ...parts, tell }, begin)
  err.write(`wattzup: ${title}\n`)
  const refused = await runSimulation(simulation, bus, clock, event => notes.event(event), bounds.signal)
  bounds.stop()
  lines.end()
  const notTaken = refused === 0 ? '' : `, ${refused} of them not taken by the bus`
  err.write(`wattzup: ${counted(simulation.sent, 'frame')}${notTaken}${faultsText(simulation.made.counts)}\n`)
  if (tally.troubles !== undefined) err.write(`wattzup: ${tally.troubles}\n`)
}

function showScenario({ out }: Io, name: string): void {
  if (!isScenarioName(name))
    throw new UsageError(`--show: there is no scenario ${name}; there are ${SCENARIO_NAMES.join(', ')}`)
  out.write(scenarioText(name))
}
