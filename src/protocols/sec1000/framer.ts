import { FrameError } from '../../core/errors.ts'
import type { Packet } from '../../core/packet.ts'
import { ByteQueue } from '../../framing/byte-queue.ts'
import type { Emit, Framer, Reject } from '../protocol.ts'
import { checksum, HEAD, LENGTHS, PREFIX, REQUEST, SUM } from './frame.ts'

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
  readonly #tolerate: Reject | undefined
  /** Behind a bad frame: what is skipped until the next one belongs to it. */
  #lost = false
  /** Of the last packet. */
  #origin = ''

  /** With `tolerate`, frames with a wrong prefix or checksum are taken all the same, and it is told of each flaw. */
  constructor(tolerate?: Reject) {
    this.#tolerate = tolerate
  }

  push(packet: Packet, emit: Emit, reject: Reject): void {
    this.#queue.append(packet.data)
    this.#origin = packet.origin
    while (this.#frame(packet, emit, reject));
  }

  end(reject: Reject): void {
    const { length } = this.#queue
    if (length > 0 && !this.#lost) {
      const bytes = bytesOf(this.#queue)
      const of = length < HEAD ? '' : ` of ${HEAD + lengthField(bytes)}`
      reject(flaw('cut_off', `connection closed after ${length}${of} bytes`, bytes, { length, origin: this.#origin }))
    }
    this.#queue.drop(length)
  }

  /** Takes one frame, good or bad; false where that needs more bytes. */
  #frame(packet: Packet, emit: Emit, reject: Reject): boolean {
    if (this.#tolerate === undefined) this.#seek(reject)
    if (this.#queue.length < HEAD) return false
    const bytes = bytesOf(this.#queue)
    const origin = this.#origin
    const got = lengthField(bytes)
    if (got < LENGTHS.least || got > LENGTHS.most) {
      return this.#bad(reject, flaw('length', `bad length: ${got}`, bytes.subarray(0, HEAD), { got, origin }))
    }
    if (bytes.length < HEAD + got) return false
    const frame = bytes.subarray(0, HEAD + got)
    for (const error of flawsOf(frame, origin)) {
      if (this.#tolerate === undefined) return this.#bad(reject, error)
      this.#tolerate(error)
    }
    emit(messageOf(frame, packet))
    this.#lost = false
    this.#queue.drop(frame.length)
    return true
  }

  /** A bad frame costs one byte, not the stream. */
  #bad(reject: Reject, error: FrameError): boolean {
    if (!this.#lost) reject(error)
    this.#lost = true
    this.#queue.drop(1)
    return true
  }

  /** Drops bytes up to a prefix, or to a tail that may yet become one; judges nothing before a whole head is there. */
  #seek(reject: Reject): void {
    if (this.#queue.length < HEAD && !this.#lost) return
    const bytes = bytesOf(this.#queue)
    let at = 0
    while (at < bytes.length && !beginsFrame(bytes, at)) at++
    if (at > 0 && !this.#lost) {
      reject(prefixFlaw(bytes, this.#origin))
      this.#lost = true
    }
    this.#queue.drop(at)
  }
}

function messageOf(frame: Uint8Array, { origin: device, at }: Packet) {
  const payload = frame.subarray(HEAD + REQUEST, -SUM)
  if (payload.length === 1) {
    return { keys: ['status'], payload, device, at, frame, header: { command: frame[HEAD + REQUEST - 1]! } }
  }
  return { keys: [hex(frame.subarray(HEAD, HEAD + REQUEST))], payload, device, at, frame }
}

/** What does not hold together in a frame that is as long as it says. */
function flawsOf(frame: Uint8Array, origin: string): FrameError[] {
  const end = frame.length - SUM
  const got = (frame[end]! << 8) | frame[end + 1]!
  const want = checksum(frame, HEAD, end)
  const flaws = beginsFrame(frame, 0) ? [] : [prefixFlaw(frame, origin)]
  if (got === want) return flaws
  const error = `bad checksum: got ${word(got)}, computed ${word(want)}`
  return [...flaws, flaw('checksum', error, frame, { got, want, origin })]
}

function prefixFlaw(bytes: Uint8Array, origin: string): FrameError {
  const head = bytes.subarray(0, HEAD)
  return flaw('prefix', `bad prefix: ${hex(head)}`, head, { origin })
}

/** An error with a copy of the bytes that it is about. */
function flaw(reason: string, text: string, bytes: Uint8Array, context: Readonly<Record<string, unknown>>): FrameError {
  return new FrameError(`sec1000: ${text}`, { reason, frame: Uint8Array.from(bytes), ...context })
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

function word(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(4, '0')}`
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
