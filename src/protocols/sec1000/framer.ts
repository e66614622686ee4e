import { FrameError } from '../../core/errors.ts'
import type { Packet } from '../../core/packet.ts'
import { ByteQueue } from '../../framing/byte-queue.ts'
import type { Emit, Framer, Reject } from '../protocol.ts'

const PREFIX: readonly number[] = [0x04, 0x52, 0x45, 0x56, 0x4f]
const HEAD = PREFIX.length + 2
/** The bytes that tell what was asked: 01 01 and the command. */
const REQUEST = 3
const SUM = 2
/** No reply is longer; the longest known has 49 bytes behind the length. */
const MOST = 1024

/**
 * Cuts what a SEC1000 sends into messages. Source: docs/protocols/sec1000.md.
 *
 *     prefix 5 (04 'REVO') | length 2 | request 3 (01 01 command) | payload n | sum 2        all big-endian
 *
 * `length` counts all that follows it; `sum` adds up request and payload. A message's key is its request in hex; a
 * payload of one byte is a status, whatever was asked, with the command as its header.
 */
export class Sec1000Framer implements Framer {
  readonly #queue = new ByteQueue()
  /** Behind a bad frame: what is skipped until the next one belongs to it. */
  #lost = false

  push(packet: Packet, emit: Emit, reject: Reject): void {
    this.#queue.append(packet.data)
    while (this.#frame(packet, emit, reject));
  }

  end(reject: Reject): void {
    const { length } = this.#queue
    if (length > 0 && !this.#lost) {
      const bytes = bytesOf(this.#queue)
      const of = length < HEAD ? '' : ` of ${HEAD + lengthField(bytes)}`
      const error = `sec1000: connection closed after ${length}${of} bytes`
      reject(new FrameError(error, { reason: 'cut_off', length }))
    }
    this.#queue.drop(length)
  }

  /** Takes one frame, good or bad; false where that needs more bytes. */
  #frame(packet: Packet, emit: Emit, reject: Reject): boolean {
    this.#seek(reject)
    if (this.#queue.length < HEAD) return false
    const bytes = bytesOf(this.#queue)
    const length = lengthField(bytes)
    if (length < REQUEST + SUM || length > MOST) return this.#bad(reject, 'length', { got: length })
    if (bytes.length < HEAD + length) return false
    const end = HEAD + length - SUM
    const got = (bytes[end]! << 8) | bytes[end + 1]!
    const want = sum(bytes, HEAD, end)
    if (got !== want) return this.#bad(reject, 'checksum', { got, want })
    const payload = bytes.subarray(HEAD + REQUEST, end)
    const request = Buffer.from(bytes.subarray(HEAD, HEAD + REQUEST)).toString('hex')
    const { origin: device, at } = packet
    if (payload.length > 1) emit({ keys: [request], payload, device, at })
    else emit({ keys: ['status'], payload, device, at, header: { command: bytes[HEAD + REQUEST - 1]! } })
    this.#lost = false
    this.#queue.drop(HEAD + length)
    return true
  }

  /** A bad frame costs one byte, not the stream. */
  #bad(reject: Reject, reason: string, context: Readonly<Record<string, number>>): boolean {
    const numbers = Object.entries(context).map(([name, value]) => `${name} 0x${value.toString(16).padStart(4, '0')}`)
    if (!this.#lost) reject(new FrameError(`sec1000: bad ${reason}: ${numbers.join(', ')}`, { reason, ...context }))
    this.#lost = true
    this.#queue.drop(1)
    return true
  }

  /** Drops bytes up to a prefix, or to a tail that may yet become one. */
  #seek(reject: Reject): void {
    if (this.#queue.length === 0) return
    const bytes = bytesOf(this.#queue)
    let at = 0
    while (at < bytes.length && !beginsFrame(bytes, at)) at++
    if (at > 0 && !this.#lost) {
      const head = Buffer.from(bytes.subarray(0, HEAD)).toString('hex')
      reject(new FrameError(`sec1000: bad prefix: ${head}`, { reason: 'prefix', head }))
      this.#lost = true
    }
    this.#queue.drop(at)
  }
}

function bytesOf(queue: ByteQueue): Uint8Array {
  const { buffer, byteOffset, byteLength } = queue.peek(queue.length)
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function beginsFrame(bytes: Uint8Array, at: number): boolean {
  return PREFIX.every((byte, i) => at + i >= bytes.length || bytes[at + i] === byte)
}

function lengthField(bytes: Uint8Array): number {
  return (bytes[PREFIX.length]! << 8) | bytes[PREFIX.length + 1]!
}

function sum(bytes: Uint8Array, start: number, end: number): number {
  let total = 0
  for (let i = start; i < end; i++) total += bytes[i]!
  return total & 0xffff
}
