/*
 * Replies and what they mean, written down from docs/protocols/sec1000.md with nothing of the program in it: a second
 * opinion on every byte.
 */

const NAMES = ['v1', 'v2', 'v3', 'i1', 'i2', 'i3', 'p1', 'p2', 'p3', 'meters_power', 'inverters_power']
const SCALES = [10, 10, 10, 100, 100, 100, 1000, 1000, 1000, 1000, 1000]

/** A reply with a right checksum; `content` begins with 01 01 and the command. */
export function reply(...content: readonly number[]): Buffer {
  const sum = content.reduce((total, byte) => total + byte, 0)
  const length = content.length + 2
  return Buffer.from([4, ...Buffer.from('REVO'), length >> 8, length & 255, ...content, (sum >> 8) & 255, sum & 255])
}

/** The reply with eleven numbers. */
export function powerReply(words: readonly number[]): Buffer {
  const data = Buffer.alloc(44)
  for (const [i, word] of words.entries()) data.writeInt32BE(word, i * 4)
  return reply(1, 1, 0x0b, ...data)
}

/** The eleven values of a reply, by the offsets of the document's table. */
export function decoded(bytes: Uint8Array): Record<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Object.fromEntries(NAMES.map((name, i) => [name, view.getInt32(0x0a + 4 * i, false) / SCALES[i]!]))
}

/** An afternoon: 2.611 kW are exported, 4.873 kW made. */
export const AFTERNOON: readonly number[] = [2386, 2401, 2397, 512, 318, 907, 1187, -702, 2125, 2611, 4873]

/** The same with another power of the inverters, W. */
export function withInverters(watts: number): Buffer {
  return powerReply([...AFTERNOON.slice(0, 10), watts])
}

/** Mode 3, 15 kW of inverters, 7.5 kW may be exported. */
export const LIMIT_REPLY: Buffer = reply(1, 1, 0x43, 3, 0, 0, 0x3a, 0x98, 0, 0, 0, 25, 0, 0, 0x1d, 0x4c)

/** A status of one byte to the request for data. */
export function statusReply(status: number): Buffer {
  return reply(1, 1, 0x0b, status)
}
