/** Bytes before the payload of a frame. */
export const ETHERNET_HEADER = 14

/** The group that devices talk to. */
const GROUP: readonly number[] = [0x71, 0xb3, 0xd5, 0x3a, 0x6f, 0x00]
/** A locally administered address, nobody's. */
const SOURCE: readonly number[] = [0x02, 0x00, 0x00, 0x65, 0x64, 0x64]

/** An Ethernet frame with EtherType 0x88B5 around a payload. */
export function ethernetFrame(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER + payload.length)
  frame.set(GROUP, 0)
  frame.set(SOURCE, 6)
  frame.set([0x88, 0xb5], 12)
  frame.set(payload, ETHERNET_HEADER)
  return frame
}
