import { type Endpoint, endpointText, parseEndpoint } from './endpoint.ts'
import { UsageError } from './errors.ts'
import { type PortAddress, parsePort, portText } from './serial-address.ts'

/** A CAN interface of this machine, Linux only. */
export interface SocketCanAddress {
  readonly kind: 'socketcan'
  readonly iface: string
}

/** An adapter that speaks slcan, on a serial port or behind a bridge from TCP. */
export interface SlcanAddress {
  readonly kind: 'slcan'
  readonly port: PortAddress
}

/** A bus of a socketcand server. */
export interface SocketcandAddress {
  readonly kind: 'socketcand'
  readonly endpoint: Endpoint
  readonly iface: string
}

/** A bus that exists in this program only. */
export interface VirtualAddress {
  readonly kind: 'virtual'
  readonly name: string
}

/** A log that is played with the timing of its frames. */
export interface RecordingAddress {
  readonly kind: 'file'
  readonly path: string
  /** Only frames of this interface. */
  readonly iface?: string
}

/** A bus that can be heard and written to. */
export type LiveCanAddress = SocketCanAddress | SlcanAddress | SocketcandAddress | VirtualAddress

/** Where CAN frames come from. */
export type CanAddress = LiveCanAddress | RecordingAddress

const FORMS = 'can0, slcan:/dev/ttyACM0, slcan:tcp://HOST:PORT, socketcand://HOST/can0, file:LOG or virtual:NAME'
const SLCAN_BAUD = 115_200
const SOCKETCAND_PORT = 29_536
const INTERFACE = /^[^\s/:@,]{1,15}$/
const NAME = /^[\w.-]{1,64}$/

/** Reads the URL of a CAN bus, as docs/commands/can.md has it. Throws `UsageError`. */
export function parseCanUrl(text: string): CanAddress {
  const socketcand = /^socketcand:\/\/([^/]+)\/(.+)$/.exec(text)
  if (socketcand !== null) return socketcandAddress(text, socketcand[1]!, socketcand[2]!)
  const [, scheme = 'socketcan', rest = text] = /^([a-z]+):(.*)$/s.exec(text) ?? []
  if (scheme === 'socketcan' && INTERFACE.test(rest)) return { kind: 'socketcan', iface: rest }
  if (scheme === 'slcan' && rest !== '') return { kind: 'slcan', port: parsePort(rest, SLCAN_BAUD) }
  if (scheme === 'virtual' && NAME.test(rest)) return { kind: 'virtual', name: rest }
  if (scheme === 'file' && rest !== '') return recordingAddress(rest)
  throw new UsageError(`${text || 'nothing'} is no CAN bus; write ${FORMS}`, { text })
}

/** The URL of a bus, in its shortest form. */
export function canUrl(address: CanAddress): string {
  switch (address.kind) {
    case 'socketcan':
      return address.iface
    case 'slcan':
      return `slcan:${shortPort(address.port)}`
    case 'socketcand':
      return `socketcand://${shortEndpoint(address.endpoint)}/${address.iface}`
    case 'virtual':
      return `virtual:${address.name}`
    case 'file':
      return `file:${address.path}${address.iface === undefined ? '' : `@${address.iface}`}`
  }
}

/** What logs call the interface: a word without blanks. */
export function interfaceOf(address: LiveCanAddress): string {
  if (address.kind === 'virtual') return address.name
  if (address.kind !== 'slcan') return address.iface
  const { port } = address
  const name = 'path' in port ? port.path.slice(port.path.lastIndexOf('/') + 1) : endpointText(port.endpoint)
  return name.replaceAll(/[\s()]/g, '_')
}

function socketcandAddress(text: string, host: string, iface: string): SocketcandAddress {
  if (INTERFACE.test(iface)) return { kind: 'socketcand', endpoint: parseEndpoint(host, SOCKETCAND_PORT), iface }
  throw new UsageError(`${text} names no bus of the server; write socketcand://HOST/can0`, { text })
}

/** What stands behind the last `@` is an interface, unless it looks like the rest of a file name. */
function recordingAddress(rest: string): RecordingAddress {
  const at = rest.lastIndexOf('@')
  const iface = rest.slice(at + 1)
  const hasOne = at > 0 && INTERFACE.test(iface) && !iface.includes('.')
  return hasOne ? { kind: 'file', path: rest.slice(0, at), iface } : { kind: 'file', path: rest }
}

function shortPort(port: PortAddress): string {
  return 'path' in port && port.baudRate === SLCAN_BAUD ? port.path : portText(port)
}

function shortEndpoint(endpoint: Endpoint): string {
  const text = endpointText(endpoint)
  return endpoint.port === SOCKETCAND_PORT ? text.slice(0, text.lastIndexOf(':')) : text
}
