import { keepConnected, type LinkEvent } from '../core/keep-connected.ts'
import type { SerialAddress } from '../core/serial-address.ts'
import { type PortAddress, portText } from '../core/serial-address.ts'
import type { Transport } from '../core/transport.ts'
import { WAKE_BAUD, wakeConsole } from '../protocols/pylontech/console/wake.ts'
import type { Backend } from '../protocols/pylontech/poll/backend.ts'
import { withoutTelnet } from '../protocols/pylontech/poll/telnet.ts'
import type { Io } from './io.ts'

const CONNECT_MS = 10_000

export interface ConnectOptions {
  readonly port: PortAddress
  /** The text console, not frames. */
  readonly console?: true
  /** Tell a console plug that speaks frames to speak text. */
  readonly wake: boolean
}

/** Polls over one connection to its end. Rejects like `Backend.poll`. */
export async function pollOnce(io: Io, options: ConnectOptions, backend: Backend, signal: AbortSignal): Promise<void> {
  await using link = await openPort(io, options, signal)
  await backend.poll(link, () => {}, signal)
}

/** Polls until `signal` aborts, and connects again whenever the connection is lost. */
export function pollForever(
  io: Io,
  options: ConnectOptions,
  backend: Backend,
  report: (event: LinkEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const open = (ended: AbortSignal) => openPort(io, options, ended)
  const use = (link: Transport, alive: () => void, ended: AbortSignal) => backend.poll(link, alive, ended)
  return keepConnected({ open, use, report, random: io.random }, io.clock, signal)
}

async function openPort(io: Io, { port, wake }: ConnectOptions, signal: AbortSignal): Promise<Transport> {
  if ('endpoint' in port) return withoutTelnet(await io.network.connect(port.endpoint, CONNECT_MS, signal))
  if (wake) await wakeAt(io, { ...port, baudRate: WAKE_BAUD }, signal)
  return io.network.serial(port, signal)
}

async function wakeAt({ network, clock }: Io, port: SerialAddress, signal: AbortSignal): Promise<void> {
  await using link = await network.serial(port, signal)
  await wakeConsole(link, clock, signal)
}

/** What the user may look at when nothing answers. */
export function silenceAdvice({ port, console }: ConnectOptions): string {
  const where = `nothing answers on ${portText(port)}`
  if (console === true) return `${where}: is the console awake (--wake)?`
  return `${where}: check speed (PORT@9600 with DIP switch 1 on), plug (--rs232, --console), group (--groups 1 behind a hub)`
}
