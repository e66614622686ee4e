import { dirname, isAbsolute, join } from 'node:path'
import { type CanAddress, canUrl, interfaceOf, parseCanUrl } from '../core/can-address.ts'
import { isWattzupError, WattzupError } from '../core/errors.ts'
import { BATTERIES } from '../protocols/batgw/batteries/batteries.ts'
import { type GatewayConfig, type Kinds, readConfig } from '../protocols/batgw/config/config.ts'
import { INTERFACE } from '../protocols/batgw/config/side-options.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'
import { INVERTERS } from '../protocols/batgw/inverters/inverters.ts'
import type { Io } from './io.ts'
import { readText } from './read-text.ts'

/** All batteries and inverters that a configuration may name. */
export const KINDS: Kinds = { batteries: BATTERIES, inverters: INVERTERS }

export type Macros = ReadonlyMap<string, string>

/** A configuration, and the buses that it names. */
export interface BridgeConfig {
  readonly config: GatewayConfig
  readonly addresses: Readonly<Record<Side, CanAddress>>
}

/** No configuration is longer, bytes. */
const LONGEST = 1_000_000

/**
 * Reads the configuration at `path`, `-` for standard input. With anything in it that is not understood, every problem goes to
 * standard error as `FILE:LINE: text`, and it rejects with `WattzupError`.
 */
export async function loadConfig(io: Io, path: string, macros: Macros): Promise<BridgeConfig> {
  const text = await readText(io, path, LONGEST)
  const name = path === '-' ? 'standard input' : path
  const { config, problems } = readConfig({ name, text, read: includer(io), macros }, KINDS)
  if (config === undefined) throw refused(io, name, problems)
  const buses = addressesOf(config)
  if (!('addresses' in buses)) throw refused(io, name, buses.problems)
  return { config, addresses: buses.addresses }
}

/** What logs call the two buses. */
export function busNames({ battery, inverter }: BridgeConfig['addresses']): Readonly<Record<Side, string>> {
  return { battery: busName(battery, 'battery'), inverter: busName(inverter, 'inverter') }
}

function busName(address: CanAddress, side: Side): string {
  return address.kind === 'file' ? (address.iface ?? side) : interfaceOf(address)
}

/** Files that are included stand beside the one that includes them, unless their path says more. */
function includer({ files }: Io) {
  return (path: string, from: string) => {
    const name = isAbsolute(path) ? path : join(dirname(from), path)
    return { name, text: files.readText(name) }
  }
}

type Buses = Pick<BridgeConfig, 'addresses'> | { readonly problems: readonly string[] }

function addressesOf(config: GatewayConfig): Buses {
  const problems: string[] = []
  const read = (side: Side): CanAddress | undefined => {
    try {
      return parseCanUrl(config[side].interface)
    } catch (error) {
      if (!isWattzupError(error)) throw error
      problems.push(`${placeOf(config, side)}: ${side} interface: ${error.message}`)
      return undefined
    }
  }
  const battery = read('battery')
  const inverter = read('inverter')
  if (battery === undefined || inverter === undefined) return { problems }
  if (canUrl(battery) !== canUrl(inverter)) return { addresses: { battery, inverter } }
  const text = `battery and inverter are both on ${canUrl(battery)}; expected two buses`
  return { problems: [`${placeOf(config, 'inverter')}: ${text}`] }
}

function placeOf(config: GatewayConfig, side: Side): string {
  const { file, line } = config[side].options.get(INTERFACE.name)!.position // a side without one was refused
  return `${file}:${line}`
}

function refused({ err }: Io, path: string, problems: readonly string[]): WattzupError {
  for (const problem of problems) err.write(`${problem}\n`)
  return new WattzupError(`${path} was not understood as a whole, so nothing was started`, { path })
}
