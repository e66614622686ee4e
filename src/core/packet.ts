/** Bytes as a transport delivered them. */
export interface Packet {
  readonly data: Uint8Array
  /** When they came, Unix ms; for a recording the recorded time, NaN where it has none. */
  readonly at: number
  /** Where they came from: `192.0.2.7:8000`, `/dev/ttyUSB0`, a file. */
  readonly origin: string
  /** Of a captured packet: what it begins with, by the LINKTYPE_ numbers of libpcap (1 is Ethernet). */
  readonly linkType?: number
  /** The recording has less of it than there was on the wire. */
  readonly truncated?: boolean
}
