import { FrameError } from '../../core/errors.ts'
import type { Packet } from '../../core/packet.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { FD_FLAGS, ID_WORD, SOCKETCAN } from '../../framing/socketcan-packet.ts'
import type { Emit, Framer, Protocol, Reject } from '../protocol.ts'

const HEADER = 8
const LONGEST = 64

/** What CAN frames are not decoded for, by reason. */
export const CAN_REJECTS = { link_type: 'no CAN', length: 'of a wrong length' } as const

/**
 * Frames of a CAN bus by a definition whose keys are arbitration IDs: `123`, `18FF50E5`, or `12C:FD` for CAN FD only. The
 * device of a message is the interface. Whatever needs more than one frame is for a protocol of its own.
 */
export function canFrames(structs: StructSet): Protocol {
  return { name: structs.definition.family, structs, framer: () => new CanFramer() }
}

/**
 * Makes a message of every packet with a data frame. Source: docs/protocols/log-formats.md, section 7.
 *
 *     ID word 4, big-endian | length 1 | FD flags 1 | 0 0 | data
 */
class CanFramer implements Framer {
  push({ data, linkType, at, origin }: Packet, emit: Emit, reject: Reject): void {
    if (linkType !== SOCKETCAN) {
      reject(failure('link_type'))
      return
    }
    const length = data[4] ?? LONGEST + 1
    if (length > LONGEST || HEADER + length > data.length) {
      if (!isRemote(data)) reject(failure('length'))
      return
    }
    const word = wordOf(data)
    if ((word & (ID_WORD.remote | ID_WORD.error)) !== 0) return
    const payload = data.subarray(HEADER, HEADER + length)
    emit({ keys: keysOf(word, data[5]!), payload, device: origin, at })
  }

  end(): void {}
}

/** A remote frame has a length and no data. */
function isRemote(data: Uint8Array): boolean {
  return data.length >= HEADER && (wordOf(data) & ID_WORD.remote) !== 0
}

function wordOf(data: Uint8Array): number {
  return (data[0]! << 24) | (data[1]! << 16) | (data[2]! << 8) | data[3]!
}

function keysOf(word: number, fdFlags: number): string[] {
  const digits = (word & ID_WORD.extended) !== 0 ? 8 : 3
  const key = (word & ID_WORD.id).toString(16).toUpperCase().padStart(digits, '0')
  return (fdFlags & FD_FLAGS.fd) !== 0 ? [`${key}:FD`, key] : [key]
}

function failure(reason: keyof typeof CAN_REJECTS): FrameError {
  return new FrameError(`can: ${CAN_REJECTS[reason]}`, { reason })
}

const KEY = /^([\dA-F]{3}|[\dA-F]{8})(:FD)?$/

/** Whether a definition has any message that a frame alone can be decoded by. */
export function isForCanFrames(structs: StructSet): boolean {
  for (const key of structs.keys) if (KEY.test(key)) return true
  return false
}
