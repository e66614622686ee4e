import type { Packet } from '../../src/core/packet.ts'
import { CaptureFile } from '../../src/framing/capture-file.ts'

// Capture files put together byte by byte from pcap-savefile(5) and draft-ietf-opsawg-pcapng, for tests.

/** Writes 16- and 32-bit words in one byte order. */
export interface Order {
  readonly u16: (value: number) => Buffer
  readonly u32: (value: number) => Buffer
}

export const LITTLE: Order = {
  u16: value => Buffer.from([value & 255, value >> 8]),
  u32: value => Buffer.from([value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24]),
}

export const BIG: Order = {
  u16: value => LITTLE.u16(value).reverse(),
  u32: value => LITTLE.u32(value).reverse(),
}

export function pcapHeader({ u16, u32 }: Order, linkType = 1, magic = 0xa1b2c3d4): Buffer {
  return Buffer.concat([u32(magic), u16(2), u16(4), u32(0), u32(0), u32(65_535), u32(linkType)])
}

export function pcapPacket(
  { u32 }: Order,
  seconds: number,
  fraction: number,
  data: Uint8Array,
  original = data.length,
) {
  return Buffer.concat([u32(seconds), u32(fraction), u32(data.length), u32(original), data])
}

export function block({ u32 }: Order, type: number, ...body: readonly Uint8Array[]): Buffer {
  const content = padded(Buffer.concat(body))
  return Buffer.concat([u32(type), u32(content.length + 12), content, u32(content.length + 12)])
}

export function section(order: Order): Buffer {
  const unknownLength = Buffer.alloc(8, 255)
  return block(order, 0x0a0d0d0a, order.u32(0x1a2b3c4d), order.u16(1), order.u16(0), unknownLength)
}

export function interfaceBlock(order: Order, linkType: number, options: Uint8Array = Buffer.alloc(0), snapLength = 0) {
  return block(order, 1, order.u16(linkType), order.u16(0), order.u32(snapLength), options)
}

export function option({ u16 }: Order, code: number, value: Uint8Array): Buffer {
  return Buffer.concat([u16(code), u16(value.length), padded(Buffer.from(value))])
}

export function enhanced(order: Order, id: number, ticks: bigint, data: Uint8Array, original = data.length): Buffer {
  const { u32 } = order
  const time = [u32(Number(ticks >> 32n)), u32(Number(ticks & 0xffffffffn))]
  return block(order, 6, u32(id), ...time, u32(data.length), u32(original), padded(Buffer.from(data)))
}

export function simple(order: Order, data: Uint8Array, original = data.length): Buffer {
  return block(order, 3, order.u32(original), data)
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
}

/** What a reader makes of a file, pushed in pieces: packets with their bytes in hex, and what was wrong. */
export function readAll(...pieces: readonly Uint8Array[]) {
  const reader = new CaptureFile('x')
  const packets: (Omit<Packet, 'data'> & { readonly hex: string })[] = []
  const rejects: string[] = []
  const reject = (error: { context: Readonly<Record<string, unknown>> }) => {
    rejects.push(String(error.context['reason']))
  }
  let pending = 0
  for (const piece of pieces) {
    reader.push(
      piece,
      ({ data, ...packet }) => packets.push({ ...packet, hex: Buffer.from(data).toString('hex') }),
      reject,
    )
    pending = Math.max(pending, reader.pending)
  }
  reader.end(reject)
  return { packets, rejects, damage: reader.damage?.message, pending }
}

/** Cuts bytes at the given places. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end))
}
