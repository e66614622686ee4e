import { FrameError } from '../../core/errors.ts'
import type { Packet } from '../../core/packet.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import type { Emit, Framer, Reject } from '../protocol.ts'
import { ETHERNET, ethernetContent, isEthernetLike, MYENERGI_ETHER_TYPE } from './ethernet.ts'

const MAGIC: readonly number[] = [0xcb, 0xda, 0xe9, 0xf8]
/** Place of the length byte, which counts from itself on. */
const LENGTH_AT = 0x18

/** Why a frame is not decoded, in the order of checking; a length byte without a definition is not among them. */
export const REJECTS = {
  link_type: 'no Ethernet',
  short_frame: 'shorter than an Ethernet header',
  ethertype: 'another EtherType',
  short: 'shorter than a record header',
  magic: 'wrong magic',
  truncated: 'cut off',
} as const

/** A reason for not decoding a frame. */
export type RejectReason = keyof typeof REJECTS

/** Made once: foreign traffic may be millions of frames. */
const ERRORS = Object.fromEntries(
  Object.entries(REJECTS).map(([reason, text]) => [reason, new FrameError(`myenergi: ${text}`, { reason })]),
) as Readonly<Record<RejectReason, FrameError>>

/**
 * Makes a message of every captured frame with EtherType 0x88B5, to whatever address it goes. Source:
 * docs/protocols/myenergi.md.
 *
 *     magic 4 (CB DA E9 F8) | 20 bytes | length 1 | network 1 | type 2 | index 1 | mark 1 | body
 *
 * `length` counts itself and all behind it; what follows the record is padding. The payload of a message is the frame
 * without its Ethernet header and padding; its key is the length byte, its device the serial number, which stands
 * where the definition says, or the packet's origin where it says nothing.
 */
export class MyenergiFramer implements Framer {
  readonly #structs: StructSet
  /** Places of the serial numbers by length byte, -1 where there is none. */
  readonly #serials = new Map<number, number>()

  constructor(structs: StructSet) {
    this.#structs = structs
  }

  push(packet: Packet, emit: Emit, reject: Reject): void {
    const payload = recordOf(packet)
    if (typeof payload === 'string') {
      reject(ERRORS[payload])
      return
    }
    const length = payload[LENGTH_AT]!
    emit({ keys: KEYS[length]!, payload, device: this.#device(payload, length) ?? packet.origin, at: packet.at })
  }

  end(): void {}

  #device(record: Uint8Array, length: number): string | undefined {
    const at = this.#serials.get(length) ?? this.#serialPlace(length)
    if (at < 0 || at + 4 > record.length) return undefined
    return String(new DataView(record.buffer, record.byteOffset).getUint32(at, true))
  }

  #serialPlace(length: number): number {
    const fields = this.#structs.codec(KEYS[length]!)?.layout.fields
    const at = fields?.find(({ name }) => name === 'serial')?.at ?? -1
    this.#serials.set(length, at)
    return at
  }
}

/** Header and record of a frame, without what follows; or why there is none. */
function recordOf({ data, linkType = ETHERNET, truncated = false }: Packet): Uint8Array | RejectReason {
  if (!isEthernetLike(linkType)) return 'link_type'
  const content = ethernetContent(linkType, data)
  if (content === undefined) return truncated ? 'truncated' : 'short_frame'
  if (content.etherType !== MYENERGI_ETHER_TYPE) return 'ethertype'
  if (truncated) return 'truncated'
  const payload = data.subarray(content.start)
  if (payload.length <= LENGTH_AT) return 'short'
  if (MAGIC.some((byte, i) => payload[i] !== byte)) return 'magic'
  const end = LENGTH_AT + Math.max(payload[LENGTH_AT]!, 1) // 0 is no length, but nobody defines it either
  return payload.length < end ? 'truncated' : payload.subarray(0, end)
}

/** Spellings of each length byte in a definition's `match`. */
const KEYS: readonly (readonly string[])[] = Array.from({ length: 256 }, (_, length) => {
  const hex = length.toString(16).padStart(2, '0')
  return [`0x${hex}`, `0x${hex.toUpperCase()}`, String(length)]
})
