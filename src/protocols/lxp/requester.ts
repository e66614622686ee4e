import type { LxpFrame } from './frame.ts'
import type { DeviceRequest } from './request.ts'

/** Asks the inverters behind a dongle, one request after the other. */
export interface Requester {
  /** What messages call the dongle. */
  readonly origin: string
  /**
   * Asks an inverter; resolves with a frame of its own memory. Rejects with `LxpException` when it refuses, `TimeoutError`
   * when no answer comes, `TransportError` when the connection is lost or too many requests wait.
   */
  request(inverter: string, request: DeviceRequest, signal: AbortSignal): Promise<LxpFrame>
  /** The bytes that `request` sends. Throws `TransportError` while the dongle's serial number is not known. */
  encode(inverter: string, request: DeviceRequest): Uint8Array
}
