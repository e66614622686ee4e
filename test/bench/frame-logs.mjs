/** A candump log in the formats that `can convert` reads and does not write. */
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { deflateSync } from 'node:zlib'

const BATCH = 10_000
const CONTAINER = 131_072

/** A line for each frame, and what the file begins with. */
const TEXTS = {
  'generic-id-csv': ['ID,Data Bytes', ({ id, data }) => `${id},${pairs(data)}`],
  crtd: [undefined, ({ stamp, id, data }) => `${stamp} R29 ${id} ${pairs(data)}`],
  busmaster: [
    '***BUSMASTER Ver 3.2.0***\n***HEX***\n***START DATE AND TIME 1:6:2026 00:00:00:000***',
    ({ stamp, id, data }) => `${clock(stamp)} Rx 1 ${id} x ${data.length / 2} ${pairs(data)}`,
  ],
}

export const OTHER_FORMATS = ['blf', ...Object.keys(TEXTS)]

/** Writes the log `from` to `to`. */
export async function writeOther(format, from, to) {
  const fd = openSync(to, 'w')
  if (format === 'blf') await writeBlf(fd, from)
  else await writeText(fd, from, ...TEXTS[format])
  closeSync(fd)
}

async function writeText(fd, from, head, lineOf) {
  const lines = head === undefined ? [] : [head]
  for await (const frame of framesOf(from)) {
    lines.push(lineOf(frame))
    if (lines.length === BATCH) writeSync(fd, `${lines.splice(0).join('\n')}\n`)
  }
  if (lines.length > 0) writeSync(fd, `${lines.join('\n')}\n`)
}

async function* framesOf(from) {
  for await (const line of createInterface({ input: createReadStream(from) })) {
    const hash = line.indexOf('#')
    yield { stamp: line.slice(1, line.indexOf(')')), id: line.slice(hash - 8, hash), data: line.slice(hash + 1) }
  }
}

/** `AA 03`, of `AA03`. */
function pairs(data) {
  return data.replace(/..(?!$)/g, '$& ')
}

/** `6:0:0:123`, the time of day. */
function clock(stamp) {
  const second = Number(stamp.slice(0, -7)) % 86_400
  return `${Math.floor(second / 3600)}:${Math.floor(second / 60) % 60}:${second % 60}:${stamp.slice(-6, -3)}`
}

/** Messages in packed containers of 128 KiB. Source: docs/protocols/log-formats.md, section 8. */
async function writeBlf(fd, from) {
  const head = Buffer.alloc(144)
  head.write('LOGG')
  head.writeUInt32LE(head.length, 4)
  for (const [i, word] of [2026, 6, 1, 1].entries()) head.writeUInt16LE(word, 40 + i * 2)
  writeSync(fd, head)
  const start = BigInt(Date.UTC(2026, 5, 1)) * 1000n
  const content = Buffer.alloc(CONTAINER)
  let used = 0
  for await (const frame of framesOf(from)) {
    used += putMessage(content, used, frame, start)
    if (used + 48 > CONTAINER) used = putContainer(fd, content.subarray(0, used))
  }
  putContainer(fd, content.subarray(0, used))
}

function putMessage(into, at, { stamp, id, data }, start) {
  putHeader(into, at, 48, 86)
  into.writeUInt16LE(32, at + 4)
  into.writeUInt32LE(2, at + 16) // nanoseconds
  into.writeBigUInt64LE((BigInt(stamp.replace('.', '')) - start) * 1000n, at + 24)
  into.writeUInt16LE(1, at + 32)
  into[at + 35] = data.length / 2
  into.writeUInt32LE((Number.parseInt(id, 16) | 0x80000000) >>> 0, at + 36)
  into.fill(0, at + 40, at + 48)
  into.write(data, at + 40, 'hex')
  return 48
}

function putContainer(fd, content) {
  const packed = deflateSync(content)
  const head = Buffer.alloc(32)
  putHeader(head, 0, head.length + packed.length, 10)
  head.writeUInt16LE(2, 16) // zlib
  head.writeUInt32LE(content.length, 24)
  writeSync(fd, Buffer.concat([head, packed, Buffer.alloc(packed.length % 4)]))
  return 0
}

function putHeader(into, at, size, type) {
  into.write('LOBJ', at)
  into.writeUInt16LE(16, at + 4)
  into.writeUInt16LE(1, at + 6)
  into.writeUInt32LE(size, at + 8)
  into.writeUInt32LE(type, at + 12)
}
