/** A module on the bus: what its packets and frames say about who sends them. Serial numbers are invented. */
export interface Module {
  /** Low five hex digits of its frames' IDs: module address and instance of the node it sits in. */
  readonly node: number
  /** Address in the packet header; a node may house several. */
  readonly address: number
  /** Dynamic address: 1, and 11, 13 for the second and third battery. */
  readonly dynamic: number
  readonly detail: number
  readonly type: number
  readonly serial: string
  /** Sends its payloads as they are, flags without 0x20. */
  readonly plain?: boolean
  /** Fills its last frames up to eight bytes. */
  readonly padded?: boolean
}

/** Modules of a PowerKit. Source of addresses, nodes and serial prefixes: docs/protocols/ecoflow.md. */
export const KIT = {
  dcLow: module(0x02001, 0x02, 'M1095-PSDL-DEMO1', { plain: true }),
  inverter: module(0x02001, 0x04, 'M1095-PSDH-DEMO1', { plain: true }),
  solar: module(0x02001, 0x05, 'M1096-MPPT-DEMO1', { plain: true }),
  console: module(0x34001, 0x34, 'M106ZAB1DEMO0001', {}),
  /** The touch panel speaks through the console's node; only what it sends is known of it. */
  touch: module(0x34001, 0x52, 'M106ZAB1DEMO0001', {}),
  wireless: module(0x50001, 0x35, 'M109ZAB4DEMO0001', { padded: true }),
  dcIn: module(0x50001, 0x50, 'M1093-DCIN-DEMO1', { padded: true }),
  dcOut: module(0x50001, 0x51, 'M1093-DCOU-DEMO1', { padded: true }),
  acPanel: module(0x54001, 0x53, 'M10EZAB1DEMO0001', { plain: true }),
  dcPanel: module(0x54001, 0x54, 'M10E1-LDDC-DEMO1', { plain: true }),
  dock: module(0x12001, 0x12, 'M3D1Z1B4DEMO0001', {}),
} as const

/** Addresses that only receive. */
export const ADDRESS = {
  all: 0x00,
  host: 0x01,
  app: 0x20,
  collector: 0x21,
  neighbours: 0x06,
  pack: 0x03,
  slaves: 0x08,
} as const

const PACK_DYNAMIC = [0x01, 0x11, 0x13, 0x15] as const

/** A battery by its place, 0-based: the BP5000 packs of a PowerKit. */
export function kitPack(index: number): Module {
  return battery(index, `M101Z3B4DEMO000${index + 1}`)
}

/** The BP2000 at a PowerStream's battery port, by its place among all batteries on the bus. */
export function streamPack(index: number): Module {
  return battery(index, 'M102Z3B4DEMO0001')
}

function battery(index: number, serial: string): Module {
  const node = 0x03001 + index
  return { node, address: 0x03, dynamic: PACK_DYNAMIC[index]!, detail: 0x0b, type: 0x3c, serial }
}

const STREAM = { node: 0x14001, dynamic: 0x01, type: 0x4b, serial: 'HW51DEMO00000001' } as const

/** A PowerStream: its inverter, and its radio part, which sends the protobuf heartbeats. */
export const POWERSTREAM: Module = { ...STREAM, address: 0x14, detail: 0x01 }
export const POWERSTREAM_RADIO: Module = { ...STREAM, address: 0x35, detail: 0x02 }

function module(node: number, address: number, serial: string, how: Pick<Module, 'plain' | 'padded'>): Module {
  return { node, address, dynamic: 0x01, detail: 0x00, type: 0x00, serial, ...how }
}
