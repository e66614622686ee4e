/** EtherType of frames between myenergi devices, one of the two that are set aside for local experiments. */
export const MYENERGI_ETHER_TYPE = 0x88b5

/** Bytes that hold any frame: a record is 279 long at most, header and two VLAN tags make 22 more. */
export const MOST_FRAME = 512

/** The interface that stands for all of them; filters for it have no word for VLAN tags. */
const ANY = 'any'

/** Finds the frames among others on an interface, also behind VLAN tags, in the language of pcap-filter(7). */
export function captureFilter(iface: string): string {
  const plain = `ether proto 0x${MYENERGI_ETHER_TYPE.toString(16)}`
  return iface === ANY ? plain : `${plain} or (vlan and (${plain} or (vlan and ${plain})))`
}

/** Link types of captures in which Ethernet payloads can be found. */
export const ETHERNET = 1
export const LINUX_SLL = 113
export const LINUX_SLL2 = 276

/** How a link-layer header says what follows: its size and the place of the EtherType, in bytes. */
interface LinkHeader {
  readonly size: number
  readonly etherTypeAt: number
}

const HEADERS: ReadonlyMap<number, LinkHeader> = new Map([
  [ETHERNET, { size: 14, etherTypeAt: 12 }],
  [LINUX_SLL, { size: 16, etherTypeAt: 14 }],
  [LINUX_SLL2, { size: 20, etherTypeAt: 0 }],
])

const VLAN_TAGS: readonly number[] = [0x8100, 0x88a8]
const VLAN_TAG = 4
/** A service tag and a customer tag (QinQ). */
const MOST_TAGS = 2

/** What an Ethernet frame carries: its EtherType and where the payload begins. */
export interface EthernetContent {
  readonly etherType: number
  readonly start: number
}

/** Whether frames of this link type can be opened. */
export function isEthernetLike(linkType: number): boolean {
  return HEADERS.has(linkType)
}

/**
 * What a captured frame carries, behind up to two VLAN tags; undefined where it is shorter than its header. All
 * big-endian:
 *
 *     Ethernet: destination 6 | source 6 | EtherType 2
 *     SLL:      packet type 2 | device type 2 | address 2+8 | EtherType 2
 *     SLL2:     EtherType 2 | reserved 2 | interface 4 | device type 2 | packet type 1 | address 1+8
 */
export function ethernetContent(linkType: number, frame: Uint8Array): EthernetContent | undefined {
  const header = HEADERS.get(linkType)
  if (header === undefined || frame.length < header.size) return undefined
  let start = header.size
  let etherType = word(frame, header.etherTypeAt)
  for (let tags = 0; tags < MOST_TAGS && VLAN_TAGS.includes(etherType); tags++) {
    if (frame.length < start + VLAN_TAG) return undefined
    etherType = word(frame, start + 2)
    start += VLAN_TAG
  }
  return { etherType, start }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}
