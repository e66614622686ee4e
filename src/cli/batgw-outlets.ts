import type { GatewayConfig } from '../protocols/batgw/config/config.ts'
import { mqttSettings } from '../protocols/batgw/config/mqtt-options.ts'
import type { Gateway } from '../protocols/batgw/gateway.ts'
import type { Observe } from '../protocols/batgw/gateway-event.ts'
import { GatewayMqtt } from './batgw-mqtt.ts'
import type { BridgeFlags } from './batgw-options.ts'
import { GatewayReadings } from './batgw-readings.ts'
import type { Goodbye } from './goodbye.ts'
import type { Io } from './io.ts'
import { openSinks } from './open-sinks.ts'
import { RunBounds } from './run-bounds.ts'

/** Those who are told what a gateway does. */
export interface Outlets {
  readonly watchers: readonly Observe[]
  /** What did not reach its place, in lines. */
  problems(): readonly string[]
}

/** Readings are made so often, ms. */
const INTERVAL_MS = 1000

/**
 * Opens all that the user and the configuration ask for; `unread` is called when nobody reads standard output any more, and
 * `goodbye` closes them.
 */
export async function openOutlets(
  io: Io,
  flags: BridgeFlags,
  { mqtt, battery, inverter }: GatewayConfig,
  gateway: Gateway,
  unread: () => void,
  goodbye: Goodbye,
): Promise<Outlets> {
  const bounds = new RunBounds(io, {})
  bounds.signal.addEventListener('abort', () => bounds.unread && unread(), { once: true })
  const traits = { intervalMs: INTERVAL_MS, group: ({ message }: { readonly message: string }) => message }
  const sinks = await openSinks(io, { ...flags, logSize: 1, filter: true }, traits, bounds)
  const families = { battery: battery.kind.structs, inverter: inverter.kind.structs(inverter.options) }
  const report = (error: unknown) => io.err.write(`wattzup: ${failedText(error)}\n`)
  const readings = sinks.map(sink => new GatewayReadings(sink, families, io.clock, report)) // one that fails is alone with it
  const topics = { battery: battery.kind.topics, inverter: inverter.kind.topics }
  const original =
    mqtt === undefined || flags.fast === true ? [] : [new GatewayMqtt(mqttSettings(mqtt), gateway, topics, io)]
  const all = [...sinks, ...original]
  for (const outlet of all) goodbye.add(async () => outlet.close())
  return {
    watchers: [...readings, ...original].map(outlet => event => outlet.take(event)),
    problems: () => all.flatMap(outlet => outlet.problems?.() ?? []),
  }
}

/** Whoever is told of the gateway has failed, which must not stop it. */
export function failedText(error: unknown): string {
  return `readings go out no more: ${error instanceof Error ? error.message : String(error)}`
}
