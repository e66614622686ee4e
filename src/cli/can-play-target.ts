import { CAN, type CanFrame } from '../core/can.ts'
import { type CanAddress, canUrl, type LiveCanAddress, parseCanUrl } from '../core/can-address.ts'
import { UsageError } from '../core/errors.ts'
import { taken } from './option-value.ts'

/** A bus that a log is played to. */
export interface PlayTarget {
  readonly address: LiveCanAddress
  /** Only frames of this interface of the log. */
  readonly from?: string
}

/** Adds `BUS`, or `BUS=INTERFACE` for what the log has of an interface. */
export function collectTarget(text: string, before: readonly PlayTarget[] = []): readonly PlayTarget[] {
  if (/^=|=$/.test(text)) {
    return taken(() => {
      throw new UsageError(`${text} is no bus; write BUS or BUS=INTERFACE, such as can0=can1`, { text })
    })
  }
  const at = text.lastIndexOf('=')
  const from = text.slice(at + 1)
  const hasOne = at > 0 && /^[^\s/]+$/.test(from)
  const address = taken(() => liveAddress(parseCanUrl(hasOne ? text.slice(0, at) : text)))
  return [...before, hasOne ? { address, from } : { address }]
}

/** The address of a bus that frames can be sent to. Throws `UsageError`. */
export function liveAddress(address: CanAddress): LiveCanAddress {
  if (address.kind !== 'file') return address
  throw new UsageError(`${canUrl(address)} is a recording: nothing can be sent there`)
}

/** An arbitration ID and whether it is extended. */
export type FrameId = Pick<CanFrame, 'id' | 'flags'>

/** IDs that become others. */
export class IdMap {
  readonly #ids = new Map<number, FrameId>()

  /** Adds `123=456`; three digits are a standard ID, eight an extended one. */
  static collect(text: string, before: IdMap = new IdMap()): IdMap {
    const [from, to] = text.split('=').map(frameId)
    if (from === undefined || to === undefined || text.split('=').length !== 2) {
      return taken(() => {
        throw new UsageError(`${text} is no pair of IDs; write 123=456 or 123=18FF50E5`)
      })
    }
    before.#ids.set(numberOf(from), to)
    return before
  }

  /** Changes the ID of a frame, if it is to be another one. */
  apply(frame: CanFrame): void {
    const other = this.#ids.get(numberOf(frame))
    if (other === undefined) return
    frame.id = other.id
    frame.flags = (frame.flags & ~CAN.extended) | other.flags
  }
}

/** Bit beyond the 29 of an ID, so that 00000123 and 123 are two numbers. */
const EXTENDED = 2 ** 29

function numberOf({ id, flags }: FrameId): number {
  return (flags & CAN.extended) === 0 ? id : id + EXTENDED
}

function frameId(text: string): FrameId | undefined {
  const id = Number.parseInt(text, 16)
  if (/^[\da-f]{3}$/i.test(text) && id <= 0x7ff) return { id, flags: 0 }
  return /^[01][\da-f]{7}$/i.test(text) ? { id, flags: CAN.extended } : undefined
}
