/** What a reply begins with: 04 'REVO'. */
export const PREFIX: Uint8Array = Uint8Array.of(0x04, 0x52, 0x45, 0x56, 0x4f)
/** Bytes of prefix and length field. */
export const HEAD = PREFIX.length + 2
/** The bytes that tell what is asked: 01 01 and the command. */
export const REQUEST = 3
/** Bytes of the checksum. */
export const SUM = 2
/** What the length field may say; the longest known reply has 49. */
export const LENGTHS = { least: REQUEST + SUM, most: 1024 } as const

/** The sum of `bytes[start, end)` modulo 65536, as frames end with it. */
export function checksum(bytes: Uint8Array, start: number, end: number): number {
  let total = 0
  for (let i = start; i < end; i++) total += bytes[i]!
  return total & 0xffff
}

/**
 * A frame as both sides send it, a reply with `PREFIX` before it. Source: docs/protocols/sec1000.md.
 *
 *     length 2 | content: 01 01 command, data n | sum 2        all big-endian
 */
export function frameOf(content: Uint8Array): Uint8Array {
  const frame = new Uint8Array(2 + content.length + SUM)
  const view = new DataView(frame.buffer)
  view.setUint16(0, content.length + SUM)
  frame.set(content, 2)
  view.setUint16(2 + content.length, checksum(content, 0, content.length))
  return frame
}
