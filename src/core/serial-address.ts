import { type Endpoint, endpointText, parseEndpoint } from './endpoint.ts'
import { UsageError } from './errors.ts'

/** A serial port of this machine, 8 data bits, no parity, 1 stop bit. */
export interface SerialAddress {
  /** `/dev/ttyUSB0`, `COM3`, a pseudo terminal. */
  readonly path: string
  readonly baudRate: number
}

/** A serial line behind a bridge from TCP, such as ser2net. */
export interface BridgeAddress {
  readonly endpoint: Endpoint
  /** Speed of the line behind it, where the user says it: the bridge has settings of its own. */
  readonly baudRate?: number
}

/** Where a serial line is reached. */
export type PortAddress = SerialAddress | BridgeAddress

const LEAST_BAUD = 50
const MOST_BAUD = 4_000_000

/** Reads `/dev/ttyUSB0`, `/dev/ttyUSB0@9600` or `tcp://host:port[@9600]`. Throws `UsageError`. */
export function parsePort(text: string, defaultBaud: number): PortAddress {
  const [, place = '', speed] = /^(.*?)(?:@(\d+))?$/.exec(text) ?? []
  if (place.trim() === '')
    throw new UsageError(`${text || 'nothing'} is no port; write /dev/ttyUSB0 or tcp://HOST:PORT`)
  const baudRate = speed === undefined ? undefined : checkedBaud(Number(speed), text)
  if (!place.startsWith('tcp://')) return { path: place, baudRate: baudRate ?? defaultBaud }
  const endpoint = parseEndpoint(place.slice('tcp://'.length), 0)
  return baudRate === undefined ? { endpoint } : { endpoint, baudRate }
}

/** The port as a user writes it. */
export function portText(port: PortAddress): string {
  if ('path' in port) return `${port.path}@${port.baudRate}`
  return `tcp://${endpointText(port.endpoint)}${port.baudRate === undefined ? '' : `@${port.baudRate}`}`
}

function checkedBaud(value: number, text: string): number {
  if (value >= LEAST_BAUD && value <= MOST_BAUD) return value
  throw new UsageError(`${text}: a speed is a number from ${LEAST_BAUD} to ${MOST_BAUD}`, { text })
}
