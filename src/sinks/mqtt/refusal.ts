import { TransportError } from '../../core/errors.ts'
import { type BrokerAddress, brokerText } from './broker-address.ts'

/** Return codes of CONNACK in MQTT 3.1.1, and reason codes of MQTT 5, that say why a broker does not let us in. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'the broker does not speak this version of MQTT; see --mqtt-version',
  2: 'the broker refuses the client ID; see --mqtt-client-id',
  3: 'the broker is not available now',
  129: 'the broker finds the request malformed',
  130: 'the broker finds an error in the protocol',
  132: 'the broker does not speak this version of MQTT; see --mqtt-version',
  133: 'the broker refuses the client ID; see --mqtt-client-id',
  136: 'the broker is not available now',
  137: 'the broker is busy',
  138: 'the broker has banned this client',
  139: 'the broker is shutting down',
  141: 'the broker has heard nothing from us for too long',
  142: 'another client has logged in with the same client ID; see --mqtt-client-id',
  143: 'the broker does not allow the topic filter',
  144: 'the broker does not allow the topic',
  149: 'the message is too large for the broker',
  151: 'a quota of the broker is used up',
  153: 'the broker does not take the payload',
  154: 'the broker keeps no messages; see --no-retain',
  155: 'the broker does not offer that quality of service; see --qos',
  156: 'the broker sends us to another server',
  157: 'the broker has moved to another server',
  159: 'the broker finds that we connect too often',
}

/** Codes that say that user name or password are wrong, or that nobody may log in without. */
const NOT_AUTHORISED = [4, 5, 134, 135]

/** What TLS says of the broker's certificate, or of ours. */
const TLS_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the broker's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the broker's certificate is self-signed; give it with --mqtt-ca",
  SELF_SIGNED_CERT_IN_CHAIN: "the broker's certificate is of an unknown authority; give its certificate with --mqtt-ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the broker's certificate is of an unknown authority; give its certificate with --mqtt-ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the broker's certificate is of an unknown authority; give its certificate with --mqtt-ca",
  ERR_TLS_CERT_ALTNAME_INVALID: "the broker's certificate is for another host name",
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS is spoken at that port',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the broker wants a certificate of ours; see --mqtt-cert',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'the broker refuses the TLS handshake; it may want a certificate: --mqtt-cert',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the broker does not know the authority of our certificate; see --mqtt-cert',
}

/** Says why the system refused, in words: `reasonOf` of the transports. */
export type ReasonOf = (error: Error) => string

/** Why there is no connection, in a line without credentials. */
export function connectError(
  address: BrokerAddress,
  loggedIn: boolean,
  cause: Error | undefined,
  reasonOf: ReasonOf,
): TransportError {
  const broker = brokerText(address)
  if (cause === undefined) {
    return new TransportError(`cannot connect to ${broker}: the broker closed the connection at once`, { broker })
  }
  const code = (cause as NodeJS.ErrnoException).code as string | number | undefined
  const context = { broker, ...(code === undefined ? {} : { code }) }
  if (typeof code === 'number') {
    return new TransportError(`cannot log in to ${broker}: ${loginText(code, loggedIn)}`, context)
  }
  const reason = TLS_REASONS[code ?? ''] ?? (code === undefined ? protocolReason(cause) : reasonOf(cause))
  return new TransportError(`cannot connect to ${broker}: ${reason}`, context)
}

/** Why a connection that stood has ended, in a line. */
export function lostError(address: BrokerAddress, cause: Error | undefined, reasonOf: ReasonOf): TransportError {
  const broker = brokerText(address)
  const why = cause === undefined ? 'the broker closed it' : lossReason(cause, reasonOf)
  return new TransportError(`the connection to ${broker} was lost: ${why}`, { broker })
}

/** What a code of PUBACK or DISCONNECT says. */
export function refusalText(code: number): string {
  if (NOT_AUTHORISED.includes(code)) return 'the broker does not allow it'
  return REFUSALS[code] ?? `the broker refuses it with code ${code}`
}

function loginText(code: number, loggedIn: boolean): string {
  if (!NOT_AUTHORISED.includes(code)) return refusalText(code)
  return loggedIn
    ? 'the broker refuses the user name or password'
    : 'the broker wants a user name and a password; see --mqtt-credentials'
}

function lossReason(cause: Error, reasonOf: ReasonOf): string {
  const code = (cause as { readonly code?: unknown }).code
  if (typeof code === 'number') return refusalText(code)
  return code === undefined ? protocolReason(cause) : reasonOf(cause)
}

/** Errors without a code are those of mqtt.js and of web sockets; what it found in the stream may be anything. */
function protocolReason({ message }: Error): string {
  if (/^connack timeout$/i.test(message)) return 'it does not answer'
  if (/^keepalive timeout$/i.test(message)) return 'it no longer answers'
  const status = /^Unexpected server response: (\d{3})$/.exec(message)?.[1]
  if (status !== undefined) return `no web socket for MQTT is there: HTTP status ${status}; is the path right?`
  return `what answers there does not speak MQTT (${message})`
}
