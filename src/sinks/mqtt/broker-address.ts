import { UsageError } from '../../core/errors.ts'

/** Ports where none is given. */
const PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const

/** Plain or with TLS, over TCP or over a web socket. */
export type BrokerProtocol = keyof typeof PORTS

/** Where a broker is. */
export interface BrokerAddress {
  readonly protocol: BrokerProtocol
  /** Name or address, without brackets. */
  readonly host: string
  readonly port: number
  /** Of a web socket, with its query: `/mqtt`. */
  readonly path: string
  /** Those that stood in the URL. */
  readonly credentials?: Credentials
}

/** Who we are for the broker. */
export interface Credentials {
  readonly username: string
  readonly password?: string
}

const FORM = 'write it like mqtt://HOST:1883, or with mqtts, ws or wss'

/**
 * Reads `mqtt://user:password@host:1883`; user and password are percent-decoded. Throws `UsageError`, which never quotes
 * the text: it may hold a password.
 */
export function parseBrokerUrl(text: string): BrokerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const protocol = url?.protocol.slice(0, -1) ?? ''
  if (url === undefined || !isProtocol(protocol)) throw new UsageError(`--mqtt: this is no URL of a broker; ${FORM}`)
  const host = decoded(url.hostname).replace(/^\[(.*)\]$/, '$1')
  if (!/^[^\s/@%]+$/.test(host)) throw new UsageError(`--mqtt: the URL names no host; ${FORM}`)
  const port = url.port === '' ? PORTS[protocol] : Number(url.port)
  if (port === 0) throw new UsageError('--mqtt: a port is a number from 1 to 65535')
  const path = url.pathname + url.search
  const isWebSocket = protocol === 'ws' || protocol === 'wss'
  if (!isWebSocket && !['', '/'].includes(path)) {
    throw new UsageError('--mqtt: only ws and wss take a path; the topic is --topic')
  }
  const credentials = credentialsOf(url)
  return { protocol, host, port, path: isWebSocket ? path : '', ...(credentials === undefined ? {} : { credentials }) }
}

/** `mqtt://host:1883`: how messages name a broker; without credentials, and without a path, which may hold a token. */
export function brokerText({ protocol, host, port }: BrokerAddress): string {
  return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Reads a file of two lines, user and password, or of one, `user:password`. Throws `UsageError`, which quotes nothing. */
export function parseCredentials(text: string, path: string): Credentials {
  const [first = '', second, ...rest] = text.replace(/\r?\n$/, '').split(/\r?\n/)
  const colon = first.indexOf(':')
  const [username, password] = second === undefined ? [first.slice(0, colon), first.slice(colon + 1)] : [first, second]
  if (username === '' || rest.length > 0 || (second === undefined && colon < 0)) {
    throw new UsageError(`${path} holds no credentials; write user and password on two lines, or user:password`, {
      path,
    })
  }
  return { username: username!, password: password! }
}

/** Whether what is said is encrypted on the way. */
export function isEncrypted({ protocol }: BrokerAddress): boolean {
  return protocol === 'mqtts' || protocol === 'wss'
}

function isProtocol(text: string): text is BrokerProtocol {
  return Object.hasOwn(PORTS, text)
}

function credentialsOf({ username, password }: URL): Credentials | undefined {
  if (username === '' && password === '') return undefined
  if (username === '') throw new UsageError('--mqtt: the URL has a password and no user name')
  return { username: decoded(username), ...(password === '' ? {} : { password: decoded(password) }) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new UsageError('--mqtt: the URL has a % that is no code; write %25 for the character itself')
  }
}
